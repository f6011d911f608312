"""The Wasserstein-1 distance: how far values have to be moved, on average, to turn one sample into the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbship.detection.quantile_function import QuantileFunction

__all__ = ["wasserstein", "wasserstein_between"]

_BLOCK = 1 << 17


def wasserstein(left: Any, right: Any) -> float:
    """Return the distance between two samples, as `scipy.stats.wasserstein_distance` does.

    Parameters
    ----------
    left, right
        Ascending float arrays of finite values, not empty.

    Notes
    -----
    The area between the two empirical distribution functions (Ramdas, García and Cuturi 2017); for samples of
    one size that is the mean distance of the values of equal rank. Memory is bounded: the values are visited in blocks.
    """
    import numpy as np

    if len(left) == len(right):
        blocks = range(0, len(left), _BLOCK)
        return sum(float(np.abs(left[i : i + _BLOCK] - right[i : i + _BLOCK]).sum()) for i in blocks) / len(
            left
        )
    long, short = (left, right) if len(left) > len(right) else (right, left)
    cuts = long[_BLOCK::_BLOCK]
    of_long = [0, *np.searchsorted(long, cuts).tolist(), len(long)]
    of_short = [0, *np.searchsorted(short, cuts).tolist(), len(short)]
    following = [*cuts.tolist(), max(float(long[-1]), float(short[-1]))]
    area = 0.0
    for block, until in enumerate(following):
        area += _area(long, of_long[block : block + 2], short, of_short[block : block + 2], until)
    return area


def _area(long: Any, of_long: list[int], short: Any, of_short: list[int], until: float) -> float:
    """Return the area between both distribution functions over one block of values, up to the next block."""
    import numpy as np

    first, second = long[slice(*of_long)], short[slice(*of_short)]
    if not len(first) + len(second):
        return 0.0
    merged = np.empty(len(first) + len(second) + 1)
    is_first = np.zeros(len(merged) - 1, bool)
    is_first[np.searchsorted(second, first) + np.arange(len(first))] = True
    merged[:-1][is_first], merged[:-1][~is_first], merged[-1] = first, second, until
    passed = np.cumsum(is_first)
    share = (passed + of_long[0]) / len(long)
    other = (np.arange(1, len(passed) + 1) - passed + of_short[0]) / len(short)
    # Not a dot product: BLAS starts threads for it, which cost more than they save and count as CPU time.
    return float((np.abs(share - other) * np.diff(merged)).sum())


def wasserstein_between(left: QuantileFunction, right: QuantileFunction) -> float:
    """Return the distance between two piecewise linear quantile functions: the area between them.

    It is exact for the functions; how near they are to the samples is theirs to say.
    """
    import numpy as np

    cuts = np.sort(np.concatenate([left.shares, right.shares]), kind="stable")
    start, width = cuts[:-1], np.diff(cuts)
    # Inside an interval both are straight; its ends may be jumps, so they are read off the line.
    early, late = start + width / 4, start + width * 3 / 4
    first, second = left.at(early) - right.at(early), left.at(late) - right.at(late)
    begin, end = (3 * first - second) / 2, (3 * second - first) / 2
    return float((_straight_area(begin, end) * width).sum())


def _straight_area(begin: Any, end: Any) -> Any:
    """Return the mean of the absolute value along straight lines from `begin` to `end`."""
    import numpy as np

    height = np.abs(begin) + np.abs(end)
    crossing = (begin * end < 0) & (height > 0)
    mean = height / 2
    mean[crossing] = (begin[crossing] ** 2 + end[crossing] ** 2) / (2 * height[crossing])
    return mean
