"""Python values as expressions that give them back, exact by type and by value."""

from __future__ import annotations

import datetime as dt
import math
import sys
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from nbship.pipeline.parameters.numpy_sources import array_source, scalar_source
from nbship.pipeline.parameters.pandas_sources import pandas_source
from nbship.pipeline.parameters.source_layout import Group, Source, laid_out
from nbship.pipeline.parameters.unsupported import Unsupported
from nbship.pipeline.parameters.value_kinds import is_array, is_pandas, is_scalar

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.pipeline.parameters.source_names import SourceNames

__all__ = ["Unsupported", "value_source"]

# Python refuses to read decimal literals of more than 4,300 digits, about 14,000 bits.
_MOST_DECIMAL_BITS = 4096


def value_source(value: Any, names: SourceNames) -> Source:
    """Return an expression for a value.

    Raises
    ------
    Unsupported
        When its type has no exact source; subclasses of the known types are among those.
    """
    writer = _WRITERS.get(type(value))
    if writer is not None:
        return writer(value, names)
    if isinstance(value, Enum):
        return _enum(value, names)
    if isinstance(value, PurePath):
        return _path(value, names)
    if is_scalar(value):
        return scalar_source(value, names)
    if is_array(value):
        return array_source(value, names)
    if is_pandas(value, "Timestamp", "Timedelta", "NaTType", "NAType"):
        return pandas_source(value, names)
    raise Unsupported(
        f"a value of type {type(value).__module__}.{type(value).__qualname__} has no exact form"
    )


def _plain(value: Any, _names: SourceNames) -> Source:
    return repr(value)


def _int(value: int, _names: SourceNames) -> Source:
    return repr(value) if value.bit_length() <= _MOST_DECIMAL_BITS else hex(value)


def _float(value: float, names: SourceNames) -> Source:
    return repr(value) if math.isfinite(value) else f'{names.builtin("float")}("{value}")'


def _complex(value: complex, names: SourceNames) -> Source:
    # `1 - 0j` is not complex(1, -0.0): only the call keeps both signs.
    return f"{names.builtin('complex')}({_float(value.real, names)}, {_float(value.imag, names)})"


def _list(value: list[Any], names: SourceNames) -> Source:
    return Group("[", _items(value, names), "]")


def _tuple(value: tuple[Any, ...], names: SourceNames) -> Source:
    return Group("(", _items(value, names), ")", lone_comma=True)


def _set(value: set[Any], names: SourceNames) -> Source:
    return Group("{", _sorted_items(value, names), "}") if value else f"{names.builtin('set')}()"


def _frozenset(value: frozenset[Any], names: SourceNames) -> Source:
    name = names.builtin("frozenset")
    return Group(f"{name}({{", _sorted_items(value, names), "})") if value else f"{name}()"


def _dict(value: dict[Any, Any], names: SourceNames) -> Source:
    items = ((f"{_one_line(key, names)}: ", value_source(item, names)) for key, item in value.items())
    return Group("{", tuple(items), "}")


def _items(values: Any, names: SourceNames) -> tuple[tuple[str, Source], ...]:
    return tuple(("", value_source(item, names)) for item in values)


def _sorted_items(values: Any, names: SourceNames) -> tuple[tuple[str, Source], ...]:
    """Write the items of a set in an order of their own: one set gives one source."""
    return tuple(("", text) for text in sorted(_one_line(item, names) for item in values))


def _one_line(value: Any, names: SourceNames) -> str:
    source = value_source(value, names)
    if isinstance(source, str):
        return source
    return laid_out("", source, width=sys.maxsize)


def _range(value: range, names: SourceNames) -> Source:
    return f"{names.builtin('range')}{repr(value).removeprefix('range')}"


def _date(value: dt.date, names: SourceNames) -> Source:
    return f"{names.of('datetime', 'date')}({value.year}, {value.month}, {value.day})"


def _datetime(value: dt.datetime, names: SourceNames) -> Source:
    clock = [value.hour, value.minute, value.second, value.microsecond]
    while clock and not clock[-1]:
        clock.pop()
    parts = [str(part) for part in (value.year, value.month, value.day, *clock)]
    return f"{names.of('datetime', 'datetime')}({', '.join([*parts, *_zoned(value, names)])})"


def _time(value: dt.time, names: SourceNames) -> Source:
    clock = [value.hour, value.minute, value.second, value.microsecond]
    while len(clock) > 1 and not clock[-1]:
        clock.pop()
    parts = [str(part) for part in clock]
    return f"{names.of('datetime', 'time')}({', '.join([*parts, *_zoned(value, names)])})"


def _zoned(value: dt.datetime | dt.time, names: SourceNames) -> list[str]:
    zone = [] if value.tzinfo is None else [f"tzinfo={_one_line(value.tzinfo, names)}"]
    return [*zone, "fold=1"] if value.fold else zone


def _timedelta(value: dt.timedelta, names: SourceNames) -> Source:
    parts = {"days": value.days, "seconds": value.seconds, "microseconds": value.microseconds}
    given = ", ".join(f"{name}={amount}" for name, amount in parts.items() if amount)
    return f"{names.of('datetime', 'timedelta')}({given or 0})"


def _timezone(value: dt.timezone, names: SourceNames) -> Source:
    name = names.of("datetime", "timezone")
    if value is dt.UTC:
        return f"{name}.utc"
    offset = value.utcoffset(None)
    # `__getinitargs__` is what pickle takes: it tells a given name from a made one.
    label = value.__getinitargs__()[1:]  # type: ignore[attr-defined]
    return f"{name}({', '.join([str(_timedelta(offset, names)), *map(repr, label)])})"


def _zone_info(value: ZoneInfo, names: SourceNames) -> Source:
    if not value.key:
        raise Unsupported("a time zone without a key has no exact form")
    return f"{names.of('zoneinfo', 'ZoneInfo')}({value.key!r})"


def _decimal(value: Decimal, names: SourceNames) -> Source:
    return f"{names.of('decimal', 'Decimal')}({str(value)!r})"


def _fraction(value: Fraction, names: SourceNames) -> Source:
    parts = f"{_int(value.numerator, names)}, {_int(value.denominator, names)}"
    return f"{names.of('fractions', 'Fraction')}({parts})"


def _uuid(value: UUID, names: SourceNames) -> Source:
    return f"{names.of('uuid', 'UUID')}({str(value)!r})"


def _path(value: PurePath, names: SourceNames) -> Source:
    if type(value) is type(Path()):
        return f"{names.of('pathlib', 'Path')}({str(value)!r})"
    if type(value) in (PurePosixPath, PureWindowsPath):
        return f"{names.of('pathlib', type(value).__name__)}({str(value)!r})"
    raise Unsupported(f"a path of type {type(value).__qualname__} has no exact form")


def _enum(value: Enum, names: SourceNames) -> Source:
    kind = type(value)
    found: Any = sys.modules.get(kind.__module__)
    for part in kind.__qualname__.split("."):
        found = getattr(found, part, None)
    if found is not kind or kind.__module__ == "__main__":
        raise Unsupported(f"the enumeration {kind.__qualname__} cannot be imported")
    owner = names.of(kind.__module__, kind.__qualname__)
    if value.name in kind.__members__:
        return f"{owner}[{value.name!r}]" if not value.name.isidentifier() else f"{owner}.{value.name}"
    return f"{owner}({_one_line(value.value, names)})"  # a combination of flags


_WRITERS: dict[type, Callable[[Any, SourceNames], Source]] = {
    **dict.fromkeys([type(None), bool, str, bytes, type(Ellipsis)], _plain),
    int: _int,
    float: _float,
    complex: _complex,
    list: _list,
    tuple: _tuple,
    set: _set,
    frozenset: _frozenset,
    dict: _dict,
    range: _range,
    dt.date: _date,
    dt.datetime: _datetime,
    dt.time: _time,
    dt.timedelta: _timedelta,
    dt.timezone: _timezone,
    ZoneInfo: _zone_info,
    Decimal: _decimal,
    Fraction: _fraction,
    UUID: _uuid,
}
