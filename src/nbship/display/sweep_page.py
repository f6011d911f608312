"""A sweep inline: its points as a table, with a bar for the metric that it is about."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from nbship.display.page import ID_DIGITS, number, styled, table, tag
from nbship.display.pipeline_words import cells_done, failed_cell, handle, place, step_seconds
from nbship.display.plain_line import clip
from nbship.display.state_look import STATE_STYLE, head_line, standing, state_html
from nbship.display.sweep_text import sweep_table
from nbship.display.sweep_view import (
    BEST,
    SweepView,
    best_words,
    param_text,
    point_name,
    sweep_facts,
    sweep_view,
)

if TYPE_CHECKING:
    from nbship.model.pipeline import SweepPoint, SweepReport

__all__ = ["sweep_bundle"]

_TEXT_WIDTH = 200
_CELL_WIDTH = 40
_SHORTEST = 0.04
_FROM_ZERO = 0.5  # where the least value is below this share of the largest, bars start at zero

_STYLE = """
.nbship .nbship-points{overflow-x:auto}
.nbship .nbship-points td{white-space:nowrap}
.nbship .nbship-points .nbship-prose{white-space:normal;overflow-wrap:anywhere;width:max-content;max-width:26em}
.nbship .nbship-bar{display:inline-block;width:72px;height:.55em;border-radius:2px;background:rgba(128,128,128,.18)}
.nbship .nbship-bar i{display:block;height:100%;border-radius:2px;background:var(--jp-brand-color1,#1976d2);opacity:.65}
.nbship .nbship-bar.nbship-best i{background:var(--jp-success-color1,#2e7d32);opacity:1}
"""


def sweep_bundle(report: SweepReport) -> dict[str, str]:
    """Return a sweep, as it stands, as a mimebundle with ``text/plain`` and ``text/html``."""
    return {"text/plain": sweep_table(report, width=_TEXT_WIDTH), "text/html": _html(report)}


def _html(report: SweepReport) -> str:
    view = sweep_view(report)
    parts = [f"<style>{STATE_STYLE}{_STYLE}</style>", _head(report)]
    if view.fixed:
        shared = " ".join(f"{name}={param_text(value)}" for name, value in view.fixed)
        parts.append(tag("div", f"all with {shared}", "dim"))
    parts += [_table(report, view)] if view.points else []
    parts += [tag("div", f"… and {view.left_out}", "dim")] if view.left_out else []
    parts += [
        tag("div", f"{point_name(point, view.params)}: {point.failure.message}", "FAILED")
        for point in view.failures_left_out
        if point.failure is not None
    ]
    parts += [tag("div", f"note: {warning}", "warn") for warning in report.warnings]
    return styled("".join(parts))


def _head(report: SweepReport) -> str:
    state, word = standing((point.state for point in report.points), interrupted=report.interrupted)
    best = best_words(report)
    facts = [tag("span", fact, "dim") for fact in sweep_facts(report)] + ([tag("b", best)] if best else [])
    return head_line(report.name, state, word, facts, report.run, title=report.notebook)


def _table(report: SweepReport, view: SweepView) -> str:
    scale = _scale(view)
    rows = [_row(point, view, scale, best=point.index == report.best) for point in view.points]
    names = [clip(name, _CELL_WIDTH) for name in (*view.params, *view.metrics)]
    first = 2 + len(view.params)
    head = ["#", "state", *names, "time", "run", ""]
    numeric = {0, *range(first, first + len(view.metrics) + 1)}
    if scale is not None:
        head.insert(first + 1, "")  # the bars
        numeric = {0, first, *range(first + 2, first + len(view.metrics) + 2)}
    return f'<div class="nbship-points">{table(head, rows, frozenset(numeric))}</div>'


def _row(point: SweepPoint, view: SweepView, scale: tuple[float, float] | None, *, best: bool) -> list[str]:
    done = cells_done(point) or ("from an earlier sweep" if point.resumed else "")
    values = [escape(number(point.metrics[name])) if name in point.metrics else "" for name in view.metrics]
    run = (
        f'<code title="{escape(handle(point.run))}">{escape(point.run[:ID_DIGITS])}</code>'
        if point.run
        else ""
    )
    cells = [
        str(point.index + 1),
        state_html(point.state) + (f" {tag('span', done, 'dim')}" if done else ""),
        *(_param(point, name) for name in view.params),
        *values,
        escape(step_seconds(point)),
        run,
    ]
    if best:
        cells = [f"<b>{cell}</b>" if cell else "" for cell in cells]
    if scale is not None:
        cells.insert(3 + len(view.params), _bar(point.metrics.get(view.metrics[0]), scale, best=best))
    return [*cells, f"<b>{BEST} best</b>" if best else _failure(point)]


def _param(point: SweepPoint, name: str) -> str:
    if name not in point.params:
        return ""
    text = param_text(point.params[name])
    return tag("span", clip(text, _CELL_WIDTH), title=text if len(text) > _CELL_WIDTH else "")


def _bar(value: float | None, scale: tuple[float, float], *, best: bool) -> str:
    if value is None or not math.isfinite(value):
        return ""
    low, high = scale
    share = min(max((value - low) / (high - low), _SHORTEST), 1.0)
    said = escape(f"bars from {number(low)} to {number(high)}")
    css = f"nbship-bar{' nbship-best' if best else ''}"
    return f'<span class="{css}" title="{said}"><i style="width:{share:.0%}"></i></span>'


def _scale(view: SweepView) -> tuple[float, float] | None:
    """Return the values at the beginning and the end of the bars; None where there is nothing to compare."""
    values = [
        point.metrics[name] for name in view.metrics[:1] for point in view.points if name in point.metrics
    ]
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    if low == high:
        return None
    # Bars that start at zero are truest; where all values are close together they would look alike.
    return (0.0, high) if 0 <= low < _FROM_ZERO * high else (low - (high - low) / 10, high)


def _failure(point: SweepPoint) -> str:
    failure = point.failure
    if failure is None:
        return ""
    where = failed_cell(failure)
    lines = [tag("span", f"{failure.message} — {where}" if where else failure.message, "FAILED")]
    if place(point.output_path):
        lines.append(
            f'<span class="nbship-dim">notebook <code>{escape(place(point.output_path))}</code></span>'
        )
    return f'<div class="nbship-prose">{"<br>".join(lines)}</div>'
