"""Results of steps that could not tell themselves how they went."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from nbship.errors import NbshipError
from nbship.model.step import StepFailure, StepResult, StepState

if TYPE_CHECKING:
    from nbship.model.step import StepRequest

__all__ = ["INTERRUPTED", "LOST_WORKER", "could_not_start", "is_lost", "lost_worker", "stopped", "taken_back"]

INTERRUPTED = "interrupted"
LOST_WORKER = "lost worker"


def lost_worker(request: StepRequest, reason: str) -> StepResult:
    """Return the result of a step whose worker went away."""
    return _result(request, StepState.KILLED, StepFailure(LOST_WORKER, reason))


def is_lost(result: StepResult) -> bool:
    """Say whether the worker went away, which is not the step's fault."""
    return result.failure is not None and result.failure.kind == LOST_WORKER


def taken_back(request: StepRequest, reason: str = "cancelled before it began") -> StepResult:
    """Return the result of a step that was cancelled while it waited."""
    return _result(request, StepState.NOT_RUN, StepFailure(INTERRUPTED, reason))


def stopped(request: StepRequest) -> StepResult:
    """Return the result of a step that was cancelled while it ran, and of which nothing more was heard."""
    return _result(request, StepState.KILLED, StepFailure(INTERRUPTED, "cancelled"))


def could_not_start(request: StepRequest, error: BaseException) -> StepResult:
    """Return the result of a step that the runner refused."""
    if isinstance(error, NbshipError):
        return _result(request, StepState.FAILED, StepFailure("start", str(error)))
    lines = tuple("".join(traceback.format_exception(error)).splitlines())
    message = f"{type(error).__name__}: {error}"
    return _result(request, StepState.FAILED, StepFailure("start", message, traceback=lines))


def _result(request: StepRequest, state: StepState, failure: StepFailure) -> StepResult:
    run = request.ticket.run if request.ticket is not None and state is not StepState.NOT_RUN else None
    return StepResult(name=request.name, state=state, failure=failure, run=run)
