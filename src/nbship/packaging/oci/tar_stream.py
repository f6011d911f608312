"""Folders to tar, with the same bytes for the same content.

Sorted by name, every folder listed before what it holds, times zero, owners as given and without names, modes that hold
nothing but whether a file can be executed.
"""

from __future__ import annotations

import os
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from nbship.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["FILE_MODE", "FOLDER_MODE", "PROGRAM_MODE", "Sink", "tar_member", "write_end", "write_folder"]

FILE_MODE = 0o444
PROGRAM_MODE = 0o555
FOLDER_MODE = 0o755
"""Files of an image are never written, and those here are hard links to the cache."""

_BLOCK_BYTES = tarfile.BLOCKSIZE
_CHUNK_BYTES = 1 << 20


class Sink(Protocol):
    """What bytes can be written to."""

    def write(self, data: bytes, /) -> object:
        """Take bytes."""


def write_folder(root: Path, sink: Sink, owners: Mapping[str, int] | None = None) -> None:
    """Write all files and folders below `root`.

    Parameters
    ----------
    owners
        Relative path to the user and group that own it; 0 for all others.

    Raises
    ------
    PackagingError
        When there is anything but files and folders.
    """
    owned = owners or {}
    for name, path in sorted(_below(root, "")):
        info = _described(name, path, owned.get(name, 0))
        sink.write(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))
        if info.isreg():
            _write_content(path, info.size, sink)
    write_end(sink)


def tar_member(
    name: str, size_bytes: int, *, folder: bool = False, owner: int = 0, mode: int = FILE_MODE
) -> tarfile.TarInfo:
    """Return the header of a member."""
    info = tarfile.TarInfo(f"{name}/" if folder else name)
    info.type = tarfile.DIRTYPE if folder else tarfile.REGTYPE
    info.mode = FOLDER_MODE if folder else mode
    info.size, info.uid, info.gid = size_bytes, owner, owner
    return info


def write_end(sink: Sink) -> None:
    """Write the two empty blocks that end an archive."""
    sink.write(bytes(2 * _BLOCK_BYTES))


def _below(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    with os.scandir(folder) as found:
        for entry in found:
            name = f"{prefix}{entry.name}"
            yield name, Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                yield from _below(Path(entry.path), f"{name}/")


def _described(name: str, path: Path, owner: int) -> tarfile.TarInfo:
    if path.is_symlink() or not (path.is_dir() or path.is_file()):
        raise PackagingError(f"{name} is neither a file nor a folder; nothing else goes into a layer")
    if path.is_dir():
        return tar_member(name, 0, folder=True, owner=owner)
    status = path.stat()
    return tar_member(
        name, status.st_size, owner=owner, mode=PROGRAM_MODE if status.st_mode & 0o100 else FILE_MODE
    )


def _write_content(path: Path, size_bytes: int, sink: Sink) -> None:
    written = 0
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK_BYTES):
            sink.write(chunk)
            written += len(chunk)
    if written != size_bytes:
        raise PackagingError(f"{path} changed while it was read: build again")
    sink.write(bytes(-written % _BLOCK_BYTES))
