"""The types of a signature: which values they take, and what a model gets for them."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from struct import Struct
from types import NoneType
from typing import Any

from nbship.serving.decoding import Infinite
from nbship.serving.problems import Reason

__all__ = ["MISSING_WORDS", "Kind", "RefusedError", "Step", "kind_of_column", "kind_of_dtype", "steps_of"]

Step = Callable[[Any], Any]
"""Turns a value of one JSON type into what the model gets, or raises `RefusedError`."""

MISSING_WORDS = frozenset({"", "nan", "na", "n/a", "null", "none", "<na>", "-nan", "#n/a"})
"""Texts of a CSV cell, in lower case, that mean a missing value in a column that holds no text."""

_GIVEN = {
    bool: "true or false",
    dict: "an object",
    float: "a number",
    int: "a number",
    Infinite: "a number",
    list: "a list",
    str: "text",
}

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INFINITY = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE | re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,20}", re.ASCII)
_SINGLE = Struct("<f")
_HALF = Struct("<e")


class RefusedError(Exception):
    """A value that its column does not take."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True)
class Kind:
    """A type of a signature.

    Attributes
    ----------
    expected
        What it takes, in words.
    steps
        JSON type to what is done with its values; None leaves them as they are. Other types are refused.
    from_text
        Turns the text of a CSV cell into a JSON value.
    """

    expected: str
    steps: Mapping[type, Step | None]
    from_text: Callable[[str], Any]
    holds_text: bool = False


class Steps(dict[type, Step | None]):
    """JSON type to step for one column; types that the column does not take have a step that refuses them."""

    def __init__(self, kind: Kind, *, nullable: bool) -> None:
        super().__init__(kind.steps)
        self._expected = kind.expected
        if nullable:
            self[NoneType] = None

    def __missing__(self, given: type) -> Step:
        if given is NoneType:
            return _refusing(Reason.MISSING_VALUE, f"{self._expected} is required, the value is missing")
        return _refusing(Reason.TYPE, f"{self._expected} is expected, {_GIVEN[given]} was given")


def steps_of(kind: Kind, *, nullable: bool) -> Mapping[type, Step | None]:
    """Return what a column of `kind` does with each JSON type."""
    return Steps(kind, nullable=nullable)


def kind_of_column(name: str) -> Kind:
    """Return the kind of MLflow's type `name`.

    Raises
    ------
    ValueError
        When columns of that type cannot be served.
    """
    try:
        return _COLUMN_KINDS[name]
    except KeyError:
        raise ValueError(f"columns of type {name!r} cannot be served") from None


def kind_of_dtype(name: str) -> Kind:
    """Return the kind of numpy's dtype `name`.

    Raises
    ------
    ValueError
        When tensors of that type cannot be served.
    """
    for prefix, kind in _DTYPE_KINDS.items():
        if name == prefix or (prefix in _SIZED and name.startswith(prefix)):
            return kind
    raise ValueError(f"tensors of dtype {name!r} cannot be served")


def _refusing(reason: Reason, message: str) -> Step:
    def refuse(_value: Any) -> Any:
        raise RefusedError(reason, message)

    return refuse


def _to_double(value: int) -> float:
    return float(value)


def _to_single(value: float) -> float:
    try:
        rounded: float = _SINGLE.unpack(_SINGLE.pack(float(value)))[0]
    except OverflowError:
        raise RefusedError(Reason.RANGE, "the number does not fit a 32-bit float") from None
    return rounded


def _to_half(value: float) -> float:
    try:
        rounded: float = _HALF.unpack(_HALF.pack(float(value)))[0]
    except OverflowError:
        raise RefusedError(Reason.RANGE, "the number does not fit a 16-bit float") from None
    return rounded


def _whole(bits: int, *, signed: bool = True) -> Kind:
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    sign = "" if signed else "unsigned "

    def from_int(value: int) -> int:
        if low <= value <= high:
            return value
        raise RefusedError(Reason.RANGE, f"the number does not fit a {sign}{bits}-bit integer")

    def from_float(value: float) -> int:
        if value.is_integer():
            return from_int(int(value))
        raise RefusedError(Reason.TYPE, "a whole number is expected, one with a fraction was given")

    too_large = _refusing(Reason.RANGE, f"the number does not fit a {sign}{bits}-bit integer")
    return Kind("a whole number", {int: from_int, float: from_float, Infinite: too_large}, _number_from_text)


def _number_from_text(text: str) -> Any:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        value = float(text)
        return value if math.isfinite(value) else Infinite(value)
    return Infinite(text) if _INFINITY.fullmatch(text) else text


def _bool_from_text(text: str) -> Any:
    return {"true": True, "false": False}.get(text.lower(), text)


def _unchanged(text: str) -> Any:
    return text


_EARLIEST = datetime(1677, 9, 22)  # noqa: DTZ001 - models take naive times; pandas counts nanoseconds in 64 bits
_LATEST = datetime(2262, 4, 11)  # noqa: DTZ001 - as above
_DATED = re.compile(r"\d{4}-?(\d\d|W)", re.ASCII)


def _to_datetime(text: str) -> datetime:
    if len(text) > _LONGEST_DATETIME or not _DATED.match(text):
        raise RefusedError(Reason.TYPE, _EXPECTED_DATETIME)
    try:
        value = datetime.fromisoformat(text)
        value = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
    except ValueError:
        raise RefusedError(Reason.TYPE, _EXPECTED_DATETIME) from None
    except OverflowError:
        raise RefusedError(Reason.RANGE, _DATETIME_RANGE) from None
    if _EARLIEST <= value < _LATEST:
        return value
    raise RefusedError(Reason.RANGE, _DATETIME_RANGE)


_LONGEST_DATETIME = 64
_EXPECTED_DATETIME = "a date and time as in ISO 8601 is expected"
_DATETIME_RANGE = "the time lies outside of 1677-09-22 to 2262-04-10"


def _to_bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError(Reason.ENCODING, "bytes in base64 are expected") from None


_infinite = _refusing(Reason.RANGE, "the number is infinite or too large")
_DOUBLE = Kind("a number", {float: None, int: _to_double, Infinite: _infinite}, _number_from_text)
_SINGLES = Kind("a number", {float: _to_single, int: _to_single, Infinite: _infinite}, _number_from_text)
_HALVES = Kind("a number", {float: _to_half, int: _to_half, Infinite: _infinite}, _number_from_text)
_BOOLEAN = Kind("true or false", {bool: None}, _bool_from_text)
_STRING = Kind("text", {str: None}, _unchanged, holds_text=True)
_DATETIME = Kind(_EXPECTED_DATETIME.removesuffix(" is expected"), {str: _to_datetime}, _unchanged)
_BINARY = Kind("text in base64", {str: _to_bytes}, _unchanged)
_ANY = Kind(
    "a value",
    {**dict.fromkeys((bool, dict, float, int, list, str)), Infinite: _infinite},
    _unchanged,
    holds_text=True,
)

_COLUMN_KINDS: dict[str, Kind] = {
    "any": _ANY,
    "binary": _BINARY,
    "boolean": _BOOLEAN,
    "datetime": _DATETIME,
    "double": _DOUBLE,
    "float": _SINGLES,
    "integer": _whole(32),
    "long": _whole(64),
    "string": _STRING,
}

_DTYPE_KINDS: dict[str, Kind] = {
    "bool": _BOOLEAN,
    "datetime64": _DATETIME,
    "float16": _HALVES,
    "float32": _SINGLES,
    "float64": _DOUBLE,
    **{f"int{bits}": _whole(bits) for bits in (8, 16, 32, 64)},
    "object": _ANY,
    "str": _STRING,
    **{f"uint{bits}": _whole(bits, signed=False) for bits in (8, 16, 32, 64)},
}

_SIZED = ("datetime64", "str")
