"""Runs that were begun and are not in the store yet, in the form in which the store lists its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.model.run import Run, RunStatus
from nbship.store.query import NOTEBOOK_TAG, is_filter, is_of, matches, words_of
from nbship.store.reader import LOCAL_ID_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbship.model.live import LiveRun, LiveSession

__all__ = ["arriving"]


def arriving(
    sessions: Iterable[LiveSession], query: str | None = None, *, notebook: str | None = None
) -> tuple[Run, ...]:
    """Return the runs that the store does not know yet, newest first; neither the store nor a kernel is asked.

    They have their own id instead of the store's, and it as the tag ``nbship.run`` too: a run of the store with that
    tag is the same run.

    Parameters
    ----------
    query
        As for `nbship.service.history.runs`. None of these runs answers to MLflow's filter syntax: only a store
        understands it.
    notebook
        Only the runs of this notebook, given by name or path. A kernel knows no more of its notebook than the name.
    """
    if is_filter(query):
        return ()
    words = words_of(query)
    found = (
        _as_run(session, run)
        for session in sessions
        for run in session.runs
        if run.store_run_id is None and not run.arrived
    )
    wanted = [run for run in found if matches(run, words) and (notebook is None or is_of(run, notebook))]
    return tuple(sorted(wanted, key=lambda run: (-run.started_ms, run.id)))


def _as_run(session: LiveSession, run: LiveRun) -> Run:
    tags = {LOCAL_ID_TAG: run.run} | ({NOTEBOOK_TAG: session.source} if session.source else {})
    died = run.status is RunStatus.RUNNING and not session.alive  # which the recorder will say of it too
    return Run(
        id=run.run,
        name=run.name,
        status=RunStatus.KILLED if died else run.status,
        experiment=run.experiment,
        started_ms=run.started_ms,
        ended_ms=run.ended_ms,
        params=run.params,
        metrics=run.metrics,
        datasets=run.datasets,
        tags=tags,
    )
