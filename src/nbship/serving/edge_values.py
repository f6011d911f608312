"""Values at which two ways of asking a model could differ, by the type of a column.

Public: `ColumnValues`, `column_values`.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

    from nbship.model.bundle import InputColumn
    from nbship.model.profile import ColumnProfile

__all__ = ["ColumnValues", "column_values"]

_INTEGER_BITS = {"integer": 31, "long": 63}
_LARGEST = {"float": 3.4028234663852886e38, "double": 1.7976931348623157e308}
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - requests have naive times too
_LEVELS = 200


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """Values of a column: `usual` ones as in the data, and `edges` that a model might refuse."""

    usual: tuple[Any, ...]
    edges: tuple[Any, ...]


def column_values(
    column: InputColumn, seen: list[Any], profile: ColumnProfile | None, random: Random
) -> ColumnValues:
    """Return values to try in a column.

    Parameters
    ----------
    column
        Its type and whether it may have gaps decide.
    seen
        What the example has there.
    profile
        What is known of the data that the model learnt from.
    random
        Where random values come from.
    """
    present = [value for value in seen if value is not None and value == value]  # noqa: PLR0124 - NaN
    if column.type == "boolean":
        values = ColumnValues((True, False), ())
    elif column.type in _INTEGER_BITS:
        values = _whole_numbers(column.type, present, profile, random)
    elif column.type in _LARGEST:
        values = _numbers(column.type, present, profile, random)
    elif column.type == "string":
        values = _texts(present, profile)
    elif column.type == "datetime":
        values = _moments(present, profile, random)
    elif column.type == "binary":
        values = ColumnValues(tuple(present) or (b"\x00",), (b"", b"\xff\x00"))
    else:
        values = ColumnValues(tuple(present) or (None,), ())
    return ColumnValues(values.usual, (*values.edges, None)) if column.nullable else values


def _span(present: list[Any], profile: ColumnProfile | None) -> tuple[float, float]:
    """Return the least and the greatest value that are known."""
    known = [float(value) for value in present]
    if profile is not None and profile.minimum is not None and profile.maximum is not None:
        known += [float(profile.minimum), float(profile.maximum), *map(float, profile.edges[:64])]
    finite = [value for value in known if math.isfinite(value)] or [0.0, 1.0]
    return min(finite), max(finite)


def _numbers(kind: str, present: list[Any], profile: ColumnProfile | None, random: Random) -> ColumnValues:
    low, high = _span(present, profile)
    width = (high - low) or abs(low) or 1.0
    inside = [random.uniform(low, high) for _ in range(40)]
    beyond = [random.uniform(low - 3 * width, high + 3 * width) for _ in range(20)]
    whole = [float(round(value)) for value in inside[:10]]
    edges = (0.0, -0.0, 1.0, -1.0, 5e-324, -1e-300, 1e-30, 1e15, -1e15, 1e29, -1e29, 2.0**53 + 1)
    largest = _LARGEST[kind]
    huge = (1e37, 3.4e38, -largest, largest)
    usual = (*present, low, high, low - 1, high + 1, *inside, *beyond, *whole)
    return ColumnValues(tuple(float(value) for value in usual), (*edges, *huge))


def _whole_numbers(
    kind: str, present: list[Any], profile: ColumnProfile | None, random: Random
) -> ColumnValues:
    largest = 2 ** _INTEGER_BITS[kind] - 1
    low, high = (max(min(int(value), largest), -largest - 1) for value in _span(present, profile))
    inside = [random.randint(low, high) for _ in range(40)]
    edges = (0, 1, -1, 2**24 + 1, largest, -largest - 1, min(2**53 + 1, largest))
    return ColumnValues((*map(int, present), low, high, *inside), edges)


def _texts(present: list[Any], profile: ColumnProfile | None) -> ColumnValues:
    levels = [level for level, _ in profile.levels[:_LEVELS]] if profile is not None else []
    edges = ("", " ", "a level that was never seen", "nan", "None", "0", "é", "x" * 500)
    return ColumnValues(tuple(dict.fromkeys([*present, *levels])) or ("a",), edges)


def _moments(present: list[Any], profile: ColumnProfile | None, random: Random) -> ColumnValues:
    seconds = [(value.replace(tzinfo=None) - _EPOCH).total_seconds() for value in present]
    if profile is not None and profile.minimum is not None and profile.maximum is not None:
        seconds += [float(profile.minimum) / 1e9, float(profile.maximum) / 1e9]
    low, high = (min(seconds), max(seconds)) if seconds else (0.0, 1.6e9)
    inside = [_EPOCH + dt.timedelta(seconds=round(random.uniform(low, high))) for _ in range(40)]
    edges = (_EPOCH, dt.datetime(1969, 12, 31, 23, 59), dt.datetime(2100, 2, 28))  # noqa: DTZ001
    return ColumnValues((*present, *inside), edges)
