from __future__ import annotations

import json
import re

import pytest

from nbship import __version__
from nbship.capture import manifest
from nbship.capture.git import GitState
from nbship.capture.open_run import OpenRun
from nbship.capture.request import TrackRequest
from nbship.capture.secrets import Masker
from nbship.model.cell import CellExecution, CellStatus


def run_of(cell: int | None = 0, **tags: str) -> OpenRun:
    return OpenRun(TrackRequest(tags=tags), "forest", "sqlite:///x", cell)


@pytest.mark.parametrize(
    ("source", "stem"), [("train.ipynb", "train"), ("/a/b/deep dive.ipynb", "deep dive"), (None, "run")]
)
def test_a_run_without_a_name_is_called_after_its_notebook(source, stem):
    assert re.fullmatch(rf"{stem}-[0-9a-f]{{4}}", manifest.default_name(source))


def test_the_first_tags_bear_mlflows_names():
    tags = manifest.begin_tags(run_of(team="blue"), "train.ipynb", Masker())
    assert tags["mlflow.runName"] == "forest"
    assert tags["mlflow.source.name"] == "train.ipynb"
    assert tags["mlflow.source.type"] == "NOTEBOOK"
    assert (tags["nbship.version"], tags["nbship.scope"], tags["team"]) == (__version__, "cell", "blue")
    assert manifest.begin_tags(run_of(None), None, Masker())["nbship.scope"] == "session"
    assert "mlflow.source.name" not in manifest.begin_tags(run_of(), None, Masker())


def test_secrets_in_tags_are_masked_and_counted():
    run = run_of(password="tiny", db="postgres://bob:hunter2@db/x", team="blue", token="")
    tags = manifest.begin_tags(run, None, Masker())
    assert (tags["password"], tags["db"], tags["team"]) == ("***", "postgres://bob:***@db/x", "blue")
    assert tags["token"] == ""
    assert run.masked == 2


def git_state(**parts) -> GitState:
    return GitState(
        **{
            "root": "/r",
            "commit": "c0",
            "branch": "main",
            "remote": None,
            "dirty": True,
            "diff": "+x",
            **parts,
        }
    )


def test_git_is_told_in_mlflows_tags_and_the_diff_beside_them():
    tags, texts = manifest.git_record(git_state())
    assert tags == {
        "mlflow.source.git.commit": "c0",
        "mlflow.source.git.branch": "main",
        "mlflow.source.git.dirty": "true",
    }
    assert texts == {"nbship/git.diff": "+x"}
    assert manifest.git_record(git_state(dirty=False, diff=""))[1] == {}


def cell(index: int, source: str, source_hash: str = "h", **parts) -> CellExecution:
    return CellExecution(index, source, source_hash, CellStatus.OK, **parts)


def test_the_summary_tells_seeds_random_states_and_hidden_cells():
    run = run_of()
    run.rng_before = {"random": "1", "numpy": "2"}
    run.cells = [4]
    run.masked = 2
    run.warnings = ["careful"]
    entries = [
        cell(0, "import random\nrandom.seed(7)"),
        cell(4, "x = random.random()", rng_after={"random": "9", "numpy": "2", "torch": "3"}),
    ]
    tags, text = manifest.summary(run, iter(entries), (0,), {"profiles": False})
    record = json.loads(text)
    assert tags == {"nbship.hidden_state": "0", "nbship.masked": "2"}
    assert record["captured"] == {"profiles": False}
    assert record["format_version"] == manifest.FORMAT_VERSION
    assert record["seeds"] == [{"call": "random.seed", "value": "7", "cell": 0}]
    assert record["random_state_used"] == ["random"]
    assert record["hidden_state"] == [0]
    assert (record["cells"], record["masked_secrets"], record["warnings"]) == ([4], 2, ["careful"])


def test_a_run_without_cells_has_a_summary():
    tags, text = manifest.summary(run_of(None), [], ())
    assert tags == {}
    assert json.loads(text)["rng"] == {"before": {}, "after": {}}


def test_texts_become_blobs_even_where_they_are_no_unicode():
    kept = []

    def put_blob(data: bytes, suffix: str) -> str:
        kept.append((data, suffix))
        return "blob"

    (artifact,) = manifest.as_artifacts({"nbship/git.diff": "a\udcff"}, put_blob)
    assert (artifact.path, artifact.blob) == ("nbship/git.diff", "blob")
    assert kept == [(b"a?", ".txt")]


def test_the_environment_is_json_and_a_requirements_file():
    texts = manifest.environment_artifacts(
        {"distributions": {"b": "2", "a": "1.0"}, "python": {"version": "3.11"}}
    )
    assert json.loads(texts["nbship/environment.json"])["python"] == {"version": "3.11"}
    assert {"a==1.0", "b==2"} <= set(texts["nbship/requirements.txt"].splitlines())
