"""A pipeline in a terminal: a line a step, and what changed in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbship.display.page import ID_DIGITS, counted
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
from nbship.display.plain_line import clip, columns, fit, one_line
from nbship.display.state_look import painted, standing
from nbship.display.step_text import STATE_SIGNS, bar
from nbship.model.step import StepState

if TYPE_CHECKING:
    from nbship.model.pipeline import PipelineReport, StepReport

__all__ = ["pipeline_changes", "pipeline_tree"]

_NAME_WIDTH = 32
_STATE_WIDTH = 9
_BAR = 9
_METRICS = 3
_LEAST_ROOM = 12


def pipeline_tree(
    report: PipelineReport, *, width: int = 100, colour: bool = False, height: int | None = None
) -> str:
    """Return a pipeline as text: a head line, and a line a step with what it waits for and why it ran.

    Parameters
    ----------
    width
        Columns of the terminal. Lines that tell of a failure may be longer, because paths are there to be copied.
    colour
        Whether to use the colours of a terminal.
    height
        Rows that there are; where they do not suffice, steps that have ended well or wait are only counted. None
        shows all.
    """
    before = needs(report)
    widths = _Widths.of(report)
    blocks = [_step_lines(step, before[step.name], widths, width, colour=colour) for step in report.steps]
    head = _head(report, width, colour=colour)
    notes_ = [f"note: {one_line(warning)}" for warning in report.warnings]
    body = _body(report, blocks, None if height is None else height - len(notes_) - 1)
    return "\n".join([head, *body, *notes_])


def _body(report: PipelineReport, blocks: list[list[str]], height: int | None) -> list[str]:
    """Return the lines of the steps, those that matter least left out where there is too little room."""
    left_out: set[int] = set()
    for quiet in (StepState.CACHED, StepState.COMPLETED, StepState.NOT_RUN, StepState.WAITING):
        for index, step in enumerate(report.steps):
            if height is None or _rows(blocks, left_out) <= height:
                break
            if step.state is quiet:
                left_out.add(index)
    lines = [line for index, block in enumerate(blocks) if index not in left_out for line in block]
    return [*lines, f"  … and {counted(len(left_out), 'step')} more"] if left_out else lines


def _rows(blocks: list[list[str]], left_out: set[int]) -> int:
    return sum(len(block) for index, block in enumerate(blocks) if index not in left_out) + bool(left_out)


def _head(report: PipelineReport, width: int, *, colour: bool) -> str:
    state, word = standing((step.state for step in report.steps), interrupted=report.interrupted)
    start = f"{STATE_SIGNS[state]} {clip(report.name, _NAME_WIDTH)} {word}"
    rest = " · ".join(part for part in (*pipeline_facts(report), handle(report.run)) if part)
    return (
        painted(start, state, colour=colour)
        + " · "
        + clip(rest, max(width - columns(start) - 3, _LEAST_ROOM))
    )


@dataclass(frozen=True, slots=True)
class _Widths:
    """Columns of the parts that stand below one another; none for what no step has."""

    name: int
    time: int
    run: int

    @classmethod
    def of(cls, report: PipelineReport) -> _Widths:
        names = max((columns(one_line(step.name)) for step in report.steps), default=0)
        times = max((len(step_seconds(step)) for step in report.steps), default=0)
        return cls(min(names, _NAME_WIDTH), times, ID_DIGITS if any(step.run for step in report.steps) else 0)


def _step_lines(
    step: StepReport, before: tuple[str, ...], widths: _Widths, width: int, *, colour: bool
) -> list[str]:
    sign = painted(STATE_SIGNS[step.state], step.state, colour=colour)
    state = painted(fit(_state(step), _STATE_WIDTH), step.state, colour=colour)
    parts = [f"  {sign} {fit(step.name, widths.name)}", state]
    parts += [fit(step_seconds(step), widths.time, right=True)] if widths.time else []
    parts += [fit((step.run or "")[:ID_DIGITS], widths.run)] if widths.run else []
    taken = (
        4 + widths.name + 2 + _STATE_WIDTH + sum(2 + extra for extra in (widths.time, widths.run) if extra)
    )
    rest = clip(" · ".join(_facts(step, before)), max(width - taken - 2, _LEAST_ROOM))
    line = "  ".join([*parts, painted(rest, "dim", colour=colour)]).rstrip()
    return [line, *_failure_lines(step, colour=colour)]


def _state(step: StepReport) -> str:
    if step.state is StepState.RUNNING and step.progress is not None:
        return bar(step.progress.done, step.progress.total, _BAR)
    return step.state.value


def _facts(step: StepReport, before: tuple[str, ...]) -> list[str]:
    heading = step.progress.heading if step.progress is not None and step.state is StepState.RUNNING else ""
    facts = [cells_done(step), time_left(step), heading]
    facts += metric_texts(step.metrics, _METRICS) if step.state.succeeded else []
    facts += notes(step)
    facts += [f"after {', '.join(before)}"] if before else []
    return [one_line(fact) for fact in facts if fact]


def _failure_lines(step: StepReport, *, colour: bool) -> list[str]:
    failure = step.failure
    if failure is None:
        return []
    where = failed_cell(failure)
    source = next((line for line in failure.source.splitlines() if line.strip()), "")
    lines = [painted(one_line(failure.message), StepState.FAILED, colour=colour)]
    lines += [f"in {where}: {clip(source, 60)}" if source else f"in {where}"] if where else []
    lines += [f"notebook {one_line(place(step.output_path))}"] if place(step.output_path) else []
    return [f"      {line}" for line in lines]


def pipeline_changes(before: PipelineReport | None, now: PipelineReport) -> list[str]:
    """Return what is new in a report as lines: steps that began, ended, failed or are tried again."""
    known = {} if before is None else {step.name: step for step in before.steps}
    lines = (
        [] if before is not None else [f"pipeline {one_line(now.name)}: {counted(len(now.steps), 'step')}"]
    )
    for step in now.steps:
        last = known.get(step.name)
        if (step.state, step.attempts) != (StepState.WAITING, 0) and (
            last is None or (last.state, last.attempts) != (step.state, step.attempts)
        ):
            lines += _change(step)
    return lines


def _change(step: StepReport) -> list[str]:
    head = f"{STATE_SIGNS[step.state]} {one_line(step.name)} {step.state.value}"
    took = step_seconds(step) if step.state.ended else ""
    metrics = metric_texts(step.metrics, _METRICS) if step.state.succeeded else []
    facts = [head, took, *metrics, *notes(step), handle(step.run) if step.state.ended else ""]
    return [" · ".join(one_line(fact) for fact in facts if fact), *_failure_lines(step, colour=False)]
