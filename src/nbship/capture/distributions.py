"""Installed distributions, read from the names of their folders.

``name-version.dist-info`` holds both (the binary distribution format of the Python packaging guide), so 190
distributions cost one listing and not 190 parsed files.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["distributions_of", "installed_versions", "search_path_state"]

_SEPARATORS = re.compile(r"[-_.]+")
_EGG_SUFFIX = re.compile(r"-py\d[\d.]*(?:-.*)?\Z")
_TOP_OF_RECORD = re.compile(
    r"^\"?([A-Za-z_]\w*)(?:/__init__\.py|/[^,\n]*\.(?:py|so|pyd)|\.py|\.[\w-]*\.?(?:so|pyd)),", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class _Installed:
    name: str
    version: str
    folder: str


def installed_versions() -> dict[str, str]:
    """Return normalised distribution name to version, of what this interpreter would import."""
    return {item.name: item.version for item in _installed(search_path_state()).values()}


def distributions_of(modules: Iterable[str]) -> dict[str, str]:
    """Return top-level module to ``name==version``; modules of the standard library and of the user are left out.

    Parameters
    ----------
    modules
        Module names; of dotted ones the first part counts.
    """
    state = search_path_state()
    wanted = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names
    found = {module: _distribution_of(module, state) for module in sorted(wanted)}
    return {module: f"{item.name}=={item.version}" for module, item in found.items() if item is not None}


def search_path_state() -> tuple[tuple[str, int], ...]:
    """Return the folders of the search path with their times of change: equal as long as nothing was installed."""
    state = []
    for entry in dict.fromkeys(sys.path):
        try:
            state.append((entry or ".", os.stat(entry or ".").st_mtime_ns))  # noqa: PTH116 - on the hot path
        except OSError:
            continue
    return tuple(state)


@lru_cache(maxsize=2)
def _installed(state: tuple[tuple[str, int], ...]) -> dict[str, _Installed]:
    found: dict[str, _Installed] = {}
    for folder, changed_ns in state:
        for item in _installed_in(folder, changed_ns):
            found.setdefault(item.name, item)  # the first one on the path is the one that is imported
    return found


@lru_cache(maxsize=64)
def _installed_in(folder: str, _changed_ns: int) -> list[_Installed]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(
                entry.name for entry in entries if entry.name.endswith((".dist-info", ".egg-info"))
            )
    except OSError:
        return []
    items = [_from_folder_name(folder, name) for name in names]
    return [item for item in items if item is not None]


def _from_folder_name(folder: str, entry: str) -> _Installed | None:
    stem, _, kind = entry.rpartition(".")
    path = f"{folder}/{entry}"
    name, _, version = stem.partition("-")
    if not name or name.startswith("~"):  # what pip leaves behind when it was interrupted
        return None
    if kind == "egg-info":
        version = _EGG_SUFFIX.sub("", version) or _version_of_egg(path)
    elif not os.path.exists(f"{path}/METADATA"):  # noqa: PTH110 - a remainder without content
        return None
    return _Installed(_SEPARATORS.sub("-", name).lower(), version, path) if version else None


def _version_of_egg(path: str) -> str:
    for line in _read(f"{path}/PKG-INFO").splitlines():
        if line.startswith("Version:"):
            return line.partition(":")[2].strip()
    return ""


@lru_cache(maxsize=4096)
def _distribution_of(module: str, state: tuple[tuple[str, int], ...]) -> _Installed | None:
    item = _installed(state).get(_SEPARATORS.sub("-", module).lower())
    if item is not None and (
        module in (tops := _top_level(item.folder)) or not tops
    ):  # editable ones list nothing
        return item
    return _by_module(state).get(module)


@lru_cache(maxsize=2)
def _by_module(state: tuple[tuple[str, int], ...]) -> dict[str, _Installed]:
    found: dict[str, _Installed] = {}
    for item in _installed(state).values():
        for module in _top_level(item.folder):
            found.setdefault(module, item)
    return found


@lru_cache(maxsize=4096)
def _top_level(folder: str) -> frozenset[str]:
    """Return the importable names that a distribution brings."""
    listed = _read(f"{folder}/top_level.txt").split()
    if not listed:
        listed = [found[1] for found in _TOP_OF_RECORD.finditer(_read(f"{folder}/RECORD"))]
    return frozenset(name for name in listed if not name.startswith("__editable__"))


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return ""
