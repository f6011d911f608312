"""The sides of a column in the form in which their kind is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from nbship.detection.level_side import LevelSide
from nbship.detection.ordered_side import BinnedSide, OrderedSide, SortedSide
from nbship.detection.text_side import TextSide, counted_words, words_of
from nbship.model.profile import ColumnKind, ColumnProfile
from nbship.profiling.moments import mean, std

if TYPE_CHECKING:
    from nbship.profiling.table import Column

__all__ = ["NANOSECONDS", "Side", "column_zone", "side_of"]

NANOSECONDS = 1e9

Side: TypeAlias = OrderedSide | LevelSide | TextSide


def side_of(column: Column | ColumnProfile) -> Side:
    """Return the values of a column that has some, ready to be compared.

    Raises
    ------
    TypeError
        For a column whose values have neither order nor levels.
    """
    made = _of_profile(column) if isinstance(column, ColumnProfile) else _of_column(column)
    if made is None:
        raise TypeError(f"values of type {column.dtype} have neither order nor levels")
    return made


def _of_column(column: Column) -> Side | None:
    if column.kind is ColumnKind.TEXT:
        words, groups = words_of(column.texts())
        return TextSide(SortedSide(_ascending(column.lengths())), words, groups)
    if column.kind.levelled:
        return LevelSide.of_column(column)
    if column.kind is ColumnKind.DATETIME:
        return SortedSide(_ascending(column.instants()) / NANOSECONDS)
    return SortedSide(_ascending(column.numbers())) if column.kind is ColumnKind.NUMERIC else None


def _ascending(values: Any) -> Any:
    import numpy as np

    return np.sort(values).astype(np.float64, copy=False)


def _of_profile(column: ColumnProfile) -> Side | None:
    if column.kind.levelled:
        return LevelSide.of_profile(column)
    if column.kind is ColumnKind.UNSUPPORTED:
        return None
    ordered = _binned(column)
    if column.kind is ColumnKind.TEXT and column.tokens is not None:
        return TextSide(ordered, counted_words(column.tokens))
    return ordered


def _binned(column: ColumnProfile) -> BinnedSide:
    """Return the bins in numbers, characters, or seconds since the epoch."""
    unit = NANOSECONDS if column.kind is ColumnKind.DATETIME else 1.0
    average = mean(column)
    return BinnedSide(column, (None if average is None else average / unit, std(column)), unit)


def column_zone(column: Column | ColumnProfile) -> bool | None:
    """Return whether times have a time zone; None for what is no time, and where it is unknown."""
    if column.kind is not ColumnKind.DATETIME:
        return None
    if isinstance(column, ColumnProfile):
        return ", " in column.dtype if column.dtype.startswith("timestamp[") else None
    return None if column.zone is None else bool(column.zone)
