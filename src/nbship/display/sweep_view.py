"""What of a sweep is shown: which points, which of their parameters and metrics, and the summary in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.display.page import counted, number, seconds
from nbship.display.plain_line import clip
from nbship.display.state_look import counts
from nbship.model.step import StepState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbship.model.pipeline import SweepPoint, SweepReport

__all__ = ["BEST", "SweepView", "best_words", "param_text", "point_name", "sweep_facts", "sweep_view"]

BEST = "★"
"""Marks the best point, together with the word."""

_MOST_POINTS = 40
_SHOWN_OF_MANY = 20
_RUNNING_OF_MANY = 8
_MOST_PARAMS = 8
_MOST_METRICS = 4
_PARAMS_IN_NAME = 6
_LONGEST = 32
_MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class SweepView:
    """The columns and rows of a sweep's table.

    Attributes
    ----------
    params
        Names of the parameters that differ between points.
    metrics
        Names of metrics, the chosen one first.
    points
        Those to show, by index.
    left_out
        What is said of the other points; empty where all are shown.
    fixed
        Parameters that all points share.
    failures_left_out
        The first of the points that failed and are not among `points`.
    """

    params: tuple[str, ...]
    metrics: tuple[str, ...]
    points: tuple[SweepPoint, ...]
    left_out: str = ""
    fixed: tuple[tuple[str, Any], ...] = ()
    failures_left_out: tuple[SweepPoint, ...] = ()


def sweep_view(report: SweepReport, most: int = _MOST_POINTS) -> SweepView:
    """Choose what to show: all points up to `most`, else the best ones, those that run, and how many more there are."""
    names = tuple(dict.fromkeys(name for point in report.points for name in point.params))
    varied = tuple(name for name in names if _differs(report.points, name))
    fixed = tuple((name, report.points[0].params[name]) for name in names if name not in varied)
    points = report.points if len(report.points) <= most else _chosen(report, min(most, _SHOWN_OF_MANY))
    shown = {point.index for point in points}
    hidden = [point for point in report.points if point.index not in shown]
    states = counts(point.state for point in hidden)
    left_out = f"{counted(len(hidden), 'more point')}: {states}" if hidden else ""
    failures = tuple(point for point in hidden if point.failure is not None)[:_MOST_FAILURES]
    in_order = tuple(sorted(points, key=lambda point: point.index))
    return SweepView(varied[:_MOST_PARAMS], _metrics(report), in_order, left_out, fixed, failures)


def sweep_facts(report: SweepReport) -> list[str]:
    """Return how many points there are of each state, and the time."""
    facts = [f"{counted(len(report.points), 'point')}: {counts(point.state for point in report.points)}"]
    if not report.points:
        facts = ["no points"]
    return [*facts, seconds(report.seconds)] if report.seconds else facts


def best_words(report: SweepReport) -> str:
    """Return ``best lr=0.1 depth=3 auc 0.93``; empty while there is no best point."""
    best = next((point for point in report.points if point.index == report.best), None)
    if best is None:
        return ""
    metric = report.metric if report.metric in best.metrics else None
    value = f" {metric} {number(best.metrics[metric])}" if metric is not None else ""
    return f"best {point_name(best, sweep_view(report).params)}{value}"


def point_name(point: SweepPoint, params: Iterable[str]) -> str:
    """Return the parameters of a point that tell it from the others: ``lr=0.1 depth=3``."""
    named = [
        f"{clip(name, _LONGEST)}={clip(param_text(point.params[name]), _LONGEST)}"
        for name in params
        if name in point.params
    ]
    return " ".join(named[:_PARAMS_IN_NAME]) or f"point {point.index + 1}"


def param_text(value: object) -> str:
    """Return the value of a parameter as it is shown: floats without the noise of their last digits."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _differs(points: tuple[SweepPoint, ...], name: str) -> bool:
    return len({param_text(point.params[name]) if name in point.params else None for point in points}) > 1


def _metrics(report: SweepReport) -> tuple[str, ...]:
    names = dict.fromkeys(name for point in report.points for name in point.metrics)
    chosen = [report.metric] if report.metric in names else []
    return tuple(dict.fromkeys([*chosen, *names]))[:_MOST_METRICS]


def _chosen(report: SweepReport, most: int) -> list[SweepPoint]:
    """Of many points: those with the best values of the metric, and some of those that run."""
    running = [point for point in report.points if point.state is StepState.RUNNING][:_RUNNING_OF_MANY]
    ended = [point for point in report.points if point.state is not StepState.RUNNING]
    ended.sort(key=lambda point: _rank(point, report))
    return [*ended[: max(most - len(running), 1)], *running]


def _rank(point: SweepPoint, report: SweepReport) -> tuple[int, float]:
    """The best first; then what failed, because it has to be seen; then what has no value, or has not begun."""
    value = point.metrics.get(report.metric) if report.metric is not None else None
    if point.index == report.best:
        return (0, 0.0)
    if value is not None and not math.isnan(value):
        return (1, -value if report.maximize else value)
    if point.failure is not None:
        return (2, 0.0)
    return (3 if point.state.ended else 4, 0.0)
