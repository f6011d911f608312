from __future__ import annotations

import json
import os
import pty
import shutil
import sys

import pytest

from nbship.config import load_settings
from nbship.store import reader

HOSTILE = "odd\x1b[31m\nname"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    from nbship.store.connection import connect

    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    connect(f"sqlite:///{path}")
    return path


@pytest.fixture
def project(tmp_path, template, monkeypatch):
    """A project with three runs as the current folder; the first has a model."""
    from mlflow import MlflowClient

    home = tmp_path / "project" / ".nbship"
    home.mkdir(parents=True)
    shutil.copy(template, home / "mlflow.db")
    monkeypatch.chdir(home.parent)
    client = MlflowClient(load_settings().tracking_uri)
    experiment = client.create_experiment("e", (tmp_path / "artifacts").as_uri())
    for number, name in enumerate(["fit", "second", HOSTILE]):
        tags = {"mlflow.source.name": f"{number}.ipynb"}
        run = client.create_run(experiment, run_name=name, start_time=number + 1, tags=tags).info.run_id
        if not number:
            client.create_logged_model(experiment, name="model", source_run_id=run)
        client.set_terminated(run)
    return home.parent


def tags_of(run):
    return reader.get(load_settings().tracking_uri, run).tags


def listed(call, *arguments):
    code, out, _ = call("runs", "--json", *arguments)
    assert code == 0
    return [run["name"] for run in json.loads(out)["runs"]]


def test_tags_are_set_and_removed(project, call):
    code, out, _ = call("tag", "fit", "second", "-t", "team=delays", "-t", "note=a=b")
    assert code == 0
    assert out.splitlines()[1].startswith("tagged ")
    assert "second note=a=b team=delays" in out
    assert tags_of("fit")["note"] == "a=b"
    code, out, _ = call("tag", "-t", "seen=yes", "fit", "--remove", "note", "--json")
    assert (code, json.loads(out)["runs"][0]["tags"]) == (0, {"seen": "yes", "team": "delays"})
    assert "note" not in tags_of("fit")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tag", "fit"], "no tags are given"),
        (["tag", "-t", "a=b"], "no runs are given"),
        (["tag", "fit", "-t", "nokey"], "nokey"),
        (["tag", "fit", "-t", "a=b", "--remove", "a"], "to be set and to be removed"),
        (["tag", "fit", "-t", "mlflow.user=x"], "kept by mlflow"),
        (["archive", "fit", "nobody"], "nothing was done"),
        (["delete", "nobody", "--yes"], "'nobody'"),
        (["delete", "--undo", "fit"], "no deleted run answers"),
        (["register", "second", "flights"], "has no model"),
    ],
)
def test_wrong_use_says_what_is_wrong(project, call, arguments, said):
    code, out, errors = call(*arguments)
    assert (code, out) == (2, "")
    assert said in errors


def test_archived_runs_are_listed_on_demand(project, call):
    assert call("archive", "fit")[0] == 0
    assert listed(call) == [HOSTILE, "second"]
    assert listed(call, "--archived") == [HOSTILE, "second", "fit"]
    assert call("archive", "fit", "--undo", "--json")[0] == 0
    assert listed(call) == [HOSTILE, "second", "fit"]


def test_runs_are_listed_by_page_and_notebook(project, call):
    assert listed(call, "--limit", "1", "--offset", "1") == ["second"]
    assert listed(call, "--notebook", "0.ipynb", "--offset", "0", "--wait", "0") == ["fit"]
    assert call("runs", "--offset", "-1")[0] == 2


def test_deleting_wants_a_yes_and_can_be_undone(project, call):
    code, _, errors = call("delete", "fit")
    assert (code, listed(call)) == (2, [HOSTILE, "second", "fit"])
    assert "--yes" in errors
    code, out, _ = call("delete", "fit", "latest", "--yes")
    assert (code, listed(call)) == (0, ["second"])
    assert [line.split()[0] for line in out.splitlines()] == ["deleted", "deleted"]
    assert "\x1b" not in out
    assert call("delete", "--undo", "fit", "--json")[0] == 0
    assert listed(call) == ["second", "fit"]


@pytest.mark.parametrize(("answer", "left"), [("y\n", ["second", "fit"]), ("\n", [HOSTILE, "second", "fit"])])
def test_somebody_at_the_terminal_is_asked(project, call, monkeypatch, answer, left):
    keyboard, terminal = pty.openpty()
    os.write(keyboard, answer.encode())
    with os.fdopen(terminal, closefd=True) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        code, _, errors = call("delete", "latest")
    os.close(keyboard)
    assert "Delete run latest? [y/N]" in errors
    assert code == (0 if len(left) == 2 else 1)
    assert listed(call) == left


def test_a_model_is_registered_with_an_alias(project, call):
    code, out, _ = call("register", "fit", "flights", "--alias", "champion")
    assert (code, out) == (0, "registered flights version 1 (champion): models:/flights/1\n")
    version = json.loads(call("register", "fit", "flights", "--json")[1])
    assert (version["version"], version["aliases"], version["uri"]) == (
        "1",
        ["champion"],
        "models:/flights/1",
    )
