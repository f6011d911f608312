"""The use cases of nbship; every surface knocks here."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship import __version__
from nbship.capture.session import Session
from nbship.config import Settings, load_settings, prepare_home, source_values
from nbship.display.status_page import status_bundle
from nbship.errors import StoreError
from nbship.model.event import SessionClosed, SessionOpened
from nbship.model.run import Run, RunPage
from nbship.recording.journal import SpoolWriter
from nbship.recording.launch import ensure_recorder
from nbship.recording.layout import session_folders
from nbship.recording.process import this_process
from nbship.recording.status import SpoolStatus, drain, spool_status, wait_for_session
from nbship.store import reader
from nbship.store.connection import sqlite_path
from nbship.store.loaded import chosen_uri, is_loaded
from nbship.store.query import is_filter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbship.capture.open_run import OpenRun
    from nbship.model.run import RunStatus

__all__ = ["RunDetail", "Tracker", "runs", "show", "sync", "sync_status"]

LIST_WAIT_SECONDS = 20.0
"""How long a listing waits for runs that are on their way to the store, unless the store is down."""

WARNINGS_PATH = "nbship/warnings.json"

_BRIDGE_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class RunDetail:
    """One run with what its artifacts say."""

    run: Run
    artifacts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        return {**self.run.to_dict(), "artifacts": list(self.artifacts), "warnings": list(self.warnings)}


def runs(
    settings: Settings,
    query: str | None = None,
    *,
    limit: int = 20,
    sort: str | None = None,
    experiment: str | None = None,
    apart: bool = False,
) -> RunPage:
    """Return the newest runs that match, after those on their way have arrived.

    Parameters
    ----------
    query
        Plain words, all of which a run's name, parameters or tags contain; or MLflow's filter syntax.
    sort
        A metric, a parameter, ``name``, ``started`` or ``duration``; with a leading ``-`` the largest first.
    apart
        True keeps mlflow out of this process, as a kernel wants.

    Raises
    ------
    UsageError
        When the query or the sort key cannot be understood.
    StoreError
        When the store does not answer.
    """
    waiting = _await_spool(settings)
    if apart and not is_loaded() and _needs_mlflow(settings.tracking_uri, query):
        page = _runs_apart(settings, query, limit, sort, experiment)
    else:
        page = reader.search(settings.tracking_uri, query, limit=limit, sort=sort, experiment=experiment)
    return replace(page, waiting=waiting.events)


def _needs_mlflow(tracking_uri: str, query: str | None) -> bool:
    return sqlite_path(tracking_uri) is None or (query is not None and is_filter(query))


def _await_spool(settings: Settings) -> SpoolStatus:
    status = spool_status(settings.spool)
    if status.drained or status.outages:
        return status
    return drain(settings.spool, wait_seconds=LIST_WAIT_SECONDS)


def _runs_apart(
    settings: Settings, query: str | None, limit: int, sort: str | None, experiment: str | None
) -> RunPage:
    command = [sys.executable, "-P", "-m", "nbship", "runs", "--json", "--limit", str(limit)]
    command += ["--tracking-uri", settings.tracking_uri]
    command += [f"--sort={sort}"] if sort else []
    command += ["--experiment", experiment] if experiment else []
    command += ["--", query] if query else []
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=settings.project)
    if done.returncode:
        raise StoreError(done.stderr.strip().removeprefix("nbship: ") or "the store could not be read")
    return RunPage.from_dict(json.loads(done.stdout))


def show(settings: Settings, run: str) -> RunDetail:
    """Return one run.

    Parameters
    ----------
    run
        A run id, an unambiguous prefix of it, a run name, or ``latest``.

    Raises
    ------
    RunNotFoundError, AmbiguousRunError
        When none or several runs answer to `run`.
    StoreError
        When the store does not answer.
    """
    _await_spool(settings)
    found = reader.get(settings.tracking_uri, run)
    artifacts = reader.list_artifacts(settings.tracking_uri, found)
    return RunDetail(found, artifacts, _warnings(settings, found, artifacts))


def _warnings(settings: Settings, run: Run, artifacts: tuple[str, ...]) -> tuple[str, ...]:
    if WARNINGS_PATH not in artifacts:
        return ()
    return tuple(json.loads(reader.download_artifact_text(settings.tracking_uri, run, WARNINGS_PATH)))


def sync(settings: Settings, *, wait_seconds: float | None) -> SpoolStatus:
    """Bring what waits in the spool to the store; wait for it at most `wait_seconds`, None without bound."""
    return drain(settings.spool, wait_seconds=wait_seconds)


def sync_status(settings: Settings) -> SpoolStatus:
    """Return what waits in the spool."""
    return spool_status(settings.spool)


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
                "mlflow calls of this cell are not part of the run: the store did not answer in time"
            )
        return run_id

    def close(self, run: OpenRun, status: RunStatus) -> None:
        """Let later calls of mlflow go their own way."""
        from nbship.store.bridge import close_run  # noqa: PLC0415

        if run.store_run_id is not None:
            close_run(run.store_run_id, status)


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
        self._overrides = overrides
        self._settings: tuple[tuple[object, ...], Settings] | None = None
        self._spool: SpoolWriter | None = None
        self._source_name = source_name
        self.session = Session(
            namespace,
            settings=self.settings,
            sink=self._sink,
            source_name=self.source_name,
            bridge=MlflowBridge(),
            uses_mlflow=is_loaded,
            hidden_names=hidden_names,
        )

    def settings(self) -> Settings:
        """Return the settings as of now; they are read again when anything that they come from may have changed."""
        overrides = dict(self._overrides())
        uri = chosen_uri()
        if uri is not None:
            overrides.setdefault("tracking_uri", uri)
        key = source_values(overrides)
        if self._settings is None or self._settings[0] != key:
            self._settings = key, load_settings(self._start, overrides)
        return self._settings[1]

    def source_name(self) -> str | None:
        """Return the notebook's name, where it is known."""
        return self._source_name(self.settings().notebook)

    def resume(self) -> None:
        """Start a recorder when an earlier kernel left something behind."""
        spool = self.settings().spool
        if session_folders(spool):
            ensure_recorder(spool)

    def status(self) -> dict[str, str]:
        """Return what is captured and where it goes, as a mimebundle."""
        run = self.session.session_run
        return status_bundle(
            self.settings(), run.name if run else None, sync_status(self.settings()).to_dict()
        )

    def close(self, *, restarted: bool = False) -> str | None:
        """End open runs and wait for the recorder; return a message when something still waits."""
        self.session.close(restarted=restarted)
        writer, settings = self._spool, self.settings()
        if writer is None or not writer.started:
            return None
        writer.append(SessionClosed(int(time.time() * 1000)))
        writer.close()
        ensure_recorder(writer.spool)
        done = wait_for_session(writer.spool, writer.opened.session, settings.exit_wait_seconds)
        self._spool = None
        if done:
            return None
        return (
            f"nbship: the last runs still wait in {writer.spool} after {settings.exit_wait_seconds:g} s; the recorder "
            "goes on, and nbship sync --wait waits for it"
        )

    def _sink(self) -> SpoolWriter:
        settings = self.settings()
        if self._spool is None:
            prepare_home(settings)
            opened = SessionOpened(
                session=uuid.uuid4().hex,
                process=this_process(),
                nbship_version=__version__,
                source=self.source_name(),
                project=str(settings.project),
            )
            self._spool = SpoolWriter.create(settings.spool, opened)
        ensure_recorder(self._spool.spool)
        return self._spool
