from __future__ import annotations

import json
import sqlite3

import pytest
from tests.large_store import make_large_store

from nbship.config import load_settings
from nbship.model.event import RunBegan, RunEnded, SessionOpened
from nbship.model.run import RunStatus
from nbship.recording.journal import SpoolWriter
from nbship.recording.process import this_process
from nbship.store.connection import sqlite_path

HOSTILE = "<img src=x onerror=alert(1)> ünï 'q\" --help"
RUNS = 12


@pytest.fixture
def store(project):
    """Return the path of the project's store, with 12 runs: ``auc`` falls while ``loss`` rises."""
    path = sqlite_path(load_settings(project).tracking_uri)
    path.parent.mkdir(parents=True, exist_ok=True)

    def points(ids):
        for number, run in enumerate(ids):
            yield "auc", 1 - number / 100, run, 0
            yield "loss", number / 10, run, 0

    make_large_store(path, RUNS, points, ("team",))
    return path


def run_id(number):
    return f"{number:032x}"


def change(store, statement, *values):
    connection = sqlite3.connect(store)
    with connection:
        connection.execute(statement, values)
    connection.close()


def begun(project, run="b" * 32, name="fresh", source="a.ipynb", **fields):
    settings = load_settings(project)
    writer = SpoolWriter.create(
        settings.spool, SessionOpened("s1", this_process(), source=source, project=str(project))
    )
    writer.append(RunBegan(run, name, settings.tracking_uri, "e", 5, **fields))
    return writer


async def test_runs_come_in_pages_newest_first(ask, store):
    code, first = await ask("GET", "runs", {"limit": "5"})
    assert code == 200
    assert [run["name"] for run in first["runs"]] == [f"run {n}" for n in range(11, 6, -1)]
    assert (first["more"], first["total"]) == (True, RUNS)
    assert set(first["badges"]) == {run["id"] for run in first["runs"]}
    _, last = await ask("GET", "runs", {"limit": "5", "offset": "10"})
    assert [run["name"] for run in last["runs"]] == ["run 1", "run 0"]
    assert not last["more"]


async def test_a_project_without_a_store_has_no_runs(ask):
    code, page = await ask("GET", "runs")
    assert (code, page["runs"], page["total"], page["badges"]) == (200, [], 0, {})


async def test_runs_are_sorted_by_a_metric_and_searched_by_words(ask, store):
    _, page = await ask("GET", "runs", {"sort": "-metrics.auc", "limit": "2"})
    assert [run["name"] for run in page["runs"]] == ["run 0", "run 1"]
    _, page = await ask("GET", "runs", {"query": "RUN 11"})
    assert page["runs"][0]["id"] == run_id(11)
    assert all("11" in json.dumps(run) for run in page["runs"])


@pytest.mark.parametrize("limit", ["0", "501", "many"])
async def test_a_page_has_its_bounds(ask, limit):
    code, said = await ask("GET", "runs", {"limit": limit})
    assert (code, said["code"]) == (400, "usage")
    assert "limit" in said["message"]


async def test_only_the_runs_of_the_notebook_that_asks(ask, project, store):
    change(store, "INSERT INTO tags VALUES ('mlflow.source.name', 'deep/a.ipynb', ?)", run_id(3))
    change(store, "INSERT INTO tags VALUES ('mlflow.source.name', 'b.ipynb', ?)", run_id(4))
    _, page = await ask("GET", "runs", {"path": "deep/a.ipynb", "notebook": "1"})
    assert [run["name"] for run in page["runs"]] == ["run 3"]
    _, page = await ask("GET", "runs", {"path": "deep/a.ipynb"})
    assert page["total"] == RUNS


async def test_whose_runs_has_to_be_said(ask, project):
    code, said = await ask("GET", "runs", {"notebook": "1"})
    assert code == 400
    assert "open one" in said["message"]


async def test_runs_that_were_put_away_show_when_asked_for(ask, store):
    change(store, "INSERT INTO tags VALUES ('nbship.archived', 'true', ?)", run_id(3))
    _, page = await ask("GET", "runs")
    assert page["total"] == RUNS - 1
    _, page = await ask("GET", "runs", {"archived": "1"})
    assert page["total"] == RUNS


async def test_a_wrong_filter_is_explained(ask, store):
    code, said = await ask("GET", "runs", {"query": "metrics.auc >> 3"})
    assert (code, said["code"]) == (400, "usage")


async def test_a_store_that_does_not_answer_is_told(ask, store):
    store.write_bytes(b"no database at all, but long enough to be read as one" * 100)
    code, said = await ask("GET", "runs")
    assert code == 502
    assert said["hint"]


async def test_what_runs_can_be_sorted_by(ask, store):
    _, keys = await ask("GET", "runs/keys")
    assert keys["metrics"] == ["auc", "loss"]
    assert keys["params"][0] == "p0"
    _, keys = await ask("GET", "runs/keys", {"path": "none.ipynb", "notebook": "1"})
    assert keys == {"metrics": [], "params": []}


async def test_a_run_shows_from_its_beginning_and_without_a_store(ask, project):
    writer = begun(project, name=HOSTILE, params={"lr": "0.1"})
    _, found = await ask("GET", "runs/arriving")
    (run,) = found["runs"]
    assert (run["name"], run["status"], run["params"]) == (HOSTILE, "RUNNING", {"lr": "0.1"})
    assert run["tags"]["nbship.run"] == run["id"] == "b" * 32
    writer.append(RunEnded("b" * 32, RunStatus.FINISHED, 1005))
    _, found = await ask("GET", "runs/arriving")
    assert (found["runs"][0]["status"], found["runs"][0]["duration_seconds"]) == ("FINISHED", 1.0)
    writer.close()


async def test_arriving_runs_answer_to_words_and_to_their_notebook(ask, project):
    writer = begun(project, source="a.ipynb", params={"lr": "0.1"})
    writer.append(RunBegan("c" * 32, "other", load_settings(project).tracking_uri, "e", 6))

    async def names(**query):
        _, found = await ask("GET", "runs/arriving", query)
        return [run["name"] for run in found["runs"]]

    assert await names() == ["other", "fresh"]
    assert await names(query="lr=0.1 FRESH") == ["fresh"]
    assert await names(query="metrics.auc > 0.5") == []
    assert await names(path="deep/a.ipynb", notebook="1") == ["other", "fresh"]
    assert await names(path="b.ipynb", notebook="1") == []
    writer.close()


async def test_a_run_that_the_store_knows_is_not_arriving(ask, project):
    writer = begun(project, store_run_id=run_id(1))
    _, found = await ask("GET", "runs/arriving")
    assert found["runs"] == []
    writer.close()


async def test_runs_are_tagged_archived_deleted_and_restored(ask, store):
    runs = [run_id(1), run_id(2)]
    code, done = await ask(
        "POST", "runs/tag", body={"runs": runs, "tags": {"my note": HOSTILE, "team": None}}
    )
    assert (code, done["action"]) == (200, "tagged")
    assert [run["tags"] for run in done["runs"]] == [{"my note": HOSTILE}] * 2
    _, done = await ask("POST", "runs/archive", body={"runs": runs})
    assert done["action"] == "archived"
    _, page = await ask("GET", "runs")
    assert page["total"] == RUNS - 2
    _, done = await ask("POST", "runs/archive", body={"runs": runs, "archived": False})
    assert done["action"] == "unarchived"
    _, done = await ask("POST", "runs/delete", body={"runs": runs})
    assert (done["action"], [run["id"] for run in done["runs"]]) == ("deleted", runs)
    _, page = await ask("GET", "runs")
    assert page["total"] == RUNS - 2
    _, done = await ask("POST", "runs/restore", body={"runs": runs})
    assert done["action"] == "restored"
    _, page = await ask("GET", "runs")
    assert page["total"] == RUNS


async def test_runs_that_do_not_exist_are_named(ask, store):
    code, said = await ask("POST", "runs/delete", body={"runs": [run_id(1), "f" * 32]})
    assert (code, said["code"]) == (404, "run_not_found")
    assert "ffff" in said["message"]
    _, page = await ask("GET", "runs")
    assert page["total"] == RUNS


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("runs/delete", {"runs": []}),
        ("runs/delete", {"runs": "abc"}),
        ("runs/tag", {"runs": ["a"], "tags": {}}),
        ("runs/tag", {"runs": ["a"], "tags": {"": "x"}}),
        ("runs/archive", {"runs": ["a"], "archived": "maybe"}),
        ("runs/register", {"run": "", "name": "m"}),
        ("runs/alias", {"name": "m", "alias": "a", "version": ""}),
    ],
)
async def test_what_makes_no_sense_is_refused(ask, path, body):
    code, said = await ask("POST", path, body=body)
    assert (code, said["code"]) == (400, "usage")
