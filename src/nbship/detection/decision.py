"""From evidence and corrected p-values to a state and a reason in plain words."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from nbship.detection.evidence import Draft, Evidence, over, p_values_of, strongest
from nbship.detection.multiplicity import corrected
from nbship.detection.wording import chance_words, percent
from nbship.model.drift import ColumnDrift, DriftOptions, DriftState, MissingDrift

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["count_tests", "decide", "decided", "ranked"]

_CERTAIN = 0.001
_LEAST_WEIGHT = 0.1
_UNKNOWN_WEIGHT = 0.5


def count_tests(drafts: Sequence[Draft]) -> int:
    """Return how many p-values the rows hold."""
    return sum(1 for draft in drafts for _ in p_values_of(draft))


def decide(drafts: Sequence[Draft], options: DriftOptions) -> list[ColumnDrift]:
    """Correct all p-values of these rows together, and decide about each row."""
    p_values = [p_value for draft in drafts for p_value in p_values_of(draft)]
    stream = iter(corrected(p_values, options.correction))
    return [decided(draft, options, stream) for draft in drafts]


def decided(draft: Draft, options: DriftOptions, p_corrected: Iterator[float]) -> ColumnDrift:
    """Decide about one row; takes its corrected p-values off the front of `p_corrected`."""
    evidence = [
        replace(item, test=replace(item.test, p_corrected=p))
        for item, p in zip(draft.evidence, islice(p_corrected, len(draft.evidence)), strict=True)
    ]
    missing = _with_missing(draft.row.missing, options, p_corrected)
    alarms = [item for item in evidence if item.large and item.test.p_corrected < options.q]
    lost = missing is not None and missing.drifted
    row = replace(draft.row, missing=missing)
    if not evidence and not lost:
        return replace(row, reason=row.reason or "no difference")
    shown = strongest(alarms or evidence, options)
    return replace(
        row,
        state=_state(row, drifted=bool(alarms or lost)),
        drifted=bool(alarms or lost),
        reason=_reason(row, alarms, evidence, options),
        effect=None if shown is None else shown.effect,
        test=None if shown is None else shown.test,
        score=max(
            [item.ratio for item in alarms] + ([_missing_ratio(missing, options)] if lost else []),
            default=0.0,
        ),
    )


def _state(row: ColumnDrift, *, drifted: bool) -> DriftState:
    """Return the state of a compared row; one of another type stays so, whatever is missing."""
    if row.state is DriftState.TYPE_CHANGED:
        return row.state
    return DriftState.DRIFTED if drifted else DriftState.STABLE


def _with_missing(
    missing: MissingDrift | None, options: DriftOptions, p_corrected: Iterator[float]
) -> MissingDrift | None:
    if missing is None or missing.test is None:
        return missing
    test = replace(missing.test, p_corrected=next(p_corrected))
    large = abs(missing.current - missing.reference) >= options.missing
    return replace(missing, test=test, drifted=large and test.p_corrected < options.q)


def _missing_ratio(missing: MissingDrift | None, options: DriftOptions) -> float:
    return 0.0 if missing is None else over(abs(missing.current - missing.reference), options.missing)


def _reason(row: ColumnDrift, alarms: list[Evidence], evidence: list[Evidence], options: DriftOptions) -> str:
    parts = [_alarm(item) for item in _named(alarms, options)]
    if row.missing is not None and row.missing.drifted and row.missing.test is not None:
        shares = f"{percent(row.missing.reference)} to {percent(row.missing.current)}"
        parts.append(f"missing values went from {shares} ({chance_words(row.missing.test.p_corrected)})")
        if not evidence:
            parts.append(row.reason)
    shown = strongest(evidence, options)
    if parts or shown is None:
        return "; ".join(parts)
    return _calm(shown, options)


def _named(alarms: list[Evidence], options: DriftOptions) -> list[Evidence]:
    """Return the strongest alarm of each aspect, large effects first."""
    aspects = dict.fromkeys(item.aspect for item in alarms)
    best = [strongest([it for it in alarms if it.aspect == aspect], options) for aspect in aspects]
    return sorted((item for item in best if item is not None), key=lambda item: -item.ratio)


def _alarm(item: Evidence) -> str:
    far = "far beyond" if item.test.p_corrected < _CERTAIN else "beyond"
    return f"{item.finding}, {far} chance ({chance_words(item.test.p_corrected)})"


def _calm(item: Evidence, options: DriftOptions) -> str:
    certain = chance_words(item.test.p_corrected)
    if item.effect.value == 0 and item.test.p_corrected >= options.q:
        return "no difference"
    if item.test.p_corrected < options.q:
        return f"statistically certain but too small to matter: {item.finding} ({certain})"
    if item.large:
        return f"no more than chance can do with so few values: {item.finding} ({certain})"
    return f"no more than chance: {item.finding} ({certain})"


def ranked(
    rows: Sequence[ColumnDrift], options: DriftOptions, importance: Mapping[str, float] | None
) -> tuple[ColumnDrift, ...]:
    """Weigh the rows with the model's importances and sort them by how much they matter."""
    weighed = [_weighed(row, options, importance) for row in rows] if importance else list(rows)
    return tuple(sorted(weighed, key=_place))


def _weighed(row: ColumnDrift, options: DriftOptions, importance: Mapping[str, float]) -> ColumnDrift:
    """Return the row with its importance; a drifted feature that the model hardly looks at is harmless.

    A column that the importances do not name is never harmless: nothing is known of it.
    """
    share = importance.get(row.name)
    if row.role != "feature":
        return replace(row, importance=share)
    if share is None:
        return replace(row, score=row.score * _UNKNOWN_WEIGHT)
    largest = max(importance.values(), default=0.0) or 1.0
    weight = _LEAST_WEIGHT + (1 - _LEAST_WEIGHT) * max(0.0, share) / largest
    harmless = row.state is DriftState.DRIFTED and share < options.harmless
    return replace(
        row,
        importance=share,
        score=row.score * weight,
        state=DriftState.HARMLESS if harmless else row.state,
        reason=f"{row.reason}; the model hardly looks at it ({percent(share)})" if harmless else row.reason,
    )


_ORDER = {
    DriftState.TYPE_CHANGED: 1,
    DriftState.MISSING: 1,
    DriftState.DRIFTED: 2,
    DriftState.NEW: 3,
    DriftState.HARMLESS: 4,
    DriftState.STABLE: 5,
    DriftState.SKIPPED: 6,
}


def _place(row: ColumnDrift) -> tuple[float, ...]:
    first = row.role != "feature" and (row.drifted or _ORDER[row.state] == 1)
    ratio = 0.0 if row.effect is None else over(row.effect.value, row.effect.threshold)
    return 0 if first else _ORDER[row.state], -row.score, -ratio
