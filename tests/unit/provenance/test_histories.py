from __future__ import annotations

import math

import pytest

from nbship.provenance.histories import read_histories
from nbship.store.reader import search


@pytest.fixture
def client(tracking_uri):
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri)


@pytest.fixture
def make(client, tmp_path):
    """Return a function that makes a run from histories, given as metric to values."""
    from mlflow.entities import Metric

    experiment = client.create_experiment("e", artifact_location=str(tmp_path / "artifacts"))

    def make(name, **metrics):
        run = client.create_run(experiment, run_name=name).info.run_id
        points = [
            Metric(key, value, 5, step)
            for key, values in metrics.items()
            for step, value in enumerate(values)
        ]
        for start in range(0, len(points), 1000):
            client.log_batch(run, points[start : start + 1000])
        return run

    return make


def read(tracking_uri):
    return read_histories(tracking_uri, search(tracking_uri, sort="name", limit=1000).runs)


def test_metrics_with_several_values_have_a_history(make, tracking_uri):
    run = make("a", loss=[3.0, 2.0, 1.0], once=[1.0])
    (series,) = read(tracking_uri).series
    assert (series.run, series.metric, series.steps, series.values) == (
        run,
        "loss",
        (0, 1, 2),
        (3.0, 2.0, 1.0),
    )


def test_what_is_no_finite_number_is_left_out(make, tracking_uri):
    make("a", loss=[math.nan, 2.0, math.nan, 1.0])
    assert [(one.steps, one.values) for one in read(tracking_uri).series] == [((1, 3), (2.0, 1.0))]


def test_long_histories_are_thinned_and_keep_their_ends(make, tracking_uri):
    make("a", loss=[float(step) for step in range(2345)])
    (series,) = read(tracking_uri).series
    assert len(series.values) == 100
    assert (series.steps[0], series.steps[-1]) == (0, 2344)


def test_many_histories_are_bounded_in_all(make, tracking_uri):
    for number in range(20):
        make(f"run {number:02}", **{f"m{key}": [0.0] * 40 for key in range(15)})
    found = read(tracking_uri)
    assert sum(len(series.values) for series in found.series) <= 5000
    assert {series.metric for series in found.series} == {
        f"m{key}" for key in (0, 1, 10, 11, 12, 13, 14, 2, 3, 4, 5, 6)
    }
    assert (found.shown, found.of) == (240, 300)
