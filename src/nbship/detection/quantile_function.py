"""Quantile functions as straight pieces: the common form of samples that were thinned out or counted in bins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

__all__ = ["QuantileFunction", "of_bins", "of_sorted", "robust_spread"]

_LONE = 1.1 / 1000
"""A bin with a larger share than this, and as narrow as bins get, holds one repeated value, its upper edge."""
_PIECES = 2048
_STEEPEST = 0.002


@dataclass(frozen=True, slots=True)
class QuantileFunction:
    """Values by the share of the sample up to them, straight between the given points.

    Attributes
    ----------
    shares
        Ascending from 0 to 1; a share that stands twice is a jump.
    values
        Ascending, finite.
    """

    shares: Any
    values: Any

    def at(self, shares: Any) -> Any:
        """Return the values at these shares."""
        import numpy as np

        return np.interp(shares, self.shares, self.values)


def of_sorted(values: Any) -> QuantileFunction:
    """Return the quantile function of ascending finite values: each step of small samples, large ones thinned out.

    The thinned one keeps about 2,200 values, denser towards both ends.
    """
    import numpy as np

    size = len(values)
    if size <= _PIECES:
        steps = np.arange(size + 1) / size
        return QuantileFunction(np.repeat(steps, 2)[1:-1], np.repeat(values, 2))
    kept = (_grid() * (size - 1)).astype(np.int64)
    kept = kept[np.diff(kept, prepend=-1) > 0]
    shares = (kept + 0.5) / size
    shares[0], shares[-1] = 0.0, 1.0
    return QuantileFunction(shares, values[kept])


@lru_cache(maxsize=1)
def _grid() -> Any:
    import numpy as np

    tail = np.logspace(-9, np.log10(1 / _PIECES), 80)
    return np.sort(np.concatenate([np.linspace(0, 1, _PIECES + 1), tail, 1 - tail]))


def of_bins(edges: Any, counts: Any, lowest: float, highest: float, mean: float | None) -> QuantileFunction:
    """Return the quantile function of binned values.

    They are spread evenly within a bin, but stand at its upper edge where a bin of the least width holds a repeated
    value (see `nbship.profiling.edges`). Those of the heavier one of the outermost bins are spread so that the mean
    of all comes out: in a heavy tail most of them are near the edge.

    Parameters
    ----------
    edges, counts
        As in `nbship.model.profile.ColumnProfile`; one count more than edges.
    lowest, highest
        Smallest and largest finite value.
    mean
        Of the values; None where unknown.
    """
    import numpy as np

    upper = np.clip(np.append(edges, highest), lowest, highest)
    lower = np.clip(np.append(lowest, edges), lowest, highest)
    share = counts / counts.sum()
    lower = np.where(_repeated(edges, share), upper, lower)
    used = counts > 0
    lower, upper, share = lower[used], upper[used], share[used]
    until = np.cumsum(share)
    shares = np.stack([until - share, until], axis=1).ravel()
    shares[0], shares[-1] = 0.0, 1.0
    function = QuantileFunction(shares, np.stack([lower, upper], axis=1).ravel())
    return function if mean is None else _with_tail(function, mean)


def _repeated(edges: Any, share: Any) -> Any:
    import numpy as np

    found = np.zeros(len(share), bool)
    if len(edges) > 1:
        width = np.diff(edges)
        found[1:-1] = (share[1:-1] > _LONE) & (width <= 1.5 * width.min())
    return found


def _with_tail(function: QuantileFunction, mean: float) -> QuantileFunction:
    """Bend the outermost piece that weighs most so that the mean comes out; what is straight stays when it cannot."""
    shares, values = function.shares, function.values
    weights = (shares[1:] - shares[:-1]) * (values[1:] - values[:-1])
    if weights[0] > weights[-1]:
        turned = _with_tail(QuantileFunction(1 - shares[::-1], -values[::-1]), -mean)
        return QuantileFunction(1 - turned.shares[::-1], -turned.values[::-1])
    width, height = shares[-1] - shares[-2], values[-1] - values[-2]
    excess = float((shares[1:] - shares[:-1]) @ (values[1:] + values[:-1])) / 2 - mean
    if width * height <= 0:
        return function
    part = 0.5 - excess / (width * height)
    return _bent(function, width, height, min(max(part, _STEEPEST), 1 - _STEEPEST))


def _bent(function: QuantileFunction, width: float, height: float, part: float) -> QuantileFunction:
    """Replace the last piece by a power of the share, whose mean is `part` of the height."""
    import numpy as np

    steps = 0.5 ** np.arange(1, 24)  # denser where it is steep
    steps = 1 - steps if part < 0.5 else steps[::-1]  # noqa: PLR2004 - the mean of a straight piece
    shares = np.concatenate([function.shares[:-1], function.shares[-2] + width * steps, [1.0]])
    rise = height * steps ** (1 / part - 1)
    return QuantileFunction(
        shares, np.concatenate([function.values[:-1], function.values[-2] + rise, function.values[-1:]])
    )


def robust_spread(function: QuantileFunction) -> float:
    """Return a spread that outliers do not move, equal to the standard deviation for normal values.

    The interquartile range over 1.349; where half of the values are one, the range of the middle 90 % over 3.29
    (both are those of the normal distribution); where even that is 0, the standard deviation; 0 for a constant.
    """
    import numpy as np

    low, first, third, high = (float(value) for value in function.at(np.array([0.05, 0.25, 0.75, 0.95])))
    if third > first:
        return (third - first) / 1.349
    if high > low:
        return (high - low) / 3.29
    return _standard_deviation(function)


def _standard_deviation(function: QuantileFunction) -> float:
    import numpy as np

    width, values = np.diff(function.shares), function.values - function.values[0]  # exactly 0 for a constant
    start, end = values[:-1], values[1:]
    middle = float(width @ (start + end)) / 2
    start, end = start - middle, end - middle
    return float(np.sqrt(max(0.0, float(width @ (start**2 + start * end + end**2)) / 3)))
