from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from nbship.errors import AmbiguousRunError, RunNotFoundError, StoreError
from nbship.store.reader import get, list_artifacts, metric_history, read_artifact, search


@pytest.fixture
def client(tracking_uri):
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri)


@pytest.fixture
def experiment(client, tmp_path):
    return client.create_experiment("e", artifact_location=str(tmp_path / "artifacts"))


def make(client, experiment, name, started, **tags):
    run = client.create_run(experiment, run_name=name, start_time=started, tags=tags)
    client.log_metric(run.info.run_id, "auc", started / 10)
    return run.info.run_id


def test_a_store_that_does_not_exist_holds_no_runs_and_is_not_made(tmp_path):
    uri = f"sqlite:///{tmp_path / 'none.db'}"
    assert search(uri, "metrics.auc > 1").runs == ()
    assert metric_history(uri, "x", "auc") == ()
    with pytest.raises(RunNotFoundError, match="holds no runs yet"):
        get(uri, "latest")
    assert list(tmp_path.iterdir()) == []


def test_words_and_filters_find_runs(client, experiment, tracking_uri):
    for number in range(4):
        make(client, experiment, f"run {number}", 10 + number)
    page = search(tracking_uri, "RUN", limit=3)
    assert [run.name for run in page.runs] == ["run 3", "run 2", "run 1"]
    assert page.more
    assert page.tracking_uri == tracking_uri
    filtered = search(tracking_uri, "metrics.auc >= 1.1 and metrics.auc < 1.3", sort="auc")
    assert [run.name for run in filtered.runs] == ["run 1", "run 2"]


def test_a_run_is_named_in_many_ways(client, experiment, tracking_uri):
    run = make(client, experiment, "alpha", 1, **{"nbship.run": "f" * 32})
    newest = make(client, experiment, "beta", 2)
    for name in (run, run[:12], "alpha", "f" * 32, "f" * 9):
        assert get(tracking_uri, name).id == run, name
    assert get(tracking_uri, "latest").id == newest
    with pytest.raises(RunNotFoundError, match="'gamma'"):
        get(tracking_uri, "gamma")


def test_a_name_of_several_runs_is_ambiguous_and_they_are_listed(client, experiment, tracking_uri):
    ids = [make(client, experiment, "same", 10 + number) for number in range(2)]
    with pytest.raises(AmbiguousRunError) as caught:
        get(tracking_uri, "same")
    assert all(run[:8] in str(caught.value) for run in ids)


def test_a_whole_name_wins_over_the_beginning_of_an_id(client, experiment, tracking_uri):
    first = make(client, experiment, "x", 1)
    named = make(client, experiment, first[:4], 2)
    assert get(tracking_uri, first[:4]).id == named


def test_a_deleted_run_is_not_found(client, experiment, tracking_uri):
    run = make(client, experiment, "x", 1)
    client.delete_run(run)
    for name in (run, "x", "latest"):
        with pytest.raises(RunNotFoundError):
            get(tracking_uri, name)


def test_the_files_of_a_run_are_read_from_disk(client, experiment, tracking_uri, tmp_path):
    run_id = make(client, experiment, "x", 1)
    run = get(tracking_uri, run_id)
    assert list_artifacts(tracking_uri, run) == ()
    client.log_text(run_id, "deep", "a/b.txt")
    (tmp_path / "secret").write_text("s")
    assert list_artifacts(tracking_uri, run) == ("a/b.txt",)
    assert list_artifacts(tracking_uri, run, "a") == ("a/b.txt",)
    assert list_artifacts(tracking_uri, run, "none") == ()
    assert read_artifact(tracking_uri, run, "a/b.txt") == b"deep"
    for path in ("none", "a", "../../../secret"):
        with pytest.raises(RunNotFoundError, match="has no file"):
            read_artifact(tracking_uri, run, path)


def test_listing_a_local_store_does_not_import_mlflow(client, experiment, tracking_uri):
    make(client, experiment, "x", 1)
    program = (
        "import sys; from nbship.store.reader import search, get; "
        f"assert search({tracking_uri!r}, 'x').runs == (get({tracking_uri!r}, 'latest'),); "
        "print([name for name in ('mlflow', 'pandas', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_server_that_is_down_is_said_within_seconds(monkeypatch):
    started = time.monotonic()
    with pytest.raises(StoreError):
        search("http://127.0.0.1:9")
    assert time.monotonic() - started < 20
    assert "MLFLOW_HTTP_REQUEST_MAX_RETRIES" not in os.environ


def test_a_message_does_not_hold_the_password_of_the_store(tmp_path):
    # Only a database in a file is known to be missing before anybody asks it.
    with pytest.raises(RunNotFoundError) as caught:
        get(f"sqlite:///{tmp_path}/ann://ann:hunter2@host/mlflow.db", "nobody")
    assert "hunter2" not in str(caught.value)
