"""Ordered columns: how far the values of one side lie from those of the other."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

from nbship.detection.bins import bins_for, jensen_shannon, psi
from nbship.detection.chance import Chance, jensen_shannon_chance, psi_chance, wasserstein_chance
from nbship.detection.ks import ks_critical, ks_statistic
from nbship.detection.ordered_side import BinnedSide, OrderedSide, SortedSide
from nbship.detection.quantile_function import robust_spread
from nbship.detection.wasserstein import wasserstein, wasserstein_between
from nbship.model.drift import Measure

__all__ = ["Spread", "binned_measures", "ks_between", "ks_measure", "moved", "spread_of"]


@dataclass(frozen=True, slots=True)
class Spread:
    """What distances are divided by; `own` is False where the reference is constant and both sides gave it."""

    value: float
    own: bool = True


def ks_between(reference: OrderedSide, current: OrderedSide) -> float:
    """Return the Kolmogorov-Smirnov distance: exact for rows, at the edges of profiles otherwise.

    Between profiles of different edges it is the least distance that both allow, so that bins raise no alarm.
    """
    import numpy as np

    if isinstance(reference, SortedSide) and isinstance(current, SortedSide):
        return ks_statistic(reference.values, current.values)
    if isinstance(reference, BinnedSide) and isinstance(current, BinnedSide):
        return _between_bins(reference, current)
    binned = reference if isinstance(reference, BinnedSide) else current
    edges = getattr(binned, "edges", ())
    if not len(edges):
        return 0.0
    return float(np.abs(reference.upto(edges) / reference.size - current.upto(edges) / current.size).max())


def _between_bins(reference: BinnedSide, current: BinnedSide) -> float:
    import numpy as np

    edges = np.union1d(reference.edges, current.edges)
    if not len(edges):
        return 0.0
    least, most = (part / reference.size for part in reference.bounds(edges))
    other_least, other_most = (part / current.size for part in current.bounds(edges))
    return float(max(0.0, (least - other_most).max(), (other_least - most).max()))


def spread_of(reference: OrderedSide, current: OrderedSide) -> Spread:
    """Return the reference's robust spread; for a constant reference the standard deviation of both sides together."""
    spread = robust_spread(reference.function)
    if spread > 0:
        return Spread(spread)
    (mean, own), (other_mean, other) = reference.moments, current.moments
    if mean is None or other_mean is None:
        return Spread(0.0, own=False)
    both = ((own or 0.0) ** 2 + (other or 0.0) ** 2) / 2 + ((mean - other_mean) / 2) ** 2
    return Spread(sqrt(both), own=False)


def moved(
    reference: OrderedSide, current: OrderedSide, spread: float, *, thin: bool = False
) -> tuple[float, Chance]:
    """Return the Wasserstein-1 distance of the finite values in spreads, and what chance makes of it.

    It is exact for rows against rows, unless `thin` asks for thinned quantile functions, and exact up to the width of
    the bins for profiles.
    """
    if spread <= 0:
        return 0.0, Chance(0.0, 0.0)
    chance = wasserstein_chance(reference.function, current.function, reference.finite, current.finite)
    if isinstance(reference, SortedSide) and isinstance(current, SortedSide) and not thin:
        distance = wasserstein(reference.finite_values, current.finite_values)
    else:
        distance = wasserstein_between(reference.function, current.function)
    return distance / spread, Chance(chance.mean / spread, chance.upper / spread)


def ks_measure(statistic: float, reference: OrderedSide, current: OrderedSide) -> Measure:
    """Return the Kolmogorov-Smirnov distance as a measure of the report."""
    return Measure("ks", statistic, ks_critical(reference.size, current.size))


def binned_measures(reference: OrderedSide, current: OrderedSide) -> tuple[Measure, ...]:
    """Return population stability index and Jensen-Shannon distance on bins of equal reference share.

    The number of bins depends on the smaller sample: about 15 values a bin, at most 20 bins.
    """
    import numpy as np

    cuts = _cuts(reference, current)
    left = np.diff(reference.upto(cuts), prepend=0, append=reference.size)
    right = np.diff(current.upto(cuts), prepend=0, append=current.size)
    used = int(((left > 0) | (right > 0)).sum())
    sizes = reference.size, current.size
    return (
        Measure("psi", psi(left, right), psi_chance(used, *sizes).upper),
        Measure("jensen_shannon", jensen_shannon(left, right), jensen_shannon_chance(used, *sizes).upper),
    )


def _cuts(reference: OrderedSide, current: OrderedSide) -> Any:
    """Return the upper edges of all bins but the last, where the side that is a profile knows its counts."""
    import numpy as np

    bins = bins_for(reference.size, current.size)
    cuts = reference.near_quantiles(np.arange(1, bins) / bins)
    if isinstance(current, BinnedSide) and isinstance(reference, SortedSide) and len(current.edges):
        nearest = np.searchsorted(current.edges, cuts)
        cuts = current.edges[np.minimum(nearest, len(current.edges) - 1)]
    return np.unique(cuts)
