from __future__ import annotations

import json

import pytest

from nbship.errors import UsageError
from nbship.store.model_folder import fetch_folder, read_folder

WRAPPED = {"loader_module": "mlflow.sklearn", "model_path": "model.pkl", "python_version": "3.11.2"}
SKLEARN = {"pickled_model": "model.pkl", "serialization_format": "cloudpickle", "code": None}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.pkl").write_bytes(b"x")
    return tmp_path


def describe(folder, flavors, **more):
    (folder / "MLmodel").write_text(json.dumps({"flavors": flavors, **more}))  # JSON is YAML
    return folder


def test_requirements_are_read_without_options_and_comments(folder):
    describe(folder, {"sklearn": SKLEARN, "python_function": WRAPPED})
    (folder / "requirements.txt").write_text(
        "--index-url https://x\n# note\nnumpy==2.0  # why\n\n-c limits\npandas"
    )
    assert read_folder(folder).requirements == ("numpy==2.0", "pandas")


@pytest.mark.parametrize(
    ("body", "example"),
    [
        (
            {"dataframe_split": {"columns": ["a"], "index": [0], "data": [[1]]}},
            {"columns": ["a"], "data": [[1]]},
        ),
        ({"inputs": [[1, 2]]}, {"inputs": [[1, 2]]}),
        ({"instances": [[1, 2]]}, {"inputs": [[1, 2]]}),
        ({"messages": []}, None),
    ],
)
def test_an_example_is_read_in_each_of_its_forms(folder, body, example):
    describe(folder, {"sklearn": SKLEARN, "python_function": WRAPPED})
    (folder / "serving_input_example.json").write_text(json.dumps(body))
    assert read_folder(folder).example == example


def test_recorded_predictions_are_read(folder):
    describe(folder, {"sklearn": SKLEARN, "python_function": WRAPPED})
    (folder / "nbship_predictions.json").write_text("[1, 2]")
    assert read_folder(folder).predictions == [1, 2]


@pytest.mark.parametrize(
    ("flavors", "told"),
    [
        (
            {"xgboost": {"data": "model.xgb"}, "python_function": {"loader_module": "mlflow.xgboost"}},
            "xgboost are not served",
        ),
        ({"python_function": {"loader_module": "mine", "model_path": "x"}}, "mine are not served"),
        ({"python_function": {"model_code_path": "agent.py"}}, "logged as a script"),
        (
            {"sklearn": {**SKLEARN, "pickled_model": "../../etc/passwd"}, "python_function": WRAPPED},
            "not in its folder",
        ),
        (
            {"sklearn": {**SKLEARN, "pickled_model": "gone.pkl"}, "python_function": WRAPPED},
            "not in its folder",
        ),
        ({"sklearn": {**SKLEARN, "code": "../code"}, "python_function": WRAPPED}, "not in its folder"),
    ],
)
def test_a_model_that_cannot_be_served_is_refused_in_plain_words(folder, flavors, told):
    with pytest.raises(UsageError, match=told):
        read_folder(describe(folder, flavors))


@pytest.mark.parametrize("text", ["flavors: [", "just text", "[]", ""])
def test_a_damaged_description_is_said_to_be(folder, text):
    (folder / "MLmodel").write_text(text)
    with pytest.raises(UsageError, match="damaged"):
        read_folder(folder)


def test_a_link_in_a_model_is_not_followed(folder, tmp_path_factory):
    describe(folder, {"sklearn": SKLEARN})
    (folder / "secret").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match="symbolic links"):
        fetch_folder("", folder.as_uri(), tmp_path_factory.mktemp("target"))
