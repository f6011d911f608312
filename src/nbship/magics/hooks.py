"""IPython's events to `Session`; nothing here ever raises into a user's cell."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbship.capture.watch import CellOutcome
from nbship.display.track_line import track_line
from nbship.magics import transformer
from nbship.magics.identity import cell_identity
from nbship.model.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell

    from nbship.model.report import TrackReport
    from nbship.tracker import Tracker

__all__ = ["CellHooks"]

_MAX_FAILURES = 3


@dataclass(slots=True)
class CellHooks:
    """Two event callbacks, and the line under the cell.

    Cell magics such as ``%%capture`` run their body as a cell of its own, so events nest; only the outermost
    cell is one of the notebook's, and an error inside is an error of it.
    """

    shell: InteractiveShell
    tracker: Tracker
    running: list[ExecutionInfo] = field(default_factory=list)
    inner_error: BaseException | None = None
    failures: int = 0
    display_history: bool | None = None

    def install(self) -> None:
        """Register the callbacks and the transformer."""
        transformer.install(self.shell)
        # ipykernel leaves display() out of IPython's record of outputs unless it is asked not to.
        self.display_history = getattr(self.shell.display_pub, "store_display_history", None)
        if self.display_history is not None:
            self.shell.display_pub.store_display_history = True
        self.shell.events.register("pre_run_cell", self.pre_run_cell)
        self.shell.events.register("post_run_cell", self.post_run_cell)

    def remove(self) -> None:
        """Unregister everything that `install` registered."""
        transformer.remove(self.shell)
        if self.display_history is not None:
            self.shell.display_pub.store_display_history = self.display_history
        for event, callback in (("pre_run_cell", self.pre_run_cell), ("post_run_cell", self.post_run_cell)):
            if callback in self.shell.events.callbacks[event]:
                self.shell.events.unregister(event, callback)

    def pre_run_cell(self, info: ExecutionInfo, *_args: Any, **_kwargs: Any) -> None:
        """Note that a cell begins."""
        if info.store_history:
            self.running.clear()  # a cell of the notebook: what is still noted here lost its end
        self.running.append(info)
        if len(self.running) == 1:
            self.inner_error = None
            self.guarded(lambda: self._begin(info))

    def post_run_cell(self, result: ExecutionResult, *_args: Any, **_kwargs: Any) -> None:
        """Note that a cell ended; the cell that loaded the extension has an end without a beginning."""
        if result.info not in self.running:
            return
        del self.running[self.running.index(result.info) :]
        error = result.error_before_exec or result.error_in_exec
        if self.running:
            self.inner_error = self.inner_error or error
        else:
            self.guarded(lambda: self._end(result, error or self.inner_error))

    def guarded(self, step: Callable[[], None]) -> None:
        """Run a step of tracking; its failure is one line, and after the third the hooks take themselves out."""
        try:
            step()
        except Exception as error:  # noqa: BLE001 - a user's cell must never fail because of tracking
            self.failures += 1
            self.complain(error)
            if self.failures >= _MAX_FAILURES:
                self.remove()
                print(
                    "nbship: tracking is off after repeated failures; %reload_ext nbship tries again",
                    file=sys.stderr,
                )

    def complain(self, error: Exception) -> None:
        """Say in one line that this cell is not, or not wholly, tracked."""
        print(f"nbship: not tracked: {type(error).__name__}: {error}", file=sys.stderr)

    def show(self, report: TrackReport) -> None:
        """Put the line under the cell; silenced, only what is wrong is shown."""
        if self.tracker.settings().quiet and report.status is RunStatus.FINISHED and not report.warnings:
            return
        self.shell.display_pub.publish(data=track_line(self.tracker.identified(report)))

    def _begin(self, info: ExecutionInfo) -> None:
        self._file_displays_here()
        self.tracker.session.cell_began(cell_identity(info, self.shell), info.raw_cell, self._as_python(info))

    def _file_displays_here(self) -> None:
        """Let what the cell displays be filed under its own number.

        Newer versions of IPython count on before a cell runs, and ipykernel (7.4) files what is displayed under the
        number that counts then, unless it takes it for a figure that is drawn after the cell.
        """
        counted_on = len(self.shell.history_manager.input_hist_raw) < self.shell.execution_count
        if self.display_history is not None and counted_on:
            self.shell.display_pub._in_post_execute = True  # noqa: SLF001 - there is no other way to say so

    def _as_python(self, info: ExecutionInfo) -> str:
        if info.raw_cell.lstrip().startswith("%%"):
            return str(self.shell.transform_cell(transformer.strip_cell_magics(info.raw_cell)))
        known = getattr(info, "transformed_cell", None)  # IPython 9.16+
        return str(known if known is not None else self.shell.transform_cell(info.raw_cell))

    def _end(self, result: ExecutionResult, error: BaseException | None) -> None:
        outcome = CellOutcome(
            error=error,
            traceback=self._traceback(result) if error is not None else (),
            outputs=tuple(self.shell.history_manager.outputs.get(result.execution_count, ())),
            value=result.result,
        )
        report = self.tracker.session.cell_ended(outcome)
        if report is not None:
            self.show(report)

    def _traceback(self, result: ExecutionResult) -> tuple[str, ...]:
        stored = self.shell.history_manager.exceptions.get(result.execution_count) or {}
        return tuple(stored.get("traceback", ()))
