"""Words that the reference does not know."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

__all__ = ["Novelty", "novelty"]

_SMALLEST = 0.5


@dataclass(frozen=True, slots=True)
class Novelty:
    """The share of words that the reference does not know.

    Attributes
    ----------
    share
        Of the current side's words.
    expected
        What chance gives: Good and Turing's estimate.
    deviation
        Standard deviation of the difference of both when nothing changed.
    statistic
        The difference in standard deviations.
    p_value
        One-sided: fewer unknown words than expected are no drift.
    """

    share: float
    expected: float
    deviation: float
    statistic: float
    p_value: float


def novelty(reference: Any, current: Any, clumping: float) -> Novelty:
    """Compare the share of unknown words with what is expected.

    Parameters
    ----------
    reference, current
        Texts with a word of each bucket, int arrays of equal length.
    clumping
        Variance of the number of unknown words over that of independent ones: unknown words come together in texts.

    Notes
    -----
    The share of words that a sample has not met is, in the mean, the share of words that it met once (Good 1953). Of
    the unknown words of the current side and the reference's words met once together, each side has its share by
    words when nothing changed: a binomial tail, whose counts are divided by their overdispersion. That is the product
    of `clumping` and of what unknown words that occur repeatedly add, estimated from words met twice (Robbins 1968).
    """
    from scipy.special import betainc

    words, other_words = max(1.0, float(reference.sum())), max(1.0, float(current.sum()))
    once, twice = float((reference == 1).sum()), float((reference == 2).sum())  # noqa: PLR2004 - Good's n1 and n2
    unknown = float(current[reference == 0].sum())
    repeated = 2 * twice / (max(once, _SMALLEST) * (words / other_words + 1))
    dispersion = max(1.0, clumping) * (1 + repeated)
    expected = once / words
    deviation = sqrt(dispersion * max(once, _SMALLEST) / words * (1 / words + 1 / other_words))
    part = other_words / (words + other_words)
    p_value = float(betainc(unknown / dispersion, once / dispersion + 1, part)) if unknown else 1.0
    share = unknown / other_words
    return Novelty(share, expected, deviation, (share - expected) / deviation, p_value)
