"""How the values of one column, counted block by block, differ from those of its profile."""

from __future__ import annotations

import datetime as dt
import math
from abc import ABC, abstractmethod
from collections import Counter, deque
from dataclasses import dataclass
from math import log, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from nbship.detection.bins import bins_for, psi
from nbship.model.profile import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.profile import ColumnProfile

__all__ = ["BLOCK_ROWS", "ColumnWatch", "DriftScore", "watch_for"]

BLOCK_ROWS = 128
"""Rows that are counted at once: enough to be cheap, few enough not to be felt."""

_CUTS = 64
_LEVELS = 50
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_MICROSECONDS = 1000
"""Nanoseconds."""


@dataclass(frozen=True, slots=True)
class DriftScore:
    """A column of the window against its profile.

    Attributes
    ----------
    statistics
        ``ks`` for ordered columns, ``psi`` and ``jensen_shannon`` (base 2) for all; empty without values.
    missing_ratio
        Share of the rows of the window that have no value.
    rows
        How many rows the window has.
    """

    statistics: dict[str, float]
    missing_ratio: float
    rows: int


class ColumnWatch(ABC):
    """Counts values in bins over a sliding window of blocks.

    Parameters
    ----------
    column
        The reference.
    bins
        How many bins there are.
    blocks
        How many blocks the window has.
    """

    def __init__(self, column: ColumnProfile, bins: int, blocks: int) -> None:
        self.name = column.name
        self._total = np.zeros(bins + 1, np.int64)
        self._blocks: deque[Any] = deque()
        self._most_blocks = blocks
        self._newest_rows = 0

    def add(self, values: Sequence[Any]) -> None:
        """Count values, at most a block of them; the oldest block leaves the window when it is full."""
        counts = np.append(self._binned(values), 0).astype(np.int64)
        counts[-1] = len(values) - counts.sum()
        total = self._total + counts
        if self._blocks and self._newest_rows + len(values) <= BLOCK_ROWS:
            self._blocks[-1] = self._blocks[-1] + counts
            self._newest_rows += len(values)
        else:
            self._blocks.append(counts)
            self._newest_rows = len(values)
        if len(self._blocks) > self._most_blocks:
            total -= self._blocks.popleft()
        self._total = total  # replaced as a whole: a scrape in another thread may look at any time

    def score(self) -> DriftScore:
        """Compare the window with the reference."""
        total = self._total
        counts, missing, rows = total[:-1], int(total[-1]), int(total.sum())
        statistics = self._statistics(counts) if counts.any() else {}
        return DriftScore(statistics, missing / rows if rows else math.nan, rows)

    @abstractmethod
    def _binned(self, values: Sequence[Any]) -> Any:
        """Return how many of the values that are not missing fall into each bin."""

    @abstractmethod
    def _statistics(self, counts: Any) -> dict[str, float]:
        """Return the distances between the reference and counts that are not all zero."""


class _OrderedWatch(ColumnWatch):
    """Numbers, times, or lengths of texts, counted between some edges of the profile; so counts are exact there."""

    def __init__(self, column: ColumnProfile, blocks: int) -> None:
        self._kind = column.kind
        dtype = np.int64 if column.kind is ColumnKind.DATETIME else np.float64
        edges = np.asarray(column.edges, dtype)
        upto = np.cumsum(np.asarray(column.counts, np.int64))
        kept = _spread_out(upto[:-1] / upto[-1])
        self._cuts = edges[kept]
        self._reference = np.diff(upto[:-1][kept], prepend=0, append=upto[-1])
        super().__init__(column, len(self._reference), blocks)

    def _binned(self, values: Sequence[Any]) -> Any:
        numbers = self._numbers(values)
        return np.bincount(np.searchsorted(self._cuts, numbers), minlength=len(self._reference))

    def _numbers(self, values: Sequence[Any]) -> Any:
        if self._kind is ColumnKind.NUMERIC:
            numbers = np.array(values, np.float64)  # None becomes NaN
            return numbers[~np.isnan(numbers)]
        present = [value for value in values if value is not None]
        if self._kind is ColumnKind.TEXT:
            return np.array([len(str(value)) for value in present], np.float64)
        return np.array([_nanoseconds(value) for value in present], np.int64)

    def _statistics(self, counts: Any) -> dict[str, float]:
        reference = self._reference
        left, right = np.cumsum(reference) / reference.sum(), np.cumsum(counts) / counts.sum()
        bins = bins_for(int(reference.sum()), int(counts.sum()))
        starts = np.unique(np.append(0, np.searchsorted(left, np.arange(1, bins) / bins) + 1))
        starts = starts[starts < len(reference)]
        grouped = np.add.reduceat(reference, starts), np.add.reduceat(counts, starts)
        return {"ks": float(np.abs(left - right).max()), **_of_counts(*grouped)}


class _LevelWatch(ColumnWatch):
    """Levels: the most frequent ones of the profile, and all others together."""

    def __init__(self, column: ColumnProfile, blocks: int) -> None:
        listed, rest = column.levels[:_LEVELS], column.levels[_LEVELS:]
        self._places = {name: place for place, (name, _) in enumerate(listed)}
        others = column.other + sum(count for _, count in rest)
        self._reference = np.array([*(count for _, count in listed), others], np.int64)
        super().__init__(column, len(self._reference), blocks)

    def _binned(self, values: Sequence[Any]) -> Any:
        counts = np.zeros(len(self._reference), np.int64)
        for value, count in Counter(map(_level_name, values)).items():
            if value is not None:
                counts[self._places.get(value, -1)] += count
        return counts

    def _statistics(self, counts: Any) -> dict[str, float]:
        return _of_counts(self._reference, counts)


def watch_for(column: ColumnProfile, blocks: int) -> ColumnWatch | None:
    """Return what watches a column; None for one without values, or with values of no order and no levels."""
    if not column.present:
        return None
    if column.kind.levelled:
        return _LevelWatch(column, blocks)
    return _OrderedWatch(column, blocks) if column.edges else None


def _spread_out(shares: Any) -> Any:
    """Return the positions of at most 64 edges that cut the reference into about equal parts."""
    if len(shares) <= _CUTS:
        return np.arange(len(shares))
    wanted = np.linspace(0, 1, _CUTS)
    return np.unique(np.minimum(np.searchsorted(shares, wanted), len(shares) - 1))


def _of_counts(reference: Any, counts: Any) -> dict[str, float]:
    return {"psi": psi(reference, counts), "jensen_shannon": _jensen_shannon(reference, counts)}


def _jensen_shannon(left: Any, right: Any) -> float:
    """Return the same as `nbship.detection.bins.jensen_shannon`, which needs scipy: not every image has it."""
    p, q = left / left.sum(), right / right.sum()
    middle = (p + q) / 2
    nats = (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2
    return sqrt(max(0.0, nats) / log(2))


def _relative_entropy(shares: Any, others: Any) -> float:
    used = shares > 0
    return float((shares[used] * np.log(shares[used] / others[used])).sum())


def _level_name(value: Any) -> str | None:
    """Return a value as profiles name levels; None for a missing one."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return None
    return str(value)


def _nanoseconds(value: dt.datetime) -> int:
    aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return (aware - _EPOCH) // _MICROSECOND * _MICROSECONDS
