"""One side of a column in a few numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.detection.instants import iso
from nbship.detection.level_side import LevelSide
from nbship.detection.ordered_side import OrderedSide
from nbship.detection.text_side import TextSide
from nbship.model.drift import ColumnSummary
from nbship.model.profile import ColumnKind, ColumnProfile

if TYPE_CHECKING:
    from nbship.detection.sides import Side
    from nbship.profiling.table import Column

__all__ = ["summary_of"]


def summary_of(column: Column | ColumnProfile, side: Side | None) -> ColumnSummary:
    """Return the summary of a column; without a side only what needs no look at the values."""
    if isinstance(side, LevelSide):
        return ColumnSummary(column.count, column.missing, column.dtype, levels=side.distinct, top=side.top)
    ordered = side.lengths if isinstance(side, TextSide) else side
    if not isinstance(ordered, OrderedSide):
        return ColumnSummary(column.count, column.missing, column.dtype)
    return _ordered_summary(column, ordered)


def _ordered_summary(column: Column | ColumnProfile, side: OrderedSide) -> ColumnSummary:
    plain = ColumnSummary(column.count, column.missing, column.dtype, infinite=side.infinite)
    if not side.finite:
        return plain
    is_time = column.kind is ColumnKind.DATETIME
    mean, std = side.moments
    low, high = side.limits
    return ColumnSummary(
        column.count,
        column.missing,
        column.dtype,
        infinite=side.infinite,
        mean=None if mean is None else _shown(mean, is_time=is_time),
        std=std,
        minimum=_shown(low, is_time=is_time),
        maximum=_shown(high, is_time=is_time),
        quantiles=tuple(_shown(value, is_time=is_time) for value in side.quantiles()),
    )


def _shown(value: float, *, is_time: bool) -> float | str:
    if is_time:
        return iso(value)
    return value
