"""The record of one step: written by the kernel itself where it can, and by who executes it where it cannot."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from nbship.capture.secrets import MASK, Masker
from nbship.model.codec import encode
from nbship.model.data import FileRecord
from nbship.model.step import CellState, StepFailure, StepState
from nbship.pipeline.execution.failures import run_status
from nbship.pipeline.execution.observed import observed_cell
from nbship.pipeline.execution.record import RunRecord
from nbship.pipeline.parameters.values import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.model.step import StepRequest
    from nbship.pipeline.execution.client import StepClient
    from nbship.pipeline.execution.executed import ExecutedNotebook
    from nbship.pipeline.execution.hiding import Hider

__all__ = ["EXECUTED_NOTEBOOK", "StepRecord"]

EXECUTED_NOTEBOOK = "executed.ipynb"
"""The artifact that holds the whole executed notebook."""

_CONCLUDE_SECONDS = 600.0
"""For what the kernel does at the end of a completed step, such as saving its model."""

_CONCLUDE_AFTER_FAILURE_SECONDS = 30.0


class StepRecord:
    """What is recorded of a step; does nothing where nothing is to be recorded.

    Attributes
    ----------
    params
        Name to the text that the run shows.
    warnings
        What could not be recorded.
    """

    def __init__(self, request: StepRequest, hider: Hider) -> None:
        self.request = request
        shown_params = {name: shown(value) for name, value in request.parameters.items()}
        self.params: dict[str, str] = Masker().mask_json(shown_params) | dict.fromkeys(request.secrets, MASK)
        self.warnings: list[str] = []
        self._hider = hider
        self._record: RunRecord | None = None
        self._captured = False
        self._begun = False
        self._answer: dict[str, Any] = {}
        self._position = 0
        self._cell_started_ms = 0

    def open(self, output: str) -> None:
        """Make the journal, before anything runs; `output` is the executed notebook's file."""
        if self.request.ticket is not None:
            self._record = RunRecord(self.request.ticket, output=output)
            self._record.open()

    async def begin(self, client: StepClient, *, is_python: bool, uses_mlflow: bool) -> None:
        """Let the kernel record itself, where it can; else this process records what it sees."""
        record = self._record
        if record is None:
            return
        if is_python and self.request.capture:
            request = {
                "ticket": encode(record.ticket),
                "params": self.params,
                "started_ms": record.started_ms,
                "uses_mlflow": uses_mlflow,
                "secrets": dict(self.request.secrets),
            }
            answer = await client.evaluate(
                _call("begin", json.dumps(request)), self.request.start_timeout_seconds
            )
            self._captured = self._begun = answer is not None
            if answer is None:
                self.warnings.append(f"the kernel could not record itself: {_said(client.last_error)}")
        if not self._captured:
            self.begin_here()

    def begin_here(self) -> None:
        """Begin the run from outside, unless it has begun."""
        if self._record is None or self._begun:
            return
        self._begun = True
        if not self._record.began():
            self._record.begin(self.params)

    def cell_began(self, cell: Any, cell_id: str) -> None:
        """Note the beginning of a cell, where the kernel does not."""
        self._cell_started_ms = int(time.time() * 1000)
        self._note(cell, cell_id, CellState.RUNNING)

    def cell_ended(self, cell: Any, cell_id: str, state: CellState) -> None:
        """Note the end of a cell, where the kernel does not."""
        self._note(cell, cell_id, state)
        self._position += 1

    def _note(self, cell: Any, cell_id: str, state: CellState) -> None:
        if self._record is None or self._captured:
            return
        seen = observed_cell(
            cell,
            cell_id,
            self._position,
            state,
            started_ms=self._cell_started_ms,
            seconds=time.time() - self._cell_started_ms / 1000,
            hide=self._hider.hide,
        )
        self._record.cell(seen, ended=state is not CellState.RUNNING)

    async def conclude(
        self, client: StepClient | None, state: StepState, hurried: Callable[[], bool] = lambda: False
    ) -> None:
        """Ask a living kernel for what it knows at the end, for as long as nobody is in a hurry."""
        from nbclient.exceptions import DeadKernelError

        if client is None or not self._captured or not await client.km.is_alive():
            return
        completed = state is StepState.COMPLETED
        seconds = _CONCLUDE_SECONDS if completed else _CONCLUDE_AFTER_FAILURE_SECONDS
        try:
            answer = await client.evaluate(_call("conclude", run_status(state).value), seconds, hurried)
        except DeadKernelError:
            answer = None
        if answer is None:
            self.warnings.append(f"the kernel did not finish its record: {_said(client.last_error)}")
        self._answer = answer or {}

    def end(self, state: StepState, failure: StepFailure | None, executed: ExecutedNotebook) -> None:
        """Write the end: the executed notebook, the state, and what the kernel answered."""
        record = self._record
        if record is None:
            return
        self.begin_here()
        ended = self._answer.get("ended", {})
        record.log(tags={"nbship.state": state.value}, warnings=tuple(self.warnings))
        record.log_git()
        record.put(EXECUTED_NOTEBOOK, executed.text.encode("utf-8", "surrogatepass"))
        record.end(
            run_status(state),
            "" if failure is None else failure.message,
            cells=tuple(ended.get("cells", ())),
            needed=tuple(ended.get("needed", ())),
        )

    def findings(self) -> dict[str, Any]:
        """Return the fields of `StepResult` that the kernel knows."""
        answer = self._answer
        return {
            "metrics": {key: float(value) for key, value in answer.get("metrics", {}).items()},
            "files_read": tuple(FileRecord(**record) for record in answer.get("files_read", ())),
            "modules": dict(answer.get("modules", {})),
            "distributions": dict(answer.get("distributions", {})),
            "warnings": (*self.warnings, *answer.get("warnings", ())),
        }


def _call(function: str, argument: str) -> str:
    return f"__import__('nbship.magics.step', fromlist=['step']).{function}({argument!r})"


def _said(result: dict[str, Any] | None) -> str:
    if not result:
        return "it did not answer in time"
    return f"{result.get('ename', result.get('status', 'error'))}: {result.get('evalue', '')}".removesuffix(
        ": "
    )
