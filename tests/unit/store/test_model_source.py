"""Models that plain mlflow logged; those of tracked cells are in tests/integration/packaging."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest

from nbship.errors import RunNotFoundError, UsageError
from nbship.store.model_lookup import MlflowModels, open_index
from nbship.store.model_source import load_model_source
from nbship.store.sqlite_models import SqliteModels

REQUIREMENTS = ["scikit-learn", "skops"]


@pytest.fixture(scope="module")
def store(mlflow_template, tmp_path_factory):
    """Return a store with runs that mlflow logged: skops, pickle, python, nosig, several and empty."""
    import mlflow

    folder = tmp_path_factory.mktemp("store")
    (folder / "mlflow.db").write_bytes(mlflow_template.read_bytes())
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")  # mlflow's own, about pickles and type hints
        patch.setenv("MLFLOW_TRACKING_URI", uri)
        mlflow.set_tracking_uri(uri)
        mlflow.set_experiment(experiment_id=mlflow.create_experiment("Iris", (folder / "files").as_uri()))
        _log_runs(mlflow, folder)
        mlflow.MlflowClient(uri).set_registered_model_alias("iris", "champion", "1")
        mlflow.set_tracking_uri(None)
    return SimpleNamespace(uri=uri, folder=folder)


def _log_runs(mlflow, folder: Path) -> None:
    import pandas as pd
    from sklearn.linear_model import LogisticRegression

    class Doubler(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return [2 * value for value in model_input["size"]]

    frame = pd.DataFrame({"size": [1.0, 2.0, 3.0], "weight": [3.0, 1.0, 2.0]})
    model = LogisticRegression().fit(frame, [0, 1, 1])
    example = {"input_example": frame, "pip_requirements": REQUIREMENTS}
    (folder / "table.csv").write_text("1,2")
    for form, run in (("skops", "skops"), ("cloudpickle", "pickle")):
        with mlflow.start_run(run_name=run):
            mlflow.log_param("depth", 3)
            mlflow.log_metric("score", 0.5)
            mlflow.sklearn.log_model(
                model, name="model", serialization_format=form, registered_model_name="iris", **example
            )
    with mlflow.start_run(run_name="python"):
        artifacts = {"table": str(folder / "table.csv")}
        mlflow.pyfunc.log_model(
            name="model", python_model=Doubler(), artifacts=artifacts, code_paths=[__file__], **example
        )
    with mlflow.start_run(run_name="nosig"):
        mlflow.sklearn.log_model(model, name="model", pip_requirements=REQUIREMENTS)
    with mlflow.start_run(run_name="several"):
        for name in ("first", "second"):
            mlflow.sklearn.log_model(model, name=name, pip_requirements=REQUIREMENTS)
    with mlflow.start_run(run_name="empty"):
        mlflow.log_metric("score", 1)


def load(store, what, folder):
    return load_model_source(store.uri, what, folder)


@pytest.mark.parametrize(
    "what", ["skops", "iris@champion", "models:/iris/1", "models:/iris@champion", "runs:/skops/model"]
)
def test_a_model_is_found_by_each_of_its_names(store, tmp_path, what):
    source = load(store, what, tmp_path)
    assert (source.run.name, source.flavor, source.serialization) == ("skops", "sklearn", "skops")
    assert source.model_file == "model.skops"
    registered = what not in ("skops", "runs:/skops/model")
    assert (source.name, source.version) == (("iris", "1") if registered else ("skops", ""))


def test_the_newest_version_is_the_latest(store, tmp_path):
    assert load(store, "models:/iris/latest", tmp_path).version == "2"


def test_what_is_known_of_a_model_comes_along(store, tmp_path):
    source = load(store, "pickle", tmp_path)
    assert source.example["columns"] == ["size", "weight"]
    assert source.example["data"][0] == [1.0, 3.0]
    assert "size" in source.signature["inputs"]
    assert source.requirements[1:] == tuple(REQUIREMENTS)
    assert source.python.startswith("3.")
    assert source.predictions is None
    assert source.profile is None
    assert source.lineage["params"] == {"depth": "3"}
    assert source.lineage["metrics"] == {"score": 0.5}
    assert source.lineage["run"]["name"] == "pickle"
    content = (source.folder / source.model_file).read_bytes()
    assert source.files["model.pkl"] == hashlib.sha256(content).hexdigest()


def test_nothing_of_this_machine_is_in_the_lineage(store, tmp_path):
    assert str(store.folder.parent) not in repr(load(store, "skops", tmp_path).lineage)


def test_a_python_model_brings_its_code_and_its_files(store, tmp_path):
    source = load(store, "python", tmp_path)
    assert (source.flavor, source.serialization, source.model_file) == (
        "pyfunc",
        "cloudpickle",
        "python_model.pkl",
    )
    assert source.code == ("code",)
    assert (source.folder / source.artifacts["table"]).read_text() == "1,2"


def test_a_model_without_a_signature_is_loaded_without_one(store, tmp_path):
    assert load(store, "nosig", tmp_path).signature is None


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("empty", "has no model.*--model VARIABLE"),
        ("several", "several models: first, second.*runs:/"),
        ("runs:/skops/modle", "no model 'modle'; it has model"),
        ("iris@challenger", r"no alias 'challenger'; it has champion \(version 1\)"),
        ("models:/iris/7", "no version '7'.*2, 1"),
        ("models:/irsi/1", "no registered model 'irsi'; the store has iris"),
        ("models:/iris", "names no version"),
        (f"models:/m-{'0' * 32}", "no model m-000"),
        ("  ", "say which model"),
    ],
)
def test_a_model_that_is_not_there_is_one_clear_error(store, tmp_path, what, told):
    with pytest.raises(UsageError, match=told):
        load(store, what, tmp_path)


def test_a_run_that_is_not_there_is_one_too(store, tmp_path):
    with pytest.raises(RunNotFoundError, match="no run answers"):
        load(store, "nobody@work", tmp_path)


def test_an_alias_to_a_version_that_is_gone_lists_those_that_exist(store, tmp_path):
    import sqlite3
    from contextlib import closing

    copy = tmp_path / "mlflow.db"
    copy.write_bytes((store.folder / "mlflow.db").read_bytes())
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("DELETE FROM model_versions WHERE version = 1")
    with pytest.raises(UsageError, match=r"points to version 1, which is gone.*versions are 2"):
        load_model_source(f"sqlite:///{copy}", "iris@champion", tmp_path)


def test_files_that_are_gone_are_said_to_be(store, tmp_path):
    import sqlite3
    from contextlib import closing

    copy = tmp_path / "mlflow.db"
    copy.write_bytes((store.folder / "mlflow.db").read_bytes())
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE logged_models SET artifact_location = ?", (f"file://{tmp_path}/nowhere",))
    with pytest.raises(UsageError, match="no model at"):
        load_model_source(f"sqlite:///{copy}", "skops", tmp_path)


def test_the_database_and_mlflow_give_the_same_answers(store, monkeypatch):
    direct = open_index(store.uri)
    assert isinstance(direct, SqliteModels)
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", store.uri)
    through = open_index(store.uri)
    assert isinstance(through, MlflowModels)
    assert direct.names() == through.names()
    assert direct.registered("iris") == through.registered("iris")
    assert direct.registered("nothing") is through.registered("nothing") is None
    assert direct.version("iris", "2") == through.version("iris", "2")
    run = direct.version("iris", "2").run_id
    assert direct.models_of_run(run) == through.models_of_run(run)
    (model,) = direct.models_of_run(run)
    assert direct.model(model.id) == through.model(model.id)
    assert direct.model("m-1") is through.model("m-1") is None


def test_a_local_store_needs_no_import_of_mlflow(store, tmp_path):
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; from nbship.store.model_source import load_model_source\n"
        f"load_model_source({store.uri!r}, 'iris@champion', Path({str(tmp_path)!r}))\n"
        "print('mlflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
