"""Distances between counts in bins or levels."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

__all__ = ["bins_for", "jensen_shannon", "psi"]

_EMPTY = 0.5
_A_BIN = 15
_MOST = 20


def bins_for(left: int, right: int) -> int:
    """Return how many bins the smaller sample fills with about 15 values each: 2 to 20."""
    return max(2, min(_MOST, min(left, right) // _A_BIN))


def psi(left: Any, right: Any) -> float:
    """Return the population stability index of two arrays of counts of equal length.

    The sum of (p - q) ln(p / q), which is both Kullback-Leibler divergences added (Lewis 1994; Yurdakul and Naranjo
    2020). Where one side has nothing in a bin, half a row stands in for it; bins that are empty on both sides do not
    count.
    """
    import numpy as np

    used = (left > 0) | (right > 0)
    p = np.maximum(left[used], _EMPTY) / left.sum()
    q = np.maximum(right[used], _EMPTY) / right.sum()
    return float(((p - q) * np.log(p / q)).sum())


def jensen_shannon(left: Any, right: Any) -> float:
    """Return the Jensen-Shannon distance of two arrays of counts, base 2: 0 for equal shares, 1 without overlap.

    The root of the divergence in bits (Endres and Schindelin 2003), as `scipy.spatial.distance.jensenshannon(p, q, 2)`.
    """
    from scipy.special import rel_entr

    p, q = left / left.sum(), right / right.sum()
    middle = (p + q) / 2
    nats = float((rel_entr(p, middle) + rel_entr(q, middle)).sum()) / 2
    return sqrt(max(0.0, nats) / log(2))
