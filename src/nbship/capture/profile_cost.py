"""What it will cost to summarise each column of a table, told from a few of its values.

Public: `COLUMN_SECONDS`, `column_seconds`. The forecast depends on the data alone and not on how busy the machine is, so
that equal data gets equal profiles.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from nbship.capture.even_rows import column_rows, even_places
from nbship.capture.table_kinds import is_array, is_frame
from nbship.model.profile import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbship.profiling.column import Column

__all__ = ["COLUMN_SECONDS", "column_seconds"]

COLUMN_SECONDS = 0.8e-3
"""Of any column, however few rows it has."""

# Seconds a value on one core of 2023; tests/benchmarks/test_profiles.py prints what they are where it runs.
_NUMBER = 50e-9
_INSTANT = 190e-9
_OBJECT = 700e-9
_OBJECT_INSTANT = 2_600e-9
_LEVEL = 40e-9
_OBJECT_LEVEL = 120e-9
_DISTINCT_LEVEL = 1_200e-9
_CATEGORY = 2_500e-9
_TEXT = 1_000e-9
_CHARACTER = 120e-9
_PLAIN = {"b": _NUMBER, "i": _NUMBER, "u": _NUMBER, "f": _NUMBER, "c": _NUMBER, "m": _INSTANT, "M": _INSTANT}

_FIRST_LOOK = 16
_FEWEST = 64
_MOST = 2_048
_MOST_CHARACTERS = 4_000_000


def column_seconds(value: Any) -> list[float]:
    """Return the CPU time in seconds that the profile of each column would take if all rows were looked at.

    Parameters
    ----------
    value
        A frame, a table of Arrow, or an array of two dimensions.
    """
    rows, columns = value.shape
    if not rows:
        return [0.0] * columns
    dtypes = _dtypes(value)
    return [
        rows * _PLAIN[dtype.kind]
        if getattr(dtype, "kind", "O") in _PLAIN
        else _looked_at(value, place, dtype)
        for place, dtype in enumerate(dtypes)
    ]


def _dtypes(value: Any) -> Sequence[Any]:
    """Return the dtype of each column where numpy or pandas knows it."""
    if is_array(value):
        return [value.dtype] * value.shape[1]
    return list(value.dtypes) if is_frame(value) else [None] * value.shape[1]


def _looked_at(value: Any, place: int, dtype: Any) -> float:
    """Return the forecast for a column of which the dtype does not tell enough."""
    from nbship.profiling.table import read_table  # noqa: PLC0415 - only a kernel that tracks a table needs it

    rows = int(value.shape[0])
    (first,) = read_table(column_rows(value, place, even_places(rows, _FIRST_LOOK))).columns
    most = _MOST_CHARACTERS / max(_mean_length(first), 1.0)
    looked = max(_FEWEST, min(_MOST, int(most)))
    (column,) = read_table(column_rows(value, place, even_places(rows, looked))).columns
    return rows * _value_seconds(column, rows, _is_object(dtype)) + _CATEGORY * _categories(
        value, place, dtype
    )


def _is_object(dtype: Any) -> bool:
    return type(dtype).__name__.startswith("ObjectDType") or str(dtype) == "object"


def _categories(value: Any, place: int, dtype: Any) -> int:
    """Return how many names the column brings along, used or not."""
    if hasattr(dtype, "categories"):
        return len(dtype.categories)
    if is_array(value) or is_frame(value):
        return 0
    column = value.column(place) if hasattr(value, "column") else None
    chunks = getattr(column, "chunks", [column])
    return sum(len(chunk.dictionary) for chunk in chunks if hasattr(chunk, "dictionary"))


def _value_seconds(column: Column, rows: int, objects: bool) -> float:
    match column.kind:
        case ColumnKind.NUMERIC:
            return _OBJECT if objects else _NUMBER
        case ColumnKind.DATETIME:
            return _OBJECT_INSTANT if objects else _INSTANT
        case ColumnKind.TEXT:
            distinct = _all_distinct(Counter(column.texts()).values(), rows)
            length = _mean_length(column)
            counted = 2 * distinct <= rows  # it is so wordy, but the same words again and again
            return _levels(distinct / rows, length, objects) if counted else _TEXT + _CHARACTER * length
        case ColumnKind.UNSUPPORTED:
            return _OBJECT
        case _:
            distinct = _all_distinct((count for _, count in column.level_counts()), rows)
            return _levels(distinct / rows, _mean_length(column), objects)


def _levels(distinct_share: float, length: float, objects: bool) -> float:
    return (_OBJECT_LEVEL if objects else _LEVEL) + _DISTINCT_LEVEL * distinct_share + length * 1e-9


def _all_distinct(counts: Iterable[int], rows: int) -> float:
    """Return about how many values a column has, from how often some of its rows have each.

    Source: A. Chao, "Nonparametric estimation of the number of classes in a population", Scand. J. Statist. 11 (1984).
    """
    seen = list(counts)
    once, twice = seen.count(1), seen.count(2)
    unseen = once * once / (2 * twice) if twice else once * (once - 1) / 2
    return float(min(rows, len(seen) + unseen))


def _mean_length(column: Column) -> float:
    """Return the mean length of strings in characters; 0 for other values."""
    if column.kind is ColumnKind.TEXT:
        lengths = column.lengths()
        return float(lengths.mean()) if len(lengths) else 0.0
    if column.kind is not ColumnKind.CATEGORICAL:
        return 0.0
    levels = column.level_counts()
    return sum(len(name) * count for name, count in levels) / max(1, sum(count for _, count in levels))
