"""The two-sample Kolmogorov-Smirnov test."""

from __future__ import annotations

from functools import lru_cache
from math import gcd, sqrt
from typing import Any

__all__ = ["ks_critical", "ks_p_value", "ks_statistic"]

_BLOCK = 1 << 17
_EXACT_SQUARE = 10_000
_EXACT_CELLS = 100_000


def ks_statistic(left: Any, right: Any) -> float:
    """Return the largest distance between the empirical distribution functions of two samples.

    Parameters
    ----------
    left, right
        Ascending float arrays, not empty; infinities are values like any other.

    Notes
    -----
    The supremum is attained at a value of either sample, or just below one, so the values of the smaller sample and
    their two one-sided limits are enough. Whole numbers are compared, so the result is as exact as one division.
    """
    keys, others = (left, right) if len(left) <= len(right) else (right, left)
    worst = 0
    for start in range(0, len(keys), _BLOCK):
        worst = max(worst, _largest_gap(keys[start : start + _BLOCK], start, len(keys), others))
    return worst / (len(keys) * len(others))


def _largest_gap(block: Any, start: int, size: int, others: Any) -> int:
    """Return the largest distance at one block of keys, times both sample sizes."""
    import numpy as np

    upto = np.searchsorted(others, block, "right")
    below = upto
    if np.any(others[np.maximum(upto - 1, 0)] == block):
        below = np.searchsorted(others, block, "left")
    rank = np.arange(start, start + len(block))
    above = (rank + 1) * len(others) - upto * size
    beneath = below * size - rank * len(others)
    return max(int(above.max()), int(beneath.max()))


def ks_p_value(statistic: float, left: int, right: int) -> float:
    """Return the probability of a distance at least this large between samples of one distribution.

    Exact for equal sizes up to 10,000 and for products of sizes up to 100,000, as `scipy.stats.ks_2samp` is. Beyond,
    Kolmogorov's limit with the correction of Hodges (1957, eq. 5.3, as scipy uses it one-sided) for the sample sizes
    and half a step for the grid of possible distances, within 3 % of the exact value for p above 0.001, at a
    fraction of the cost. With ties the test errs towards no alarm.
    """
    step = left * right // gcd(left, right)
    height = round(statistic * step)
    if height <= 0:
        return 1.0
    if left == right <= _EXACT_SQUARE:
        return _square(left, height)
    if left * right <= _EXACT_CELLS:
        return _exact(min(left, right), max(left, right), height)
    from scipy.special import kolmogorov

    scale = sqrt(left * right / (left + right))
    return float(kolmogorov(scale * (height / step - 0.5 / step) + _hodges(left, right)))


def ks_critical(left: int, right: int, level: float = 0.05) -> float:
    """Return the distance that samples of one distribution exceed with probability `level`."""
    from scipy.special import kolmogi

    shift = _hodges(left, right)
    return min(1.0, (float(kolmogi(level)) - shift) / sqrt(left * right / (left + right)))


def _hodges(left: int, right: int) -> float:
    small, large = min(left, right), max(left, right)
    return (large + 2 * small) / (6 * sqrt(small * large * (small + large)))


@lru_cache(maxsize=4096)
def _square(size: int, height: int) -> float:
    """Gnedenko and Korolyuk (1951): paths that leave a band, by reflection."""
    ratios = _binomial_ratios(size)[height - 1 :: height]
    if height > size:
        return 0.0
    signed = ratios.copy()
    signed[1::2] *= -1
    return float(min(1.0, max(0.0, 2 * signed.sum())))


@lru_cache(maxsize=8)
def _binomial_ratios(size: int) -> Any:
    """Return C(2n, n - h) / C(2n, n) for h from 1 to n."""
    import numpy as np

    steps = np.arange(size, dtype=float)
    return np.cumprod((size - steps) / (size + steps + 1))


@lru_cache(maxsize=4096)
def _exact(small: int, large: int, height: int) -> float:
    """Count the lattice paths whose distance stays below `height`, row by row (Hodges 1957)."""
    import numpy as np
    from scipy.special import gammaln

    common = gcd(small, large)
    rise, reach = (
        large // common,
        small // common,
    )  # of |column * reach - row * rise|, which must stay below height
    first = int((height - 1) // reach)
    start, paths, logarithm = 0, np.ones(min(large, first) + 1), 0.0
    for row in range(1, small + 1):
        low = max(0, -((height - 1 - row * rise) // reach))
        high = min(large, (row * rise + height - 1) // reach)
        entering = np.zeros(max(0, high - low + 1))
        kept = paths[low - start :][: len(entering)]
        entering[: len(kept)] = kept
        paths, start = np.cumsum(entering), low
        if not entering.any():
            return 1.0  # no path stays that low
        logarithm += float(np.log(paths[-1]))
        paths /= paths[-1]
    everything = gammaln(small + large + 1) - gammaln(small + 1) - gammaln(large + 1)
    return float(min(1.0, max(0.0, -np.expm1(logarithm - everything))))
