"""Runs as they were recorded: listed, shown, and brought to the store."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nbship.errors import StoreError, UsageError
from nbship.model.run import Run, RunPage
from nbship.recording.status import SpoolStatus, drain, spool_status
from nbship.store import reader
from nbship.store.connection import sqlite_path
from nbship.store.loaded import is_loaded
from nbship.store.query import is_filter

if TYPE_CHECKING:
    from nbship.config import Settings

__all__ = ["RunDetail", "runs", "show", "sync", "sync_status"]

LIST_WAIT_SECONDS = 20.0
"""How long a listing waits for runs that are on their way to the store, unless the store is down."""

WARNINGS_PATH = "nbship/warnings.json"


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
        wrong_use = done.returncode == UsageError.exit_code
        kind = UsageError if wrong_use else StoreError
        raise kind(done.stderr.strip().removeprefix("nbship: ") or "the store could not be read")
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
