"""The notebook while it is executed: the state of each cell, and what of it lies on disk."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nbship.errors import ExecutionError, UsageError
from nbship.model.step import CellState, CellTiming
from nbship.pipeline.execution.hiding import hidden
from nbship.pipeline.execution.inject import papermill_record, with_error_marks
from nbship.pipeline.execution.notebook_file import check_target, is_local, notebook_text, write_notebook_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ExecutedNotebook"]

_PAUSE_SECONDS = 1.0
_REMOTE_PAUSE_SECONDS = 30.0


class ExecutedNotebook:
    """A notebook whose cells are being executed.

    On disk it is replaced as a whole, now and then: before each further save, what was written so far must be no
    more than the notebook's size now. So everything that is ever written comes to at most three times the end.

    Parameters
    ----------
    notebook
        In nbformat 4 JSON, parameters injected.
    output_path
        Where it goes; None keeps it in memory.
    hide
        Takes secrets out of text; None when there are none.
    """

    def __init__(
        self, notebook: dict[str, Any], output_path: str | None, hide: Callable[[str], str] | None
    ) -> None:
        from nbformat import from_dict

        self.node: Any = from_dict(notebook)
        self.output_path = output_path
        self.written_bytes = 0
        self._hide: Callable[[str], str] | None = hide
        self._size = 0
        self._saved_at = 0.0
        self._clocks: dict[int, float] = {}
        self._seconds: dict[int, float] = {}
        self._started = time.monotonic()

    @property
    def cells(self) -> list[Any]:
        """All cells, in order."""
        return list(self.node.cells)

    def code_cells(self) -> list[int]:
        """Return the positions of the cells that are to be executed."""
        return [index for index, cell in enumerate(self.cells) if _is_executable(cell)]

    def start(self, input_path: str, parameters: Mapping[str, Any]) -> None:
        """Clear what an earlier execution left, and save.

        Raises
        ------
        UsageError
            When the output cannot be written.
        """
        self.node.metadata["papermill"] = {
            **papermill_record(self.node, input_path, self.output_path, parameters),
            "start_time": _now(),
            "end_time": None,
            "duration": None,
            "exception": None,
        }
        for cell in self.node.cells:
            cell.metadata["papermill"] = _new_record()
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        if self.output_path is not None:
            check_target(self.output_path)
        try:
            self.save()
        except ExecutionError as error:
            raise UsageError(str(error)) from error

    def began(self, index: int) -> None:
        """Note that a cell runs now; what stands before it has been passed."""
        for before, cell in enumerate(self.node.cells[:index]):
            if cell.metadata["papermill"]["status"] == CellState.PENDING:
                self.node.cells[before].metadata["papermill"]["status"] = _passed(cell).value
        self._clocks[index] = time.monotonic()
        self.node.cells[index].metadata["papermill"].update(
            status=CellState.RUNNING.value, start_time=_now(), exception=False
        )

    def ended(self, index: int, state: CellState) -> None:
        """Note how a cell ended."""
        self._seconds[index] = time.monotonic() - self._clocks.get(index, time.monotonic())
        self.node.cells[index].metadata["papermill"].update(
            status=state.value,
            end_time=_now(),
            duration=self._seconds[index],
            exception=state is not CellState.COMPLETED,
        )

    def finish(self, *, complete: bool, failed_at: int | None, message: str) -> tuple[CellTiming, ...]:
        """Close the record: what was not reached has not run. Return the final states of the code cells.

        Parameters
        ----------
        complete
            Whether the end was reached.
        failed_at
            Where to put marks that say so; None puts none.
        message
            What went wrong; empty when nothing did.
        """
        from nbformat import from_dict

        for cell in self.node.cells:
            if cell.metadata["papermill"]["status"] == CellState.PENDING:
                state = _passed(cell) if complete else CellState.NOT_RUN
                cell.metadata["papermill"]["status"] = state.value
            elif cell.metadata["papermill"]["status"] == CellState.RUNNING:  # the runner itself failed
                cell.metadata["papermill"].update(status=CellState.KILLED.value, exception=True)
        self.node.metadata["papermill"].update(
            end_time=_now(),
            duration=time.monotonic() - self._started,
            exception=True if message else None,  # as papermill
        )
        timings = self._timings()
        if message and failed_at is not None:
            with_error_marks(self.node, failed_at, _as_markup(message))
            self.node = from_dict(self.node)  # the marks are plain data yet
        return timings

    def _timings(self) -> tuple[CellTiming, ...]:
        return tuple(
            CellTiming(index, CellState(cell.metadata["papermill"]["status"]), self._seconds.get(index, 0.0))
            for index, cell in enumerate(self.cells)
            if cell.cell_type == "code" and cell.source.strip()
        )

    def grew(self, size: int) -> None:
        """Note that the notebook has become larger by about so many bytes; smaller, for a negative number."""
        self._size += size

    def save_if_due(self) -> None:
        """Save, unless that would write too much or too often.

        A place that does not take it now does not end the execution: the last save tells.
        """
        if self.output_path is None or self.output_path == "-":
            return
        pause = _PAUSE_SECONDS if is_local(self.output_path) else _REMOTE_PAUSE_SECONDS
        if self.written_bytes <= self._size and time.monotonic() - self._saved_at >= pause:
            self._saved_at = time.monotonic()
            with suppress(ExecutionError):
                self.save()

    def save(self, *, final: bool = False) -> None:
        """Replace the notebook on disk; the standard output gets it once, at the end."""
        if self.output_path is None or (self.output_path == "-" and not final):
            return
        self._size = write_notebook_text(
            self.text if final else notebook_text(self.hidden()), self.output_path
        )
        self.written_bytes += self._size
        self._saved_at = time.monotonic()

    def hidden(self) -> dict[str, Any]:
        """Return the notebook without secrets."""
        found: dict[str, Any] = self.node if self._hide is None else hidden(self.node, self._hide)
        return found

    @cached_property
    def text(self) -> str:
        """The notebook as its file holds it in the end; asked for when nothing will change any more."""
        return notebook_text(self.hidden())


def _is_executable(cell: Any) -> bool:
    return (
        cell.cell_type == "code"
        and bool(cell.source.strip())
        and "skip" not in (cell.metadata.get("tags") or [])
    )


def _passed(cell: Any) -> CellState:
    skipped = cell.cell_type == "code" and "skip" in (cell.metadata.get("tags") or [])
    return CellState.SKIPPED if skipped else CellState.COMPLETED


def _new_record() -> dict[str, Any]:
    return {
        "status": CellState.PENDING.value,
        "start_time": None,
        "end_time": None,
        "duration": None,
        "exception": None,
    }


def _as_markup(text: str) -> str:
    import html  # noqa: PLC0415 - for failures only

    return html.escape(text.replace("\n", " "))


def _now() -> str:
    return datetime.now(UTC).isoformat()
