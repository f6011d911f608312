"""The one level whose share changed most, tested by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbship.detection.contingency import TableTest, fourfold

__all__ = ["LoneLevel", "lone_level"]

_FEWEST = 3


@dataclass(frozen=True, slots=True)
class LoneLevel:
    """A level, by its place in the table, and a test of its share against all others together.

    `test` is named ``lone_level``: its p-value accounts for the choice among all levels, those of the test of the
    fourfold table, chi-square or Fisher's, do not.
    """

    place: int
    test: TableTest


def lone_level(left: Any, right: Any) -> LoneLevel | None:
    """Return the level with the largest residual; None where fewer than three levels occur.

    Parameters
    ----------
    left, right
        Counts by level, int arrays of equal length; both samples have values.

    Notes
    -----
    A test of all levels together has to pool rare ones, a new level of the smaller sample among them, and spreads its
    attention over all. This one has Bonferroni's correction for the levels that could have had such a p-value: the
    combined count of a level bounds it from below (Tarone 1990). The two-sided p-values of the rare ones are those of
    Fisher's exact test, without the correction to mid-p-values, which fails where many are looked at.
    """
    import numpy as np

    both = left + right
    size, other = int(left.sum()), int(right.sum())
    if np.count_nonzero(both) < _FEWEST:
        return None
    variance = both * (1 - both / (size + other))
    residual = np.abs(left - both * (size / (size + other))) / np.sqrt(
        np.maximum(variance, np.finfo(float).tiny)
    )
    place = int(residual.argmax())
    found = fourfold(int(left[place]), size, int(right[place]), other, mid=False)
    if found is None:
        return None
    able = int(np.count_nonzero(_least_p_values(both[both > 0], size, other) <= found.p_value))
    p_value = min(1.0, found.p_value * max(1, able))
    return LoneLevel(place, TableTest("lone_level", found.statistic, p_value, found.left, found.right))


def _least_p_values(both: Any, size: int, other: int) -> Any:
    """Return a lower bound of the p-values that levels of these combined counts can have."""
    import numpy as np
    from scipy.special import gammaln

    def all_on(side: int) -> Any:
        rest = np.maximum(side - both, 0)
        chance = (
            gammaln(side + 1)
            - gammaln(rest + 1)
            - gammaln(size + other + 1)
            + gammaln(size + other - both + 1)
        )
        return np.where(both <= side, np.exp(chance), 0.0)

    return np.minimum(all_on(size), all_on(other))
