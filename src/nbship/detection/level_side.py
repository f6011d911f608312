"""One side of a column of levels: how often each occurs, as far as is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbship.model.profile import ColumnProfile
    from nbship.profiling.table import Column

__all__ = ["LevelSide", "LevelTable", "side_by_side"]

_EXPECTED = 10
_NEARLY_ALL = 0.99
_FEW = 20


@dataclass(frozen=True)
class LevelSide:
    """Levels with their counts.

    Attributes
    ----------
    counts
        By level, none of them 0.
    other
        Values of levels that are not listed; 0 where all are.
    distinct
        How many levels there are; None where unknown.
    by_hash
        Whether the listed levels were chosen whatever their frequency, as those of a profile that was made like
        another one are. Then a level that is not listed may be frequent.
    """

    counts: Mapping[str, int]
    other: int = 0
    distinct: int | None = None
    by_hash: bool = False

    @classmethod
    def of_column(cls, column: Column) -> LevelSide:
        """Count the levels of a column of rows."""
        counts = dict(column.level_counts())
        return cls(counts, distinct=len(counts))

    @classmethod
    def of_profile(cls, column: ColumnProfile) -> LevelSide:
        """Take the levels of a profile, which lists the most frequent ones, or those of another and some more."""
        counts = {level: count for level, count in column.levels if count}
        unlisted = column.other_levels
        distinct = None if unlisted is None else len(counts) + unlisted
        return cls(counts, column.other, distinct, by_hash=bool(column.other and column.added))

    @cached_property
    def size(self) -> int:
        """How many values."""
        return sum(self.counts.values()) + self.other

    @property
    def cutoff(self) -> int:
        """The largest count that a level which is not listed may have."""
        return min(self.counts.values(), default=self.other) if self.other else 0

    @property
    def top(self) -> str | None:
        """The most frequent level, the first by name among equals."""
        return min(self.counts, key=lambda level: (-self.counts[level], level), default=None)

    @property
    def identifies(self) -> bool:
        """Whether nearly every value is a level of its own, as those of an identifier are."""
        return self.distinct is not None and self.size >= _FEW and self.distinct >= _NEARLY_ALL * self.size


@dataclass(frozen=True, slots=True)
class LevelTable:
    """The counts of both sides, level by level.

    Attributes
    ----------
    names
        In alphabetical order; where levels are put together the last entry of the counts has no name.
    reference, current
        int64.
    """

    names: list[str]
    reference: Any
    current: Any


def side_by_side(reference: LevelSide, current: LevelSide) -> LevelTable:
    """Return the table of both sides.

    Where a profile lists its most frequent levels only, a level is looked at when it is so frequent in both sides
    together that the profile would list it in any case; all others are put together. To look at the listed ones would
    raise false alarms: a level may be among the listed ones just because chance made it frequent there. Where they
    were chosen by hash, only listed ones are looked at that are frequent enough to be there unless something changed.
    """
    import numpy as np

    names = sorted(reference.counts.keys() | current.counts.keys())
    left = np.array([reference.counts.get(name, 0) for name in names], dtype=np.int64)
    right = np.array([current.counts.get(name, 0) for name in names], dtype=np.int64)
    if not reference.other and not current.other:
        return LevelTable(names, left, right)
    least = max(_certain(reference, current.size), _certain(current, reference.size))
    left, right = _at_most(left, reference), _at_most(right, current)
    kept = (left + right >= least) & _listed(left, reference) & _listed(right, current)
    rest = max(0, reference.size - int(left[kept].sum())), max(0, current.size - int(right[kept].sum()))
    chosen = [name for name, keep in zip(names, kept.tolist(), strict=True) if keep]
    return LevelTable(chosen, np.append(left[kept], rest[0]), np.append(right[kept], rest[1]))


def _listed(counts: Any, side: LevelSide) -> Any:
    """Return which levels are known well enough on a side."""
    return counts > 0 if side.by_hash else counts >= 0


def _at_most(counts: Any, side: LevelSide) -> Any:
    """Give a level that the side does not list the largest count it may have, so that it raises no alarm."""
    import numpy as np

    if side.by_hash:
        return counts
    return np.where(counts == 0, side.cutoff, counts)


def _certain(side: LevelSide, other_size: int) -> float:
    """Return the count on both sides from which a level is listed by `side` unless its share changed."""
    if not side.other:
        return 0.0
    if side.by_hash:
        return _EXPECTED * (1 + other_size / max(1, side.size))
    usual = side.cutoff + 4 * sqrt(side.cutoff) + 8
    elsewhere = usual * other_size / max(1, side.size)
    return side.cutoff + elsewhere + 4 * sqrt(elsewhere) + 8
