"""Digests of the states of random number generators, which change none of them."""

from __future__ import annotations

import hashlib
import random
import struct
import sys
from typing import Any

__all__ = ["digest_rng"]

_STATE = struct.Struct("625I")


def digest_rng() -> dict[str, str]:
    """Return generator name to 16 hexadecimal digits of its state.

    ``random`` is always there; ``numpy`` (the global legacy generator) and ``torch`` (its default CPU generator)
    where the libraries are loaded.
    """
    digests = {"random": _digest_random()}
    for name, read in (("numpy", _digest_numpy), ("torch", _digest_torch)):
        digest = read()
        if digest is not None:
            digests[name] = digest
    return digests


def _hex(*parts: bytes) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _digest_random() -> str:
    _, words, following = random.getstate()
    return _hex(_STATE.pack(*words), repr(following).encode())


def _digest_numpy() -> str | None:
    module = sys.modules.get("numpy.random")
    read = getattr(module, "get_state", None)
    return None if read is None else _hex(*_parts(read(legacy=False)))


def _parts(value: Any) -> list[bytes]:
    """Return the bytes of a generator's state: nested dictionaries of numbers, names and arrays."""
    if isinstance(value, dict):
        return [part for key in sorted(value) for part in (key.encode(), *_parts(value[key]))]
    return [value.tobytes()] if hasattr(value, "tobytes") else [repr(value).encode()]


def _digest_torch() -> str | None:
    torch = sys.modules.get("torch")
    generator = getattr(torch, "default_generator", None)  # missing while torch is being imported
    return None if generator is None else _hex(generator.get_state().numpy().tobytes())
