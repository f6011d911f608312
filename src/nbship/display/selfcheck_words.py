"""What a self-check found, in words: how often a report cries wolf on data that did not change."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nbship.display.drift_values import percent
from nbship.display.page import counted
from nbship.model.drift import DriftState

if TYPE_CHECKING:
    from nbship.model.drift import SelfCheck

__all__ = ["selfcheck_facts", "selfcheck_headline", "selfcheck_state"]

_Z = 1.96


def selfcheck_headline(check: SelfCheck) -> str:
    """Return how often a split raised a false alarm, in one sentence without a full stop."""
    if not check.splits:
        return "Nothing was split, so nothing is known of false alarms"
    share, splits = percent(check.rate), counted(check.splits, "random split")
    alarms = f"{check.alarms:,}" if check.alarms else "None"
    promise = f"at most {percent(check.expected)} promised"
    return f"{alarms} of {splits} raised a false alarm: {share}, {promise}"


def selfcheck_state(check: SelfCheck) -> DriftState:
    """Return the state whose sign and colour the result bears: drifted where it alarms more often than promised."""
    if not check.splits:
        return DriftState.SKIPPED
    return DriftState.DRIFTED if _likely(check)[0] > check.expected else DriftState.STABLE


def selfcheck_facts(check: SelfCheck) -> list[str]:
    """Return what else is to be said, a sentence a line."""
    lines = [f"each half has {counted(check.rows, 'row')}; {counted(check.tests, 'test')} a report"]
    if check.splits:
        low, high = _likely(check)
        lines.append(f"the true rate is likely between {percent(low)} and {percent(high)} (95 %, Wilson)")
        lines.append(
            f"{counted(check.significant, 'split')} had a corrected p-value below q, large effect or not"
        )
    return lines


def _likely(check: SelfCheck) -> tuple[float, float]:
    """Return the score interval of a proportion (Wilson 1927)."""
    n, p, z = check.splits, check.rate, _Z
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # A rate of nothing, or of all, is the end of its own interval, whatever rounding says.
    return (0.0 if p == 0 else middle - half, 1.0 if p == 1 else middle + half)
