"""What a profile says of a column in words, and its distribution for a small drawing."""

from __future__ import annotations

import math
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from nbship.display.drift_values import percent, rounded, short, value_words
from nbship.display.page import counted, number
from nbship.model.drift import Distribution
from nbship.model.profile import ColumnKind

if TYPE_CHECKING:
    from nbship.model.profile import ColumnProfile, Profile

__all__ = [
    "drawn_profile",
    "profile_facts",
    "profile_mean",
    "profile_missing",
    "profile_span",
    "profile_words",
]

_LEVEL_WIDTH = 24
_LEVELS = 4
_DRAWN_LEVELS = 16
_BINS = 30
_TAIL = 0.005
_NANOSECONDS = 1e9
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def profile_facts(profile: Profile) -> str:
    """Return the size of what was profiled, in words."""
    facts = [f"{counted(profile.rows, 'row')} × {counted(len(profile.columns), 'column')}"]
    if profile.sampled_from is not None:
        facts.append(f"sampled from {profile.sampled_from:,} rows")
    if profile.digest:
        facts.append(f"digest {short(profile.digest, 40)}")
    return " · ".join(facts)


def profile_missing(column: ColumnProfile) -> str:
    """Return the share of missing values; empty where none is missing."""
    return percent(column.missing / column.count) if column.missing and column.count else ""


def profile_span(column: ColumnProfile) -> tuple[str, str]:
    """Return the least and the largest value; empty texts without values, and for levels."""
    if column.minimum is None or column.maximum is None:
        return "", ""
    return _value(column, column.minimum), _value(column, column.maximum)


def profile_mean(column: ColumnProfile) -> str:
    """Return the mean of finite values, and of lengths of texts; empty where there is none."""
    moments, count = column.moments, column.present - column.infinite
    if moments is None or count <= 0:
        return ""
    mean = moments.origin + math.fsum(moments.first) / count
    if column.kind is not ColumnKind.DATETIME:
        return rounded(mean)
    return _moment(column.edges[0] / _NANOSECONDS + mean) if column.edges else ""


def _value(column: ColumnProfile, value: float) -> str:
    return _moment(value / _NANOSECONDS) if column.kind is ColumnKind.DATETIME else rounded(value)


def _moment(seconds: float) -> str:
    try:
        return value_words((_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S"))
    except OverflowError:
        return number(seconds)  # beyond the calendar


def profile_words(column: ColumnProfile) -> str:
    """Return what else there is to say: the most frequent levels, infinite values, what is withheld."""
    parts = []
    if column.kind.levelled:
        parts.append(_levels(column))
    if column.kind is ColumnKind.TEXT:
        parts.append("lengths in characters")
    if column.infinite:
        parts.append(f"{column.infinite:,} infinite")
    if column.withheld:
        parts.append(f"{counted(column.withheld, 'rare level')} withheld")
    return "; ".join(part for part in parts if part)


def _levels(column: ColumnProfile) -> str:
    named = [
        f"{short(level, _LEVEL_WIDTH)} {percent(count / max(column.present, 1))}"
        for level, count in column.levels[:_LEVELS]
    ]
    total = None if column.other_levels is None else len(column.levels) + column.other_levels
    more = ["…"] if total is None or total > len(named) else []
    known = f"at least {len(column.levels):,} levels" if total is None else counted(total, "level")
    return f"{known}: {', '.join([*named, *more])}" if named else known


def drawn_profile(column: ColumnProfile) -> Distribution | None:
    """Return the distribution of a column, of one side only; None where there is nothing to draw."""
    if not column.present or column.kind is ColumnKind.UNSUPPORTED:
        return None
    if column.kind.levelled:
        shares = [count / column.present for _, count in column.levels[:_DRAWN_LEVELS]]
        names = tuple(level for level, _ in column.levels[:_DRAWN_LEVELS])
        return Distribution((0.0,) * len(shares), tuple(shares), levels=names) if shares else None
    return _ordered(column)


def _ordered(column: ColumnProfile) -> Distribution | None:
    """Return even bins over the bulk of the values, each bin of the profile spread evenly over its width."""
    if column.minimum is None or column.maximum is None or not column.counts:
        return None
    points = [float(column.minimum), *map(float, column.edges), float(column.maximum)]
    points = [min(max(point, points[0]), points[-1]) for point in points]
    below, total = [0.0], float(sum(column.counts))
    for count in column.counts:
        below.append(below[-1] + count / total)
    low, high = points[bisect_left(below, _TAIL, 1) - 1], points[bisect_left(below, 1 - _TAIL)]
    if not low < high:
        return Distribution((0.0,), (1.0,), (low, high))
    cuts = [low + (high - low) * at / _BINS for at in range(_BINS + 1)]
    reached = [_below(points, below, cut) for cut in cuts]
    reached[0], reached[-1] = 0.0, 1.0
    shares = tuple(max(b - a, 0.0) for a, b in pairwise(reached))
    return Distribution((0.0,) * _BINS, shares, tuple(cuts), clipped=True)


def _below(points: list[float], below: list[float], value: float) -> float:
    """Return the share of values up to `value`, on straight lines between the known points."""
    at = bisect_left(points, value)
    if at == 0:
        return below[0]
    if at >= len(points):
        return below[-1]
    width = points[at] - points[at - 1]
    share = (value - points[at - 1]) / width if width > 0 else 1.0
    return below[at - 1] + share * (below[at] - below[at - 1])
