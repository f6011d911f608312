"""Runs as they were recorded: listed, shown, and brought to the store."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nbship.model.run import Run, RunPage
from nbship.recording.status import SpoolStatus, drain, spool_status
from nbship.service.apart import answer_apart, needs_mlflow
from nbship.store import reader

if TYPE_CHECKING:
    from nbship.config import Settings

__all__ = ["RunDetail", "await_spool", "runs", "show", "sync", "sync_status"]

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
    waiting = await_spool(settings)
    if apart and needs_mlflow(settings, query):
        page = _runs_apart(settings, query, limit, sort, experiment)
    else:
        page = reader.search(settings.tracking_uri, query, limit=limit, sort=sort, experiment=experiment)
    return replace(page, waiting=waiting.events)


def await_spool(settings: Settings, wait_seconds: float = LIST_WAIT_SECONDS) -> SpoolStatus:
    """Give runs on their way to the store some time to arrive, unless the store is down."""
    status = spool_status(settings.spool)
    if status.drained or status.outages:
        return status
    return drain(settings.spool, wait_seconds=wait_seconds)


def _runs_apart(
    settings: Settings, query: str | None, limit: int, sort: str | None, experiment: str | None
) -> RunPage:
    options = ["--limit", str(limit)]
    options += [f"--sort={sort}"] if sort else []
    options += ["--experiment", experiment] if experiment else []
    return RunPage.from_dict(answer_apart(settings, "runs", options, [query] if query else []))


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
    await_spool(settings)
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
