"""Request ids: taken from the caller where they can be used, else made."""

from __future__ import annotations

import os
import re
import zlib
from itertools import count

__all__ = ["RequestIds", "is_sampled"]

_SANE = re.compile(rb"[A-Za-z0-9._:@/+=-]{1,128}")


class RequestIds:
    """Makes ids that differ between processes and count up within one."""

    def __init__(self) -> None:
        self._prefix = os.urandom(6).hex()
        self._numbers = count(1)

    def take(self, given: bytes | None) -> str:
        """Return the caller's id when it is short and of harmless characters, else a new one."""
        if given is not None and _SANE.fullmatch(given):
            return given.decode("ascii")
        return f"{self._prefix}-{next(self._numbers):x}"


def is_sampled(request_id: str, share: float) -> bool:
    """Return whether a request belongs to a sample; equal ids always get equal answers."""
    return share >= 1 or zlib.crc32(request_id.encode()) < share * 2**32
