"""What a step's result depends on that is known before it runs, and the digest of it.

`FORMAT_VERSION` enters every key. Raise it when the meaning of a part changes, or when what is stored under a key can
no longer be read: older entries are then never found again, and `prune` removes them in their turn.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import platform
import secrets as random_source
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nbship.capture.dataflow import source_hash
from nbship.capture.syntax import parse_cell
from nbship.model.codec import encode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["FORMAT_VERSION", "KeyParts", "base_key", "cell_digests", "kernel_of", "secret_digests"]

FORMAT_VERSION = 1

_MEANINGFUL_TAGS = frozenset({"parameters", "injected-parameters", "raises-exception"})
"""Tags that change what an execution does; `skip` takes the whole cell out."""

_SECRET_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeyParts:
    """The parts of a step's base key. The step's name is none of them: a renamed step is the same work.

    Attributes
    ----------
    python
        Version of the interpreter, e.g. ``3.11.7``.
    kernel
        Name of the kernel.
    cells
        One digest a code cell that runs, in order; empty for a cell that does nothing, which does not count.
    parameters
        Name to canonical text of the typed value.
    secrets
        Name to a digest of the value under a key that only this project has.
    inputs
        Artifact name to content digest.
    outputs
        Artifact name to its path, relative to the pipeline's folder.
    shown
        `parameters` as people read them; not part of the key.
    """

    python: str = ""
    kernel: str = ""
    cells: tuple[str, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)


def base_key(parts: KeyParts) -> str:
    """Return the digest of all parts, 32 hexadecimal digits; the order of names does not count."""
    counted = replace(parts, cells=tuple(cell for cell in parts.cells if cell), shown={})
    text = json.dumps([FORMAT_VERSION, encode(counted)], sort_keys=True)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def kernel_of(notebook: Mapping[str, Any], kernel_name: str | None) -> str:
    """Return the name of the kernel that a notebook runs in."""
    spec = notebook.get("metadata", {}).get("kernelspec", {})
    return kernel_name or str(spec.get("name") or "python3")


def python_version() -> str:
    """Return the version of the interpreter that steps run in."""
    return platform.python_version()


def cell_digests(notebook: Mapping[str, Any]) -> tuple[str, ...]:
    """Return one digest a code cell that runs; markdown, outputs, comments and formatting do not count."""
    cells = [cell for cell in notebook.get("cells", ()) if cell.get("cell_type") == "code"]
    return tuple(
        _cell_digest(str(cell.get("source", "")), _tags(cell))
        for cell in cells
        if "skip" not in _all_tags(cell)
    )


def _all_tags(cell: Mapping[str, Any]) -> list[str]:
    tags = cell.get("metadata", {}).get("tags", ())
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list | tuple) else []


def _tags(cell: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(_MEANINGFUL_TAGS.intersection(_all_tags(cell))))


@lru_cache(maxsize=4096)
def _cell_digest(source: str, tags: tuple[str, ...]) -> str:
    """Return the digest of a cell; empty for one that does nothing."""
    meaning = _meaning(source)
    if not meaning and not tags:
        return ""
    text = "\0".join((meaning, *tags))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _meaning(source: str) -> str:
    try:
        tree = "\n".join(ast.dump(statement) for statement in parse_cell(source).body)
    except RecursionError:
        tree = ""
    # A cell that does not parse as it stands has magics or another language: its text counts, inner comments included.
    return tree or _text(source)


def _text(source: str) -> str:
    lines = [line.strip() for line in source.splitlines()]
    if all(not line or line.startswith("#") for line in lines):
        return ""
    return source_hash(source)


def secret_digests(values: Mapping[str, str], key_file: Path) -> dict[str, str]:
    """Return a keyed digest of each value, so that a stored key does not help to guess a password.

    Parameters
    ----------
    key_file
        Holds the random key of the project; made on first use, readable for its owner only.
    """
    if not values:
        return {}
    key = _secret_key(key_file)
    return {
        name: hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8, key=key).hexdigest()
        for name, value in values.items()
    }


def _secret_key(path: Path) -> bytes:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        with open(temporary, "wb", opener=_private) as file:
            file.write(random_source.token_bytes(_SECRET_KEY_BYTES))
        temporary.replace(path)
    return path.read_bytes()[:_SECRET_KEY_BYTES]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
