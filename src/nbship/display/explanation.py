"""Why each step of a pipeline ran, or did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.model.step import StepState

if TYPE_CHECKING:
    from nbship.model.pipeline import PipelineReport, StepReport

__all__ = ["explanation"]

_WORDS = {
    StepState.CACHED: "was taken from the cache",
    StepState.NOT_RUN: "did not run",
    StepState.WAITING: "waits",
    StepState.RUNNING: "runs",
}


def explanation(report: PipelineReport) -> str:
    """Return one line a step: ``train ran because clean.py changed``."""
    return "\n".join(_line(step) for step in report.steps)


def _line(step: StepReport) -> str:
    word = _WORDS.get(step.state, "ran")
    return f"{step.name} {word} because {step.reason}" if step.reason else f"{step.name} {word}"
