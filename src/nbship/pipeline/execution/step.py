"""Executing one notebook: `run_step` gives a `StepResult`, whatever happens to cell, kernel or clock.

The notebook's kernel is started, warm where it can be; parameters are injected; cells run one by one through nbclient.
Each state is noted where it becomes true: in the journal, which survives every process, and in the executed notebook.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.errors import NbshipError
from nbship.model.step import StepFailure, StepProgress, StepRequest, StepResult, StepState
from nbship.pipeline.execution.executed import ExecutedNotebook
from nbship.pipeline.execution.failures import (
    cell_state,
    death_text,
    exception_failure,
    left_early,
    step_state,
)
from nbship.pipeline.execution.hiding import Hider
from nbship.pipeline.execution.inject import inject, notebook_kernel, with_hidden_code, without_error_marks
from nbship.pipeline.execution.interruptible import run_interruptibly
from nbship.pipeline.execution.notebook_file import is_local
from nbship.pipeline.execution.step_record import EXECUTED_NOTEBOOK, StepRecord
from nbship.pipeline.execution.stopping import StopWatch
from nbship.pipeline.kernels.environment import kernel_environment
from nbship.pipeline.parameters.secrets import secret_variable

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from nbship.pipeline.execution.client import StepClient
    from nbship.pipeline.execution.stopping import Stop

__all__ = ["EXECUTED_NOTEBOOK", "execute_step", "run_step"]

_TICK_SECONDS = 0.1
_EXIT_SECONDS = 5.0


def run_step(
    request: StepRequest,
    *,
    progress: Callable[[StepProgress], None] | None = None,
    cancel: threading.Event | None = None,
    output: Callable[[str, str], None] | None = None,
) -> StepResult:
    """Execute a notebook.

    Parameters
    ----------
    progress
        Called before each code cell.
    cancel
        Set it to stop: the cell is interrupted, and the kernel ended where that does not help.
    output
        Called with the name and the text of each piece of a stream, as it comes.

    Returns
    -------
    StepResult
        Its state tells how it went; a notebook that fails raises nothing.

    Raises
    ------
    UsageError
        When the request cannot be begun: no such kernel, an output that cannot be written, a value that cannot be
        injected. Nothing has run then.
    """
    return execute_step(request, progress=progress, cancel=cancel, output=output)[0]


def execute_step(
    request: StepRequest,
    *,
    progress: Callable[[StepProgress], None] | None = None,
    cancel: threading.Event | None = None,
    output: Callable[[str, str], None] | None = None,
    mark_failure: bool = True,
) -> tuple[StepResult, Any]:
    """Execute a notebook like `run_step`, and return the executed notebook (an nbformat `NotebookNode`) as well.

    Parameters
    ----------
    mark_failure
        False leaves out the cells that say where a notebook failed, for a caller that adds its own.
    """
    stop = StopWatch(cancel, request.timeout_seconds)
    execution = _Execution(request, stop, progress, output)
    result = run_interruptibly(
        lambda: execution.run(mark_failure=mark_failure), stop.cancel, name=f"step {request.name}"
    )
    return result, execution.executed.node


class _Execution:
    """One execution of one notebook."""

    executed: ExecutedNotebook

    def __init__(
        self,
        request: StepRequest,
        stop: StopWatch,
        progress: Callable[[StepProgress], None] | None,
        output: Callable[[str, str], None] | None,
    ) -> None:
        self.request = request
        self._stop = stop
        self._progress = progress
        self._output = output
        self._started = time.monotonic()
        self._hider = Hider(request.secrets.values())
        self._kernel_name = notebook_kernel(request.notebook, request.kernel_name)
        self._record = StepRecord(request, self._hider)
        self._failure: StepFailure | None = None
        self._left_early = False
        self._is_python = True
        self._warm = False
        self._manager: Any = None
        self._client: StepClient | None = None

    async def run(self, *, mark_failure: bool) -> StepResult:
        """Execute, and return how it went."""
        self._prepare()
        try:
            if await self._start():
                await self._run_cells()
        except BaseException as error:
            self._failure = self._failure or _broken(error)  # else the record would say that it completed
            raise
        finally:
            state = step_state(self._failure)
            try:
                await self._record.conclude(self._client, state, lambda: self._stop.asked_twice)
            finally:
                result = await self._finish(state, mark_failure=mark_failure)
        return result

    # Before

    def _prepare(self) -> None:
        from nbship.pipeline.kernels.managers import create_manager  # noqa: PLC0415 - jupyter_client and zmq take 0.1 s
        from nbship.pipeline.kernels.preload import modules_to_preload  # noqa: PLC0415

        request = self.request
        preload = modules_to_preload(request.notebook) if request.warm else ()
        self._manager, self._warm = create_manager(self._kernel_name, preload=preload, warm=request.warm)
        spec = self._manager.kernel_spec
        language = request.language or str(spec.language or "python")
        self._is_python = language.lower() == "python"
        notebook = without_error_marks(request.notebook)
        if not request.injected:
            notebook = inject(
                notebook,
                request.parameters,
                request.secrets,
                kernel_name=self._kernel_name,
                language=language,
            )
        if request.report_mode:
            notebook = with_hidden_code(notebook)
        if self._kernel_name != (notebook["metadata"].get("kernelspec") or {}).get("name"):
            named = {"name": self._kernel_name, "display_name": spec.display_name, "language": spec.language}
            notebook = {**notebook, "metadata": {**notebook["metadata"], "kernelspec": named}}
        self.executed = ExecutedNotebook(notebook, request.output_path, self._hider.hide_or_none)
        self.executed.start(request.input_path, request.parameters)
        self._record.open(_absolute(request.output_path))

    def _environment(self) -> dict[str, str]:
        request, ticket = self.request, self.request.ticket
        secrets = {secret_variable(name): value for name, value in request.secrets.items()}
        recorded = {}
        if ticket is not None:  # for what the notebook itself tracks
            recorded = {"NBSHIP_TRACKING_URI": ticket.tracking_uri, "NBSHIP_EXPERIMENT": ticket.experiment}
        return {**kernel_environment(), **recorded, **request.environment, **secrets}

    async def _start(self) -> bool:
        """Start the kernel and its record, unless somebody stops that."""
        task = asyncio.ensure_future(self._start_kernel())
        while not task.done():
            await asyncio.wait({task}, timeout=_TICK_SECONDS)
            stop = self._stop.due()
            if stop is not None and not task.done():
                task.cancel()
                await asyncio.wait({task})
                self._failure = _stopped(stop)
                self._record.begin_here()
                return False
        return await task

    async def _start_kernel(self) -> bool:
        from nbclient.exceptions import DeadKernelError

        from nbship.pipeline.execution.client import StepClient  # noqa: PLC0415 - loads nbclient

        try:
            await self._manager.start_kernel(cwd=self.request.cwd or str(Path.cwd()), env=self._environment())
            self._warm = bool(getattr(self._manager.provisioner, "warm", False))
            self._client = StepClient(self.executed.node, self._manager, self._on_output)
            info = await self._client.connect(self.request.start_timeout_seconds)
        except (OSError, RuntimeError, DeadKernelError) as error:
            self._failure = StepFailure("start", f"the kernel {self._kernel_name!r} did not start: {error}")
            self._record.begin_here()
            return False
        self.executed.node.metadata["language_info"] = info.get("language_info", {})
        if self._is_python:
            self._client.keep_every_output()
        return await self._begin_record(self._client)

    async def _begin_record(self, client: StepClient) -> bool:
        from nbclient.exceptions import DeadKernelError

        code = (cell.source for cell in self.executed.cells if cell.cell_type == "code")
        uses_mlflow = any("mlflow" in source for source in code)
        try:
            await self._record.begin(client, is_python=self._is_python, uses_mlflow=uses_mlflow)
        except DeadKernelError:
            self._failure = StepFailure("dead kernel", death_text(await self._exit_code()))
            return False
        return True

    # Cells

    async def _run_cells(self) -> None:
        assert self._client is not None
        indices = self.executed.code_cells()
        for done, index in enumerate(indices):
            stop = self._stop.due()
            if stop is not None:
                self._failure = StepFailure(stop.kind, stop.message)
                return
            self._report(done, len(indices), index)
            await self._run_cell(self._client, index)
            if self._failure is not None or self._left_early:
                return

    def _report(self, done: int, total: int, index: int) -> None:
        if self._progress is not None:
            lines = self.executed.cells[index].source.splitlines()
            heading = next((line.strip() for line in lines if line.strip()), "")
            seconds = time.monotonic() - self._started
            self._progress(StepProgress(self.request.name, done, total, seconds, self._hider.hide(heading)))

    async def _run_cell(self, client: StepClient, index: int) -> None:
        cell = self.executed.cells[index]
        cell_id = _cell_id(cell, index)
        self.executed.began(index)
        self.executed.save_if_due()
        self._record.cell_began(cell, cell_id)
        client.tell_identity(cell, cell_id)
        self._stop.cell_began(self.request.cell_timeout_seconds)
        failure = await self._outcome(client, cell, index)
        if index in client.budgets:
            client.budgets[index].settle(cell.outputs)
        self._failure = self._judged(failure, index)
        self._stop.cell_ended()
        state = cell_state(self._failure)
        self.executed.ended(index, state)
        self._record.cell_ended(cell, cell_id, state)
        self.executed.save_if_due()

    async def _outcome(self, client: StepClient, cell: Any, index: int) -> StepFailure | None:
        from nbclient.exceptions import CellExecutionError, DeadKernelError

        try:
            await self._watch(asyncio.ensure_future(client.async_execute_cell(cell, index)))
        except CellExecutionError as error:
            self._left_early = left_early(error)
            return None if self._left_early else exception_failure(error, cell)
        except (DeadKernelError, asyncio.CancelledError):
            return StepFailure("dead kernel", death_text(await self._exit_code()))
        return None

    async def _exit_code(self) -> int | None:
        provisioner = self._manager.provisioner
        if provisioner is None or not provisioner.has_process:
            return None
        code: int | None = await provisioner.poll()
        return code

    async def _watch(self, task: asyncio.Future[Any]) -> None:
        """Wait for a cell; interrupt it when it is time, and end the kernel when that does not help."""
        interrupted_at: float | None = None
        while not task.done():
            try:
                await asyncio.wait({task}, timeout=_TICK_SECONDS)
            except asyncio.CancelledError:  # Ctrl-C in a program that leaves it to asyncio
                self._stop.cancel()
            self.executed.save_if_due()
            if self._stop.due() is None or task.done():
                continue
            if interrupted_at is None:
                interrupted_at = time.monotonic()
                await self._manager.interrupt_kernel()
            elif time.monotonic() - interrupted_at > _EXIT_SECONDS or self._stop.asked_twice:
                await self._manager.shutdown_kernel(now=True)
                task.cancel()
        await task

    def _judged(self, failure: StepFailure | None, index: int) -> StepFailure | None:
        """Return why a cell ended: where somebody stopped it, that, and not what it made of the interrupt."""
        stop = self._stop.due()
        if stop is not None and (failure is not None or stop.of_cell):
            failure = _stopped(stop)
        if failure is None:
            return None
        cell = self.executed.cells[index]
        return replace(
            failure,
            message=self._hider.hide(failure.message),
            cell=index,
            execution_count=cell.get("execution_count"),
            source=self._hider.hide(cell.source),
            traceback=tuple(self._hider.hide(line) for line in failure.traceback),
        )

    def _on_output(self, name: str, text: str, growth: int) -> None:
        self.executed.grew(growth)
        if self._output is None or not text:
            return
        try:
            self._output(name, self._hider.hide(text))
        except OSError as error:  # who listened has left, or its disk is full: no reason to end the notebook
            self._output = None
            self._record.warnings.append(f"what the cells print is no longer passed on: {error}")

    # After

    async def _finish(self, state: StepState, *, mark_failure: bool) -> StepResult:
        from nbship.pipeline.kernels.managers import shut_down  # noqa: PLC0415 - see _prepare

        failure = self._failure
        if self._client is not None:
            self._client.set_widgets_metadata()
        ending = asyncio.ensure_future(shut_down(self._manager))
        await asyncio.sleep(0.001)  # the request is on its way: the kernel ends while its notebook is written
        timings = self.executed.finish(
            complete=failure is None and not self._left_early,
            failed_at=failure.cell if failure is not None and mark_failure else None,
            message="" if failure is None else failure.message,
        )
        failure = self._save() or failure or self._missing_output()
        state = step_state(failure)
        self._record.end(state, failure, self.executed)
        with suppress(RuntimeError, OSError):  # it has ended already
            await ending  # what the kernel writes at its exit belongs to the step
        if self._client is not None and self._client.kc is not None:
            self._client.kc.stop_channels()
        return StepResult(
            name=self.request.name,
            state=state,
            seconds=time.monotonic() - self._started,
            failure=failure,
            cells=timings,
            output_path=self.request.output_path,
            parameters=self._record.params,
            run=None if self.request.ticket is None else self.request.ticket.run,
            warm=self._warm,
            **self._record.findings(),
        )

    def _missing_output(self) -> StepFailure | None:
        folder = Path(self.request.cwd or Path.cwd())
        missing = [path for path in self.request.expects if not (folder / path).exists()]
        if not missing:
            return None
        text = f"step {self.request.name} completed but did not write {', '.join(missing)}"
        return StepFailure("missing output", text)

    def _save(self) -> StepFailure | None:
        """Write the executed notebook; a place that takes it no more fails a notebook that was complete."""
        try:
            self.executed.save(final=True)
        except (NbshipError, OSError) as error:
            text = f"the executed notebook could not be written to {self.request.output_path}: {error}"
            self._record.warnings.append(text)
            return StepFailure("output", text) if self._failure is None else None
        return None


def _broken(error: BaseException) -> StepFailure:
    if isinstance(error, asyncio.CancelledError | KeyboardInterrupt):
        return StepFailure("interrupted", "interrupted")
    return StepFailure("runner", f"the runner failed: {type(error).__name__}: {error}")


def _stopped(stop: Stop) -> StepFailure:
    return StepFailure(stop.kind, stop.message)


def _cell_id(cell: Any, index: int) -> str:
    """Return what the journal calls a cell; formats before 4.5 have no ids."""
    return str(cell.get("id") or f"#{index}")


def _absolute(path: str | None) -> str:
    return str(Path(path).absolute()) if path is not None and is_local(path) else ""
