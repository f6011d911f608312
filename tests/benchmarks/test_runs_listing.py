"""Listing the runs of a large local store, beside MLflow's own search."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from large_store import METRICS, make_large_store
from nbship.store.reader import search

RUNS = 10_000
PAGE = 25


def points(ids):
    return [
        (f"m{k}", (n * 31 % 1000) / 1000 + k, one, 0) for n, one in enumerate(ids) for k in range(METRICS)
    ]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store of 10,000 runs with 10 parameters, 10 metrics, 6 tags and a dataset each."""
    tags = (
        *("mlflow.source.name", "mlflow.user", "mlflow.source.git.commit"),
        *("team", "nbship.run", "nbship.lineage"),
    )
    return make_large_store(tmp_path_factory.mktemp("large") / "mlflow.db", RUNS, points, tags)


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
@pytest.mark.parametrize("sort", [None, "-m3", "name", "params.p3"])
@pytest.mark.parametrize("offset", [0, RUNS - 100])
def test_a_page_of_a_scrolling_list(store, sort, offset):
    page = search(store, limit=100, offset=offset, sort=sort)
    assert (len(page.runs), page.total) == (100, RUNS)
    ours = seconds(lambda: search(store, limit=100, offset=offset, sort=sort))
    print(f"\nruns {offset} and 99 more by {sort or 'start'}: {ours * 1000:.0f} ms")


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
