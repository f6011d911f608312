"""A sweep in a terminal: a line a point, and what changed in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.display.page import ID_DIGITS, counted, number
from nbship.display.pipeline_words import cells_done, failed_cell, handle, metric_texts, place, step_seconds
from nbship.display.plain_line import clip, columns, fit, one_line
from nbship.display.state_look import painted, standing
from nbship.display.step_text import STATE_SIGNS, bar
from nbship.display.sweep_view import (
    BEST,
    SweepView,
    best_words,
    param_text,
    point_name,
    sweep_facts,
    sweep_view,
)
from nbship.model.step import StepState

if TYPE_CHECKING:
    from nbship.model.pipeline import SweepPoint, SweepReport

__all__ = ["sweep_changes", "sweep_table"]

_CELL_WIDTH = 24
_BAR = 9
_METRICS = 3
_MOST_FAILURES = 3
_LEAST_POINTS = 4
_AROUND = 8  # rows that are no points: the summary, the head of the table, failures


def sweep_table(
    report: SweepReport, *, width: int = 100, colour: bool = False, height: int | None = None
) -> str:
    """Return a sweep as text: a summary line, and a line a point with what varies and what came out.

    Parameters
    ----------
    width
        Columns of the terminal. Lines that tell of a failure may be longer, because paths are there to be copied.
    colour
        Whether to use the colours of a terminal.
    height
        Rows that there are; where they do not suffice, the best points are shown and the others counted.
    """
    view = sweep_view(report) if height is None else sweep_view(report, max(height - _AROUND, _LEAST_POINTS))
    lines = [_head(report, width, colour=colour)]
    if view.fixed:
        lines.append(_clipped("  all with " + " ".join(f"{k}={param_text(v)}" for k, v in view.fixed), width))
    lines += _rows(report, view, width, colour=colour) if view.points else []
    lines += [f"  … and {view.left_out}"] if view.left_out else []
    lines += _failures(report, view, colour=colour)
    return "\n".join([*lines, *(f"note: {one_line(warning)}" for warning in report.warnings)])


def _head(report: SweepReport, width: int, *, colour: bool) -> str:
    state, word = standing((point.state for point in report.points), interrupted=report.interrupted)
    start = f"{STATE_SIGNS[state]} {clip(report.name, _CELL_WIDTH)} {word}"
    facts = [fact for fact in (*sweep_facts(report), best_words(report), handle(report.run)) if fact]
    rest = clip(" · ".join(facts), max(width - columns(start) - 3, _CELL_WIDTH))
    return f"{painted(start, state, colour=colour)} · {rest}"


def _rows(report: SweepReport, view: SweepView, width: int, *, colour: bool) -> list[str]:
    head = ["#", "state", *view.params, *view.metrics, "time", "run", ""]
    cells = [_cells(point, view, best=point.index == report.best) for point in view.points]
    widths = [
        min(max(columns(one_line(row[i])) for row in [head, *cells]), _CELL_WIDTH) for i in range(len(head))
    ]
    numeric = {0, *range(2 + len(view.params), len(head) - 2)}
    numeric |= {2 + i for i, name in enumerate(view.params) if _is_numeric(view, name)}
    lines = []
    for row, point in zip([head, *cells], [None, *view.points], strict=True):
        parts = [fit(cell, widths[i], right=i in numeric) for i, cell in enumerate(row)]
        mark = f"{BEST} " if point is not None and point.index == report.best else "  "
        text = _clipped(mark + "  ".join(parts), width)
        lines.append(text if point is None else _coloured(text, point, report, colour=colour))
    return lines


def _clipped(line: str, width: int) -> str:
    """Return an indented line cut to a width."""
    indent = len(line) - len(line.lstrip())
    return " " * indent + clip(line, max(width - indent, 1))


def _coloured(text: str, point: SweepPoint, report: SweepReport, *, colour: bool) -> str:
    if point.index == report.best:
        return painted(text, "bold", colour=colour)
    quiet = point.state in (StepState.COMPLETED, StepState.CACHED)
    return text if quiet else painted(text, point.state, colour=colour)


def _cells(point: SweepPoint, view: SweepView, *, best: bool) -> list[str]:
    return [
        str(point.index + 1),
        _state(point),
        *(param_text(point.params[name]) if name in point.params else "" for name in view.params),
        *(number(point.metrics[name]) if name in point.metrics else "" for name in view.metrics),
        step_seconds(point),
        (point.run or "")[:ID_DIGITS],
        "best" if best else cells_done(point),
    ]


def _state(point: SweepPoint) -> str:
    if point.state is StepState.RUNNING and point.progress is not None:
        return f"{STATE_SIGNS[point.state]} {bar(point.progress.done, point.progress.total, _BAR)}"
    earlier = " before" if point.resumed else ""
    return f"{STATE_SIGNS[point.state]} {point.state.value}{earlier}"


def _is_numeric(view: SweepView, name: str) -> bool:
    values = [point.params.get(name) for point in view.points]
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _failures(report: SweepReport, view: SweepView, *, colour: bool) -> list[str]:
    failed = [point for point in report.points if point.failure is not None]
    lines = [line for point in failed[:_MOST_FAILURES] for line in _failure(point, view, colour=colour)]
    more = len(failed) - _MOST_FAILURES
    return [*lines, f"  … and {counted(more, 'more failure')}"] if more > 0 else lines


def _failure(point: SweepPoint, view: SweepView, *, colour: bool) -> list[str]:
    assert point.failure is not None
    where = failed_cell(point.failure)
    said = f"{point_name(point, view.params)}: {point.failure.message}" + (f" in {where}" if where else "")
    lines = [painted(f"  {STATE_SIGNS[StepState.FAILED]} {one_line(said)}", StepState.FAILED, colour=colour)]
    return lines + (
        [f"      notebook {one_line(place(point.output_path))}"] if place(point.output_path) else []
    )


def sweep_changes(before: SweepReport | None, now: SweepReport) -> list[str]:
    """Return what is new in a report as lines: points that ended, and how many have."""
    known = {} if before is None else {point.index: point.state for point in before.points}
    ended = sum(1 for point in now.points if point.state.ended)
    new = [point for point in now.points if point.state.ended and known.get(point.index) is not point.state]
    lines = [] if before is not None else [f"sweep {one_line(now.name)}: {counted(len(now.points), 'point')}"]
    params = sweep_view(now).params if new else ()
    for number_of, point in enumerate(new, ended - len(new) + 1):
        metrics = metric_texts(_first(point.metrics, now.metric), _METRICS)
        error = [point.failure.message] if point.failure is not None else []
        head = f"{STATE_SIGNS[point.state]} {number_of}/{len(now.points)} {point_name(point, params)}"
        facts = [f"{head} {point.state.value}", step_seconds(point), *metrics, *error]
        lines.append(" · ".join(one_line(fact) for fact in facts if fact))
    return lines


def _first(metrics: dict[str, float], chosen: str | None) -> dict[str, float]:
    first = {chosen: metrics[chosen]} if chosen is not None and chosen in metrics else {}
    return first | metrics
