"""Whether a model's file may be read, decided by the packager's own settings and never by the file or the store.

Public: ``decide_trust(source, own=…, named=…, trust_pickle=…) -> TrustDecision``, ``served_trust(decision, folder,
bundle)``, ``skops_types(path)``.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.errors import UntrustedModelError, UsageError
from nbship.model.bundle import ModelFormat
from nbship.model.pickle_imports import pickle_imports

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from nbship.model.bundle import Bundle
    from nbship.model.image import ModelSource

__all__ = ["TrustDecision", "decide_trust", "served_trust", "skops_types"]

_SHOWN = 40
_MOST_SCHEMA_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class TrustDecision:
    """Why a model's file is read.

    Attributes
    ----------
    kind
        ``skops`` (it holds no code), ``own`` (a kernel of this user wrote this pickle), ``named`` (the settings have its
        SHA-256) or ``asked`` (``--trust-pickle``).
    trusted
        What whoever reads the file must trust: the SHA-256 of a pickle, and type names for skops files.
    sentence
        The reason, for a person.
    """

    kind: str
    trusted: tuple[str, ...]
    sentence: str


def decide_trust(
    source: ModelSource, *, own: Collection[str], named: Collection[str] = (), trust_pickle: bool = False
) -> TrustDecision:
    """Say why the model of a source may be read.

    Parameters
    ----------
    source
        The downloaded model.
    own
        SHA-256 of the pickles that this user's kernels wrote; see `nbship.model.own_models`.
    named
        The setting ``trusted_models``: SHA-256 of pickles, and names of types in skops files.
    trust_pickle
        Whether the user said ``--trust-pickle`` of this very model.

    Raises
    ------
    UntrustedModelError
        When it is a pickle of which none of these says that it may; the message lists what it would import.
    """
    types = tuple(sorted(item for item in named if not _is_digest(item)))
    if source.serialization == "skops":
        return TrustDecision("skops", types, "a skops file, which holds no code")
    digest = source.files[source.model_file]
    # Nothing vouches for the files beside a pickle.
    alone = not (source.code or source.artifacts)
    in_settings = digest in {_plain(item) for item in named}
    for kind, holds, sentence in (
        ("own", alone and digest in own, "a pickle that a kernel of yours wrote on this machine"),
        ("named", alone and in_settings, "a pickle that your setting trusted_models names"),
        ("asked", trust_pickle, "a pickle that you chose to trust"),
    ):
        if holds:
            return TrustDecision(kind, (*types, digest), sentence)
    raise UntrustedModelError(_refusal(source, digest))


def _plain(item: str) -> str:
    return item.lower().removeprefix("sha256:")


def _is_digest(item: str) -> bool:
    return len(_plain(item)) == 64 and set(_plain(item)) <= set("0123456789abcdef")  # noqa: PLR2004 - SHA-256


def _refusal(source: ModelSource, digest: str) -> str:
    names = pickle_imports(source.folder / source.model_file)
    shown = ", ".join(names[:_SHOWN]) or "nothing"
    rest = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    run = source.run.name or source.run.id[:8]
    if source.code or source.artifacts:
        beside = ", ".join((*source.code, *source.artifacts.values()))
        return (
            f"the model of {run} is a pickle ({source.model_file}) with files beside it ({beside}), whose code runs when "
            f"it is read. It would import: {shown}{rest}. If you know who made it, say --trust-pickle."
        )
    return (
        f"the model of {run} is a pickle ({source.model_file}), which runs code when it is read, and no kernel of "
        f"yours wrote it on this machine. It would import: {shown}{rest}. If you know who made it, say --trust-pickle, "
        f"or add its SHA-256 to the setting trusted_models: {digest}. Where the estimator is still alive in a kernel, "
        "%package --resave VARIABLE saves it in a format without code."
    )


def served_trust(decision: TrustDecision, folder: Path, bundle: Bundle) -> tuple[str, ...]:
    """Return what the policy of a server of this bundle has to name.

    Parameters
    ----------
    decision
        Why its model was read.
    folder, bundle
        The final bundle.

    Returns
    -------
    tuple
        Sorted; nothing that the bundle does not need, so that equal runs give equal images whatever else their
        packagers trust.
    """
    if bundle.format is ModelFormat.PICKLE:
        return (bundle.model_digest,)
    types = {item for item in decision.trusted if not _is_digest(item)}
    return tuple(sorted(types & skops_types(folder / bundle.model_path))) if types else ()


def skops_types(path: Path) -> frozenset[str]:
    """Return the full name of every type and function that a skops file names; nothing of it is loaded.

    Raises
    ------
    UsageError
        When it is no skops file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("schema.json").file_size > _MOST_SCHEMA_BYTES:
                raise UsageError(f"{path.name} is no usual skops file: its schema is too large")
            schema = json.loads(archive.read("schema.json"))
    except (zipfile.BadZipFile, KeyError, ValueError, RecursionError) as error:
        raise UsageError(f"{path.name} is no skops file: {error}") from error
    return frozenset(_names(schema))


def _names(schema: Any) -> Iterator[str]:
    waiting = [schema]  # no recursion: a forest is deep
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "__module__" in node and "__class__" in node:
                yield f"{node['__module__']}.{node['__class__']}"
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
