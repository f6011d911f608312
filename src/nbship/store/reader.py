"""Reading runs, from any store.

Public:
``search(tracking_uri, query=None, *, limit=25, offset=0, sort=None, experiment=None, notebook=None, archived=False) ->
RunPage``, ``names(tracking_uri, kind, notebook=None) -> tuple[str, ...]``,
``get(tracking_uri, run) -> Run``, ``metric_history(tracking_uri, run_id, key) -> tuple[MetricPoint, ...]``,
``metric_histories(tracking_uri, series) -> tuple[tuple[MetricPoint, ...], ...]``,
``newest_steps(tracking_uri, ids) -> dict[str, dict[str, int]]``,
``children(tracking_uri, run_id, limit) -> tuple[Run, ...]``, ``previous_runs(tracking_uri, runs) -> dict[str, Run]``,
``list_artifacts(tracking_uri, run, under="") -> tuple[str, ...]``, ``read_artifact(tracking_uri, run, path) -> bytes``,
``download_artifact_text(tracking_uri, run, path) -> str``.

A local SQLite database is read directly, in milliseconds; everything else goes through mlflow, which takes seconds
to import. Both give the same answers.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from nbship.config import shown_uri
from nbship.errors import AmbiguousRunError, RunNotFoundError, UsageError
from nbship.model.run import Run, RunPage
from nbship.store.artifacts import download_artifact_text, list_artifacts, read_artifact
from nbship.store.connection import sqlite_path
from nbship.store.query import ARCHIVED_TAG, NOTEBOOK_TAG, is_filter, parse_sort, words_of
from nbship.store.sqlite_listing import Asked
from nbship.store.sqlite_read import open_database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbship.model.event import MetricPoint

__all__ = [
    "children",
    "download_artifact_text",
    "get",
    "is_missing",
    "list_artifacts",
    "metric_histories",
    "metric_history",
    "names",
    "newest_steps",
    "previous_runs",
    "read_artifact",
    "resolve",
    "search",
]

LOCAL_ID_TAG = "nbship.run"
_PARENT_TAG = "mlflow.parentRunId"
_SHOWN_CANDIDATES = 10
_SHORT_ID = 8
_MOST_NAMES = 1000


class _Reader(Protocol):
    def search(self, asked: Asked, limit: int, offset: int) -> RunPage: ...

    def names(self, kind: str, notebook: str | None, limit: int) -> tuple[str, ...]: ...

    def runs_by_id(self, ids: Sequence[str]) -> tuple[Run, ...]: ...

    def candidates(self, column: str, value: str, *, prefix: bool, limit: int) -> list[str]: ...

    def metric_history(self, run_id: str, key: str) -> tuple[MetricPoint, ...]: ...

    def metric_histories(self, series: Sequence[tuple[str, str]]) -> tuple[tuple[MetricPoint, ...], ...]: ...

    def newest_steps(self, ids: Sequence[str]) -> dict[str, dict[str, int]]: ...

    def with_data(self, notebooks: Sequence[str]) -> dict[str, list[tuple[int, str]]]: ...


def search(
    tracking_uri: str,
    query: str | None = None,
    *,
    limit: int = 25,
    offset: int = 0,
    sort: str | None = None,
    experiment: str | None = None,
    notebook: str | None = None,
    archived: bool = False,
) -> RunPage:
    """List the runs of a store, newest first.

    Parameters
    ----------
    tracking_uri
        MLflow tracking URI. A local database that does not exist holds no runs.
    query
        Plain words, or MLflow's filter syntax; see `nbship.store.query`.
    limit, offset
        How many runs, and how many to pass over first.
    sort
        ``KEY`` ascending or ``-KEY`` descending; see `nbship.store.query`.
    experiment
        Name of the only experiment to look in.
    notebook
        Only its runs: its name or path; see `nbship.store.query`.
    archived
        True lists runs that were put away too; so does a filter that speaks of the tag.

    Raises
    ------
    UsageError
        When the filter is malformed, the experiment does not exist, or a number is negative.
    StoreError
        When the store does not answer.
    """
    if limit < 0 or offset < 0:
        raise UsageError(f"limit {limit} and offset {offset}: both count runs, from 0")
    order = parse_sort(sort)
    if is_missing(tracking_uri):
        return RunPage((), tracking_uri=tracking_uri, total=0)
    filtered = query is not None and is_filter(query)
    archived = archived or (filtered and ARCHIVED_TAG in (query or ""))
    asked = Asked(() if filtered else words_of(query), order, experiment, notebook, archived)
    if filtered:
        from nbship.store.mlflow_read import MlflowReader  # noqa: PLC0415 - seconds of import

        page = MlflowReader(tracking_uri).search(asked, limit, offset, query or "")
    else:
        page = _reader(tracking_uri).search(asked, limit, offset)
    return replace(page, tracking_uri=tracking_uri)


def names(tracking_uri: str, kind: str, notebook: str | None = None) -> tuple[str, ...]:
    """Return the names that runs can be sorted by, sorted, 1,000 at most.

    Parameters
    ----------
    kind
        ``metric`` or ``param``.
    notebook
        Only what its runs have.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    return () if is_missing(tracking_uri) else _reader(tracking_uri).names(kind, notebook, _MOST_NAMES)


def get(tracking_uri: str, run: str) -> Run:
    """Return the run that `run` names.

    Parameters
    ----------
    tracking_uri
        MLflow tracking URI.
    run
        A run id, the id that the kernel gave it, the name of exactly one run, an unambiguous beginning of an id, or
        ``latest``; the first of these that fits.

    Raises
    ------
    RunNotFoundError
        When no run answers to it.
    AmbiguousRunError
        When several do; the message lists them.
    StoreError
        When the store does not answer.
    """
    if run == "latest" and not is_missing(tracking_uri):
        found = _reader(tracking_uri).search(Asked(archived=True), 1, 0).runs
        if found:
            return found[0]
    return resolve(None if is_missing(tracking_uri) else _reader(tracking_uri), tracking_uri, run)


def resolve(reader: _Reader | None, tracking_uri: str, run: str, *, what: str = "run") -> Run:
    """Return the run of a reader that `run` names, in all ways but ``latest``; None reads nothing.

    Raises
    ------
    RunNotFoundError, AmbiguousRunError, StoreError
        As `get` does; `what` is how messages call a run.
    """
    store = shown_uri(tracking_uri)
    if reader is None:
        raise RunNotFoundError(f"no {what} answers to {run!r}: {store} holds no runs yet")
    found = next((runs for ids in _answers(reader, run) if (runs := reader.runs_by_id(ids))), ())
    if not found:
        raise RunNotFoundError(f"no {what} answers to {run!r} in {store}; `nbship runs` lists them")
    if len(found) > 1:
        raise AmbiguousRunError(_ambiguity(run, found))
    return found[0]


def children(tracking_uri: str, run_id: str, limit: int) -> tuple[Run, ...]:
    """Return the newest runs that are nested in a run, such as the points of a sweep.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    reader = _reader(tracking_uri)
    return reader.runs_by_id(reader.candidates(_PARENT_TAG, run_id, prefix=False, limit=limit))


def previous_runs(tracking_uri: str, runs: Sequence[Run]) -> dict[str, Run]:
    """Return, by the id of each run, the run of the same notebook that had data and began last before it.

    Runs without data, without a notebook or without such a predecessor are missing.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    asking = [run for run in runs if run.datasets and run.tags.get(NOTEBOOK_TAG)]
    if not asking or is_missing(tracking_uri):
        return {}
    reader = _reader(tracking_uri)
    began = reader.with_data(sorted({run.tags[NOTEBOOK_TAG] for run in asking}))
    before = {run.id: _last_before(run, began.get(run.tags[NOTEBOOK_TAG], ())) for run in asking}
    known = {run.id: run for run in runs}
    wanted = sorted({found for found in before.values() if found and found not in known})
    known |= {run.id: run for run in reader.runs_by_id(wanted)}
    return {run_id: known[found] for run_id, found in before.items() if found in known}


def _last_before(run: Run, began: Sequence[tuple[int, str]]) -> str:
    """Return the id of the last of (start, id) before a run; empty without one."""
    place = bisect_left(began, (run.started_ms, run.id))
    return began[place - 1][1] if place else ""


def metric_history(tracking_uri: str, run_id: str, key: str) -> tuple[MetricPoint, ...]:
    """Return every value of a metric of a run, by step.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    return () if is_missing(tracking_uri) else _reader(tracking_uri).metric_history(run_id, key)


def metric_histories(
    tracking_uri: str, series: Sequence[tuple[str, str]]
) -> tuple[tuple[MetricPoint, ...], ...]:
    """Return every value of each metric given as run id and key, by step.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    if not series or is_missing(tracking_uri):
        return tuple(() for _ in series)
    return _reader(tracking_uri).metric_histories(series)


def newest_steps(tracking_uri: str, ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return the step of the newest value of each metric, by run id and key, where it is not 0.

    It tells at little cost which metrics have a history, and about how long it is.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    return {} if not ids or is_missing(tracking_uri) else _reader(tracking_uri).newest_steps(ids)


def _reader(tracking_uri: str) -> _Reader:
    database = open_database(tracking_uri)
    if database is not None:
        return database
    from nbship.store.mlflow_read import MlflowReader  # noqa: PLC0415 - seconds of import

    return MlflowReader(tracking_uri)


def is_missing(tracking_uri: str) -> bool:
    """Say whether the store is a local database that nobody has made yet."""
    path = sqlite_path(tracking_uri)
    return path is not None and not (path.is_file() and path.stat().st_size)


def _answers(reader: _Reader, run: str) -> Iterator[list[str]]:
    """Yield the ids that answer to `run` under one meaning after another."""
    most = _SHOWN_CANDIDATES + 1
    for column in ("id", LOCAL_ID_TAG, "name"):
        yield reader.candidates(column, run, prefix=False, limit=most)
    if _is_hexadecimal(run):
        by_id, by_local = (
            reader.candidates(column, run, prefix=True, limit=most) for column in ("id", LOCAL_ID_TAG)
        )
        yield list(dict.fromkeys(by_id + by_local))


def _is_hexadecimal(text: str) -> bool:
    return bool(text) and set(text) <= set("0123456789abcdef")


def _ambiguity(run: str, found: Sequence[Run]) -> str:
    shown = ", ".join(
        f"{one.id[:_SHORT_ID]} ({one.name}, {one.to_dict()['started'][:19]})"
        for one in found[:_SHOWN_CANDIDATES]
    )
    rest = " and more" if len(found) > _SHOWN_CANDIDATES else ""
    return f"{run!r} names several runs: {shown}{rest}. Give more of the id."
