"""Tests of equal shares: tables of two samples by levels."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

__all__ = [
    "TableTest",
    "chi_square",
    "chi_square_p_value",
    "fisher_p_value",
    "fourfold",
    "homogeneity",
    "pooled",
]

EXPECTED = 2.0
"""Rare levels are pooled until the smaller sample is expected to have this many values of each bucket."""
_CLASSIC = 50.0
_SLACK = 1e-7
_PAIR = 2


@dataclass(frozen=True, slots=True)
class TableTest:
    """A test of one table.

    Attributes
    ----------
    name
        ``chi_square``, ``fisher``, or ``lone_level``.
    statistic
        Pearson's; None for an exact test.
    left, right
        Counts of the table that was tested, after pooling.
    """

    name: str
    statistic: float | None
    p_value: float
    left: Any
    right: Any


def homogeneity(left: Any, right: Any) -> TableTest | None:
    """Test whether two samples share one distribution over levels; None when there is only one level.

    Parameters
    ----------
    left, right
        Counts by level, int arrays of equal length; both samples have values.

    Notes
    -----
    Rare levels are pooled into buckets (see `pooled`), and Pearson's statistic is held against a gamma distribution
    with its exact mean and variance given the margins (see `chi_square_p_value`), which keeps the level from two
    levels to thousands. A table of two buckets is a `fourfold` one.
    """
    import numpy as np

    first, second = pooled(left, right)
    if len(first) == 1:
        both = np.flatnonzero(left + right)
        if len(both) < _PAIR:
            return None
        common = both[np.argmax((left + right)[both])]
        return fourfold(int(left[common]), int(left.sum()), int(right[common]), int(right.sum()))
    if len(first) == _PAIR:
        return fourfold(int(first[0]), int(first.sum()), int(second[0]), int(second.sum()))
    statistic = chi_square(first, second)
    return TableTest("chi_square", statistic, chi_square_p_value(statistic, first, second), first, second)


def pooled(left: Any, right: Any) -> tuple[Any, Any]:
    """Pool rare levels into several buckets, and return the counts of levels and buckets of both samples.

    Levels are taken from the most frequent in both samples together downwards; one of which the smaller sample is
    expected to have fewer than two values joins the next ones until the bucket has that many. What is left at the end
    joins the last bucket. Only combined counts decide, never which side the values are on, so the test that follows
    keeps its level: given the combined counts, the labels of the sides are exchangeable.
    """
    import numpy as np

    both = left + right
    order = np.argsort(-both, kind="stable")
    order = order[: np.count_nonzero(both)]
    counts = both[order]
    need = EXPECTED * counts.sum() / min(left.sum(), right.sum())
    starts = _bucket_starts(counts, float(need))
    return np.add.reduceat(left[order], starts), np.add.reduceat(right[order], starts)


def _bucket_starts(descending: Any, need: float) -> list[int]:
    """Return where each bucket begins among levels of descending counts."""
    alone = int((descending >= need).sum())
    totals: list[int] = descending.cumsum().tolist()
    starts, position = list(range(alone)), alone
    while position < len(totals):
        before = totals[position - 1] if position else 0
        last = bisect_left(totals, before + need * (1 - _SLACK))
        if last >= len(totals):
            break
        starts.append(position)
        position = last + 1
    return starts or [0]


def chi_square(left: Any, right: Any) -> float:
    """Return Pearson's statistic of a table of two rows, as `scipy.stats.chi2_contingency(correction=False)` does."""
    size, other = left.sum(), right.sum()
    expected = (left + right) * (size / (size + other))
    # Both rows deviate by as much from what is expected of them.
    return float((((left - expected) ** 2 / expected).sum()) * (size + other) / other)


def chi_square_p_value(statistic: float, left: Any, right: Any) -> float:
    """Return the probability of at least this statistic when both rows share one distribution.

    The statistic's mean and variance given the margins are known exactly (Haldane 1940; Dawson 1954); a gamma
    distribution with both replaces the chi-square distribution, whose variance is wrong where counts are small.
    With large counts it is the chi-square distribution.
    """
    from scipy.special import gammaincc

    mean, variance = _moments(left, right)
    return float(gammaincc(mean**2 / variance, statistic * mean / variance))


def _moments(left: Any, right: Any) -> tuple[float, float]:
    """Return mean and variance of Pearson's statistic given the margins (Dawson 1954)."""
    columns, both = len(left), left + right
    size, other = float(left.sum()), float(right.sum())
    total = size + other
    mean = total * (columns - 1) / (total - 1)
    rows_free = (total - 2) / (total - 1)
    columns_free = (columns - 1) * (total - columns) / (total - 1)
    rows_uneven = (total / size + total / other - 4) / (total - 2)
    columns_uneven = (float((total / both).sum()) - columns**2) / (total - 2)
    first = 2 * total / (total - 3) * (rows_free - rows_uneven) * (columns_free - columns_uneven)
    return mean, first + total**2 / (total - 1) * rows_uneven * columns_uneven


def fourfold(hits: int, size: int, other_hits: int, other_size: int, *, mid: bool = True) -> TableTest | None:
    """Test whether two samples have the same share of hits; None when all or none are hits on both sides.

    Pearson's chi-square test without Yates's correction where every cell is expected to have 50, else Fisher's exact
    test, with mid-p-values unless `mid` is False. The usual bound of 5 is enough at a level of 5 %, but not far below, where corrections for
    many columns look: of 10,000 against 100 rows with a share of 10 %, Pearson's test rejects 0.09 % at 0.05 %.
    """
    import numpy as np
    from scipy.special import chdtrc

    left, right = np.array([hits, size - hits]), np.array([other_hits, other_size - other_hits])
    rarer = min(left + right)
    if not rarer or not size or not other_size:
        return None
    if rarer * min(size, other_size) / (size + other_size) < _CLASSIC:
        p_value = fisher_p_value(hits, size, other_hits, other_size, mid=mid)
        return TableTest("fisher", None, p_value, left, right)
    statistic = chi_square(left, right)
    return TableTest("chi_square", statistic, float(chdtrc(1, statistic)), left, right)


def fisher_p_value(hits: int, size: int, other_hits: int, other_size: int, *, mid: bool = True) -> float:
    """Return the two-sided p-value of Fisher's exact test: twice the smaller tail.

    For mid-p-values (Lancaster 1961) the table seen counts half in either tail, which takes away most of the exact
    test's caution.
    """
    import numpy as np
    from scipy.special import gammaln

    drawn, total = hits + other_hits, size + other_size
    possible = np.arange(max(0, drawn - other_size), min(size, drawn) + 1)
    logarithms = -(
        gammaln(possible + 1)
        + gammaln(size - possible + 1)
        + gammaln(drawn - possible + 1)
        + gammaln(total - size - drawn + possible + 1)
    )
    chances = np.exp(logarithms - logarithms.max())
    seen = hits - possible[0]
    tails = chances[:seen].sum(), chances[seen + 1 :].sum()
    weight = 0.5 if mid else 1.0
    return float(min(1.0, 2 * (min(tails) + chances[seen] * weight) / chances.sum()))
