"""What distances between two samples come to when nothing changed, at their sizes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import log, sqrt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbship.detection.quantile_function import QuantileFunction

__all__ = [
    "Chance",
    "cramers_v_chance",
    "divergence_mean",
    "jensen_shannon_chance",
    "psi_chance",
    "wasserstein_chance",
]


@dataclass(frozen=True, slots=True)
class Chance:
    """The mean of a distance under no change, and what it exceeds in 5 % of cases."""

    mean: float
    upper: float


def wasserstein_chance(
    left: QuantileFunction, right: QuantileFunction, left_size: int, right_size: int
) -> Chance:
    r"""Return what the Wasserstein-1 distance of two samples of one distribution comes to.

    Parameters
    ----------
    left, right
        The samples. Their quantile functions are averaged by size, so that a mere shift of one changes nothing.
    left_size, right_size
        Sizes of the samples.

    Notes
    -----
    The difference of the two empirical distribution functions is :math:`\sqrt{1/n + 1/m}` times a Brownian bridge at
    F(x) (del Barrio, Giné and Matrán 1999), so the mean of the area below its absolute value is
    :math:`\sqrt{2/\pi (1/n + 1/m)} \int \sqrt{F(1 - F)}`. Its variance follows from the mean product of two absolute
    normal variables with correlation r, :math:`2/\pi (\sqrt{1 - r^2} + r \arcsin r)`; a gamma distribution with both
    gives the 5 %.
    """
    import numpy as np
    from scipy.special import gammaincinv

    shares, deviations, products = _bridge()
    values = (left_size * left.at(shares) + right_size * right.at(shares)) / (left_size + right_size)
    steps = np.diff(values) * deviations
    scale = 1 / left_size + 1 / right_size
    mean = float(steps.sum()) * sqrt(2 / np.pi * scale)
    variance = float(((products * steps).sum(axis=1) * steps).sum()) * scale  # BLAS would start threads
    if mean <= 0 or variance <= 0:
        return Chance(mean, mean)
    shape = mean**2 / variance
    return Chance(mean, float(gammaincinv(shape, 0.95)) * mean / shape)


@lru_cache(maxsize=1)
def _bridge() -> tuple[Any, Any, Any]:
    """Return shares, the bridge's standard deviations between them, and covariances of its standardised heights."""
    import numpy as np

    tail = np.logspace(-7, -2, 40)
    shares = np.concatenate([tail, np.linspace(0.01, 0.99, 65)[1:-1], 1 - tail[::-1]])
    shares = np.concatenate([[0.0], shares, [1.0]])
    middle = (shares[:-1] + shares[1:]) / 2
    low, high = np.minimum.outer(middle, middle), np.maximum.outer(middle, middle)
    correlation = np.clip(np.sqrt(low * (1 - high) / (high * (1 - low))), 0, 1)
    products = 2 / np.pi * (np.sqrt(1 - correlation**2) + correlation * np.arcsin(correlation) - 1)
    return shares, np.sqrt(middle * (1 - middle)), products


def psi_chance(bins: int, left: int, right: int) -> Chance:
    """Return what the population stability index comes to: (1/n + 1/m) chi-square(B - 1) (Yurdakul and Naranjo 2020)."""
    return _scaled(bins, 1 / left + 1 / right)


def jensen_shannon_chance(bins: int, left: int, right: int) -> Chance:
    """Return what the Jensen-Shannon distance (base 2) comes to.

    The divergence in nats is (1/n + 1/m) chi-square(B - 1) / 8 (Menéndez, Pardo, Pardo and Pardo 1997). The mean given
    is the root of the mean divergence.
    """
    divergence = _scaled(bins, divergence_mean(left, right))
    return Chance(sqrt(divergence.mean), sqrt(divergence.upper))


def divergence_mean(left: int, right: int) -> float:
    """Return the mean Jensen-Shannon divergence (base 2) a degree of freedom when nothing changed."""
    return (1 / left + 1 / right) / (8 * log(2))


def cramers_v_chance(bins: int, left: int, right: int) -> Chance:
    """Return what Cramér's V of a table of two rows comes to: the root of chi-square(B - 1) / N."""
    square = _scaled(bins, 1 / (left + right))
    return Chance(sqrt(square.mean), sqrt(square.upper))


def _scaled(bins: int, scale: float) -> Chance:
    from scipy.special import chdtri

    if bins < 2:  # noqa: PLR2004 - one bin holds everything on both sides
        return Chance(0.0, 0.0)
    return Chance(scale * (bins - 1), scale * float(chdtri(bins - 1, 0.05)))
