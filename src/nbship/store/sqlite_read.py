"""Reading a local MLflow database directly: no import of mlflow, one page of runs in milliseconds.

Public: ``open_database(tracking_uri) -> Database | None``; ``Database.search``, ``.runs_by_id``, ``.candidates``,
``.metric_history``, ``.metric_histories``, ``.newest_steps``, ``.names``,
``.with_data``.

The answers are those of `nbship.store.mlflow_read`, value for value. The tables are MLflow's, written by its
migrations (mlflow/store/db_migrations); where they do not look as expected, `open_database` returns None and the
caller goes through mlflow.
"""

# ruff: noqa: S608 - statements are put together from constants of this file; values are always bound

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.errors import StoreError, UsageError
from nbship.model.event import MetricPoint
from nbship.model.run import DatasetSummary, Run, RunPage, RunStatus
from nbship.store.connection import sqlite_path
from nbship.store.query import NOTEBOOK_TAG
from nbship.store.sqlite_listing import ACTIVE, Asked, notebook_condition, page_of_ids
from nbship.store.sqlite_words import distinct_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = ["Database", "connect_to_read", "open_database"]

_EXPECTED = {
    "experiments": {"experiment_id", "name", "lifecycle_stage"},
    "runs": {
        "run_uuid", "name", "status", "start_time", "end_time", "lifecycle_stage", "artifact_uri", "experiment_id",
    },
    "params": {"key", "value", "run_uuid"},
    "tags": {"key", "value", "run_uuid"},
    "metrics": {"key", "value", "timestamp", "step", "is_nan", "run_uuid"},
    "latest_metrics": {"key", "value", "step", "is_nan", "run_uuid"},
    "inputs": {"source_type", "source_id", "destination_type", "destination_id"},
    "datasets": {"dataset_uuid", "name", "digest", "dataset_profile"},
}  # fmt: skip

_MAX_VARIABLES = 500  # SQLite before 3.32 takes 999 in one statement


def open_database(tracking_uri: str) -> Database | None:
    """Return the database of a ``sqlite:///`` URI if it exists and looks like MLflow's."""
    path = sqlite_path(tracking_uri)
    if path is None or not path.is_file():
        return None
    database = Database(path)
    return database if database.is_as_expected() else None


@dataclass(frozen=True, slots=True)
class Database:
    """A local MLflow database, opened read-only for each question.

    All methods raise `StoreError` when it cannot be read.
    """

    path: Path

    def is_as_expected(self) -> bool:
        """Say whether every table and column that is read here exists."""
        with self._open() as connection:
            for table, columns in _EXPECTED.items():
                found = {
                    row[0] for row in connection.execute(f"SELECT name FROM pragma_table_info('{table}')")
                }
                if not columns <= found:
                    return False
        return True

    def search(self, asked: Asked, limit: int, offset: int) -> RunPage:
        """Return one page of runs, with how many there are."""
        with self._open() as connection:
            if asked.experiment is not None:
                _require_experiment(connection, asked.experiment)
            ids, total = page_of_ids(connection, asked, limit, offset)
            return RunPage(_runs(connection, ids), total > offset + limit, total=total)

    def names(self, kind: str, notebook: str | None, limit: int) -> tuple[str, ...]:
        """Return the names of the metrics (``metric``) or parameters (``param``) that active runs have, sorted."""
        table = {"metric": "latest_metrics", "param": "params"}[kind]
        of_notebook, arguments = notebook_condition(notebook)
        used = f"SELECT 1 {ACTIVE} AND r.run_uuid = v.run_uuid{of_notebook}"
        query = (
            f"{distinct_keys(table)} SELECT key FROM k WHERE key IS NOT NULL"
            f" AND EXISTS (SELECT 1 FROM {table} v WHERE v.key = k.key AND EXISTS ({used})) LIMIT {limit:d}"
        )
        with self._open() as connection:
            return tuple(row[0] for row in connection.execute(query, arguments))

    def runs_by_id(self, ids: Sequence[str]) -> tuple[Run, ...]:
        """Return the active runs among the given ids, in that order."""
        with self._open() as connection:
            return _runs(connection, ids)

    def candidates(self, column: str, value: str, *, prefix: bool, limit: int) -> list[str]:
        """Return the ids of runs, newest first, by ``id``, ``name`` or a tag's key."""
        compare = "substr({0}, 1, length(?1)) = ?1" if prefix else "{0} = ?1"
        if column in ("id", "name"):
            where = " AND " + compare.format("r.run_uuid" if column == "id" else "r.name")
        else:
            tag = "SELECT t.run_uuid FROM tags t WHERE t.key = ?2 AND " + compare.format("t.value")
            where = f" AND r.run_uuid IN ({tag})"
        query = f"SELECT r.run_uuid {ACTIVE}{where} ORDER BY r.start_time DESC, r.run_uuid LIMIT {limit:d}"
        with self._open() as connection:
            arguments = (value,) if column in ("id", "name") else (value, column)
            return [row[0] for row in connection.execute(query, arguments)]

    def metric_history(self, run_id: str, key: str) -> tuple[MetricPoint, ...]:
        """Return all values of a metric, by step and time."""
        return self.metric_histories([(run_id, key)])[0]

    def metric_histories(self, series: Sequence[tuple[str, str]]) -> tuple[tuple[MetricPoint, ...], ...]:
        """Return all values of each metric given as run id and key, by step and time."""
        keys: dict[str, list[str]] = {}
        for run_id, key in series:
            keys.setdefault(run_id, []).append(key)
        with self._open() as connection:
            found = {run_id: _histories(connection, run_id, wanted) for run_id, wanted in keys.items()}
        return tuple(_in_order(found[run_id].get(key, [])) for run_id, key in series)

    def newest_steps(self, ids: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return the step of the newest value of each metric, by run id and key, where it is not 0."""
        found: dict[str, dict[str, int]] = {}
        query = "SELECT run_uuid, key, step FROM latest_metrics WHERE step != 0 AND run_uuid IN ({})"
        with self._open() as connection:
            for part in _parts(ids):
                for run_id, key, step in connection.execute(query.format(_marks(part)), part):
                    found.setdefault(run_id, {})[key] = step
        return found

    def with_data(self, notebooks: Sequence[str]) -> dict[str, list[tuple[int, str]]]:
        """Return start and id of the active runs of each notebook that have a dataset, in order."""
        query = (
            "SELECT t.value, coalesce(r.start_time, 0), r.run_uuid FROM tags t JOIN runs r USING (run_uuid) "
            "WHERE t.key = ? AND t.value IN ({}) AND r.lifecycle_stage = 'active' AND EXISTS "
            "(SELECT 1 FROM inputs i WHERE i.destination_type = 'RUN' AND i.destination_id = r.run_uuid"
            " AND i.source_type = 'DATASET')"
        )
        found: dict[str, list[tuple[int, str]]] = {}
        with self._open() as connection:
            for part in _parts(notebooks):
                rows = connection.execute(query.format(_marks(part)), [NOTEBOOK_TAG, *part])
                for notebook, started, run_id in rows:
                    found.setdefault(notebook, []).append((started, run_id))
        return {notebook: sorted(runs) for notebook, runs in found.items()}

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(connect_to_read(self.path)) as connection:
                connection.create_function("contains", 2, _contains, deterministic=True)
                connection.create_function("begins", 2, _begins, deterministic=True)
                connection.create_function(
                    "casefold", 1, lambda text: (text or "").casefold(), deterministic=True
                )
                yield connection
        except sqlite3.Error as error:
            raise StoreError(f"cannot read {self.path}: {error}") from error


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Connect without leave to write, unless the database has to be mended first.

    A writer that was killed leaves a journal behind, and only a connection that may write can undo what it had
    half done (https://sqlite.org/lockingv3.html#hot_journals).

    Raises
    ------
    sqlite3.Error
        When the file cannot be opened or is no database.
    """
    for mode in ("ro", "rw"):
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=5)
        try:
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1")
        except sqlite3.Error as error:
            connection.close()
            if mode == "rw" or "readonly" not in str(error):
                raise
        else:
            break
    return connection


def _contains(text: str | None, word: str) -> bool:
    return word in (text or "").casefold()


def _begins(text: str | None, word: str) -> bool:
    return (text or "").casefold().startswith(word)


def _require_experiment(connection: sqlite3.Connection, name: str) -> None:
    names = [
        row[0] for row in connection.execute("SELECT name FROM experiments WHERE lifecycle_stage = 'active'")
    ]
    if name not in names:
        raise unknown_experiment(name, names)


def unknown_experiment(name: str, names: Sequence[str]) -> UsageError:
    """Return the error for an experiment that the store does not have."""
    return UsageError(
        f"no experiment is called {name!r}; there are: {', '.join(sorted(names)) or 'none yet'}"
    )


def _runs(connection: sqlite3.Connection, ids: Sequence[str]) -> tuple[Run, ...]:
    found: dict[str, Run] = {}
    for part in _parts(ids):
        found |= {run.id: run for run in _read_runs(connection, part)}
    return tuple(found[run_id] for run_id in ids if run_id in found)


def _parts(ids: Sequence[str]) -> Iterator[list[str]]:
    return (list(ids[start : start + _MAX_VARIABLES]) for start in range(0, len(ids), _MAX_VARIABLES))


def _marks(values: Sequence[str]) -> str:
    return ",".join("?" * len(values))


def _histories(
    connection: sqlite3.Connection, run_id: str, keys: Sequence[str]
) -> dict[str, list[MetricPoint]]:
    # The plus keeps SQLite from going through all runs' values of a metric, by the primary key, which begins with it.
    query = "SELECT key, value, is_nan, timestamp, step FROM metrics WHERE run_uuid = ? AND +key IN ({})"
    found: dict[str, list[MetricPoint]] = {}
    for part in _parts(keys):
        for key, value, nan, when, step in connection.execute(query.format(_marks(part)), [run_id, *part]):
            found.setdefault(key, []).append(MetricPoint(key, _number(value, nan), when, step))
    return found


def _in_order(points: Iterable[MetricPoint]) -> tuple[MetricPoint, ...]:
    return tuple(sorted(points, key=lambda point: (point.step, point.timestamp_ms, point.value)))


def _read_runs(connection: sqlite3.Connection, ids: list[str]) -> Iterator[Run]:
    marks = _marks(ids)

    def pivot(query: str) -> dict[str, list[Any]]:
        rows: dict[str, list[Any]] = {run_id: [] for run_id in ids}
        for run_id, *rest in connection.execute(query.format(marks), ids):
            rows[run_id].append(rest)
        return rows

    heads = pivot(
        "SELECT r.run_uuid, r.name, r.status, e.name, r.start_time, r.end_time, r.artifact_uri "
        + ACTIVE
        + " AND r.run_uuid IN ({})"
    )
    params = pivot("SELECT run_uuid, key, value FROM params WHERE run_uuid IN ({})")
    tags = pivot("SELECT run_uuid, key, value FROM tags WHERE run_uuid IN ({})")
    metrics = pivot("SELECT run_uuid, key, value, is_nan FROM latest_metrics WHERE run_uuid IN ({})")
    datasets = pivot(
        "SELECT i.destination_id, d.name, d.digest, d.dataset_profile FROM inputs i "
        "JOIN datasets d ON d.dataset_uuid = i.source_id "
        "WHERE i.source_type = 'DATASET' AND i.destination_type = 'RUN' AND i.destination_id IN ({})"
    )
    for run_id, rows in heads.items():
        for name, status, experiment, started, ended, artifact_uri in rows:
            yield Run(
                id=run_id,
                name=name or "",
                status=RunStatus(status),
                experiment=experiment,
                started_ms=started or 0,
                ended_ms=ended,
                params=dict(sorted(params[run_id])),
                metrics={key: _number(value, nan) for key, value, nan in sorted(metrics[run_id])},
                datasets=summaries(datasets[run_id]),
                tags=dict(sorted(tags[run_id])),
                artifact_uri=artifact_uri or "",
            )


def _number(value: float, is_nan: object) -> float:
    return math.nan if is_nan else value


def summaries(rows: Sequence[Sequence[Any]]) -> tuple[DatasetSummary, ...]:
    """Return the datasets of (name, digest, profile JSON) rows, by name and digest."""
    return tuple(
        DatasetSummary(name, digest, _row_count(profile))
        for name, digest, profile in sorted(rows, key=lambda row: (row[0], row[1]))
    )


def _row_count(profile: str | None) -> int | None:
    try:
        rows = json.loads(profile or "{}").get("num_rows")
    except (ValueError, AttributeError):
        return None
    return rows if isinstance(rows, int) else None
