from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from nbship import service
from nbship.errors import AmbiguousRunError, RunNotFoundError, StoreError, UsageError
from nbship.model.event import RunBegan, RunEnded, SessionOpened
from nbship.model.run import RunStatus
from nbship.recording.journal import SpoolWriter
from nbship.recording.open_runs import is_going_on
from nbship.recording.process import this_process
from nbship.store import reader

LOCAL = "a" * 32


@pytest.fixture
def runs(client, experiment):
    """Three runs, one of them with a tag."""
    made = [client.create_run(experiment, run_name=f"run {n}", start_time=n + 1) for n in range(3)]
    client.set_tag(made[0].info.run_id, "team", "delays")
    for run in made:
        client.set_terminated(run.info.run_id)
    return [run.info.run_id for run in made]


def names(settings, **asked):
    return [run.name for run in service.runs(settings, **asked).runs]


def test_tags_are_set_changed_and_removed(own_store, runs):
    done = service.tag_runs(own_store, [runs[0], "run 1"], {"team": "Wetter ☔", "seen": "", "none": None})
    assert done.action == "tagged"
    assert [run.tags for run in done.runs] == [{"seen": "", "team": "Wetter ☔"}] * 2
    assert reader.get(own_store.tracking_uri, "run 1").tags["team"] == "Wetter ☔"
    service.tag_runs(own_store, runs, {"team": None, "seen": None})
    left = {key for run in service.runs(own_store).runs for key in run.tags}
    assert left == {"mlflow.runName"}
    assert json.loads(json.dumps(done.to_dict()))["runs"][1]["name"] == "run 1"


def test_many_tags_are_set_at_once(own_store, runs):
    tags = {f"k{number}": str(number) for number in range(150)}
    service.tag_runs(own_store, [runs[0]], tags)
    assert tags.items() <= reader.get(own_store.tracking_uri, runs[0]).tags.items()


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"mlflow.runName": "x"}, "kept by mlflow"),
        ({"nbship.archived": None}, "kept by nbship"),
        ({"a?b": "x"}, "cannot be the key"),
        ({"": "x"}, "cannot be the key"),
        ({"k" * 251: "x"}, "cannot be the key"),
        ({"../x": "x"}, "cannot be the key"),
        ({"k": "x" * 8001}, "8,001 characters"),
        ({}, "no tags"),
    ],
)
def test_tags_that_cannot_be_set_are_wrong_use(own_store, runs, tags, said):
    with pytest.raises(UsageError, match=said):
        service.tag_runs(own_store, runs, {"fine": "1", **tags} if tags else tags)
    assert "fine" not in reader.get(own_store.tracking_uri, runs[0]).tags


def test_either_all_runs_are_known_or_nothing_is_done(own_store, runs, client):
    with pytest.raises(RunNotFoundError, match=r"nothing was done.*'nobody'.*'none'"):
        service.tag_runs(own_store, [runs[0], "nobody", "none"], {"k": "v"})
    with pytest.raises(RunNotFoundError):
        service.delete_runs(own_store, [*runs, "nobody"])
    with pytest.raises(RunNotFoundError):
        service.restore_runs(own_store, ["nobody"])
    with pytest.raises(UsageError, match="no runs are given"):
        service.archive_runs(own_store, [])
    client.set_tag(runs[1], "mlflow.runName", "run 0")
    with pytest.raises(AmbiguousRunError):
        service.archive_runs(own_store, [runs[2], "run 0"])
    assert service.runs(own_store).total == 3
    assert "k" not in reader.get(own_store.tracking_uri, runs[0]).tags


def test_archived_runs_leave_the_listing_and_come_back(own_store, runs):
    done = service.archive_runs(own_store, [runs[0], runs[0], "run 1"])
    assert (done.action, len(done.runs)) == ("archived", 2)
    assert names(own_store) == ["run 2"]
    assert names(own_store, archived=True) == ["run 2", "run 1", "run 0"]
    assert names(own_store, query="tags.`nbship.archived` = 'true'") == ["run 1", "run 0"]
    assert reader.get(own_store.tracking_uri, "run 0").id == runs[0]
    assert service.archive_runs(own_store, ["run 0"], archived=False).action == "unarchived"
    service.archive_runs(own_store, ["run 0"], archived=False)  # twice is as good
    assert names(own_store) == ["run 2", "run 0"]


def test_deleted_runs_can_be_restored_by_any_of_their_names(own_store, runs):
    assert service.delete_runs(own_store, runs).action == "deleted"
    assert names(own_store, archived=True) == []
    with pytest.raises(RunNotFoundError):
        service.delete_runs(own_store, [runs[0]])
    done = service.restore_runs(own_store, [runs[0], runs[1][:12], "run 2"])
    assert [run.name for run in done.runs] == ["run 0", "run 1", "run 2"]
    assert service.runs(own_store).total == 3
    with pytest.raises(RunNotFoundError, match="no deleted run answers to"):
        service.restore_runs(own_store, [runs[0]])


@pytest.fixture
def open_run(own_store, client, experiment):
    """A run that this process is recording, and its journal."""
    run = client.create_run(experiment, run_name="now", tags={"nbship.run": LOCAL}).info.run_id
    opened = SessionOpened("s1", this_process(), project=str(own_store.project))
    writer = SpoolWriter.create(own_store.spool, opened)
    writer.append(RunBegan(LOCAL, "now", own_store.tracking_uri, "e", 1))
    yield run, writer
    writer.close()


def test_a_run_that_is_being_recorded_is_not_deleted(own_store, open_run, runs):
    run, writer = open_run
    with pytest.raises(UsageError, match=r"run now .* is still being recorded"):
        service.delete_runs(own_store, [runs[0], run])
    assert service.runs(own_store, wait_seconds=0).total == 4
    service.tag_runs(own_store, [run], {"k": "v"})
    writer.append(RunEnded(LOCAL, RunStatus.FINISHED, 2))
    service.delete_runs(own_store, [run])


def test_a_run_whose_kernel_died_can_be_deleted(tmp_path):
    dead = replace(this_process(), created=1.0)
    writer = SpoolWriter.create(tmp_path, SessionOpened("s1", dead))
    writer.append(RunBegan(LOCAL, "x", "u", "e", 1))
    writer.close()
    assert not is_going_on(tmp_path, LOCAL)
    assert not is_going_on(tmp_path / "none", LOCAL)


def test_a_journal_that_cannot_be_read_holds_nobody_up(tmp_path):
    (tmp_path / "s1").mkdir()
    (tmp_path / "s1" / "journal.jsonl").write_text("odd\n")
    assert not is_going_on(tmp_path, LOCAL)


@pytest.fixture
def fitted(client, experiment, tmp_path):
    """Return a function that makes a run with logged models of the given names."""
    from mlflow.entities import LoggedModelStatus

    files = tmp_path / "model files"
    files.mkdir()
    (files / "MLmodel").write_text("flavors: {}")

    def make(name, *models):
        run = client.create_run(experiment, run_name=name).info.run_id
        for model in models:
            made = client.create_logged_model(experiment, name=model, source_run_id=run)
            client.log_model_artifacts(made.model_id, str(files))
            client.finalize_logged_model(made.model_id, LoggedModelStatus.READY)
        client.set_terminated(run)
        return run

    return make


def test_the_model_of_a_run_is_registered_once(own_store, fitted, client):
    run = fitted("fit", "model")
    version = service.register(own_store, "fit", "flights", alias="champion")
    assert (version.name, version.version, version.run_id) == ("flights", "1", run)
    assert (version.aliases, version.model) == (("champion",), "model")
    assert version.to_dict()["uri"] == "models:/flights/1"
    again = service.register(own_store, run, "flights", alias="challenger")
    assert (again.version, again.aliases) == ("1", ("challenger", "champion"))
    (logged,) = client.search_logged_models([client.get_run(run).info.experiment_id])
    assert client.get_model_version("flights", "1").source == f"models:/{logged.model_id}"
    assert service.registered(own_store, "fit") == (again,)


def test_registering_in_another_process_gives_the_same_answer(own_store, fitted, monkeypatch):
    fitted("fit", "model")
    version = service.register(own_store, "fit", "flights", alias="champion", apart=True)
    assert service.registered(own_store, "fit") == (version,)
    with pytest.raises(UsageError, match="'nobody'"):
        service.register(own_store, "nobody", "flights", apart=True)


def test_the_store_of_the_process_stays_what_it_was(own_store, fitted, monkeypatch):
    import mlflow

    fitted("fit", "model")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    mlflow.set_tracking_uri("sqlite:////nowhere/other.db")
    try:
        service.register(own_store, "fit", "flights")
        assert mlflow.get_tracking_uri() == "sqlite:////nowhere/other.db"
    finally:
        mlflow.set_tracking_uri(None)
    service.register(own_store, "fit", "more")
    assert "MLFLOW_TRACKING_URI" not in os.environ


def test_an_alias_moves_from_version_to_version(own_store, fitted):
    fitted("first", "model")
    fitted("second", "model")
    service.register(own_store, "first", "flights", alias="champion")
    service.register(own_store, "second", "flights")
    assert service.set_alias(own_store, "flights", "champion", "2").aliases == ("champion",)
    assert service.registered(own_store, "first")[0].aliases == ()
    service.remove_alias(own_store, "flights", "champion")
    service.remove_alias(own_store, "flights", "champion")
    assert service.registered(own_store, "second")[0].aliases == ()


def test_one_of_several_models_is_named(own_store, fitted):
    run = fitted("fit", "small", "large")
    with pytest.raises(UsageError, match=f"several models: large, small.*runs:/{run}/large"):
        service.register(own_store, "fit", "flights")
    assert service.register(own_store, f"runs:/{run}/small", "flights").model == "small"
    with pytest.raises(UsageError, match="no model 'none'; it has large, small"):
        service.register(own_store, f"runs:/{run}/none", "flights")


def test_what_cannot_be_registered_is_wrong_use(own_store, fitted, runs):
    fitted("fit", "model")
    with pytest.raises(UsageError, match="has no model"):
        service.register(own_store, runs[0], "flights")
    with pytest.raises(UsageError, match="cannot be registered as 'a/b:c'"):
        service.register(own_store, "fit", "a/b:c")
    with pytest.raises(UsageError, match="needs a name"):
        service.register(own_store, "fit", " ")
    service.register(own_store, "fit", "flights")
    with pytest.raises(UsageError, match="alias 'v1'"):
        service.set_alias(own_store, "flights", "v1", "1")
    with pytest.raises(UsageError, match="no version '7'; it has 1"):
        service.set_alias(own_store, "flights", "champion", "7")
    with pytest.raises(UsageError, match="no registered model 'none'"):
        service.set_alias(own_store, "none", "champion", "1")
    with pytest.raises(RunNotFoundError):
        service.register(own_store, "nobody", "flights")
    assert service.registered(own_store, runs[0]) == ()


def test_a_deleted_version_is_not_listed(own_store, fitted, client):
    fitted("fit", "model")
    service.register(own_store, "fit", "flights")
    client.delete_model_version("flights", "1")
    assert service.registered(own_store, "fit") == ()


def test_a_store_that_is_down_changes_nothing(own_store):
    down = replace(own_store, tracking_uri="http://127.0.0.1:9")
    for change in (service.archive_runs, service.delete_runs, service.restore_runs):
        with pytest.raises(StoreError):
            change(down, ["x"])
