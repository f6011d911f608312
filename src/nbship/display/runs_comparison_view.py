"""What of many runs is shown: which columns, in which order, and which value of each is the best."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nbship.display.comparison_metrics import direction
from nbship.display.page import STATUS_SIGNS, counted, number, seconds
from nbship.display.plain_line import clip
from nbship.display.runs_comparison_order import metrics_in_order, number_of, params_in_order, ranked
from nbship.model.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.comparison import RunsComparison
    from nbship.model.run import Run

__all__ = [
    "BEST",
    "RunsColumn",
    "constant_words",
    "legend_of",
    "part_of",
    "run_name",
    "runs_columns",
    "runs_headline",
    "version_letter",
]

BEST, HIGHEST, LOWEST = "★", "▲", "▼"
_LEGEND = {BEST: "best", HIGHEST: "highest", LOWEST: "lowest"}

_CELL_WIDTH = 22
_NAME_WIDTH = 28
_LETTERS = 26
_CONSTANTS = 12
_INTERLEAVED = 3


@dataclass(frozen=True, slots=True)
class RunsColumn:
    """A column of the table of runs.

    Attributes
    ----------
    kind
        ``metrics``, ``parameters`` or ``versions``.
    texts
        Of all runs, in the order of the comparison; marks are in them.
    best
        Index of the run with the best value; None where the name does not make it sure.
    """

    kind: str
    name: str
    texts: tuple[str, ...] = field(repr=False)
    best: int | None = None
    numeric: bool = False


def part_of(
    comparison: RunsComparison, places: Sequence[int], params: Sequence[str] = (), metrics: Sequence[str] = ()
) -> RunsComparison:
    """Return the comparison of some of the runs, by index, with what varies among them.

    Of parameters and metrics only those named, where any are. Versions keep their letters.
    """
    runs = tuple(comparison.runs[at] for at in places)
    names = {run.id for run in runs}
    data = {name: tuple(numbers[at] for at in places) for name, numbers in (comparison.data or {}).items()}
    return replace(
        comparison,
        runs=runs,
        params=tuple(
            name
            for name in comparison.params
            if (not params or name in params) and len({run.params.get(name) for run in runs}) > 1
        ),
        metrics=tuple(name for name in comparison.metrics if not metrics or name in metrics),
        code=tuple(comparison.code[at] for at in places) if comparison.code else (),
        data=data,
        histories=tuple(
            one for one in comparison.histories if one.run in names and (not metrics or one.metric in metrics)
        ),
    )


def runs_columns(comparison: RunsComparison) -> list[RunsColumn]:
    """Return all columns, the most important first."""
    metrics = [_metric(name, comparison.runs) for name in metrics_in_order(comparison)]
    params = [_param(name, comparison.runs) for name in params_in_order(comparison)]
    versions = _versions(comparison)
    first = [*metrics[:_INTERLEAVED], *params[:_INTERLEAVED], *versions]
    took = RunsColumn(
        "", "took", tuple(seconds(run.duration_seconds) for run in comparison.runs), numeric=True
    )
    return [*first, *params[_INTERLEAVED:], *metrics[_INTERLEAVED:], took]


def legend_of(shown: str) -> str:
    """Return what the signs mean that are in the text that is shown."""
    return ", ".join(f"{sign} {word}" for sign, word in _LEGEND.items() if f"{sign} " in shown)


def _metric(name: str, runs: Sequence[Run]) -> RunsColumn:
    values = [run.metrics.get(name) for run in runs]
    marks = _marks(name, values)
    texts = tuple(
        "" if value is None else f"{marks.get(at, '')}{number(value)}" for at, value in enumerate(values)
    )
    best = next((at for at, mark in marks.items() if mark.startswith(BEST)), None)
    return RunsColumn("metrics", name, texts, best, numeric=True)


def _marks(name: str, values: list[float | None]) -> dict[int, str]:
    """Return the sign in front of the best value; of the highest and the lowest where the name does not say which is."""
    known = {at: value for at, value in enumerate(values) if value is not None and not math.isnan(value)}
    if len(set(known.values())) < 2:  # noqa: PLR2004 - one value is neither high nor low
        return {}
    highest, lowest = max(known, key=lambda at: known[at]), min(known, key=lambda at: known[at])
    sign = direction(name)
    if sign:
        return {highest if sign > 0 else lowest: f"{BEST} "}
    return {highest: f"{HIGHEST} ", lowest: f"{LOWEST} "}


def _param(name: str, runs: Sequence[Run]) -> RunsColumn:
    values = [run.params.get(name) for run in runs]
    texts = tuple(
        "" if value is None else clip(value[: 4 * _CELL_WIDTH], _CELL_WIDTH) or "''" for value in values
    )
    numeric = all(value is None or number_of(value) is not None for value in values)
    return RunsColumn("parameters", name, texts, numeric=numeric)


def _versions(comparison: RunsComparison) -> list[RunsColumn]:
    given = {
        "code": comparison.code,
        **{f"data {name}": one for name, one in (comparison.data or {}).items()},
    }
    return [
        RunsColumn("versions", name, tuple(map(version_letter, numbers)))
        for name, numbers in given.items()
        if len(set(numbers)) > 1
    ]


def version_letter(version: int | None) -> str:
    """Return the letter of a version: A, B, … Z, AA, AB; a dash where the run has none."""
    if version is None:
        return "—"
    letters = ""
    while version > 0:
        version, rest = divmod(version - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters


def run_name(run: Run, width: int = _NAME_WIDTH) -> str:
    """Return the name of a run on one line, with how it ended where it did not end well."""
    sign = "" if run.status is RunStatus.FINISHED else f" {STATUS_SIGNS[run.status]}"
    return f"{clip(run.name[: 4 * width], width) or '(no name)'}{sign}"


def runs_headline(comparison: RunsComparison) -> str:
    """Return what varies over the runs in one line, and which run is the best where that is sure."""
    parts = [(len(comparison.params), "parameter"), (len(comparison.metrics), "metric")]
    said = [counted(size, word) for size, word in parts if size]
    versions = len({one for one in comparison.code if one is not None})
    said += [f"{versions:,} versions of the code"] if versions > 1 else []
    changed = sum(len(set(numbers)) > 1 for numbers in (comparison.data or {}).values())
    said += [counted(changed, "dataset")] if changed else []
    start = counted(len(comparison.runs), "run")
    head = f"{start}, nothing varies." if not said else f"{start}. What varies: {', '.join(said)}."
    return f"{head} {_best_words(comparison)}".strip()


def _best_words(comparison: RunsComparison) -> str:
    order, metric = ranked(comparison)
    if not metric or metric not in comparison.runs[order[0]].metrics:
        return ""
    run = comparison.runs[order[0]]
    return (
        f"Best {clip(metric, _NAME_WIDTH)}: {number(run.metrics[metric])} by #{order[0] + 1} {run_name(run)}."
    )


def constant_words(comparison: RunsComparison, most: int = _CONSTANTS) -> str:
    """Return what all runs share: ``the same in all: target=late``; empty where that is nothing."""
    items = list((comparison.constant or {}).items())
    if not items:
        return ""
    said = [
        f"{clip(name[:200], _CELL_WIDTH)}={clip(value[:200], _CELL_WIDTH)}" for name, value in items[:most]
    ]
    more = len(items) - most
    return f"the same in all: {'  '.join(said)}{f'  and {more:,} more' if more > 0 else ''}"
