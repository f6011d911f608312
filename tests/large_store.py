"""A local store with many runs, filled by SQL: through MLflow's client it would take minutes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

PARAMS = METRICS = 10

Point = tuple[str, float, str, int]
"""Metric, value, run and step."""


def make_large_store(
    path: Path, runs: int, points: Callable[[list[str]], Iterable[Point]], tags: tuple[str, ...]
) -> str:
    """Make a store of runs with 10 parameters, the given tags and a dataset each, and return its URI.

    `points` returns the values of metrics, given the ids of the runs from the oldest on; the last of a metric is its newest.
    """
    from nbship.store.connection import connect

    uri = f"sqlite:///{path}"
    experiment = connect(uri).create_experiment("large")
    ids = [f"{number:032x}" for number in range(runs)]
    connection = sqlite3.connect(path)
    with connection:
        _fill_runs(connection, experiment, ids, tags)
        _fill_metrics(connection, list(points(ids)))
    connection.close()
    return uri


def _fill_runs(
    connection: sqlite3.Connection, experiment: str, ids: list[str], tags: tuple[str, ...]
) -> None:
    connection.executemany(
        "INSERT INTO runs (run_uuid, name, source_type, user_id, status, start_time, end_time, lifecycle_stage,"
        " artifact_uri, experiment_id) VALUES (?, ?, 'NOTEBOOK', 'ann', 'FINISHED', ?, ?, 'active', ?, ?)",
        [(one, f"run {n}", n * 1000, n * 1000 + 500, f"/a/{one}", experiment) for n, one in enumerate(ids)],
    )
    connection.executemany(
        "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
        [(f"p{k}", str((n * 7 + k) % 100), one) for n, one in enumerate(ids) for k in range(PARAMS)],
    )
    connection.executemany(
        "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)",
        [(tag, f"{tag} {n % 50}", one) for n, one in enumerate(ids) for tag in tags],
    )
    connection.executemany(
        "INSERT INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source,"
        " dataset_profile) VALUES (?, ?, 'flights', ?, 'code', '{}', '{\"num_rows\": 9}')",
        [(f"d{n}", experiment, f"digest{n}") for n in range(50)],
    )
    connection.executemany(
        "INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id)"
        " VALUES (?, 'DATASET', ?, 'RUN', ?)",
        [(one, f"d{n % 50}", one) for n, one in enumerate(ids)],
    )


def _fill_metrics(connection: sqlite3.Connection, points: list[Point]) -> None:
    newest = {(key, run): (key, value, run, step) for key, value, run, step in points}
    for table, rows in (("metrics", points), ("latest_metrics", newest.values())):
        connection.executemany(
            f"INSERT INTO {table} (key, value, run_uuid, step, timestamp, is_nan) VALUES (?, ?, ?, ?, 1, 0)",
            rows,
        )
