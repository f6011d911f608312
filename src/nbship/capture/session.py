"""Watching one kernel: from cells to the events of tracked runs.

`Session` knows neither IPython nor MLflow. A seam tells it when a cell begins and ends; it answers with events
to a `Sink`. Nothing here may raise into a user's cell except `UsageError`, which `begin_run` raises before
the cell's own code has run; the seam guards the rest.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from nbship.capture import manifest
from nbship.capture.background import Background
from nbship.capture.contents import log_inputs, log_results, mask_params, save_run_model
from nbship.capture.context import CONTEXT_WAIT_SECONDS, log_context
from nbship.capture.dataflow import analyse, source_hash
from nbship.capture.environment import EnvironmentCache
from nbship.capture.ledger import Ledger
from nbship.capture.model_references import log_model_references
from nbship.capture.open_run import OpenRun
from nbship.capture.profiles import ProfileMemory
from nbship.capture.references import write_pending
from nbship.capture.request import TrackRequest, check_names
from nbship.capture.rng import digest_rng
from nbship.capture.secrets import MASK, Masker, is_secret_name
from nbship.capture.watch import CellIdentity, CellOutcome, CellWatch, EndedCell, WatchedCell, error_text
from nbship.errors import SpoolError, UsageError
from nbship.model.cell import CellExecution, CellStatus
from nbship.model.event import CellBegan, CellExecuted, Event, RunBegan, RunEnded
from nbship.model.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from nbship.config import Settings
    from nbship.model.report import TrackReport

__all__ = ["AssignedRun", "Session", "Sink"]


@dataclass(frozen=True, slots=True)
class AssignedRun:
    """A run whose id and place were chosen outside the kernel, by who executes the notebook."""

    run: str
    started_ms: int
    parent: str | None = None
    uses_mlflow: bool = False


class Sink(Protocol):
    """Where events and large values go."""

    def append(self, event: Event) -> None:
        """Keep an event; it must survive the death of this process."""

    def put_blob(self, data: bytes | Path, suffix: str = "") -> str:
        """Keep a large value and return its name."""


class RunBridge(Protocol):
    """Lets a user's own calls of mlflow land in the tracked run."""

    def open(self, run: OpenRun, settings: Settings, tags: Mapping[str, str]) -> str | None:
        """Create the run in the store now, and return the store's id; None when the store does not answer."""

    def close(self, run: OpenRun, status: RunStatus) -> None:
        """Take back what `open` prepared."""


@dataclass(slots=True)
class Session:
    """The state of tracking in one kernel.

    Parameters
    ----------
    namespace
        The user's variables; read, never written.
    settings
        Returns the current settings.
    sink
        Returns where events go; called when the first run begins, and raises when nothing can be kept.
    source_name
        Returns the notebook's name, where it is known.
    bridge
        Connects the user's own use of mlflow.
    uses_mlflow
        Returns whether mlflow is loaded in this process.
    hidden_names
        Variables that are not the user's, such as ``In`` and ``Out``.
    own_runs
        Name to id of the last run of that name which ended.
    """

    namespace: Mapping[str, Any]
    settings: Callable[[], Settings]
    sink: Callable[[], Sink]
    source_name: Callable[[], str | None]
    bridge: RunBridge
    uses_mlflow: Callable[[], bool]
    hidden_names: frozenset[str] = frozenset()
    ledger: Ledger = field(default_factory=Ledger)
    masker: Masker = field(default_factory=Masker)
    environment: EnvironmentCache = field(init=False)
    profiles: ProfileMemory = field(default_factory=ProfileMemory)
    own_runs: dict[str, str] = field(default_factory=dict)
    session_run: OpenRun | None = None
    cell_run: OpenRun | None = None
    _cell: WatchedCell | None = None
    _watch: CellWatch = field(init=False)
    _sent: int = 0
    _background: Background = field(default_factory=Background)

    def __post_init__(self) -> None:
        self.environment = EnvironmentCache(self.masker)
        self._watch = CellWatch(self.namespace, self.masker, self.hidden_names)

    # Cells

    def cell_began(self, identity: CellIdentity, source: str, python: str) -> None:
        """Note that a cell is about to run; `python` is `source` as IPython will execute it."""
        self.ledger.deleted.update(identity.deleted_cells)
        self._cell = self._watch.begin(identity, source, python, len(self.ledger.entries))
        if self.session_run is not None:
            self._enter(self.session_run, self._cell)
            self._watch.restart_meter()

    def cell_ended(self, outcome: CellOutcome) -> TrackReport | None:
        """Note that the cell ended; return what to tell the user when a ``%%track`` run ended with it."""
        cell, self._cell = self._cell, None
        run, self.cell_run = self.cell_run, None
        if cell is None:
            return None
        ended = self._watch.end(cell, outcome, self.settings().project)
        self.ledger.append(ended.execution, ended.flow)
        for open_run in (run, self.session_run):
            if open_run is not None:
                self._send_ledger()
                open_run.masked += ended.masked
                self.attempt(open_run, "results", partial(log_results, self, open_run, ended), after=True)
                self._write_pending(open_run)
        return None if run is None else self._finish_cell_run(run, ended)

    def note_unobserved(self, cells: Iterable[tuple[int, str, str]]) -> None:
        """Take over cells that ran before the session began: execution count, source, and source as Python."""
        for count, source, python in cells:
            execution = CellExecution(
                index=len(self.ledger.entries),
                source=self.masker.mask(source).text,
                source_hash=source_hash(source),
                status=CellStatus.UNOBSERVED,
                execution_count=count,
            )
            self.ledger.append(execution, analyse(python))

    # Runs

    def begin_run(self, request: TrackRequest) -> None:
        """Begin a run for the cell that is running.

        Raises
        ------
        UsageError
            When a name in the request can never exist, or a run of this cell is open already.
        """
        if self._cell is None:
            raise UsageError("%%track begins a run for a cell, and none is running here.")
        if self.cell_run is not None:
            raise UsageError("this cell is tracked already; write %%track once, on its first line.")
        check_names(request, self._cell.flow, self.namespace)
        self._hide_options(request)
        self.cell_run = self._open_run(request, len(self.ledger.entries), self._cell.execution.rng_before)
        self._enter(self.cell_run, self._cell)
        self._watch.restart_meter()
        self.cell_run.started = time.perf_counter()

    def _hide_options(self, request: TrackRequest) -> None:
        """Hide what the options give to names such as `password`, in the cell that says so as everywhere else."""
        named = {
            name: value for name, value in (request.params | request.tags).items() if is_secret_name(name)
        }
        for name, value in named.items():
            self.masker.learn(name, value)
        if self._cell is None or not named:
            return
        source = self._cell.execution.source
        for name, value in named.items():
            source = source.replace(f"{name}={value}", f"{name}={MASK}") if value else source
        execution = replace(self._cell.execution, source=self.masker.mask(source).text)
        self._cell = replace(self._cell, execution=execution)

    def begin_session_run(self, request: TrackRequest) -> OpenRun:
        """Begin a run that lasts until `end_session_run` or the end of the kernel.

        Raises
        ------
        UsageError
            When session tracking is on already.
        """
        if self.session_run is not None:
            raise UsageError(
                f"session tracking is on already, as run {self.session_run.name!r}; write %track off first."
            )
        self._hide_options(request)
        self.session_run = self._open_run(request, None, digest_rng())
        if self._cell is not None:
            self._enter(self.session_run, self._cell)  # what follows in this cell belongs to the run
        return self.session_run

    def begin_assigned_run(self, request: TrackRequest, assigned: AssignedRun) -> OpenRun:
        """Begin the run of a notebook that is executed as a step: every cell from here on belongs to it."""
        self._hide_options(request)
        self.session_run = self._open_run(request, None, digest_rng(), assigned)
        return self.session_run

    def conclude_assigned_run(self, status: RunStatus) -> RunEnded:
        """Record all that is known at the end of a step; who executes the notebook writes the end itself.

        Raises
        ------
        UsageError
            When there is no such run any more.
        """
        run, self.session_run = self.session_run, None
        if run is None:
            raise UsageError("no step is being recorded here")
        if self.cell_run is not None:
            inner, self.cell_run = self.cell_run, None
            self._close_run(inner, RunStatus.KILLED, "the notebook ended while the cell was running")
        ended = self._conclude(run, status, "")
        self._background.finish(CONTEXT_WAIT_SECONDS)
        return ended

    def end_session_run(self, status: RunStatus | None = None, reason: str = "") -> TrackReport:
        """End the session's run; without a status it is FAILED when a cell failed that no later run of it mended.

        Raises
        ------
        UsageError
            When session tracking is not on.
        """
        run, self.session_run = self.session_run, None
        if run is None:
            raise UsageError("session tracking is not on; write %track on.")
        if status is None:  # on request: the cell that asks is not part of the run
            run.cells = [index for index in run.cells if index < len(self.ledger.entries)]
        if status is None and run.failures:
            status, reason = RunStatus.FAILED, next(iter(run.failures.values()))
        return self._close_run(run, status or RunStatus.FINISHED, reason)

    def cancel(self) -> bool:
        """Give up the run of the cell that is running: it ends as KILLED. Return whether there was one."""
        if self.cell_run is None:
            return False
        self.cell_run.cancelled = True
        return True

    def settle(self, timeout_seconds: float = CONTEXT_WAIT_SECONDS) -> None:
        """Wait until everything that is known of the runs so far has been handed on."""
        self._background.finish(timeout_seconds)

    def close(self, *, restarted: bool = False) -> None:
        """End what is open because the kernel ends."""
        running = self._cell is not None
        if self.cell_run is not None:
            run, self.cell_run = self.cell_run, None
            self._close_run(run, RunStatus.KILLED, "the kernel was shut down while the cell was running")
        if self.session_run is not None and (restarted or running):
            reason = (
                "the kernel was restarted"
                if restarted
                else "the kernel was shut down while a cell was running"
            )
            self.end_session_run(RunStatus.KILLED, reason)
        elif self.session_run is not None:
            self.end_session_run()
        self._background.finish(CONTEXT_WAIT_SECONDS)

    # The life of a run

    def _open_run(
        self,
        request: TrackRequest,
        cell: int | None,
        rng: dict[str, str],
        assigned: AssignedRun | None = None,
    ) -> OpenRun:
        settings = self.settings()
        name = request.name or manifest.default_name(self.source_name())
        run = OpenRun(request, name, settings.tracking_uri, cell, rng_before=rng)
        if assigned is not None:
            run.key, run.started_ms = assigned.run, assigned.started_ms
        inside = self.session_run.key if self.session_run is not None else None
        parent = assigned.parent if assigned is not None else inside
        tags = manifest.begin_tags(run, self.source_name(), self.masker)
        self.sink()  # raises before anything is created elsewhere
        flow = self._cell.flow if self._cell is not None else None
        uses_mlflow = (flow is not None and flow.uses_mlflow) or bool(assigned and assigned.uses_mlflow)
        if uses_mlflow or self.uses_mlflow():
            run.store_run_id = self.bridge.open(run, settings, tags)
        self._send_ledger()
        self.sink().append(
            RunBegan(
                run=run.key,
                name=run.name,
                tracking_uri=settings.tracking_uri,
                experiment=request.experiment or settings.experiment,
                started_ms=run.started_ms,
                store_run_id=run.store_run_id,
                parent=parent,
                cell=cell,
                artifact_root=settings.artifact_root,
                tags=tags,
                params=run.new_params(mask_params(request.params, self.masker, run)),
            )
        )
        self._background.submit(lambda: log_context(self, run, settings))
        return run

    def _enter(self, run: OpenRun, cell: WatchedCell) -> None:
        """Make `cell` a part of `run`, before its own code runs."""
        self._send_ledger()
        run.cells.append(cell.execution.index)
        self.sink().append(CellBegan(cell.execution))
        self.attempt(run, "inputs", lambda: log_inputs(self, run, cell))

    def _send_ledger(self) -> None:
        for entry in self.ledger.entries[self._sent :]:
            self.sink().append(CellExecuted(entry.cell))
        self._sent = len(self.ledger.entries)

    def _finish_cell_run(self, run: OpenRun, ended: EndedCell) -> TrackReport:
        error = ended.outcome.error
        if isinstance(error, KeyboardInterrupt):
            return self._close_run(run, RunStatus.KILLED, "interrupted")
        if error is not None:
            return self._close_run(
                run, RunStatus.FAILED, f"{type(error).__name__}: {error_text(error)}".removesuffix(": ")
            )
        if run.cancelled:
            return self._close_run(run, RunStatus.KILLED, "%track off in the cell")
        return self._close_run(run, RunStatus.FINISHED, "")

    def _close_run(self, run: OpenRun, status: RunStatus, reason: str) -> TrackReport:
        ended = self._conclude(run, status, reason)
        self.sink().append(ended)
        self.own_runs[run.name] = run.key
        return run.report(ended.status, ended.reason)

    def _conclude(self, run: OpenRun, status: RunStatus, reason: str) -> RunEnded:
        """Record all that is known at the end of a run, and return the event that ends it."""
        self._send_ledger()
        if status is RunStatus.FINISHED:
            self.attempt(run, "model", lambda: save_run_model(self, run), after=True)
            self.attempt(run, "the model's answers", lambda: log_model_references(self, run), after=True)
            if run.problems:
                status, reason = RunStatus.FAILED, "; ".join(run.problems)
        if run.store_run_id is not None:
            self.attempt(run, "mlflow calls", lambda: self.bridge.close(run, status), after=True)
        self._write_pending(run)
        reason = self.masker.mask(reason, python=False).text
        needed = self.needed(run)
        self.attempt(run, "summary", lambda: self._log_summary(run, needed), after=True)
        self.sink().append(run.log(warnings=tuple(run.warnings)))
        now = int(time.time() * 1000)
        return RunEnded(run.key, status, now, reason, cells=tuple(run.cells), needed=needed)

    def _log_summary(self, run: OpenRun, needed: tuple[int, ...]) -> None:
        entries = [self.ledger.entries[index].cell for index in needed]
        tags, text = manifest.summary(run, entries, self.ledger.hidden(needed), self._captured())
        artifacts = manifest.as_artifacts({"nbship/run.json": text}, self.sink().put_blob)
        self.sink().append(run.log(tags=tags, artifacts=artifacts))

    def _write_pending(self, run: OpenRun) -> None:
        """Let the other thread make what was put off until the cell was over."""
        pending, run.pending = run.pending, []
        if pending:
            sink = self.sink()
            self._background.submit(lambda: write_pending(sink, run, pending))

    def _captured(self) -> dict[str, bool]:
        settings = self.settings()
        return {name: bool(getattr(settings, name)) for name in manifest.SWITCHES}

    def attempt(self, run: OpenRun, what: str, step: Callable[[], None], *, after: bool = False) -> None:
        """Do one part of recording a run; an unforeseen fault in it costs this part and is named in the run.

        `after` the user's code an interrupt costs this part too, and the run ends all the same; before it, it is for
        the cell.
        """
        try:
            step()
        except SpoolError:
            raise  # nothing more can be kept at all
        except KeyboardInterrupt:
            if not after:
                raise
            run.warnings.append(f"{what} could not be recorded: interrupted")
        except Exception as error:  # noqa: BLE001 - values of a namespace are of any class, and may raise anything
            run.warnings.append(f"{what} could not be recorded: {type(error).__name__}: {error_text(error)}")

    def needed(self, run: OpenRun) -> tuple[int, ...]:
        """Return the ledger indices that the run's result depends on, its own cells included."""
        own = [index for index in run.cells if index < len(self.ledger.entries)]
        needed = set(own)
        for index in own:
            reads = self.ledger.reads_with_calls(self.ledger.entries[index].flow.reads, index)
            needed |= set(self.ledger.slice(reads, index).indices)
        return tuple(sorted(needed))
