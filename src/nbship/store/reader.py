"""Reading runs, from any store.

Public:
``search(tracking_uri, query=None, *, limit=25, offset=0, sort=None, experiment=None) -> RunPage``,
``get(tracking_uri, run) -> Run``, ``metric_history(tracking_uri, run_id, key) -> tuple[MetricPoint, ...]``,
``metric_histories(tracking_uri, series) -> tuple[tuple[MetricPoint, ...], ...]``,
``newest_steps(tracking_uri, ids) -> dict[str, dict[str, int]]``,
``list_artifacts(tracking_uri, run, under="") -> tuple[str, ...]``, ``read_artifact(tracking_uri, run, path) -> bytes``,
``download_artifact_text(tracking_uri, run, path) -> str``.

A local SQLite database is read directly, in milliseconds; everything else goes through mlflow, which takes seconds
to import. Both give the same answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from nbship.config import shown_uri
from nbship.errors import AmbiguousRunError, RunNotFoundError
from nbship.model.run import Run, RunPage
from nbship.store.artifacts import download_artifact_text, list_artifacts, read_artifact
from nbship.store.connection import sqlite_path
from nbship.store.query import NEWEST_FIRST, Order, is_filter, parse_sort, words_of
from nbship.store.sqlite_read import open_database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbship.model.event import MetricPoint

__all__ = [
    "download_artifact_text",
    "get",
    "list_artifacts",
    "metric_histories",
    "metric_history",
    "newest_steps",
    "read_artifact",
    "search",
]

LOCAL_ID_TAG = "nbship.run"
_SHOWN_CANDIDATES = 10
_SHORT_ID = 8


class _Reader(Protocol):
    def search(
        self, words: Sequence[str], order: Order, limit: int, offset: int, *, experiment: str | None
    ) -> tuple[tuple[Run, ...], bool]: ...

    def runs_by_id(self, ids: Sequence[str]) -> tuple[Run, ...]: ...

    def candidates(self, column: str, value: str, *, prefix: bool, limit: int) -> list[str]: ...

    def metric_history(self, run_id: str, key: str) -> tuple[MetricPoint, ...]: ...

    def metric_histories(self, series: Sequence[tuple[str, str]]) -> tuple[tuple[MetricPoint, ...], ...]: ...

    def newest_steps(self, ids: Sequence[str]) -> dict[str, dict[str, int]]: ...


def search(
    tracking_uri: str,
    query: str | None = None,
    *,
    limit: int = 25,
    offset: int = 0,
    sort: str | None = None,
    experiment: str | None = None,
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

    Raises
    ------
    UsageError
        When the filter is malformed or the experiment does not exist.
    StoreError
        When the store does not answer.
    """
    order = parse_sort(sort)
    if _is_missing(tracking_uri):
        return RunPage((), tracking_uri=tracking_uri)
    if query is not None and is_filter(query):
        from nbship.store.mlflow_read import MlflowReader  # noqa: PLC0415 - seconds of import

        runs, more = MlflowReader(tracking_uri).search(
            (), order, limit, offset, experiment=experiment, filter_string=query
        )
    else:
        runs, more = _reader(tracking_uri).search(
            words_of(query), order, limit, offset, experiment=experiment
        )
    return RunPage(runs, more, tracking_uri)


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
    if _is_missing(tracking_uri):
        raise RunNotFoundError(f"no run answers to {run!r}: {shown_uri(tracking_uri)} holds no runs yet")
    reader = _reader(tracking_uri)
    if run == "latest":
        found, _ = reader.search((), NEWEST_FIRST, 1, 0, experiment=None)
    else:
        found = next((runs for ids in _answers(reader, run) if (runs := reader.runs_by_id(ids))), ())
    if not found:
        store = shown_uri(tracking_uri)
        raise RunNotFoundError(f"no run answers to {run!r} in {store}; `nbship runs` lists them")
    if len(found) > 1:
        raise AmbiguousRunError(_ambiguity(run, found))
    return found[0]


def metric_history(tracking_uri: str, run_id: str, key: str) -> tuple[MetricPoint, ...]:
    """Return every value of a metric of a run, by step.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    return () if _is_missing(tracking_uri) else _reader(tracking_uri).metric_history(run_id, key)


def metric_histories(
    tracking_uri: str, series: Sequence[tuple[str, str]]
) -> tuple[tuple[MetricPoint, ...], ...]:
    """Return every value of each metric given as run id and key, by step.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    if not series or _is_missing(tracking_uri):
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
    return {} if not ids or _is_missing(tracking_uri) else _reader(tracking_uri).newest_steps(ids)


def _reader(tracking_uri: str) -> _Reader:
    database = open_database(tracking_uri)
    if database is not None:
        return database
    from nbship.store.mlflow_read import MlflowReader  # noqa: PLC0415 - seconds of import

    return MlflowReader(tracking_uri)


def _is_missing(tracking_uri: str) -> bool:
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
