"""The files below a folder that can be a side of a drift report."""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.service.sources import is_table_file

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TableFile", "table_files"]

_MOST_ENTRIES = 20_000
"""So many files and folders are looked at, those near the top first."""

_PASSED_OVER = frozenset({"__pycache__", "node_modules", "site-packages"})


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file with a table."""

    path: Path
    size_bytes: int
    modified_ms: int


def table_files(root: Path, words: str = "", *, limit: int = 50) -> tuple[tuple[TableFile, ...], bool]:
    """Return files with tables below a folder, the newest first, and whether there are more.

    Parameters
    ----------
    words
        All of them have to be in the path below `root`; small and capital letters are the same.
    limit
        How many files at most.

    Notes
    -----
    Hidden folders, links to folders and folders of libraries are passed over.
    """
    wanted = words.casefold().split()
    found = [
        file
        for file in _tables(root)
        if all(word in file.path.relative_to(root).as_posix().casefold() for word in wanted)
    ]
    found.sort(key=lambda file: (-file.modified_ms, file.path))
    return tuple(found[:limit]), len(found) > limit


def _tables(root: Path) -> Iterator[TableFile]:
    for entry in _entries(root):
        path = Path(entry.path)
        if not is_table_file(path):
            continue
        try:
            told = entry.stat()
        except OSError:  # gone meanwhile, or a link to nowhere
            continue
        yield TableFile(path, told.st_size, told.st_mtime_ns // 1_000_000)


def _entries(root: Path) -> Iterator[os.DirEntry[str]]:
    """Yield the files below a folder, level by level."""
    folders, looked_at = deque([os.fspath(root)]), 0
    while folders:
        try:
            entries = sorted(os.scandir(folders.popleft()), key=lambda entry: entry.name)
        except OSError:  # a folder that may not be read
            continue
        for entry in entries:
            looked_at += 1
            if looked_at > _MOST_ENTRIES:
                return
            if entry.name.startswith(".") or entry.name in _PASSED_OVER:
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            elif entry.is_file():
                yield entry
