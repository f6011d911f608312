"""A pipeline inline: its steps as a graph, and as a table."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbship.display.graph_drawing import DRAWING_STYLE, Face, drawing
from nbship.display.page import ID_DIGITS, styled, table, tag
from nbship.display.pipeline_text import pipeline_tree
from nbship.display.pipeline_words import (
    cells_done,
    failed_cell,
    handle,
    metric_texts,
    needs,
    notes,
    pipeline_facts,
    place,
    step_seconds,
    time_left,
)
from nbship.display.plain_line import clip
from nbship.display.state_look import STATE_STYLE, head_line, standing, state_html
from nbship.display.step_text import STATE_SIGNS
from nbship.model.step import StepState

if TYPE_CHECKING:
    from nbship.model.pipeline import PipelineReport, StepReport

__all__ = ["pipeline_bundle"]

_METRICS_IN_BOX = 2
_LONGEST_LINE = 21
_METRICS_IN_ROW = 6
_MOST_NEEDS = 6
_TEXT_WIDTH = 200
_NAME_WIDTH = 48


_TABLE_STYLE = """
.nbship .nbship-steps{overflow-x:auto}
.nbship .nbship-steps td{white-space:nowrap}
.nbship .nbship-steps .nbship-prose{white-space:normal;overflow-wrap:anywhere;width:max-content;max-width:30em}
"""


def pipeline_bundle(report: PipelineReport) -> dict[str, str]:
    """Return a pipeline, as it stands, as a mimebundle with ``text/plain`` and ``text/html``."""
    return {"text/plain": pipeline_tree(report, width=_TEXT_WIDTH), "text/html": _html(report)}


def _html(report: PipelineReport) -> str:
    style = f"<style>{STATE_STYLE}{DRAWING_STYLE}{_TABLE_STYLE}</style>"
    if not report.steps:
        return styled(style + _head(report))
    before = needs(report)
    warnings = "".join(tag("div", f"note: {warning}", "warn") for warning in report.warnings)
    return styled(style + _head(report) + _graph(report, before) + _table(report, before) + warnings)


def _head(report: PipelineReport) -> str:
    state, word = standing((step.state for step in report.steps), interrupted=report.interrupted)
    facts = [tag("span", fact, "dim") for fact in pipeline_facts(report)]
    return head_line(report.name, state, word, facts, report.run, title=report.path)


def _graph(report: PipelineReport, before: dict[str, tuple[str, ...]]) -> str:
    number = {step.name: index for index, step in enumerate(report.steps)}
    edges = [(number[a], number[b]) for a, b in report.edges if a in number and b in number]
    said = "; ".join(
        f"{step.name} {step.state.value}"
        + (f", after {', '.join(before[step.name])}" if before[step.name] else "")
        for step in report.steps
    )
    return drawing([_face(step) for step in report.steps], edges, f"Graph of pipeline {report.name}: {said}")


def _face(step: StepReport) -> Face:
    time = cells_done(step) or step.state.value
    first = " · ".join(part for part in (time, step_seconds(step)) if part)
    share = None
    if step.state is StepState.RUNNING and step.progress is not None:
        share = step.progress.done / max(step.progress.total, 1)
    return Face(step.name, STATE_SIGNS[step.state], step.state, (first, _second(step)), share, _title(step))


def _second(step: StepReport) -> str:
    if step.state is StepState.RUNNING:
        return time_left(step) if step.progress is not None else ""
    if step.failure is not None:
        return step.failure.message
    if step.metrics and step.state.succeeded:
        texts = (" · ".join(metric_texts(step.metrics, most)) for most in range(_METRICS_IN_BOX, 0, -1))
        return next(
            (text for text in texts if len(text) <= _LONGEST_LINE), next(iter(metric_texts(step.metrics, 1)))
        )
    return step.reason


def _title(step: StepReport) -> str:
    lines = [f"{step.name}: {step.state.value}", *notes(step)]
    if step.failure is not None:
        lines.append(" · ".join(part for part in (failed_cell(step.failure), step.failure.message) if part))
    lines += metric_texts(step.metrics, _METRICS_IN_ROW)
    lines.append(handle(step.run))
    return "\n".join(line for line in lines if line)


def _table(report: PipelineReport, before: dict[str, tuple[str, ...]]) -> str:
    rows = [
        [
            f'<b title="{escape(step.name)}">{escape(clip(step.name, _NAME_WIDTH))}</b>',
            _state(step),
            _after(before[step.name]),
            _why(step),
            escape(step_seconds(step)),
            escape(" · ".join(metric_texts(step.metrics, _METRICS_IN_ROW))),
            _run(step),
        ]
        for step in report.steps
    ]
    head = ["step", "state", "after", "why", "time", "metrics", "run"]
    kept = [i for i in range(len(head)) if i < 2 or any(row[i] for row in rows)]  # noqa: PLR2004 - name and state
    numeric = frozenset(at for at, i in enumerate(kept) if head[i] == "time")
    body = table([head[i] for i in kept], [[row[i] for i in kept] for row in rows], numeric)
    return f'<div class="nbship-steps">{body}</div>'


def _why(step: StepReport) -> str:
    lines = [escape(text) for text in notes(step)]
    failure = step.failure
    if failure is not None:
        where = failed_cell(failure)
        text = f"{failure.message} — {where}" if where else failure.message
        lines.append(f'<span class="nbship-FAILED">{escape(text)}</span>')
        if place(step.output_path):
            lines.append(
                f'<span class="nbship-dim">notebook <code>{escape(place(step.output_path))}</code></span>'
            )
    return f'<div class="nbship-prose">{"<br>".join(lines)}</div>' if lines else ""


def _state(step: StepReport) -> str:
    done = cells_done(step)
    return state_html(step.state) + (f' <span class="nbship-dim">{escape(done)}</span>' if done else "")


def _after(names: tuple[str, ...]) -> str:
    more = f" +{len(names) - _MOST_NEEDS}" if len(names) > _MOST_NEEDS else ""
    return tag("div", ", ".join(names[:_MOST_NEEDS]) + more, "prose", title=", ".join(names)) if names else ""


def _run(step: StepReport) -> str:
    return (
        f'<code title="{escape(handle(step.run))}">{escape(step.run[:ID_DIGITS])}</code>' if step.run else ""
    )
