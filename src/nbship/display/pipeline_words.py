"""What is said of a pipeline and its steps, in every form of display alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.display.page import ID_DIGITS, counted, number, seconds
from nbship.display.state_look import counts
from nbship.model.step import StepState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbship.model.pipeline import PipelineReport, StepReport, SweepPoint
    from nbship.model.step import StepFailure

__all__ = [
    "cells_done",
    "failed_cell",
    "handle",
    "metric_texts",
    "needs",
    "notes",
    "pipeline_facts",
    "place",
    "step_seconds",
    "time_left",
]


def pipeline_facts(report: PipelineReport) -> list[str]:
    """Return the parts of the head line after name and standing: how many steps of each state, time, run."""
    facts = [f"{counted(len(report.steps), 'step')}: {counts(step.state for step in report.steps)}"]
    if not report.steps:
        facts = ["no steps"]
    if report.seconds:
        facts.append(seconds(report.seconds))
    return facts


def handle(run: str | None) -> str:
    """Return the command that opens a run; empty where there is none."""
    return f"nbship show {run[:ID_DIGITS]}" if run else ""


def needs(report: PipelineReport) -> dict[str, tuple[str, ...]]:
    """Return for each step the names of those that it waits for, in the pipeline's order."""
    found = {step.name: tuple(a for a, b in report.edges if b == step.name) for step in report.steps}
    return {name: tuple(dict.fromkeys(before)) for name, before in found.items()}


def metric_texts(metrics: Mapping[str, float], most: int) -> list[str]:
    """Return the first `most` metrics, and how many more there are."""
    shown = [f"{name} {number(value)}" for name, value in list(metrics.items())[:most]]
    return [*shown, *([f"+{len(metrics) - most}"] if len(metrics) > most else [])]


def step_seconds(step: StepReport | SweepPoint) -> str:
    """Return how long a step took, or has taken so far; empty before it began."""
    if step.state is StepState.RUNNING and step.progress is not None:
        return seconds(step.progress.seconds)
    return seconds(step.seconds) if step.seconds else ""


def cells_done(step: StepReport | SweepPoint) -> str:
    """Return ``4/9 cells`` for a step that runs; empty otherwise."""
    if step.state is not StepState.RUNNING or step.progress is None:
        return ""
    return f"{step.progress.done}/{step.progress.total} cells"


def time_left(step: StepReport | SweepPoint) -> str:
    """Return ``about 8 s left`` for a step that has ended a cell; empty otherwise."""
    progress = step.progress
    if step.state is not StepState.RUNNING or progress is None or not progress.done:
        return ""
    return f"about {seconds(progress.seconds / progress.done * (progress.total - progress.done))} left"


def notes(step: StepReport) -> list[str]:
    """Return why a step ran or did not, and how often it was tried."""
    found = [step.reason] if step.reason else []
    if step.attempts > 1:
        found.append(f"{step.attempts} attempts")
    if step.state is StepState.WAITING and step.attempts:
        found.append(f"waits for attempt {step.attempts + 1}")
    return found


def failed_cell(failure: StepFailure) -> str:
    """Return ``cell 4 (In [3])``; empty where no cell was running."""
    if failure.cell is None:
        return ""
    count = "" if failure.execution_count is None else f" (In [{failure.execution_count}])"
    return f"cell {failure.cell + 1}{count}"


def place(output_path: str | None) -> str:
    """Return where an executed notebook is; empty where it was not kept."""
    return output_path if output_path and output_path != "-" else ""
