"""Where the bins of a profile begin and end, so that distances between distributions survive."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

__all__ = ["bins_of_ordered", "count_bins", "instant_edges", "number_edges"]

_BINS = 1024
_FINEST = 1000
_DECIMALS = (0, 1, 2, 3, 4)
_PROBE = 1000
_WHOLE = 2.0**53
_UNITS = (86_400_000_000_000, 3_600_000_000_000, 60_000_000_000, 1_000_000_000, 1_000_000, 1_000, 1)


def number_edges(ordered: Any) -> Any:
    """Return the bin edges of numbers.

    A bin holds at most a thousandth of the values, or one repeated value and nothing else: an edge just below that
    value keeps apart what another sample may have there. So a Kolmogorov-Smirnov statistic from the counts is within
    0.001 of the exact one. The first bin holds nothing, for what another sample has below the minimum.

    Parameters
    ----------
    ordered
        Finite float64, ascending, shape (n,).

    Returns
    -------
    ndarray of float64, shape (m,)
        Ascending. m is 1,025 for many continuous values, and below 3,100 for any.
    """
    import numpy as np

    if not len(ordered):
        return np.empty(0)
    edges, lone = _bins(ordered)
    decimals = _decimals(ordered)
    if decimals is not None:
        scale = 10.0**decimals
        return np.union1d(edges, (np.rint(lone * scale) - 1) / scale)
    short = _float32_edges(ordered, edges, lone)
    if short is not None:
        return short
    below = _just_below(lone)
    return np.union1d(edges, below[np.isfinite(below)])


def instant_edges(ordered: Any) -> Any:
    """Return the bin edges of instants, int64 and ascending, as `number_edges` does."""
    import numpy as np

    if not len(ordered):
        return np.empty(0, np.int64)
    edges, lone = _bins(ordered)
    probe = ordered[:: max(len(ordered) // _PROBE, 1)]
    unit = next(unit for unit in _UNITS if not (probe % unit).any() and not (ordered % unit).any())
    lone = lone[lone >= np.iinfo(np.int64).min + unit]
    return np.union1d(edges, lone - unit)


def count_bins(values: Any, edges: Any) -> Any:
    """Return how many values lie in each of the ``len(edges) + 1`` bins, int64; a bin owns its upper edge."""
    import numpy as np

    return bins_of_ordered(np.sort(values), edges)


def bins_of_ordered(ordered: Any, edges: Any) -> Any:
    """Return the same as `count_bins`, of ascending values."""
    import numpy as np

    return np.diff(np.searchsorted(ordered, edges, side="right"), prepend=0, append=len(ordered))


def _bins(ordered: Any) -> tuple[Any, Any]:
    """Return the last value of each bin, and the values that want an edge just below them."""
    import numpy as np

    count = len(ordered)
    most = _most_per_bin(count)
    run_ends = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, count)
    if len(run_ends) == count and most:
        ends = np.append(np.arange(most, count, most), count)
    else:
        ends = np.array(_packed_runs(run_ends.tolist(), most))
    edges = ordered[ends - 1]
    alone = np.diff(ends, prepend=0) > most
    return edges, np.union1d(edges[alone], ordered[:1])


def _most_per_bin(count: int) -> int:
    return min(-(-count // _BINS), count // _FINEST)


def _packed_runs(run_ends: list[int], most: int) -> list[int]:
    """Put runs of equal values together while a bin holds at most `most` values."""
    ends, done, place = [], 0, 0
    while done < run_ends[-1]:
        place = max(bisect_right(run_ends, done + most, place) - 1, bisect_right(run_ends, done, place))
        done = run_ends[place]
        ends.append(done)
    return ends


def _decimals(ordered: Any) -> int | None:
    """Return how many decimals all values have, None for more than four."""
    probe = ordered[:: max(len(ordered) // _PROBE, 1)]
    return next((it for it in _DECIMALS if _on_grid(probe, it) and _on_grid(ordered, it)), None)


def _on_grid(values: Any, decimals: int) -> bool:
    import numpy as np

    scale = 10.0**decimals
    if max(-values[0], values[-1]) >= _WHOLE / scale:
        return False
    return bool((np.rint(values * scale) / scale == values).all())


def _float32_edges(ordered: Any, edges: Any, lone: Any) -> Any:
    """Return edges of half the size, where they cut the values as well; else None."""
    import numpy as np

    upper, below = _to_float32(edges, np.inf), _to_float32(_just_below(lone), -np.inf)
    if not (np.isfinite(upper).all() and np.isfinite(below).all()):
        return None
    moved = np.searchsorted(ordered, upper, "right") - np.searchsorted(ordered, edges, "right")
    slack = np.where(np.isin(edges, lone), 0, len(ordered) // _FINEST - _most_per_bin(len(ordered)))
    apart = np.searchsorted(ordered, below, "right") == np.searchsorted(ordered, lone, "left")
    if (moved > slack).any() or not apart.all() or not (np.diff(upper) > 0).all():
        return None
    return np.union1d(upper, below)


def _just_below(values: Any) -> Any:
    import numpy as np

    with np.errstate(over="ignore"):  # below the lowest double
        return np.nextafter(values, -np.inf)


def _to_float32(values: Any, direction: float) -> Any:
    """Return the nearest doubles that fit into a float32, in one direction."""
    import numpy as np

    with np.errstate(over="ignore"):
        near = values.astype(np.float32)
        wrong = near < values if direction > 0 else near > values
        return np.where(wrong, np.nextafter(near, np.float32(direction)), near).astype(np.float64)
