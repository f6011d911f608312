"""Pipelines below a folder, found by looking at names and tags: nothing is checked, and nothing is executed."""

from __future__ import annotations

import json
import os
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.model.pipeline_outline import FoundPipeline, FoundPipelines
from nbship.pipeline.definition.step_cells import STEP_TAG
from nbship.pipeline.parameters.cell_python import cell_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_pipelines"]

TOML_NAME = "pipeline.toml"
_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "venv"})
_MOST_ENTRIES = 20_000
"""Files and folders that are looked at; a data set of a million files is no place for pipelines."""

_LARGEST_NOTEBOOK = 32 * 2**20
"""In bytes; a larger one is not opened."""


def find_pipelines(folder: Path, most_entries: int = _MOST_ENTRIES) -> FoundPipelines:
    """Return the ``pipeline.toml`` files and the notebooks with cells tagged ``step:NAME`` below a folder.

    Hidden folders, environments and packages of Node are not looked into, and links to folders not followed; executed
    notebooks are no definitions.
    """
    walk = _Walk(most_entries)
    found = (_pipeline(entry) for entry in walk.files(folder))
    pipelines = sorted((one for one in found if one is not None), key=lambda one: one.path)
    return FoundPipelines(tuple(pipelines), complete=walk.left > 0)


class _Walk:
    """Looks through folders, the nearest first, until it has seen enough."""

    def __init__(self, most_entries: int) -> None:
        self.left = most_entries

    def files(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        waiting = [str(folder)]
        for place in waiting:
            for entry in self._entries(place):
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name == TOML_NAME or entry.name.endswith(".ipynb"):
                    yield entry

    def _entries(self, place: str) -> list[os.DirEntry[str]]:
        if self.left <= 0 or os.path.basename(place) in _SKIPPED:  # noqa: PTH119 - of a text, thousands of times
            return []
        found = []
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    self.left -= 1
                    if self.left <= 0:
                        break
                    found.append(entry)
        except OSError:  # a folder that may not be read holds no pipeline of this user
            return []
        is_environment = any(entry.name == "pyvenv.cfg" for entry in found)
        return [] if is_environment else sorted(found, key=lambda entry: entry.name)


def _pipeline(entry: os.DirEntry[str]) -> FoundPipeline | None:
    try:
        status = entry.stat()
    except OSError:  # it was there a moment ago
        return None
    if entry.name == TOML_NAME:
        return _toml(entry.path, status.st_mtime_ns, status.st_size)
    if status.st_size > _LARGEST_NOTEBOOK:
        return None
    return _notebook(entry.path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4096)
def _toml(path: str, _changed: int, _size: int) -> FoundPipeline:
    file = Path(path)
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # TOMLDecodeError and UnicodeDecodeError among them
        return FoundPipeline(path, file.parent.name, "toml", problem=str(error))
    name, steps = table.get("name"), table.get("steps")
    return FoundPipeline(
        path,
        name if isinstance(name, str) else file.parent.name,
        "toml",
        tuple(steps) if isinstance(steps, dict) else (),
    )


@lru_cache(maxsize=4096)
def _notebook(path: str, _changed: int, _size: int) -> FoundPipeline | None:
    try:
        data = Path(path).read_bytes()
        book = json.loads(data) if f'"{STEP_TAG}'.encode() in data else {}
    except (OSError, ValueError, RecursionError):  # no notebook, then
        return None
    steps = _tagged_steps(book) if isinstance(book, dict) else ()
    return FoundPipeline(path, Path(path).stem, "notebook", steps) if steps else None


def _tagged_steps(book: dict[str, Any]) -> tuple[str, ...]:
    metadata, cells = book.get("metadata"), book.get("cells")
    if not isinstance(metadata, dict) or "papermill" in metadata or not isinstance(cells, list):
        return ()
    tags = (str(tag) for cell in cells for tag in _tags(cell))
    return tuple(dict.fromkeys(tag.removeprefix(STEP_TAG) for tag in tags if tag.startswith(STEP_TAG)))


def _tags(cell: Any) -> tuple[str, ...]:
    is_cell = isinstance(cell, dict) and isinstance(cell.get("metadata", {}), dict)
    return cell_tags(cell) if is_cell else ()
