"""Plain Python values as readable JSON that keeps every type.

What JSON has is written as such: ``None``, bool, int, finite float, str, list, and dict with names for keys.
Everything else becomes an object with one key that begins with ``$`` and names the type: ``{"$tuple": [1, 2]}``,
``{"$date": "2013-01-01"}``, ``{"$dict": [[1, "one"]]}``.
"""

from __future__ import annotations

import datetime as dt
import math
import uuid
import zoneinfo
from decimal import Decimal
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NotPlainError", "from_plain", "to_plain"]

_MAX_DEPTH = 100  # the reader of JSON recurses
_JSON_INT_BITS = 4_000  # Python refuses to write longer integers in decimal
_NAMES_OF_FLOATS = ("nan", "inf", "-inf")


class NotPlainError(TypeError):
    """A value holds something that is no plain Python value, or one list in two places."""


def to_plain(value: object) -> Any:
    """Return the JSON form of a plain value.

    Raises
    ------
    NotPlainError
        When a part of it is of another type (subclasses are other types), when one list, dict or set stands in it
        twice, which the JSON form would turn into two, or when it is nested deeper than 100 levels.
    """
    return _Encoder().encode(value, 0)


class _Encoder:
    def __init__(self) -> None:
        self._seen: set[int] = set()

    def encode(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if depth > _MAX_DEPTH:
            raise NotPlainError("nested too deep")
        if value is None or kind in (bool, str):
            return value
        if kind in (int, float):
            return _number(value)
        if kind in _WRITERS:
            return _WRITERS[kind](value)
        if kind in (list, dict, set):
            self._once(value)
        encode = self._CONTAINERS.get(kind)
        if encode is None:
            raise NotPlainError(f"a {kind.__name__}")
        return encode(self, value, depth + 1)

    def _once(self, value: Any) -> None:
        if id(value) in self._seen:
            raise NotPlainError(f"one {type(value).__name__} in two places")
        self._seen.add(id(value))

    def _items(self, value: Any, depth: int) -> list[Any]:
        return [self.encode(item, depth) for item in value]

    def _tuple(self, value: tuple[Any, ...], depth: int) -> Any:
        return {"$tuple": self._items(value, depth)}

    def _dict(self, value: dict[Any, Any], depth: int) -> Any:
        if all(type(key) is str and not key.startswith("$") for key in value):
            return {key: self.encode(item, depth) for key, item in value.items()}
        return {"$dict": [[self.encode(key, depth), self.encode(item, depth)] for key, item in value.items()]}

    def _set(self, value: Any, depth: int) -> Any:
        # The order of a set changes from process to process; the file shall not.
        return {f"${type(value).__name__}": sorted(self._items(value, depth), key=repr)}

    _CONTAINERS: Any = {list: _items, tuple: _tuple, dict: _dict, set: _set, frozenset: _set}  # noqa: RUF012 - constant


def _number(value: float) -> Any:
    if isinstance(value, int):
        return value if value.bit_length() < _JSON_INT_BITS else {"$int": hex(value)}
    return value if math.isfinite(value) else {"$float": repr(value)}


def _datetime(value: dt.datetime) -> Any:
    naive = value.replace(tzinfo=None, fold=0).isoformat()
    return {"$datetime": [naive, value.fold, _zone(value.tzinfo)]}


def _time(value: dt.time) -> Any:
    return {"$time": [value.replace(tzinfo=None, fold=0).isoformat(), value.fold, _zone(value.tzinfo)]}


def _zone(zone: dt.tzinfo | None) -> Any:
    if zone is None:
        return None
    if isinstance(zone, zoneinfo.ZoneInfo) and zone.key:
        return zone.key
    offset = zone.utcoffset(None) if type(zone) is dt.timezone else None
    if offset is None or zone != dt.timezone(offset) or zone.tzname(None) != dt.timezone(offset).tzname(None):
        raise NotPlainError(f"a time zone of type {type(zone).__name__}")
    return _delta(offset)


def _read_zone(zone: Any) -> dt.tzinfo | None:
    if zone is None or isinstance(zone, str):
        return zoneinfo.ZoneInfo(zone) if zone else None
    return dt.timezone(dt.timedelta(*zone))


def _delta(value: dt.timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


_WRITERS: dict[type, Callable[[Any], Any]] = {
    bytes: lambda value: {"$bytes": value.hex()},
    bytearray: lambda value: {"$bytearray": value.hex()},
    complex: lambda value: {"$complex": [repr(value.real), repr(value.imag)]},
    range: lambda value: {"$range": [value.start, value.stop, value.step]},
    Decimal: lambda value: {"$decimal": str(value)},
    uuid.UUID: lambda value: {"$uuid": str(value)},
    dt.date: lambda value: {"$date": value.isoformat()},
    dt.datetime: _datetime,
    dt.time: _time,
    dt.timedelta: lambda value: {"$timedelta": _delta(value)},
    type(Path()): lambda value: {"$path": str(value)},
    PurePosixPath: lambda value: {"$posixpath": str(value)},
    PureWindowsPath: lambda value: {"$windowspath": str(value)},
}
_READERS: dict[str, Callable[[Any], Any]] = {
    "$tuple": lambda data: tuple(map(from_plain, data)),
    "$set": lambda data: set(map(from_plain, data)),
    "$frozenset": lambda data: frozenset(map(from_plain, data)),
    "$dict": lambda data: {from_plain(key): from_plain(item) for key, item in data},
    "$int": lambda data: int(data, 16),
    "$float": float,
    "$bytes": bytes.fromhex,
    "$bytearray": bytearray.fromhex,
    "$complex": lambda data: complex(*map(float, data)),
    "$range": lambda data: range(*data),
    "$decimal": Decimal,
    "$uuid": uuid.UUID,
    "$date": dt.date.fromisoformat,
    "$datetime": lambda data: dt.datetime.fromisoformat(data[0]).replace(
        fold=data[1], tzinfo=_read_zone(data[2])
    ),
    "$time": lambda data: dt.time.fromisoformat(data[0]).replace(fold=data[1], tzinfo=_read_zone(data[2])),
    "$timedelta": lambda data: dt.timedelta(*data),
    "$path": Path,
    "$posixpath": PurePosixPath,
    "$windowspath": PureWindowsPath,
}


def from_plain(data: Any) -> Any:
    """Return the value that `to_plain` described."""
    if isinstance(data, list):
        return [from_plain(item) for item in data]
    if not isinstance(data, dict):
        return data
    if len(data) == 1:
        ((key, content),) = data.items()
        if key in _READERS:
            return _READERS[key](content)
    return {key: from_plain(item) for key, item in data.items()}
