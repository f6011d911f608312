"""The histories of metrics over many runs: which of them are drawn, and as inline SVG."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from nbship.display.axis_ticks import number_ticks
from nbship.display.comparison_metrics import by_interest
from nbship.display.page import counted, tag
from nbship.display.plain_line import clip
from nbship.display.runs_comparison_axes import whole_ticks
from nbship.display.runs_comparison_drawing import BEST_COLOUR
from nbship.display.runs_comparison_order import ranked
from nbship.display.runs_comparison_view import BEST, run_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbship.model.comparison import MetricSeries, RunsComparison

__all__ = ["DASHES", "FEW", "LINE_COLOURS", "Curve", "Panel", "history_drawings", "history_panels"]

FEW = 8
"""Up to so many runs each have a colour and a dash of their own; more are drawn alike, the best one above them."""

LINE_COLOURS = ("#3f8fdd", "#e8710a", "#3d9a5f", "#b05fd0", "#d0486c", "#8a8f98", "#b08a2e", "#2ea3a8")
DASHES = ("", "7 3", "2 2", "9 3 2 3", "4 4", "12 3", "1 3", "6 2 1 2 1 2")

_MOST_PANELS = 6
_MOST_CURVES = 40
_FEWEST_POINTS = 8
_MOST_POINTS = 200
_WIDTH, _HEIGHT = 350, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 66, 26, 26
_NAME_WIDTH = 40
_LARGEST = 1e300  # so that differences are finite


@dataclass(frozen=True, slots=True)
class Curve:
    """A run's history of a metric; `run` is its index in the comparison."""

    run: int
    steps: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """A metric with the curves that are drawn, and how many runs have one."""

    metric: str
    curves: tuple[Curve, ...]
    total: int
    best: int | None = None

    @property
    def few(self) -> bool:
        """Whether each run has a look of its own."""
        return len(self.curves) <= FEW


def history_panels(
    comparison: RunsComparison,
    metrics: Sequence[str] | None = None,
    *,
    most_points: int = 1500,
    most_curves: int = _MOST_CURVES,
) -> list[Panel]:
    """Return the metrics that matter most with their curves, `most_points` in all: few runs, or few points of many."""
    place = {run.id: at for at, run in enumerate(comparison.runs)}
    found = [one for one in comparison.histories if one.run in place and len(one.steps) > 1]
    known = list(dict.fromkeys(one.metric for one in found))
    names = by_interest(known) if metrics is None else [name for name in metrics if name in known]
    order, best_by = ranked(comparison)
    best = order[0] if best_by else None
    rank = {run: at for at, run in enumerate(order)}
    panels = []
    for name in names[:_MOST_PANELS]:
        series = sorted((one for one in found if one.metric == name), key=lambda one: rank[place[one.run]])
        room = most_points // min(len(names), _MOST_PANELS)
        chosen = _evenly(series, max(min(most_curves, room // _FEWEST_POINTS), 1))
        points = max(min(room // len(chosen), _MOST_POINTS), 2)
        curves = tuple(curve for one in chosen if (curve := _curve(place[one.run], one, points)).values)
        panels.append(Panel(name, curves, len(series), best))
    return [panel for panel in panels if panel.curves]


def _evenly(series: list[MetricSeries], most: int) -> list[MetricSeries]:
    return series if len(series) <= most else [series[at * len(series) // most] for at in range(most)]


def _curve(run: int, series: MetricSeries, most: int) -> Curve:
    """Return a run's curve of at most `most` points: the least and the largest of each stretch, so that peaks stay."""
    points = [
        (step, min(max(value, -_LARGEST), _LARGEST))
        for step, value in zip(series.steps, series.values, strict=False)
        if _both(step, value)
    ]
    if len(points) > most:
        stretches = max(most // 2, 1)
        cuts = [len(points) * at // stretches for at in range(stretches + 1)]
        points = [point for a, b in itertools.pairwise(cuts) for point in _extremes(points[a:b])]
    return Curve(run, tuple(step for step, _ in points), tuple(value for _, value in points))


def _both(step: float, value: float) -> bool:
    return math.isfinite(step) and math.isfinite(value)


def _extremes(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    ends = {min(points, key=lambda point: point[1]), max(points, key=lambda point: point[1])}
    return sorted(ends)


def history_drawings(
    comparison: RunsComparison, metrics: Sequence[str] | None = None, *, most_bytes: int = 16_000
) -> str:
    """Return the histories as small drawings side by side; empty where no metric has any."""
    drawn = min(len({one.metric for one in comparison.histories}) or 1, _MOST_PANELS)
    curves = max(most_bytes // (350 * drawn), FEW)
    panels = history_panels(comparison, metrics, most_points=max(most_bytes // 16, 100), most_curves=curves)
    if not panels:
        return ""
    drawings = "".join(_drawing(comparison, panel) for panel in panels)
    notes = "".join(tag("div", note, "dim") for note in _notes(comparison, panels))
    return f'<div class="nbship-drawing"><div class="nbship-panels">{drawings}</div></div>{notes}'


def _notes(comparison: RunsComparison, panels: list[Panel]) -> list[str]:
    drawn, total = max(len(panel.curves) for panel in panels), max(panel.total for panel in panels)
    notes = [f"{drawn:,} of {counted(total, 'run')} drawn, evenly over their ranks"] if drawn < total else []
    left = len({one.metric for one in comparison.histories}) - len(panels)
    return [*notes, *([f"{counted(left, 'further metric')} with a history not drawn"] if left > 0 else [])]


def _drawing(comparison: RunsComparison, panel: Panel) -> str:
    low, high = _range(value for curve in panel.curves for value in curve.values)
    first, last = _range(step for curve in panel.curves for step in curve.steps)
    frame = _Frame(first, last, low, high)
    # The best one comes last, so that it lies above the others.
    drawn = sorted(enumerate(panel.curves), key=lambda item: item[1].run == panel.best)
    lines = [_line(comparison, panel, curve, at, frame) for at, curve in drawn]
    label = escape(
        f"History of {clip(panel.metric[:200], _NAME_WIDTH)} in {counted(len(panel.curves), 'run')}"
    )
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    name = f'<text x="{_LEFT}" y="14" font-size="12" font-weight="600" fill="currentColor">{escape(clip(panel.metric[:200], _NAME_WIDTH))}</text>'
    return f'<svg role="img" aria-label="{label}" {size}>{name}{frame.ticks()}{"".join(lines)}{_ends(panel, frame)}</svg>\n'


def _range(values: Iterable[float]) -> tuple[float, float]:
    known = list(values)
    low, high = min(known), max(known)
    return (low, high) if low < high else (low - 0.5 * (abs(low) or 1), high + 0.5 * (abs(high) or 1))


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where steps and values lie in a drawing."""

    first: float
    last: float
    low: float
    high: float

    def x(self, step: float) -> int:
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * (step - self.first) / (self.last - self.first))

    def y(self, value: float) -> int:
        return round(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (self.high - value) / (self.high - self.low))

    def ticks(self) -> str:
        rows = [(self.y(at), text) for at, text in number_ticks(self.low, self.high, 4)]
        grid = "".join(f"M{_LEFT} {y}H{_WIDTH - _RIGHT}" for y, _ in rows)
        left = "".join(f'<text x="{_LEFT - 6}" y="{y + 4}">{text}</text>' for y, text in rows)
        columns = [(self.x(at), text) for at, text in _step_ticks(self.first, self.last)]
        columns.append((_WIDTH - _RIGHT + 24, "step"))
        below = "".join(f'<text x="{x}" y="{_HEIGHT - 8}">{text}</text>' for x, text in columns)
        look = 'class="nbship-ticks" font-size="11" fill="#757575"'
        return (
            f'<path d="{grid}" stroke="#9e9e9e" stroke-opacity=".25"/><g {look} text-anchor="end">{left}</g>'
            f'<g {look} text-anchor="middle">{below}</g>'
        )


def _step_ticks(first: float, last: float) -> list[tuple[float, str]]:
    return whole_ticks(first, last, 5) if last - first >= 1 else number_ticks(first, last, 4)


def _line(comparison: RunsComparison, panel: Panel, curve: Curve, at: int, frame: _Frame) -> str:
    points = [
        f"{frame.x(step)} {frame.y(value)}" for step, value in zip(curve.steps, curve.values, strict=True)
    ]
    path = f"M{points[0]}L{' '.join(points[1:])}" if len(points) > 1 else f"M{points[0]}h3"
    is_best = curve.run == panel.best
    if panel.few:
        dash = f' stroke-dasharray="{DASHES[at]}"' if DASHES[at] else ""
        look = f'stroke="{LINE_COLOURS[at]}" stroke-width="{2.4 if is_best else 1.7}"{dash}'
    elif is_best:
        look = f'stroke="{BEST_COLOUR}" stroke-width="2.6"'
    else:
        look = 'stroke="#8795a6" stroke-width="1.1" stroke-opacity=".5"'
    title = f"<title>{escape(f'#{curve.run + 1} {run_name(comparison.runs[curve.run])}')}</title>"
    return f'<path class="nbship-line" fill="none" {look} d="{path}">{title}</path>'


def _ends(panel: Panel, frame: _Frame) -> str:
    """Return the numbers of the runs where their lines end, moved apart where they would lie upon each other."""
    shown = [curve for curve in panel.curves if panel.few or curve.run == panel.best]
    marks = sorted(
        ((frame.y(curve.values[-1]) + 4, curve.run, curve) for curve in shown), key=lambda mark: mark[:2]
    )
    texts, above = [], -100
    for y, run, curve in marks:
        place = max(y, above + 12)
        above = place
        colour = LINE_COLOURS[panel.curves.index(curve)] if panel.few else BEST_COLOUR
        sign = f"{BEST} " if run == panel.best else ""
        dot = f'<circle cx="{_WIDTH - _RIGHT + 8}" cy="{place - 4}" r="3.5" fill="{colour}"/>'
        text = f'<text x="{_WIDTH - _RIGHT + 15}" y="{place}" font-size="11" fill="currentColor">{sign}#{run + 1}</text>'
        texts.append(dot + text)
    return "".join(texts)
