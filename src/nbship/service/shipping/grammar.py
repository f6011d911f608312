"""The options of packaging and serving, said once for the command line and the magics."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

__all__ = [
    "MODEL_OPTIONS",
    "PACKAGE_OPTIONS",
    "SERVE_OPTIONS",
    "PackageRequest",
    "ServeRequest",
    "given",
    "request_words",
]

_LAST_PORT = 65_535

Option = tuple[tuple[str, ...], dict[str, Any]]

MODEL_OPTIONS: tuple[Option, ...] = (
    (
        ("--trust-pickle",),
        {"action": "store_true", "help": "read the model although it is a pickle, which can run any code"},
    ),
    (
        ("--predict-fn",),
        {
            "dest": "method",
            "metavar": "NAME",
            "default": "predict",
            "help": "the method that answers, such as predict_proba (default predict)",
        },
    ),
    (
        ("--name",),
        {"metavar": "NAME", "default": "", "help": "what the model is called in addresses and images"},
    ),
    (
        ("--model-file",),
        {"metavar": "FILE", "default": "", "help": "a skops file to take instead of the recorded one"},
    ),
    (
        ("--base-image",),
        {
            "dest": "base",
            "metavar": "IMAGE",
            "default": "",
            "help": "a reference, an OCI layout or archive, or an image of the engine (default: python:VERSION-slim)",
        },
    ),
)

PACKAGE_OPTIONS: tuple[Option, ...] = (
    *MODEL_OPTIONS,
    (
        ("-t", "--tag"),
        {"dest": "reference", "metavar": "NAME:TAG", "default": "", "help": "the name and tag of the image"},
    ),
    (
        ("--platform",),
        {"metavar": "P", "default": "", "help": "linux/amd64 or linux/arm64 (default: this machine's)"},
    ),
    (
        ("-o", "--output"),
        {"dest": "archive", "metavar": "FILE", "default": "", "help": "write the image as one tarball"},
    ),
    (
        ("--context",),
        {
            "metavar": "DIR",
            "default": "",
            "help": "write a build context with a Dockerfile instead of an image",
        },
    ),
    (
        ("--push",),
        {"metavar": "REF", "default": "", "help": "push to a registry, such as registry.example/team/name:1"},
    ),
    (
        ("--no-load",),
        {"dest": "load", "action": "store_false", "help": "do not load it into the local engine"},
    ),
    (
        ("--verify-image",),
        {
            "dest": "verify",
            "action": "store_true",
            "help": "build again from scratch and compare the digests",
        },
    ),
)

SERVE_OPTIONS: tuple[Option, ...] = (
    *MODEL_OPTIONS,
    (
        ("--port",),
        {"type": int, "metavar": "N", "default": None, "help": "the port (default: a free one)"},
    ),
    (
        ("--container",),
        {
            "dest": "kind",
            "action": "store_const",
            "const": "container",
            "default": "",
            "help": "in a container, or not at all",
        },
    ),
    (
        ("--process",),
        {"dest": "kind", "action": "store_const", "const": "process", "help": "as a process of this machine"},
    ),
    (("--replace",), {"action": "store_true", "help": "stop what is served under this name first"}),
)


@dataclass(frozen=True, slots=True)
class PackageRequest:
    """What to package, and where to; see the help of the options."""

    what: str
    trust_pickle: bool = False
    method: str = "predict"
    name: str = ""
    model_file: str = ""
    base: str = ""
    reference: str = ""
    platform: str = ""
    archive: str = ""
    context: str = ""
    push: str = ""
    load: bool = True
    verify: bool = False

    def __post_init__(self) -> None:
        """Raise `UsageError` for what cannot be meant together."""
        if self.context and (self.archive or self.push or self.verify):
            raise UsageError("--context writes no image; leave out --output, --push and --verify-image")


@dataclass(frozen=True, slots=True)
class ServeRequest:
    """What to serve, and how; see the help of the options."""

    what: str
    trust_pickle: bool = False
    method: str = "predict"
    name: str = ""
    model_file: str = ""
    base: str = ""
    port: int | None = None
    kind: str = ""
    replace: bool = False

    def __post_init__(self) -> None:
        """Raise `UsageError` for a port that there is none of."""
        if self.port is not None and not 0 < self.port <= _LAST_PORT:
            raise UsageError(f"--port {self.port}: a port is a number from 1 to {_LAST_PORT}")


def request_words(request: PackageRequest | ServeRequest, options: tuple[Option, ...]) -> list[str]:
    """Return a request as the options of its command, without what is left at its default."""
    defaults: Mapping[str, Any] = {field.name: field.default for field in fields(request)}
    words: list[str] = []
    for flags, keywords in options:
        field = keywords.get("dest", flags[-1].removeprefix("--").replace("-", "_"))
        value = getattr(request, field)
        if value == defaults[field] or value != keywords.get("const", value):
            continue
        words += [flags[-1]] if "action" in keywords else [flags[-1], str(value)]
    return words


def given(options: argparse.Namespace, kind: type[PackageRequest | ServeRequest]) -> dict[str, Any]:
    """Return the fields of a request that stand in parsed options."""
    return {
        field.name: getattr(options, field.name) for field in fields(kind) if hasattr(options, field.name)
    }
