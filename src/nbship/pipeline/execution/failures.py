"""Why a cell or a notebook did not complete, told from what nbclient and the kernel's process say."""

from __future__ import annotations

import re
from typing import Any

from nbship.model.run import RunStatus
from nbship.model.step import CellState, StepFailure, StepState

__all__ = ["cell_state", "death_text", "exception_failure", "left_early", "run_status", "step_state"]

_CELL_STATES = {
    "timeout": CellState.TIMED_OUT,
    "dead kernel": CellState.KILLED,
    "interrupted": CellState.KILLED,
}
_STEP_STATES = {
    "timeout": StepState.TIMED_OUT,
    "dead kernel": StepState.KILLED,
    "interrupted": StepState.KILLED,
}
_RUN_STATUSES = {StepState.COMPLETED: RunStatus.FINISHED, StepState.KILLED: RunStatus.KILLED}
_SIGKILL = {-9, 137}


def exception_failure(error: Any, cell: Any) -> StepFailure:
    """Return the failure that nbclient's `CellExecutionError` of a cell stands for."""
    outputs = [output for output in cell.outputs if output.output_type == "error"]
    lines = [line for output in outputs[-1:] for line in output.traceback]
    # The traceback has all lines of the message.
    said = next((line.strip() for line in _plain(str(error.evalue)).splitlines() if line.strip()), "")
    message = f"{error.ename}: {said}" if said else str(error.ename)
    return StepFailure("exception", message, traceback=tuple(_plain("\n".join(lines)).splitlines()))


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def left_early(error: Any) -> bool:
    """Say whether a notebook ended itself in good order, by `sys.exit()` or `sys.exit(0)`; as papermill sees it."""
    return error.ename == "SystemExit" and str(error.evalue) in {"", "0", "None"}


def death_text(exit_code: int | None) -> str:
    """Return what is known of a kernel's death; negative codes are signals."""
    if exit_code is None:
        return "the kernel died"
    if exit_code in _SIGKILL:
        return "the kernel died (killed by SIGKILL; where memory is short, that is the system's doing)"
    if exit_code < 0:
        return f"the kernel died (killed by signal {-exit_code})"
    return f"the kernel died (exit code {exit_code})"


def cell_state(failure: StepFailure | None) -> CellState:
    """Return the state of the cell that a failure ended."""
    return CellState.COMPLETED if failure is None else _CELL_STATES.get(failure.kind, CellState.FAILED)


def step_state(failure: StepFailure | None) -> StepState:
    """Return the state of the step that a failure ended."""
    return StepState.COMPLETED if failure is None else _STEP_STATES.get(failure.kind, StepState.FAILED)


def run_status(state: StepState) -> RunStatus:
    """Return the status of a step's run in the store."""
    return _RUN_STATUSES.get(state, RunStatus.FAILED)
