"""What speaks for drift in one column: effects with their tests, before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbship.model.drift import ColumnDrift, DriftOptions, Effect, SignificanceTest

__all__ = ["Draft", "Evidence", "over", "p_values_of", "strongest"]

_MOST = 1e6


@dataclass(frozen=True, slots=True)
class Evidence:
    """One way in which the values of a column may have changed.

    Attributes
    ----------
    finding
        What was seen, in plain words with numbers.
    aspect
        What it is about; of several alarms about one aspect, the strongest is named.
    """

    effect: Effect
    test: SignificanceTest
    finding: str
    aspect: str = "values"

    @property
    def ratio(self) -> float:
        """The effect over what it has to exceed."""
        return over(self.effect.value, self.effect.threshold)

    @property
    def large(self) -> bool:
        """Whether the effect is practically relevant."""
        return self.effect.value > self.effect.threshold


def strongest(evidence: Sequence[Evidence], options: DriftOptions) -> Evidence | None:
    """Return the evidence to speak of: what is certain before what is not, then by effect and p-value."""
    return max(
        evidence,
        key=lambda item: (item.test.p_corrected < options.q, item.ratio, -item.test.p_value),
        default=None,
    )


def over(value: float, threshold: float) -> float:
    """Return the ratio of two numbers that are not negative, at most a million."""
    if value <= 0:
        return 0.0
    return min(_MOST, value / threshold) if threshold > 0 else _MOST


@dataclass(frozen=True, slots=True)
class Draft:
    """A row of the report with all that is known of it, and the evidence that will decide about it.

    Without evidence the state of the row stands as it is, unless what is missing says otherwise.
    """

    row: ColumnDrift
    evidence: tuple[Evidence, ...] = ()


def p_values_of(draft: Draft) -> Iterator[float]:
    """Yield the p-values of a row in the order in which `decided` takes the corrected ones."""
    for item in draft.evidence:
        yield item.test.p_value
    if draft.row.missing is not None and draft.row.missing.test is not None:
        yield draft.row.missing.test.p_value
