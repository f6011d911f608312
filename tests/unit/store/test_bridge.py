from __future__ import annotations

import os
import threading
import time

import pytest

from nbship.model.run import RunStatus
from nbship.store.bridge import close_run, open_run
from nbship.store.mlflow_context import TrackedCellContext
from nbship.store.reader import get, search

mlflow = pytest.importorskip("mlflow")


@pytest.fixture(autouse=True)
def own_mlflow():
    """Begin without what mlflow keeps in the process, and leave nothing there."""
    _forget()
    yield
    _forget()


def _forget():
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.set_tracking_uri(None)
    mlflow.tracking.fluent._active_experiment_id = None


@pytest.fixture
def run_id(tracking_uri, tmp_path):
    opened = open_run(
        tracking_uri, "e", "cell", {"nbship.run": "a" * 32}, 60, artifact_root=str(tmp_path / "artifacts")
    )
    assert opened is not None
    return opened


def test_plain_calls_land_in_the_run_of_the_cell(run_id, tracking_uri):
    mlflow.log_metric("auc", 0.5)
    mlflow.log_param("depth", 3)
    close_run(run_id, RunStatus.FAILED)
    (run,) = search(tracking_uri).runs
    assert run.id == run_id
    assert (run.metrics, run.params) == ({"auc": 0.5}, {"depth": "3"})
    assert run.status is RunStatus.FAILED
    assert mlflow.active_run() is None


def test_the_first_started_run_is_the_run_of_the_cell_and_the_next_its_child(
    run_id, tracking_uri, monkeypatch
):
    monkeypatch.setenv("NBSHIP_SOURCE", "train.ipynb")
    with mlflow.start_run() as first:
        mlflow.log_metric("auc", 0.5)
    with mlflow.start_run(run_name="second") as second:
        mlflow.log_metric("auc", 0.6)
    close_run(run_id)
    assert first.info.run_id == run_id
    child = get(tracking_uri, "second")
    assert child.id == second.info.run_id
    assert child.tags["mlflow.parentRunId"] == run_id
    assert (child.tags["mlflow.source.name"], child.tags["mlflow.source.type"]) == ("train.ipynb", "NOTEBOOK")


def test_autolog_lands_in_the_run_of_the_cell(run_id, tracking_uri):
    from sklearn.linear_model import LinearRegression

    mlflow.sklearn.autolog(log_models=False, log_datasets=False, silent=True)
    try:
        LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0])
    finally:
        mlflow.sklearn.autolog(disable=True)
    close_run(run_id)
    (run,) = search(tracking_uri).runs
    assert run.id == run_id
    assert run.params["fit_intercept"] == "True"


def test_nothing_stays_behind_for_the_next_cell(run_id, tracking_uri):
    close_run(run_id)
    assert not {"MLFLOW_RUN_ID", "NBSHIP_ACTIVE_RUN"} & os.environ.keys()
    assert not TrackedCellContext().in_context()
    with mlflow.start_run(run_name="later") as later:
        pass
    assert later.info.run_id != run_id
    assert "mlflow.parentRunId" not in get(tracking_uri, "later").tags


def test_a_run_that_the_user_has_open_stays_the_users(tracking_uri):
    mlflow.set_tracking_uri(tracking_uri)
    with mlflow.start_run():
        assert open_run(tracking_uri, "e", "cell", {}, 60) is None


def test_a_tracking_uri_of_the_user_is_not_changed(tracking_uri, tmp_path):
    mine = f"sqlite:///{tmp_path / 'mine.db'}"
    mlflow.set_tracking_uri(mine)
    assert open_run(tracking_uri, "e", "cell", {}, 60) is None
    assert mlflow.get_tracking_uri() == mine
    mlflow.set_tracking_uri(tracking_uri)
    opened = open_run(tracking_uri, "e", "cell", {}, 60)
    assert mlflow.get_tracking_uri() == tracking_uri
    close_run(opened)


def test_a_cell_may_turn_to_another_experiment(run_id, tracking_uri):
    mlflow.set_experiment("mine")
    with mlflow.start_run(run_name="own"):
        mlflow.log_metric("auc", 0.5)
    close_run(run_id)
    own = get(tracking_uri, "own")
    assert (own.experiment, own.metrics) == ("mine", {"auc": 0.5})
    assert own.tags["mlflow.parentRunId"] == run_id
    assert get(tracking_uri, "cell").id == run_id


def test_a_cell_may_turn_to_another_store(run_id, mlflow_template, tmp_path):
    import shutil

    shutil.copy(mlflow_template, tmp_path / "other.db")
    other = f"sqlite:///{tmp_path / 'other.db'}"
    mlflow.set_tracking_uri(other)
    with mlflow.start_run(run_name="own"):
        pass
    close_run(run_id)
    assert [run.name for run in search(other).runs] == ["own"]


def test_an_experiment_that_was_set_before_takes_the_run(tracking_uri):
    mlflow.set_tracking_uri(tracking_uri)
    mlflow.set_experiment("mine")
    opened = open_run(tracking_uri, "e", "cell", {}, 60)
    mlflow.log_metric("auc", 0.5)
    close_run(opened)
    (run,) = search(tracking_uri).runs
    assert (run.id, run.experiment, run.metrics) == (opened, "mine", {"auc": 0.5})


def test_a_run_that_comes_too_late_is_not_left_behind(tracking_uri, tmp_path):
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        assert open_run(tracking_uri, "e", "cell", {}, 0.2) is None
        connection.rollback()
    for thread in threading.enumerate():
        if thread.name == "nbship-open-run":
            thread.join(60)
    assert search(tracking_uri).runs == ()
    assert "MLFLOW_RUN_ID" not in os.environ


def test_a_store_that_is_down_is_not_waited_for(monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    started = time.monotonic()
    assert open_run("http://127.0.0.1:9", "e", "cell", {}, 2) is None
    assert time.monotonic() - started < 10
    assert "MLFLOW_RUN_ID" not in os.environ


def test_the_plugin_answers_only_inside_a_tracked_cell(monkeypatch):
    context = TrackedCellContext()
    assert not context.in_context()
    monkeypatch.setenv("NBSHIP_ACTIVE_RUN", "abc")
    assert context.in_context()
    assert context.tags() == {"mlflow.parentRunId": "abc"}
