"""A file on its way: read by what sends it, and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Self

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SentFile"]

_TOLD_BYTES = 1 << 20


class SentFile:
    """What ``requests`` takes as a body: it has a length and can be read in parts.

    Parameters
    ----------
    told
        Called with the bytes read so far, about once per megabyte and at the end.
    """

    def __init__(self, file: BinaryIO, size_bytes: int, told: Callable[[int], None]) -> None:
        self._file = file
        self._size_bytes = size_bytes
        self._told = told
        self._read_bytes = 0
        self._last_told = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._size_bytes

    def __bool__(self) -> bool:
        return True  # an empty blob is a body too

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; none at the end."""
        data = self._file.read(size)
        self._read_bytes += len(data)
        if not data or self._read_bytes - self._last_told >= _TOLD_BYTES:
            self._last_told = self._read_bytes
            self._told(self._read_bytes)
        return data
