"""A skops file in its one canonical form.

Public: ``make_canonical(path)``.

skops names the parts of a model by their addresses in memory, its archive carries the time, and the gaps between the
fields of a tree hold chance bytes: the same model saved twice gives two files. Numbered in the order in which they are
named, without a time, and with zeros in the gaps, it gives one.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["make_canonical"]

_SCHEMA = "schema.json"
_ID = "__id__"


def make_canonical(path: Path) -> None:
    """Rewrite a skops file, in one step; the model that it holds stays the same."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(temporary, "w") as target:
        schema = json.loads(archive.read(_SCHEMA))
        members = set(archive.namelist())
        new_ids: dict[Any, int] = {}
        new_names: dict[str, str] = {}
        for node in _nodes(schema):
            _renumber(node, new_ids)
            _rename(node, members, new_names)
        _add(target, _SCHEMA, json.dumps(schema, indent=2).encode())
        for old, new in new_names.items():
            _add(target, new, _without_gaps(archive.read(old), new))
    temporary.replace(path)


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of the schema in the order of the text; no recursion, since a forest is deep."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(reversed(list(node.values())))
        elif isinstance(node, list):
            waiting.extend(reversed(node))


def _renumber(node: dict[str, Any], new_ids: dict[Any, int]) -> None:
    if _ID in node:
        node[_ID] = new_ids.setdefault(node[_ID], len(new_ids) + 1)


def _rename(node: dict[str, Any], members: set[str], new_names: dict[str, str]) -> None:
    for key, value in node.items():
        if isinstance(value, str) and value in members and value != _SCHEMA:
            _, dot, suffix = value.rpartition(".")
            node[key] = new_names.setdefault(value, f"{len(new_names) + 1}{dot}{suffix}")


def _without_gaps(content: bytes, name: str) -> bytes:
    """Return an array with zeros between its fields: the nodes of a tree have whatever memory held there."""
    if not name.endswith(".npy"):
        return content
    import numpy as np

    array = np.load(io.BytesIO(content), allow_pickle=False)
    if array.dtype.names is None:
        return content
    clean = np.zeros(array.shape, array.dtype)
    for field in array.dtype.names:
        clean[field] = array[field]
    target = io.BytesIO()
    np.save(target, clean, allow_pickle=False)
    return target.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    # Stored, not compressed: the bytes do not depend on the version of zlib. The time is the format's first.
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    member.create_system, member.external_attr = 3, 0o644 << 16
    archive.writestr(member, content, zipfile.ZIP_STORED)
