"""Single Python values to bytes, by what they mean: equal values give equal bytes, whatever holds them.

Pickle is the last resort only: the pickle of a list differs with which of its items are one object, and that of
a set with the hash seed of the process.
"""

from __future__ import annotations

import datetime as dt
import pickle
import struct
import uuid
from decimal import Decimal
from typing import Any

from nbship.errors import FingerprintError
from nbship.hashing.canonical import frame

__all__ = ["MISSING", "ValueEncoder", "is_missing", "label_key"]

MISSING = b"N"
_MISSING_TYPES = ("NaTType", "NAType")  # pandas' NaT and NA, told without pandas


def is_missing(value: Any) -> bool:
    """Return whether a Python object stands for a missing value: None, NaN, NaT or pandas' NA."""
    if value is None or type(value).__name__ in _MISSING_TYPES:
        return True
    scalar = isinstance(value, float | Decimal) or getattr(value, "shape", None) == ()
    return scalar and bool(value != value)  # noqa: PLR0124 - only NaN and numpy's NaT differ from themselves


def label_key(label: Any) -> bytes:
    """Return a column's name with its type as bytes, so that the column ``1`` is not the column ``"1"``."""
    return ValueEncoder().encode(label)


class ValueEncoder:
    """Puts values into bytes that begin with a letter for the type and can be joined without ambiguity.

    Attributes
    ----------
    pickled
        True once a value was met that only pickle could put into bytes.
    """

    def __init__(self) -> None:
        self.pickled = False

    def encode(self, value: Any) -> bytes:
        """Return the bytes of a value.

        Raises
        ------
        FingerprintError
            When the value cannot be pickled either, or contains itself.
        """
        try:
            return self._encode(value)
        except RecursionError as error:
            raise FingerprintError(
                f"cannot fingerprint a {type(value).__name__} that contains itself or is nested too deep"
            ) from error

    def _encode(self, value: Any) -> bytes:
        if is_missing(value):
            return MISSING
        code = _encode_scalar(value)
        return code if code is not None else self._encode_container(value)

    def _encode_container(self, value: Any) -> bytes:
        if isinstance(value, list | tuple):
            return b"L" + frame(*(self._encode(item) for item in value))
        if isinstance(value, dict):
            items = ((self._encode(key), self._encode(item)) for key, item in value.items())
            return b"M" + frame(frame(*(frame(*item) for item in sorted(items))))
        if isinstance(value, set | frozenset):
            return b"Z" + frame(frame(*sorted(self._encode(item) for item in value)))
        if hasattr(value, "__array__") and hasattr(value, "tolist"):
            return self._encode(value.tolist())  # scalars and arrays of numpy
        return self._encode_pickle(value)

    def _encode_pickle(self, value: Any) -> bytes:
        self.pickled = True
        try:
            return b"P" + frame(pickle.dumps(value, protocol=5))
        except Exception as error:  # whatever a stranger's __reduce__ raises, the value has no bytes
            raise FingerprintError(
                f"cannot fingerprint a value of type {type(value).__name__}, and it cannot be pickled: {error}"
            ) from error


def _encode_scalar(value: Any) -> bytes | None:
    """Return the bytes of a value of a known plain type, else None."""
    match value:
        case bool():
            return b"b1" if value else b"b0"
        case str():
            return b"s" + frame(str.__str__(value))
        case int():
            return b"i" + frame(int.__repr__(value))
        case float():
            return b"f" + struct.pack("<d", value)
        case complex():
            return b"c" + struct.pack("<dd", value.real, value.imag)
        case bytes() | bytearray():
            return b"y" + frame(bytes(value))
        case Decimal():
            return b"d" + frame(_decimal_text(value))
        case uuid.UUID():
            return b"u" + value.bytes
        case _:
            return _encode_time(value)


def _encode_time(value: Any) -> bytes | None:
    match value:
        case dt.datetime():  # pandas' Timestamp is one, and tells its nanoseconds in the ISO form
            return b"t" + frame(value.isoformat())
        case dt.date():
            return b"D" + frame(value.isoformat())
        case dt.time():
            return b"h" + frame(value.isoformat())
        case dt.timedelta():
            parts = (value.days, value.seconds, value.microseconds, getattr(value, "nanoseconds", 0))
            return b"e" + frame(frame(*parts))
        case _:
            return None


def _decimal_text(value: Decimal) -> str:
    """Return the shortest text of a decimal: 1.10 and 1.100 are one number, and Parquet gives a column one scale."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return str(value)
    number = "".join(map(str, digits)).lstrip("0")
    kept = number.rstrip("0")
    return f"{sign}:{kept}e{exponent + len(number) - len(kept) if kept else 0}"
