"""Outputs of steps by their content: copied in, verified and copied out, never linked.

.. code-block:: text

    <folder>/ab/<digest>        a file, or a folder with all its files
    <folder>/.<name>            in the making

A hard link would let a later edit of the restored file change the cache, so files are copied; where the file system
can, the copy shares its blocks until one side changes.
"""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from nbship.errors import FingerprintError
from nbship.hashing import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["ObjectStore", "remove"]

_CLONE_FILE = 0x40049409
"""FICLONE of linux/fs.h: btrfs, XFS and others share the blocks of both files."""


class ObjectStore:
    """The folder of all kept outputs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Return where the object of a digest lies, or would lie."""
        return self.folder / digest[:2] / digest

    def __contains__(self, digest: str) -> bool:
        return self.path(digest).exists()

    def put(self, source: Path, digest: str) -> bool:
        """Keep a copy of a file or folder; False when it does not have that digest any more.

        Raises
        ------
        OSError
            When the disk refuses.
        """
        target = self.path(digest)
        if target.exists():
            os.utime(target)  # the newest use, for `prune`
            return True
        target.parent.mkdir(parents=True, exist_ok=True)
        made = self.folder / f".{uuid.uuid4().hex}"
        try:
            copy(source, made)
            if digest_of(made) != digest:
                return False
            with suppress(OSError):  # another pipeline was quicker with the same content
                made.rename(target)
        finally:
            remove(made)
        return target.exists()

    def restore(self, outputs: Mapping[Path, str]) -> bool:
        """Put objects where they belong: all of them, or none when one is missing or not what it was.

        Raises
        ------
        OSError
            When the disk refuses; no output is half-written even then.
        """
        staged: dict[Path, Path] = {}
        try:
            for target, digest in outputs.items():
                staged[target] = _beside(target)
                if not self._stage(digest, staged[target]):
                    return False
            for target, made in staged.items():
                _swap(made, target)
        finally:
            for made in staged.values():
                remove(made)
        return True

    def drop(self, digest: str) -> None:
        """Remove an object, at once for everybody who looks for it."""
        leaving = self.folder / f".{uuid.uuid4().hex}"
        with suppress(FileNotFoundError):
            self.path(digest).rename(leaving)
        remove(leaving)

    def objects(self) -> Iterator[Path]:
        """Yield the path of each object."""
        for folder in _entries(self.folder):
            if folder.is_dir() and not folder.name.startswith("."):
                yield from _entries(folder)

    def _stage(self, digest: str, made: Path) -> bool:
        kept = self.path(digest)
        try:
            made.parent.mkdir(parents=True, exist_ok=True)
            copy(kept, made)
        except FileNotFoundError:
            return False
        if digest_of(made) == digest:
            os.utime(kept)
            return True
        self.drop(digest)  # damaged: it would be found again and again
        return False


def digest_of(path: Path) -> str | None:
    """Return the content digest, read anew; None for what cannot be read."""
    try:
        return fingerprint(path).digest
    except FingerprintError:
        return None


def copy(source: Path, target: Path) -> None:
    """Copy a file, or a folder with links to folders kept as links and links to files followed."""
    if not source.is_dir():
        _copy_file(source, target)
        return
    target.mkdir()
    for entry in sorted(source.iterdir()):
        if entry.is_symlink() and entry.is_dir():
            (target / entry.name).symlink_to(entry.readlink())
        else:
            copy(entry, target / entry.name)


def _copy_file(source: Path, target: Path) -> None:
    if not _cloned(source, target):
        shutil.copyfile(source, target)
    if executable := source.stat().st_mode & 0o111:
        target.chmod(target.stat().st_mode | executable)


def _cloned(source: Path, target: Path) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    import fcntl  # noqa: PLC0415 - not on Windows

    try:
        with source.open("rb") as original, target.open("wb") as made:
            fcntl.ioctl(made.fileno(), _CLONE_FILE, original.fileno())
    except FileNotFoundError:
        raise
    except OSError:
        return False  # another file system, or one that cannot
    return True


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.nbship")


def _swap(made: Path, target: Path) -> None:
    if not made.is_dir() and not target.is_dir():
        made.replace(target)
        return
    old = _beside(target)
    with suppress(FileNotFoundError):
        target.rename(old)
    made.rename(target)
    remove(old)


def remove(path: Path) -> None:
    """Remove a file, a link or a folder; nothing happens where there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def size_bytes(path: Path) -> int:
    """Return the bytes of content of a file or folder."""
    files: Iterable[Path] = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.lstat().st_size for file in files if file.is_file() or file.is_symlink())


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
