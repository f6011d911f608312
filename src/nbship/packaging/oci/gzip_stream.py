"""Gzip on all cores, with the same bytes whatever their number.

The input is cut into chunks of a fixed size; each is compressed on its own with the end of the one before as dictionary,
as pigz does (https://zlib.net/pigz/), so that the result is one plain gzip member. Header fields that would tell of time,
file or machine are empty.

The bytes depend on the build of zlib (zlib-ng compresses differently); the digest of the plain bytes does not.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, BinaryIO, Self

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["LEVEL", "GzipStream"]

LEVEL = 4
"""Of zlib; part of what layers are cached by. Level 6 makes the packages of scikit-learn 4 % smaller in 60 % more time."""

_CHUNK_BYTES = 1 << 19
_WINDOW_BYTES = 1 << 15
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_RAW = -zlib.MAX_WBITS


class GzipStream:
    """Compresses what is written to it, and knows the digests of both sides when it is closed.

    Parameters
    ----------
    target
        Where the compressed bytes go; it is not closed.

    Attributes
    ----------
    digest, diff_id
        ``sha256:…`` of the compressed and of the plain bytes.
    size_bytes, plain_bytes
        Likewise.
    """

    def __init__(self, target: BinaryIO) -> None:
        workers = os.cpu_count() or 1
        self.digest = self.diff_id = ""
        self.size_bytes = self.plain_bytes = 0
        self._target = target
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="nbship-gzip")
        self._most_waiting = 2 * workers
        self._waiting: deque[Future[bytes]] = deque()
        self._buffer = bytearray()
        self._window = b""
        self._checksum = 0
        self._plain = hashlib.sha256()
        self._compressed = hashlib.sha256()
        self._emit(_HEADER)

    def write(self, data: bytes) -> None:
        """Take bytes; they are compressed when a chunk is full."""
        self._buffer += data
        while len(self._buffer) > _CHUNK_BYTES:
            chunk = bytes(self._buffer[:_CHUNK_BYTES])
            del self._buffer[:_CHUNK_BYTES]
            self._submit(chunk, last=False)

    def close(self) -> None:
        """Write the rest and the trailer, and compute the digests."""
        self._submit(bytes(self._buffer), last=True)
        while self._waiting:
            self._emit(self._waiting.popleft().result())
        self._emit(
            self._checksum.to_bytes(4, "little") + (self.plain_bytes & 0xFFFFFFFF).to_bytes(4, "little")
        )
        self.digest = f"sha256:{self._compressed.hexdigest()}"
        self.diff_id = f"sha256:{self._plain.hexdigest()}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.close()
        finally:
            self._pool.shutdown(cancel_futures=True)

    def _submit(self, chunk: bytes, *, last: bool) -> None:
        self._waiting.append(self._pool.submit(_compress, chunk, self._window, last))
        self._window = chunk[-_WINDOW_BYTES:]
        self._checksum = zlib.crc32(chunk, self._checksum)
        self._plain.update(chunk)
        self.plain_bytes += len(chunk)
        while len(self._waiting) > self._most_waiting:
            self._emit(self._waiting.popleft().result())

    def _emit(self, data: bytes) -> None:
        self._target.write(data)
        self._compressed.update(data)
        self.size_bytes += len(data)


def _compress(chunk: bytes, window: bytes, last: bool) -> bytes:
    stream = zlib.compressobj(LEVEL, zlib.DEFLATED, _RAW, zlib.DEF_MEM_LEVEL, zlib.Z_DEFAULT_STRATEGY, window)
    return stream.compress(chunk) + stream.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)
