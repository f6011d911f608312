"""The names in an image: layers put upon each other, links followed.

Whiteouts: https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterable

__all__ = ["ImageTree"]

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_MOST_LINKS = 40
"""As many as Linux follows."""


class ImageTree:
    """Files and links by their path without a leading slash."""

    def __init__(self) -> None:
        self._links: dict[str, str | None] = {}
        self._own: set[str] = set()

    def start_layer(self) -> None:
        """Begin the next layer: what it removes is of the layers before."""
        self._own = set()

    def add(self, member: tarfile.TarInfo) -> None:
        """Take the next member of the layer's archive."""
        name = posixpath.normpath(member.name).lstrip("/")
        folder, _, last = name.rpartition("/")
        if last == _OPAQUE:
            self._remove_below(folder)
        elif last.startswith(_WHITEOUT):
            removed = posixpath.join(folder, last.removeprefix(_WHITEOUT))
            self._links.pop(removed, None)
            self._remove_below(removed)
        elif member.isdir():
            self._links.pop(name, None)
        else:
            self._own.add(name)
            self._links[name] = member.linkname if member.issym() else None

    def names(self) -> Iterable[str]:
        """Return every path."""
        return self._links.keys()

    def resolve(self, path: str) -> str:
        """Return where a path leads to, all links followed; nothing when there is no such file."""
        waiting = [part for part in path.split("/") if part][::-1]
        place: list[str] = []
        links = 0
        while waiting:
            part = waiting.pop()
            if part == "..":
                place[-1:] = []
                continue
            target = self._links.get("/".join([*place, part]))
            if target is None:
                place.append(part)
                continue
            links += 1
            if links > _MOST_LINKS:
                return ""
            place = [] if target.startswith("/") else place
            waiting += [step for step in target.split("/") if step not in {"", "."}][::-1]
        found = "/".join(place)
        return found if found in self._links else ""

    def _remove_below(self, folder: str) -> None:
        prefix = f"{folder}/" if folder else ""
        for name in [name for name in self._links if name.startswith(prefix) and name not in self._own]:
            del self._links[name]
