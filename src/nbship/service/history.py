"""Runs as they were recorded: listed, shown, and brought to the store."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nbship.errors import RunNotFoundError
from nbship.model.run import Run, RunPage
from nbship.recording.status import SpoolStatus, drain, spool_status
from nbship.service.apart import answer_apart, needs_mlflow
from nbship.store import reader

if TYPE_CHECKING:
    from nbship.config import Settings

__all__ = [
    "LIST_WAIT_SECONDS",
    "RunDetail",
    "await_spool",
    "find_run",
    "metric_names",
    "param_names",
    "runs",
    "show",
    "sync",
    "sync_status",
]

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
    offset: int = 0,
    sort: str | None = None,
    experiment: str | None = None,
    notebook: str | None = None,
    archived: bool = False,
    wait_seconds: float = LIST_WAIT_SECONDS,
    apart: bool = False,
) -> RunPage:
    """Return the newest runs that match, after those on their way have arrived.

    Parameters
    ----------
    query
        Plain words, all of which a run's name, parameters or tags contain; or MLflow's filter syntax.
    limit, offset
        How many runs, and how many to pass over first.
    sort
        A metric, a parameter, ``name``, ``started`` or ``duration``; with a leading ``-`` the largest first.
    notebook
        Only the runs of this notebook, given by the name or the path that they carry.
    archived
        True lists runs that were put away too.
    wait_seconds
        How long to wait for runs that are on their way.
    apart
        True keeps mlflow out of this process, as a kernel wants.

    Raises
    ------
    UsageError
        When the query or the sort key cannot be understood.
    StoreError
        When the store does not answer.
    """
    waiting = await_spool(settings, wait_seconds)
    asked: dict[str, Any] = {"limit": limit, "offset": offset, "sort": sort, "experiment": experiment}
    asked |= {"notebook": notebook, "archived": archived}
    if apart and needs_mlflow(settings, query):
        page = _runs_apart(settings, query, asked)
    else:
        page = reader.search(settings.tracking_uri, query, **asked)
    return replace(page, waiting=waiting.events)


def metric_names(settings: Settings, notebook: str | None = None) -> tuple[str, ...]:
    """Return the names of the metrics that runs have, for a choice of what to sort by; 1,000 at most.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    return reader.names(settings.tracking_uri, "metric", notebook)


def param_names(settings: Settings, notebook: str | None = None) -> tuple[str, ...]:
    """Return the names of the parameters that runs have; as `metric_names`."""
    return reader.names(settings.tracking_uri, "param", notebook)


def await_spool(settings: Settings, wait_seconds: float = LIST_WAIT_SECONDS) -> SpoolStatus:
    """Give runs on their way to the store some time to arrive, unless the store is down.

    Without any time this sees to it only that somebody brings them there.
    """
    status = spool_status(settings.spool)
    if status.drained or status.outages or not (wait_seconds or status.recorder_pid is None):
        return status
    return drain(settings.spool, wait_seconds=wait_seconds)


def find_run(settings: Settings, run: str) -> Run:
    """Return a run, waiting for what is on its way to the store only where it is not there.

    Raises
    ------
    RunNotFoundError, AmbiguousRunError
        When none or several runs answer to `run`.
    StoreError
        When the store does not answer.
    """
    if run == "latest":
        await_spool(settings)
    try:
        return reader.get(settings.tracking_uri, run)
    except RunNotFoundError:
        if spool_status(settings.spool).drained:
            raise
        await_spool(settings)
        return reader.get(settings.tracking_uri, run)


def _runs_apart(settings: Settings, query: str | None, asked: dict[str, Any]) -> RunPage:
    """Ask another process; it need not wait for what this one has waited for."""
    valued = ("limit", "offset", "sort", "experiment", "notebook")
    options = [f"--{name}={asked[name]}" for name in valued if asked.get(name)]
    options += ["--archived"] if asked.get("archived") else []
    words = [query] if query else []
    return RunPage.from_dict(answer_apart(settings, "runs", ["--wait=0", *options], words))


def show(settings: Settings, run: str, *, wait_seconds: float = LIST_WAIT_SECONDS) -> RunDetail:
    """Return one run.

    Parameters
    ----------
    run
        A run id, an unambiguous prefix of it, a run name, or ``latest``.
    wait_seconds
        How long to wait for what is on its way to the store.

    Raises
    ------
    RunNotFoundError, AmbiguousRunError
        When none or several runs answer to `run`.
    StoreError
        When the store does not answer.
    """
    await_spool(settings, wait_seconds)
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
