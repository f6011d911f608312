"""Listing the runs of a large local store, beside MLflow's own search."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time

import pytest

from nbship.store.reader import search

RUNS = 10_000
PARAMS = METRICS = 10
PAGE = 25


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store of 10,000 runs with 10 parameters, 10 metrics, 6 tags and a dataset each."""
    from nbship.store.connection import connect

    path = tmp_path_factory.mktemp("large") / "mlflow.db"
    uri = f"sqlite:///{path}"
    experiment = connect(uri).create_experiment("large")
    connection = sqlite3.connect(path)
    with connection:
        _fill(connection, experiment)
    connection.close()
    return uri


def _fill(connection, experiment):
    ids = [f"{number:032x}" for number in range(RUNS)]
    connection.executemany(
        "INSERT INTO runs (run_uuid, name, source_type, user_id, status, start_time, end_time, lifecycle_stage,"
        " artifact_uri, experiment_id) VALUES (?, ?, 'NOTEBOOK', 'ann', 'FINISHED', ?, ?, 'active', ?, ?)",
        [(one, f"run {n}", n * 1000, n * 1000 + 500, f"/a/{one}", experiment) for n, one in enumerate(ids)],
    )
    connection.executemany(
        "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
        [(f"p{k}", str((n * 7 + k) % 100), one) for n, one in enumerate(ids) for k in range(PARAMS)],
    )
    metrics = [
        (f"m{k}", (n * 31 % 1000) / 1000 + k, one) for n, one in enumerate(ids) for k in range(METRICS)
    ]
    for table in ("metrics", "latest_metrics"):
        connection.executemany(
            f"INSERT INTO {table} (key, value, run_uuid, timestamp, step, is_nan) VALUES (?, ?, ?, 1, 0, 0)",
            metrics,
        )
    tags = (
        "mlflow.source.name",
        "mlflow.user",
        "mlflow.source.git.commit",
        "team",
        "nbship.run",
        "nbship.lineage",
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


def seconds(call, rounds=5):
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - started)
    return best


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "query", "sort"),
    [
        ("first page", None, None),
        ("sorted by a metric", None, "-m3"),
        ("plain words", "team=team 17", None),
        ("words in no run", "nothingofthekind", None),
    ],
)
def test_a_page_of_ten_thousand_runs(store, what, query, sort):
    ours = seconds(lambda: search(store, query, limit=PAGE, sort=sort))
    theirs = _mlflow_page(store, sort, query)
    print(
        f"\n{what}: nbship {ours * 1000:.0f} ms, MlflowClient first page {theirs * 1000:.0f} ms ({theirs / ours:.1f}x)"
    )


def _mlflow_page(store, sort, query):
    from mlflow import MlflowClient

    client = MlflowClient(store)
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    # MLflow cannot search for words everywhere; one tag is the nearest that it has.
    where = f"tags.team ILIKE '%{query.removeprefix('team=')}%'" if query else ""
    order = ["metrics.m3 DESC"] if sort else ["attributes.start_time DESC"]
    return seconds(lambda: client.search_runs(experiments, where, max_results=PAGE, order_by=order), rounds=3)


@pytest.mark.slow
def test_all_of_ten_thousand_runs(store):
    import mlflow

    ours = seconds(lambda: search(store, limit=RUNS), rounds=2)
    mlflow.set_tracking_uri(store)
    try:
        theirs = seconds(lambda: mlflow.search_runs(search_all_experiments=True, max_results=RUNS), rounds=1)
    finally:
        mlflow.set_tracking_uri(None)
    print(f"\nall runs: nbship {ours:.2f} s, mlflow.search_runs {theirs:.2f} s ({theirs / ours:.0f}x)")


@pytest.mark.slow
def test_a_first_page_in_a_fresh_process(store):
    def run(program):
        return seconds(
            lambda: subprocess.run([sys.executable, "-c", program], check=True, capture_output=True), 3
        )

    ours = run(f"from nbship.store.reader import search; search({store!r})")
    theirs = run(f"import mlflow; mlflow.MlflowClient({store!r}).search_runs(['1'], max_results={PAGE})")
    print(f"\nfresh process, first page: nbship {ours:.2f} s, mlflow {theirs:.2f} s ({theirs / ours:.0f}x)")
