"""Digests of files and folders, remembered between processes by what the file system says of them."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from pathlib import Path

from nbship.errors import FingerprintError
from nbship.hashing import fingerprint
from nbship.recording.layout import read_json, write_json

__all__ = ["DigestMemory"]

SETTLED_SECONDS = 2.0
"""What was written later than this may change again within one tick of its clock (FAT: 2 s), so it is read again."""

_MOST_ENTRIES = 10_000


class DigestMemory:
    """Gives content digests, and reads a file again only where its size, time or inode differ.

    Parameters
    ----------
    path
        The JSON file that keeps the digests; it may be missing, and be written by several processes, since nothing in
        it is needed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known: dict[str, list[str]] = {
            name: entry for name, entry in read_json(path).items() if _is_entry(entry)
        }
        self._changed = False

    def digest(self, path: Path) -> str | None:
        """Return the digest of a file's content, or of all files of a folder; None when it is missing or unreadable."""
        name = str(path)
        try:
            state, newest = _state(path)
        except OSError:
            return None
        with self._lock:
            known = self._known.get(name)
        if known is not None and known[0] == state:
            return known[1]
        try:
            digest = fingerprint(path).digest
        except FingerprintError:
            return None
        if time.time() - newest > SETTLED_SECONDS:
            self._remember(name, state, digest)
        return digest

    def save(self) -> None:
        """Write what was learned, together with what others wrote meanwhile."""
        with self._lock:
            if not self._changed:
                return
            entries = {**read_json(self._path), **self._known}
            newest = dict(list(entries.items())[-_MOST_ENTRIES:])
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_json(self._path, newest)
            self._changed = False

    def _remember(self, name: str, state: str, digest: str) -> None:
        with self._lock:
            self._known.pop(name, None)
            self._known[name] = [state, digest]
            self._changed = True


def _is_entry(entry: object) -> bool:
    return isinstance(entry, list) and len(entry) == 2 and all(isinstance(part, str) for part in entry)  # noqa: PLR2004


def _state(path: Path) -> tuple[str, float]:
    """Return what the file system says of a path, and the newest time of change in it, in seconds."""
    status = path.stat()
    if not path.is_dir():
        return _described(status), status.st_mtime
    whole = hashlib.blake2b(digest_size=16)
    newest = status.st_mtime
    for member in _members(path):
        seen = member.lstat() if member.is_symlink() and member.is_dir() else member.stat()
        target = str(member.readlink()) if member.is_symlink() else ""
        whole.update(
            f"{member.relative_to(path)}\0{target}\0{_described(seen)}\0".encode("utf-8", "surrogateescape")
        )
        newest = max(newest, seen.st_mtime)
    return whole.hexdigest(), newest


def _described(status: os.stat_result) -> str:
    return f"{status.st_ino}:{status.st_size}:{status.st_mtime_ns}"


def _members(root: Path) -> list[Path]:
    found = []
    for folder, folders, files in os.walk(root):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        found += [Path(folder, name) for name in (*files, *links)]
    return sorted(found)
