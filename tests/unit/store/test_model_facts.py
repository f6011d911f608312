from __future__ import annotations

import pytest

from nbship.store.found_models import FoundModel
from nbship.store.model_facts import ModelFacts, model_facts

MLMODEL = """
flavors:
  python_function: {loader_module: mlflow.sklearn, predict_fn: predict, python_version: 3.11.2}
  sklearn: {pickled_model: model.pkl, serialization_format: cloudpickle, sklearn_version: 1.5.0}
model_size_bytes: 77
saved_input_example_info: {artifact_path: input_example.json}
signature:
  inputs: '[{"type": "double", "name": "x", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]'
  params: null
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "MLmodel").write_text(MLMODEL)
    (tmp_path / "model" / "requirements.txt").write_text("# made by\nnumpy==2.0\n")
    return tmp_path / "model"


def facts_of(folder, tracking_uri="sqlite:///none.db"):
    return model_facts(tracking_uri, FoundModel("", "model", folder.as_uri()))


def test_a_model_is_described_by_its_files(folder):
    found = facts_of(folder)
    assert (found.flavor, found.flavor_version, found.serialization) == ("sklearn", "1.5.0", "cloudpickle")
    assert (found.python, found.requirements, found.has_example) == ("3.11.2", ("numpy==2.0",), True)
    assert found.inputs == ({"type": "double", "name": "x", "required": True},)
    assert found.outputs[0]["tensor-spec"]["shape"] == [-1]
    assert found.size_bytes == sum(path.stat().st_size for path in folder.iterdir())
    assert found.obstacle == ""


def test_only_the_description_of_a_model_elsewhere_is_fetched(folder, tracking_uri, tmp_path):
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri)
    experiment = client.create_experiment("e", artifact_location=(tmp_path / "artifacts").as_uri())
    run = client.create_run(experiment).info.run_id
    client.log_artifacts(run, str(folder), "model")
    found = model_facts(tracking_uri, FoundModel("", "model", f"runs:/{run}/model"))
    assert (found.size_bytes, found.requirements, found.flavor) == (77, ("numpy==2.0",), "sklearn")
    gone = model_facts(tracking_uri, FoundModel("", "model", f"runs:/{run}/none"))
    assert "gone" in gone.obstacle


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("flavors: {xgboost: {xgb_version: '2'}, python_function: {}}", "flavor xgboost are not served"),
        ("flavors: 5", "damaged"),
        ("{", "damaged"),
        ("\udcff", "codec"),
    ],
)
def test_what_cannot_be_shipped_says_why(folder, text, said):
    (folder / "MLmodel").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert said in facts_of(folder).obstacle or (said == "codec" and "damaged" in facts_of(folder).obstacle)


def test_files_that_are_gone_are_said_to_be(tmp_path):
    assert facts_of(tmp_path) == ModelFacts(obstacle="the files of the model are gone, or were never written")


@pytest.mark.parametrize("signature", ["5", "{inputs: 'no json'}", "{inputs: '{}'}", "null"])
def test_odd_signatures_have_no_columns(folder, signature):
    text = MLMODEL.partition("signature:")[0]
    (folder / "MLmodel").write_text(f"{text}signature: {signature}\n")
    assert facts_of(folder).inputs == ()
