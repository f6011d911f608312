"""Tracking in one kernel: what watches it, where its events go, and how its own use of mlflow joins in."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship import __version__
from nbship.capture.request import TrackRequest
from nbship.capture.session import AssignedRun, Session
from nbship.config import Settings, load_settings, prepare_home, source_values
from nbship.display.status_page import status_bundle
from nbship.model.event import Event, RunBegan, RunEnded, SessionClosed, SessionOpened
from nbship.recording.journal import SpoolWriter
from nbship.recording.launch import ensure_recorder
from nbship.recording.layout import new_session_name, session_folders
from nbship.recording.process import this_process
from nbship.recording.status import run_ids, spool_status, wait_for_session
from nbship.store.loaded import chosen_uri, is_loaded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbship.capture.open_run import OpenRun
    from nbship.model.report import TrackReport
    from nbship.model.run import RunStatus
    from nbship.model.step import RunTicket

__all__ = ["Tracker"]

_BRIDGE_TIMEOUT_SECONDS = 10.0


class MlflowBridge:
    """Lets a user's own calls of mlflow land in the tracked run."""

    def open(self, run: OpenRun, settings: Settings, tags: Mapping[str, str]) -> str | None:
        """Create the run in the store now; None, and a note on the run, when that is not to be had."""
        from nbship.store.bridge import open_run  # noqa: PLC0415 - imports mlflow, as the user's cell does

        prepare_home(settings)
        experiment = run.request.experiment or settings.experiment
        run_id = open_run(
            settings.tracking_uri,
            experiment,
            run.name,
            tags,
            _BRIDGE_TIMEOUT_SECONDS,
            artifact_root=settings.artifact_root,
        )
        if run_id is None:
            run.warnings.append(
                "mlflow calls of this cell are not part of this run: another mlflow run or store is in use, "
                "or the store did not answer"
            )
        return run_id

    def close(self, run: OpenRun, status: RunStatus) -> None:
        """Let later calls of mlflow go their own way."""
        from nbship.store.bridge import close_run  # noqa: PLC0415

        if run.store_run_id is not None:
            close_run(run.store_run_id, status)


@dataclass(frozen=True, slots=True)
class RecordedSpool:
    """The spool of a kernel, with a recorder beside it whenever there is work for one."""

    writer: SpoolWriter

    def append(self, event: Event) -> None:
        """Keep an event. In this order: a recorder that is about to leave looks once more."""
        self.writer.append(event)
        if isinstance(event, RunBegan | RunEnded):
            ensure_recorder(self.writer.spool)

    def put_blob(self, data: bytes | Path, suffix: str = "") -> str:
        """Keep a large value and return its name."""
        return self.writer.put_blob(data, suffix)


class Tracker:
    """Tracking in one kernel: the session that watches it, its spool, and the recorder beside it.

    Parameters
    ----------
    namespace
        The user's variables.
    overrides
        Returns the settings that were made in the kernel.
    source_name
        Returns the notebook's name, given the configured one.
    hidden_names
        Variables that are not the user's.
    """

    def __init__(
        self,
        namespace: Mapping[str, Any],
        *,
        overrides: Callable[[], Mapping[str, Any]],
        source_name: Callable[[str | None], str | None],
        hidden_names: frozenset[str],
    ) -> None:
        self._start = Path.cwd()  # a later %cd does not move the project
        self._ticket: RunTicket | None = None
        self._overrides = overrides
        self._settings: tuple[tuple[object, ...], Settings] | None = None
        self._sink: RecordedSpool | None = None
        self._source_name = source_name
        self.session = Session(
            namespace,
            settings=self.settings,
            sink=self._open_sink,
            source_name=self.source_name,
            bridge=MlflowBridge(),
            uses_mlflow=is_loaded,
            hidden_names=hidden_names,
        )

    def settings(self) -> Settings:
        """Return the settings as of now; they are read again when anything that they come from may have changed."""
        overrides = {**self._overrides(), **_step_settings(self._ticket)}
        uri = chosen_uri()
        if uri is not None:
            overrides.setdefault("tracking_uri", uri)
        key = source_values(overrides)
        if self._settings is None or self._settings[0] != key:
            self._settings = key, load_settings(self._start, overrides)
        return self._settings[1]

    def source_name(self) -> str | None:
        """Return the notebook's name, where it is known."""
        if self._ticket is not None and self._ticket.source:
            return self._ticket.source
        return self._source_name(self.settings().notebook)

    @property
    def step(self) -> RunTicket | None:
        """The step that this kernel executes; None for interactive work."""
        return self._ticket

    def begin_step(
        self, ticket: RunTicket, params: Mapping[str, str], *, started_ms: int, uses_mlflow: bool
    ) -> None:
        """Record every cell from here on as the step that `ticket` names, into its own journal."""
        self._ticket, self._settings = ticket, None
        self._start = Path(ticket.project)
        self._sink = RecordedSpool(SpoolWriter.create(Path(ticket.spool), ticket.opening(__version__)))
        request = TrackRequest(name=ticket.name, params=dict(params), tags=dict(ticket.tags))
        assigned = AssignedRun(ticket.run, started_ms, ticket.parent, uses_mlflow)
        self.session.begin_assigned_run(request, assigned)

    def conclude_step(self, status: RunStatus) -> RunEnded:
        """Record what is known at the end of the step, and return what ends it."""
        ended = self.session.conclude_assigned_run(status)
        if self._sink is not None:
            self._sink.writer.sync()
        return ended

    def resume(self) -> None:
        """Start a recorder when an earlier kernel left something behind."""
        spool = self.settings().spool
        if session_folders(spool):
            ensure_recorder(spool)

    def settle(self) -> None:
        """Hand on what another thread still makes for runs of this kernel, before somebody reads them."""
        self.session.settle()

    def own_run(self, name: str) -> str:
        """Return the id of the last run of that name that this kernel made; where it made none, the name itself.

        Somebody who runs a notebook again means the run of now, whatever others bear its name.
        """
        return self.session.own_runs.get(name, name)

    def status(self) -> dict[str, str]:
        """Return what is captured and where it goes, as a mimebundle."""
        run = self.session.session_run
        return status_bundle(
            self.settings(), run.name if run else None, spool_status(self.settings().spool).to_dict()
        )

    def close(self, *, restarted: bool = False) -> str | None:
        """End open runs and wait for the recorder; return a message when something still waits."""
        self.session.close(restarted=restarted)
        if self._sink is None or not self._sink.writer.started or self._ticket is not None:
            return None  # the journal of a step is closed by who executes the notebook
        writer, settings = self._sink.writer, self.settings()
        writer.append(SessionClosed(int(time.time() * 1000)))
        writer.sync()
        writer.close()
        ensure_recorder(writer.spool)
        done = wait_for_session(writer.spool, writer.opened.session, settings.exit_wait_seconds)
        self._sink = None
        if done:
            return None
        return (
            f"nbship: the last runs still wait in {writer.spool} after {settings.exit_wait_seconds:g} s; the recorder "
            "goes on, and nbship sync --wait waits for it"
        )

    def identified(self, report: TrackReport) -> TrackReport:
        """Return the report with the store's id of the run, where the recorder has told it already."""
        if report.store_run_id is not None or self._sink is None:
            return report
        return replace(report, store_run_id=run_ids(self._sink.writer.folder).get(report.run))

    def _open_sink(self) -> RecordedSpool:
        if self._sink is None:
            settings = self.settings()
            prepare_home(settings)
            opened = SessionOpened(
                session=new_session_name(),
                process=this_process(),
                nbship_version=__version__,
                source=self.source_name(),
                project=str(settings.project),
            )
            self._sink = RecordedSpool(SpoolWriter.create(settings.spool, opened))
        return self._sink


def _step_settings(ticket: RunTicket | None) -> dict[str, Any]:
    """Return the settings that a step brings along; the repository is described by who executes it, once for all."""
    if ticket is None:
        return {}
    return {"tracking_uri": ticket.tracking_uri, "experiment": ticket.experiment, "git": False}
