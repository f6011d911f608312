"""The files of a prediction log: segments of bounded size, the oldest of which are deleted."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SUFFIX", "Segments"]

SUFFIX = ".jsonl"

_PREFIX = "predictions-"
_PARTS = 8
"""A segment is an eighth of the whole, so that deleting the oldest leaves most of the log."""


class Segments:
    """Appends lines to the newest segment. Not safe for several threads.

    Parameters
    ----------
    folder
        Made when something is written.
    header
        First line of every segment.
    most_bytes
        Bound of all segments of this folder together.
    """

    def __init__(self, folder: Path, header: bytes, most_bytes: int) -> None:
        self._folder, self._header, self._most = folder, header, most_bytes
        self._origin = f"{_safe(socket.gethostname())}-{os.getpid()}"
        self._file: int | None = None
        self._size = 0
        self._number = 0

    def append(self, lines: bytes) -> None:
        """Write whole lines.

        Raises
        ------
        OSError
            When they cannot be written; nothing of them is left then, as far as the disk allows.
        """
        if self._file is None or self._size + len(lines) > self._most // _PARTS:
            self._begin()
        self._write(lines)

    def close(self) -> None:
        """Close the segment that is open."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
        self._file = None

    def _begin(self) -> None:
        self.close()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._number += 1
        name = f"{_PREFIX}{time.time_ns() // 1_000_000:013d}-{self._origin}-{self._number:06d}{SUFFIX}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._file, self._size = os.open(self._folder / name, flags, 0o640), 0
        self._delete_oldest(name)
        self._write(self._header)

    def _write(self, data: bytes) -> None:
        assert self._file is not None
        done = 0
        try:
            while done < len(data):
                done += os.write(self._file, data[done:])
        except OSError:
            self._undo()
            raise
        self._size += len(data)

    def _undo(self) -> None:
        """Cut off what a full disk took of a line, and start anew next time."""
        assert self._file is not None
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, self._size)
        self.close()

    def _delete_oldest(self, newest: str) -> None:
        """Leave room for one segment."""
        found = sorted(
            path for path in self._folder.iterdir() if _is_segment(path.name) and path.name != newest
        )
        sizes = {path: _size(path) for path in found}
        total = sum(sizes.values())
        for path in found:
            if total <= self._most - self._most // _PARTS:
                return
            with contextlib.suppress(FileNotFoundError):  # another server of this folder was faster
                path.unlink()
            total -= sizes[path]


def _is_segment(name: str) -> bool:
    return name.startswith(_PREFIX) and name.endswith(SUFFIX)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _safe(name: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)[:40]
