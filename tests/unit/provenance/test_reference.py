from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nbship.errors import UsageError
from nbship.model.profile import Profile
from nbship.model.run import DatasetSummary, Run, RunStatus
from nbship.profiling.build import profile
from nbship.provenance.reference import load_reference

FRAME = pd.DataFrame({"a": range(10), "late": [True, False] * 5})
OURS = {"nbship.run": "f" * 32, "nbship.version": "0.9"}
IMPORTANCE = {
    "version": 1,
    "model": "forest (RandomForest)",
    "method": "by heart",
    "importance": {"a": 1.0},
}


def packed(name: str, frame: pd.DataFrame = FRAME, digest: str = "d1", **changes: Any) -> str:
    return json.dumps({**profile(frame, name=name).to_dict(), "digest": digest, **changes})


def answers(name: str = "train", rows: int = 10) -> str:
    values = pd.DataFrame({"prediction": [True] * rows, "probability": [0.25] * rows})
    made = profile(values, name=name, roles={"prediction": "prediction", "probability": "prediction"})
    return json.dumps(made.to_dict() | {"sampled_from": None if rows == 10 else 10})


class Made:
    """A run whose files lie in a folder."""

    def __init__(self, folder: Path, **files: str) -> None:
        self.folder = folder
        self.tags: dict[str, str] = dict(OURS)
        self.datasets: tuple[DatasetSummary, ...] = ()
        for path, text in files.items():
            self.add(path, text)

    def add(self, path: str, text: str) -> None:
        target = self.folder / "nbship" / f"{path}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def load(self, dataset: str | None = None):
        run = Run(
            id="0123456789abcdef",
            name="baseline",
            status=RunStatus.FINISHED,
            experiment="e",
            started_ms=0,
            artifact_uri=self.folder.as_uri(),
            tags=self.tags,
            datasets=self.datasets,
        )
        return load_reference("sqlite:///none", run, dataset)

    def refusal(self, dataset: str | None = None) -> str:
        with pytest.raises(UsageError) as caught:
            self.load(dataset)
        return str(caught.value)


@pytest.fixture
def made(tmp_path):
    return Made(tmp_path)


def test_the_only_dataset_comes_with_predictions_and_importance(made):
    made.add("profiles/train", packed("train"))
    made.add("predictions/train", answers())
    made.add("importance", json.dumps(IMPORTANCE))
    made.tags["nbship.target"] = "late"
    found = made.load()

    assert [(column.name, column.role) for column in found.profile.columns] == [
        ("a", "feature"),
        ("late", "target"),
        ("prediction", "prediction"),
        ("probability", "prediction"),
    ]
    assert (found.profile.name, found.profile.digest, found.profile.notes) == ("train", "d1", ())
    assert (found.importance, found.method, found.model) == ({"a": 1.0}, "by heart", "forest (RandomForest)")
    assert found.run.name == "baseline"


def test_a_run_without_a_model_is_a_reference_too(made):
    made.add("profiles/train", packed("train"))
    found = made.load("train")
    assert [column.role for column in found.profile.columns] == ["feature", "feature"]
    assert (found.importance, found.method, found.model) == (None, "", "")


def test_predictions_of_a_part_are_said_to_be_that(made):
    made.add("profiles/train", packed("train"))
    made.add("predictions/train", answers(rows=4))
    assert made.load().profile.notes == ("predictions are of 4 evenly spaced rows of 10",)


def test_a_column_of_the_data_keeps_its_name(made):
    made.add("profiles/train", packed("train", FRAME.assign(prediction=1)))
    made.add("predictions/train", answers())
    found = made.load().profile

    assert [column.name for column in found.columns] == ["a", "late", "prediction", "probability"]
    assert found.column("prediction").role == "feature"
    assert found.notes == ("prediction: a column of the data; what the model predicted is left out",)


def test_one_of_several_datasets_has_to_be_named(made):
    for name in ("train", "test"):
        made.add(f"profiles/{name}", packed(name))

    assert made.load("test").profile.name == "test"
    assert made.refusal() == (
        "run baseline has profiles of several datasets: test (10 rows), train (10 rows). "
        "Say which one: 01234567:test"
    )


def test_an_unknown_dataset_is_answered_with_the_nearest_names(made):
    for name in ("test", "train", "weather"):
        made.add(f"profiles/{name}", packed(name))
    assert made.refusal("trian") == (
        "run baseline has no profile of 'trian'; it has train (10 rows), test (10 rows), weather (10 rows)"
    )


def test_of_many_datasets_some_are_listed(made):
    for number in range(14):
        made.add(f"profiles/part_{number:02}", packed(f"part_{number:02}", sampled_from=1_000_000))
    assert "part_09 (1,000,000 rows) and 4 more." in made.refusal()


def test_of_several_versions_the_last_one_is_meant_unless_a_digest_says_otherwise(made):
    made.add("profiles/df", packed("df", FRAME, "aaaa1111zz"))
    made.add("profiles/df_002", packed("df", FRAME.head(5), "bbbb2222zz"))
    made.add("predictions/df", answers("df"))
    last, first = made.load(), made.load("df@aaaa")

    assert (last.profile.rows, first.profile.rows) == (5, 10)
    assert last.profile.notes == (
        "df changed during the run; this is its last version. Earlier ones: df@aaaa1111",
    )
    assert first.profile.notes == ()
    assert last.profile.column("prediction") is None
    assert first.profile.column("prediction") is not None
    assert "has no profile of 'df@cccc'" in made.refusal("df@cccc")


def test_a_name_may_hold_any_sign(made):
    made.add("profiles/odd", packed("frames['a@b <i>']"))
    assert made.load("frames['a@b <i>']").profile.rows == 10


def test_a_run_of_plain_mlflow_is_told_apart(made):
    made.tags.clear()
    assert made.refusal() == (
        "run baseline (made by plain MLflow) has no profiles: "
        "give a file or a variable as the reference, or a run of a tracked cell"
    )


@pytest.mark.parametrize("switch", ["profiles", "fingerprints"])
def test_a_run_that_was_not_to_keep_profiles_is_told_apart(made, switch):
    made.add("run", json.dumps({"captured": {"profiles": True, "fingerprints": True} | {switch: False}}))
    assert made.refusal() == (
        f"run baseline was tracked with {switch} switched off, so it has no profiles: "
        f"track it again with NBSHIP_{switch.upper()}=true"
    )


def test_a_run_that_read_no_table_says_what_it_read(made):
    made.add("run", json.dumps({"captured": {"profiles": True, "fingerprints": True}}))
    assert "since it read no table; it read no dataset at all. Give a file" in made.refusal()
    made.datasets = (DatasetSummary("a.csv", "d"), DatasetSummary("y", "d"))
    assert "it read a.csv, y. Give" in made.refusal()


@pytest.mark.parametrize("kind", ["sweep", "pipeline"])
def test_a_run_that_only_holds_others_says_so(made, kind):
    made.tags["nbship.kind"] = kind
    assert (
        made.refusal() == f"run baseline is a {kind}, which reads no data itself: give one of the runs in it"
    )


def test_a_run_of_an_older_nbship_and_one_that_goes_on_are_told_apart(made):
    assert "has no profiles yet: it is still running" in made.refusal()
    made.add("run", json.dumps({"cells": []}))
    assert "was tracked by nbship 0.9, which kept no profiles yet" in made.refusal()


def test_a_table_that_was_too_wide_says_so(made):
    made.add("profiles/pixels", json.dumps(Profile(9, (), name="pixels", notes=("3,000 columns",)).to_dict()))
    assert made.refusal() == "run baseline kept no profile of pixels: 3,000 columns"


@pytest.mark.parametrize("text", ["{", "[1]", '{"name": "train", "rows": 1}'])
def test_a_damaged_file_is_one_clear_error(made, text):
    made.add("profiles/train", text)
    assert "nbship/profiles/train.json of run baseline" in made.refusal("train")


def test_a_profile_of_a_newer_nbship_is_one_clear_error(made):
    made.add("profiles/train", packed("train", version=99))
    assert "99" in made.refusal()


def test_damaged_importance_costs_the_importance_only(made):
    made.add("profiles/train", packed("train"))
    made.add("importance", '{"importance": {"a": "much"}}')
    assert made.load().importance is None
