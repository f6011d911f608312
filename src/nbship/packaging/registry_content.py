"""The bytes that a registry answers with: bounded, counted, checked."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING

from nbship.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import requests

__all__ = ["altered", "digest_of", "read_answer", "write_answer"]

_CHUNK_BYTES = 1 << 20


def digest_of(data: bytes) -> str:
    """Return the digest of bytes, ``sha256:…``."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _chunks(answer: requests.Response, doing: str) -> Iterator[bytes]:
    """Yield the bytes of an answer as they came, without undoing any compression of the content."""
    import requests

    with contextlib.closing(answer):
        try:
            yield from answer.iter_content(_CHUNK_BYTES)
        except requests.RequestException as error:
            raise RegistryError(f"{doing} broke off: {error}. Try again.") from error


def read_answer(answer: requests.Response, limit_bytes: int, doing: str) -> bytes:
    """Return the body of an answer.

    Raises
    ------
    RegistryError
        When it is larger than `limit_bytes`, or breaks off.
    """
    data = b""
    for chunk in _chunks(answer, doing):
        data += chunk
        if len(data) > limit_bytes:
            raise RegistryError(f"{doing} was stopped: it has more than {limit_bytes:,} bytes")
    return data


def write_answer(
    answer: requests.Response, path: Path, progress: Callable[[int], None] | None, doing: str
) -> str:
    """Write an answer to a file and return its digest."""
    digest, written = hashlib.sha256(), 0
    with path.open("xb") as file:
        for chunk in _chunks(answer, doing):
            file.write(chunk)
            digest.update(chunk)
            written += len(chunk)
            if progress:
                progress(written)
    return f"sha256:{digest.hexdigest()}"


def altered(doing: str, expected: str, found: str) -> RegistryError:
    """Return the error for bytes that are not what their digest says."""
    return RegistryError(
        f"{doing} failed: it should be {expected}, but is {found}. "
        "It was altered on the way or in the registry; do not use it."
    )
