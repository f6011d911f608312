"""Quantiles from the counts of a profile."""

from __future__ import annotations

import math
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.profile import ColumnProfile

__all__ = ["bin_bounds", "quantiles"]

_DECIMALS = range(5)


def bin_bounds(column: ColumnProfile) -> list[tuple[float | int, float | int]]:
    """Return the lower and upper bound of each bin; none lies outside of minimum and maximum.

    Empty without finite values.
    """
    low, high = column.minimum, column.maximum
    if low is None or high is None:
        return []
    cuts = [low, *(min(max(edge, low), high) for edge in column.edges), high]
    return list(pairwise(cuts))


def quantiles(column: ColumnProfile, shares: Sequence[float]) -> list[float | int | None]:
    """Return quantiles of an ordered column, or of a text's lengths.

    Parameters
    ----------
    column
        Any; one without finite values, or of levels, gives None for each share.
    shares
        From 0 to 1, in any order.

    Returns
    -------
    list of float, int or None
        In the units of the edges; whole nanoseconds for datetimes. Exact where a bin holds one value, else
        between the bounds of a bin that holds a thousandth of the values, as if it were filled evenly. Infinite
        values count as the minimum or maximum.
    """
    bounds = bin_bounds(column)
    if not bounds:
        return [None] * len(shares)
    filled = [(bound, count) for bound, count in zip(bounds, column.counts, strict=True) if count]
    reached = list(accumulate(count for _, count in filled))
    scale = _scale(column)
    return [_quantile(share * reached[-1], filled, reached, scale) for share in shares]


def _scale(column: ColumnProfile) -> float:
    """Return how many possible values lie in a unit; 0 for values that are not multiples of anything."""
    if all(isinstance(edge, int) for edge in column.edges):
        return 1 / (math.gcd(*(int(edge) for edge in column.edges)) or 1)
    grids = (10.0**decimals for decimals in _DECIMALS)
    return next((it for it in grids if all(round(edge * it) / it == edge for edge in column.edges)), 0.0)


def _quantile(
    rank: float,
    filled: list[tuple[tuple[float | int, float | int], int]],
    reached: list[int],
    scale: float,
) -> float | int:
    place = next((it for it, total in enumerate(reached) if total >= rank), len(reached) - 1)
    (low, high), count = filled[place]
    if low == high:
        return high
    inside = max(rank - reached[place] + count, 0) / count
    if isinstance(low, int) and isinstance(high, int):
        step = round(1 / scale)
        return min(low + math.ceil((high - low) / step * inside) * step, high)
    if not scale:
        return low * (1 - inside) + high * inside
    return min(round(low * scale) / scale + math.ceil((high - low) * scale * inside - 1e-9) / scale, high)
