from __future__ import annotations

import json
from dataclasses import replace

import pytest

from nbship.model.profile import ColumnKind, ColumnProfile, Profile
from nbship.model.run import DatasetSummary, Run, RunStatus
from nbship.store.model_lineage import environment, lineage, training_profile

URI = "sqlite:////nowhere/mlflow.db"


@pytest.fixture
def run(tmp_path):
    return Run(
        "a" * 32,
        "first",
        RunStatus.FINISHED,
        "e",
        1000,
        2000,
        params={"b": "2", "a": "1"},
        metrics={"score": float("nan")},
        datasets=(DatasetSummary("/home/me/data/flights.csv", "d" * 32, 5), DatasetSummary("X", "e" * 32)),
        tags={"mlflow.source.name": "/home/me/train.ipynb", "mlflow.source.git.commit": "c" * 40},
        artifact_uri=tmp_path.as_uri(),
    )


def put(folder, path, content):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(content if isinstance(content, str) else json.dumps(content))


def profile(rows, *names, role="feature"):
    columns = (ColumnProfile(name, ColumnKind.NUMERIC, "float64", rows, role=role) for name in names)
    return Profile(rows, tuple(columns)).to_dict()


def test_the_version_that_was_loaded_counts_before_the_installed_one(tmp_path, run):
    told = {
        "distributions": {"numpy": "2.0", "b": "1"},
        "loaded": {"numpy": "1.9"},
        "python": {"version": "3.12.1"},
    }
    put(tmp_path, "nbship/environment.json", told)
    found = environment(URI, run)
    assert found.pinned == ("b==1", "numpy==1.9")
    assert found.python == "3.12.1"


@pytest.mark.parametrize("content", [None, "{torn", "[]"])
def test_a_run_without_an_environment_has_an_empty_one(tmp_path, run, content):
    if content is not None:
        put(tmp_path, "nbship/environment.json", content)
    assert environment(URI, run).pinned == ()


def test_folders_of_one_machine_are_left_out(run):
    found = lineage(URI, run)
    assert found["run"]["notebook"] == "train.ipynb"
    assert [one["name"] for one in found["datasets"]] == ["X", "flights.csv"]
    assert found["git"] == {"commit": "c" * 40}
    assert "/home/me" not in json.dumps(found)


def test_numbers_that_json_does_not_have_are_texts(run):
    assert lineage(URI, run)["metrics"] == {"score": "NaN"}


def test_a_run_that_was_deleted_has_what_is_known_of_it(run):
    found = lineage(URI, replace(run, artifact_uri=""))
    assert found["cells"] == []
    assert list(found["params"]) == ["a", "b"]


def test_the_profile_is_the_largest_that_has_every_input_column(tmp_path, run):
    put(tmp_path, "nbship/profiles/small.json", profile(10, "a", "b"))
    put(tmp_path, "nbship/profiles/large.json", profile(90, "a", "b", "target"))
    put(tmp_path, "nbship/profiles/other.json", profile(500, "a", "x"))
    put(tmp_path, "nbship/profiles/torn.json", "{")
    assert training_profile(URI, run, ["a", "b"]).rows == 90
    assert training_profile(URI, run, ["a", "zzz"]) is None


def test_the_data_that_the_model_was_asked_about_comes_first_with_its_predictions(tmp_path, run):
    put(tmp_path, "nbship/profiles/train.json", profile(10, "a", "b"))
    put(tmp_path, "nbship/profiles/large.json", profile(90, "a", "b"))
    put(tmp_path, "nbship/predictions/train.json", profile(10, "prediction", "a", role="prediction"))
    for columns in (["a", "b"], []):
        found = training_profile(URI, run, columns)
        assert [(one.name, one.role) for one in found.columns] == [
            ("a", "feature"),
            ("b", "feature"),
            ("prediction", "prediction"),
        ]
