"""Sums that are exact, and the moments that follow from them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from nbship.model.profile import INFINITE, ColumnKind, ExactMoments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbship.model.profile import ColumnProfile

__all__ = ["add_moments", "exact_moments", "exact_sum", "expansion", "mean", "std"]

_BLOCK = 8192
_BLOCK_BITS = 13
_LARGEST = 2.0**480
_UNIT_BITS = 1074
_NANOSECONDS = 1_000_000_000


def exact_moments(deviations: Any, origin: float) -> ExactMoments:
    """Return the exact sums of deviations from `origin` and of their squares.

    Parameters
    ----------
    deviations
        Finite float64, shape (n,).

    Returns
    -------
    ExactMoments
        Where a deviation exceeds 2**480, whose square a sum of doubles might not hold, both sums are infinite; those of
        a merge are so too, in whatever order.
    """
    import numpy as np

    if len(deviations) and max(-deviations.min(), deviations.max()) > _LARGEST:
        return ExactMoments(origin, (INFINITE,), (INFINITE,))
    first = second = 0
    for start in range(0, len(deviations), _BLOCK):
        block = deviations[start : start + _BLOCK]
        first += _block_sum(block)
        with np.errstate(under="ignore"):
            second += _block_sum(block * block)
    return ExactMoments(origin, expansion(first), expansion(second))


def exact_sum(values: Any) -> int:
    """Return the exact sum of finite float64 values below 2**960, in units of 2**-1074."""
    return sum(_block_sum(values[start : start + _BLOCK]) for start in range(0, len(values), _BLOCK))


def _block_sum(values: Any) -> int:
    """Sum at most 8192 values by cutting their digits into layers whose sums need no rounding.

    Each layer holds the 41 leading bits below the power of two that bounds what is left, so that 2**13 of
    them fit into the 53 bits of a double. Source: error-free extraction, S. M. Rump, T. Ogita, S. Oishi,
    "Accurate floating-point summation part I", SIAM J. Sci. Comput. 31 (2008), algorithm 3.2 (ExtractVector).
    """
    import numpy as np

    rest, total = values, 0
    bound = float(max(-rest.min(), rest.max())) if len(rest) else 0.0
    while bound:
        power = max(math.frexp(bound)[1] + _BLOCK_BITS - 1, -1022)
        sigma = math.ldexp(1.5, power)
        layer = (rest + sigma) - sigma
        total += _units(float(layer.sum()))
        rest = rest - layer
        bound = float(np.abs(rest).max())
    return total


def _units(value: float) -> int:
    """Return a double as a multiple of the smallest one."""
    numerator, denominator = value.as_integer_ratio()
    return numerator << (_UNIT_BITS - denominator.bit_length() + 1)


def expansion(total: int) -> tuple[float, ...]:
    """Return a number of units of 2**-1074 as doubles of decreasing size that add up to it."""
    parts = []
    while total:
        part = total / (1 << _UNIT_BITS)
        parts.append(part)
        total -= _units(part)
    return tuple(parts)


def add_moments(moments: Iterable[ExactMoments]) -> ExactMoments:
    """Return the moments of the whole from those of its parts, which share their origin."""
    found = list(moments)
    return ExactMoments(
        found[0].origin, _add(part.first for part in found), _add(part.second for part in found)
    )


def _add(expansions: Iterable[tuple[float, ...]]) -> tuple[float, ...]:
    doubles = [double for parts in expansions for double in parts]
    if INFINITE in doubles:
        return (INFINITE,)
    return expansion(sum(map(_units, doubles)))


def mean(column: ColumnProfile) -> float | int | None:
    """Return the mean of the finite values.

    Returns
    -------
    float, int or None
        For datetimes whole nanoseconds since the epoch, for texts characters; None without finite values, and where
        their size is beyond what is summed.
    """
    deviation = _mean_deviation(column)
    if deviation is None or column.moments is None:
        return None
    if column.kind is not ColumnKind.DATETIME:
        return column.moments.origin + deviation
    return int(column.edges[0] if column.edges else 0) + round(deviation * _NANOSECONDS)


def std(column: ColumnProfile) -> float | None:
    """Return the standard deviation of the finite values, with n - 1 in the denominator.

    Returns
    -------
    float or None
        For datetimes in seconds; None with fewer than two finite values, and where their size is beyond what is summed.
    """
    count = _finite(column)
    if count < 2 or _mean_deviation(column) is None or column.moments is None:  # noqa: PLR2004 - n - 1
        return None
    first, second = (sum(map(_units, part)) for part in (column.moments.first, column.moments.second))
    # in units: second - first**2 / count, over count - 1; integers, so that nothing cancels
    scaled = (second * count << _UNIT_BITS) - first * first
    variance = max(scaled, 0) / ((count * (count - 1)) << (2 * _UNIT_BITS))
    return math.sqrt(variance)


def _mean_deviation(column: ColumnProfile) -> float | None:
    count = _finite(column)
    if count == 0 or column.moments is None or INFINITE in column.moments.first:
        return None
    return sum(map(_units, column.moments.first)) / (count << _UNIT_BITS)


def _finite(column: ColumnProfile) -> int:
    return column.present - column.infinite
