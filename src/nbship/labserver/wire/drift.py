"""Drift on the wire: what can be compared, reports, and how things stand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from nbship.display.drift_values import percent, times
from nbship.display.drift_words import (
    COMPARED,
    DRIFT_SIGNS,
    DRIFT_WORDS,
    MEASURE_NAMES,
    budget,
    decision,
    headline,
    levels_words,
    missing_decision,
    missing_words,
    reason_words,
    side_words,
    standing_state,
    thresholds,
)
from nbship.model.codec import encode
from nbship.model.drift import Distribution, DriftState

if TYPE_CHECKING:
    from nbship.model.drift import ColumnDrift, DriftOptions, DriftReport, DriftSide

__all__ = [
    "DriftBody",
    "DriftCommandJson",
    "DriftOptionsJson",
    "DriftReportJson",
    "DriftSideJson",
    "DriftSourceJson",
    "DriftSourcesJson",
    "DriftSourcesQuery",
    "DriftStateJson",
    "DriftStatesJson",
    "ServedDriftJson",
    "report_json",
    "verdict_json",
]

MOST_SOURCES = 200
_REASON_WIDTH = 400
_DIGITS = 5


class DriftSideJson(TypedDict):
    """One side of a comparison.

    `name` is the path of a file below the server's folder, the id of a run, or the name of a service, whose prediction log
    is meant. `dataset` is one of the run's; `label` is what to call it.
    """

    kind: Literal["file", "run", "service"]
    name: str
    dataset: NotRequired[str]
    label: NotRequired[str]


class DriftOptionsJson(TypedDict, total=False):
    """The options of ``nbship drift``, by the same names."""

    by: str
    time: str
    columns: list[str]
    model: str
    target: str
    prediction: str
    q: float
    correction: Literal["bh", "holm", "none"]
    wasserstein: float
    jensen_shannon: float
    missing: float
    novelty: float
    harmless: float


class DriftBody(TypedDict):
    """What to compare, and how."""

    reference: DriftSideJson
    current: DriftSideJson
    options: NotRequired[DriftOptionsJson]


class DriftCommandJson(TypedDict):
    """What one would type for the same."""

    command: str


class DriftSourcesQuery(TypedDict):
    """Words that have to be in the name, and how many sources of each kind at most."""

    search: NotRequired[str]
    limit: NotRequired[Annotated[int, Field(ge=1, le=MOST_SOURCES)]]


class DriftSourceJson(TypedDict):
    """Something that can be a side; a log of a service only the current one. `when` is ISO 8601 in UTC."""

    side: DriftSideJson
    label: str
    run: str
    rows: int | None
    size_bytes: int | None
    when: str | None
    current_only: bool


class DriftSourcesJson(TypedDict):
    """What can be compared; `problem` says why the runs could not be read, `more` that there is more than is listed."""

    runs: list[DriftSourceJson]
    files: list[DriftSourceJson]
    services: list[DriftSourceJson]
    more: bool
    problem: str


class DriftSideTold(TypedDict):
    """One side as a report tells it: its name, and its size in words."""

    name: str
    words: str
    rows: int


class DriftVerdictJson(TypedDict):
    """What a report found.

    `found` says whether anything drifted or changed; `state` is the loudest of all columns; `drifted` counts columns that
    drifted and matter, `watched` those that were compared.
    """

    headline: str
    found: bool
    state: DriftState
    sign: str
    drifted: int
    watched: int
    reference: DriftSideTold
    current: DriftSideTold


class DriftColumnJson(TypedDict):
    """A column of a report; `ratio` is its effect over the threshold."""

    name: str
    kind: str
    role: str
    state: DriftState
    sign: str
    word: str
    drifted: bool
    reason: str
    measure: str
    effect: float | None
    threshold: float | None
    ratio: float | None
    ratio_text: str
    importance: float | None
    importance_text: str
    missing: str
    details: list[str]
    distribution: Distribution | None


class DriftReportJson(TypedDict):
    """A report for a page: the verdict, every column, and how it was decided."""

    verdict: DriftVerdictJson
    counts: dict[str, int]
    columns: list[DriftColumnJson]
    windows: int
    model: str
    importance_method: str
    budget: str
    thresholds: str
    notes: list[str]
    asked: DriftBody | None


class DriftStateJson(TypedDict):
    """The newest report on a reference and current data; `finished` is ISO 8601 in UTC."""

    job: str
    finished: str
    verdict: DriftVerdictJson
    asked: DriftBody | None


class ServedColumnJson(TypedDict):
    """A column of the newest requests: its Jensen-Shannon distance (base 2) from the training data, and missing values."""

    name: str
    distance: float | None
    missing: float | None


class ServedDriftJson(TypedDict):
    """What a running service says of drift by itself, the farthest columns first; `problem` says why it says nothing."""

    service: str
    run: str
    run_name: str
    rows: int
    watched: int
    columns: list[ServedColumnJson]
    prediction: float | None
    problem: str
    logged: bool


class DriftStatesJson(TypedDict):
    """How things stand, the newest report first, and the services that run."""

    states: list[DriftStateJson]
    services: list[ServedDriftJson]


def verdict_json(report: DriftReport) -> DriftVerdictJson:
    """Return what a report found."""
    states = Counter(column.state for column in report.columns)
    state = standing_state(report)
    return DriftVerdictJson(
        headline=headline(report),
        found=report.drifted,
        state=state,
        sign=DRIFT_SIGNS[state],
        drifted=states[DriftState.DRIFTED],
        watched=sum(states[one] for one in COMPARED),
        reference=_side(report.reference),
        current=_side(report.current),
    )


def _side(side: DriftSide) -> DriftSideTold:
    return DriftSideTold(name=side.name, words=side_words(side), rows=side.rows)


def report_json(report: DriftReport, asked: DriftBody | None) -> DriftReportJson:
    """Return a report for a page."""
    states = Counter(column.state for column in report.columns)
    return DriftReportJson(
        verdict=verdict_json(report),
        counts={state.value: states[state] for state in DriftState if states[state]},
        columns=[_column(column, report.options) for column in report.columns],
        windows=len(report.windows),
        model=report.model,
        importance_method=report.importance_method,
        budget=budget(report),
        thresholds=thresholds(report.options),
        notes=list(report.notes),
        asked=asked,
    )


def _column(column: ColumnDrift, options: DriftOptions) -> DriftColumnJson:
    effect = column.effect
    return DriftColumnJson(
        name=column.name,
        kind=column.kind.value,
        role=column.role,
        state=column.state,
        sign=DRIFT_SIGNS[column.state],
        word=DRIFT_WORDS[column.state],
        drifted=column.drifted,
        reason=reason_words(column, _REASON_WIDTH),
        measure=MEASURE_NAMES.get(effect.measure, effect.measure) if effect else "",
        effect=effect.value if effect else None,
        threshold=effect.threshold if effect else None,
        ratio=effect.value / effect.threshold if effect and effect.threshold else None,
        ratio_text=times(effect),
        importance=column.importance,
        importance_text="" if column.importance is None else percent(column.importance),
        missing=missing_words(column.missing),
        details=_details(column, options),
        distribution=encode(_rounded(column.distribution)),
    )


def _details(column: ColumnDrift, options: DriftOptions) -> list[str]:
    """Return what decided, and the levels that one side alone has."""
    said = [decision(column.effect, column.test, options)] if column.effect else []
    if column.missing is not None and (column.missing.reference or column.missing.current):
        said.append(missing_decision(column.missing, options))
    said += [
        levels_words("+", "new", column.new_levels, column.new_count),
        levels_words("−", "vanished", column.vanished_levels, column.vanished_count),  # noqa: RUF001 - a minus sign
        *column.notes,
    ]
    return [one for one in said if one]


def _rounded(found: Distribution | None) -> Distribution | None:
    """Return a distribution with as many digits as a drawing shows."""
    if found is None:
        return None
    reference, current = (
        tuple(round(share, _DIGITS) for share in side) for side in (found.reference, found.current)
    )
    return replace(found, reference=reference, current=current)
