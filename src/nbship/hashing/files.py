"""Content digests of files and folders."""

from __future__ import annotations

import os
import stat
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import FingerprintError
from nbship.hashing.canonical import ALGORITHM, DIGEST_BYTES, frame, hasher
from nbship.model.data import ColumnFingerprint, Fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["digest_file", "fingerprint_path"]

_PIECE_BYTES = 1 << 20
_SETTLED_SECONDS = (
    2.0  # a file written later than this may change again within one tick of its clock (FAT: 2 s)
)
_CACHE_ENTRIES = 20_000

Identity = tuple[int, int, int, int]
_cache: dict[Identity, str] = {}
_cache_lock = threading.Lock()


def digest_file(path: str | os.PathLike[str]) -> str:
    """Return the BLAKE3 digest of a file's content, 32 hexadecimal characters.

    A digest is remembered in this process by device, inode, size and modification time, unless the file is
    so young that a further write might leave no trace in these.

    Parameters
    ----------
    path
        A regular file, or a link to one.

    Raises
    ------
    FingerprintError
        When there is no such file, it cannot be read, or it is a pipe, device or folder.

    Notes
    -----
    The file is read, not mapped: a mapped file that another process truncates kills the reader with SIGBUS,
    and reading costs 7 percent more.
    """
    try:
        status = os.stat(path)  # noqa: PTH116 - of a path in any of its forms
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for a writer
            raise FingerprintError(f"cannot fingerprint {os.fspath(path)}: it is not a regular file")
        return _remembered(path, status)
    except (OSError, ValueError) as error:
        raise FingerprintError(f"cannot fingerprint {os.fspath(path)}: {_reason(error)}") from error


def fingerprint_path(path: Path) -> Fingerprint:
    """Return the fingerprint of a file, whose digest is that of its content, or of a folder, from all its files.

    In a folder, empty folders do not count, and a link to a folder counts by where it points, so that it cannot loop.
    """
    try:
        is_folder = path.is_dir()
    except (OSError, ValueError) as error:
        raise FingerprintError(f"cannot fingerprint {path}: {_reason(error)}") from error
    if is_folder:
        return _folder(path)
    digest = digest_file(path)
    return Fingerprint(digest, ALGORITHM, "file", None, (), (), path.stat().st_size)


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


def _identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _remembered(path: str | os.PathLike[str], status: os.stat_result) -> str:
    known = _cache.get(_identity(status))
    if known is not None:
        return known
    digest, after = _read(path)
    settled = time.time() - after.st_mtime > _SETTLED_SECONDS
    if settled and _identity(after) == _identity(status):
        _remember(_identity(after), digest)
    return digest


def _remember(identity: Identity, digest: str) -> None:
    with _cache_lock:
        while len(_cache) >= _CACHE_ENTRIES:
            del _cache[next(iter(_cache))]
        _cache[identity] = digest


def _read(path: str | os.PathLike[str]) -> tuple[str, os.stat_result]:
    buffer = bytearray(_PIECE_BYTES)
    view = memoryview(buffer)
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - of a path in any of its forms
        content = hasher(os.fstat(file.fileno()).st_size)
        while count := file.readinto(buffer):
            content.update(view[:count])
        return str(content.hexdigest(length=DIGEST_BYTES)), os.fstat(file.fileno())


def _folder(root: Path) -> Fingerprint:
    entries = []
    size = 0
    for path in sorted(_members(root), key=lambda member: member.relative_to(root).as_posix()):
        name = path.relative_to(root).as_posix()
        if path.is_dir():
            entries.append(_link(name, path))
        else:
            entries.append(ColumnFingerprint(name, "file", digest_file(path)))
            size += path.stat().st_size
    heads = [part for entry in entries for part in (entry.name, entry.dtype, entry.digest)]
    whole = hasher()
    whole.update(frame(ALGORITHM, "folder", *heads))
    digest = str(whole.hexdigest(length=DIGEST_BYTES))
    return Fingerprint(digest, ALGORITHM, "folder", len(entries), (), tuple(entries), size)


def _link(name: str, path: Path) -> ColumnFingerprint:
    target = hasher()
    target.update(frame("link", str(path.readlink())))
    return ColumnFingerprint(name, "link", str(target.hexdigest(length=DIGEST_BYTES)))


def _members(root: Path) -> Iterator[Path]:
    """Yield files, links to files, and links to folders."""

    def refuse(error: OSError) -> None:
        raise FingerprintError(f"cannot fingerprint {error.filename}: {_reason(error)}") from error

    for folder, folders, files in os.walk(root, onerror=refuse):
        yield from (Path(folder) / name for name in files)
        yield from (Path(folder) / name for name in folders if (Path(folder) / name).is_symlink())
