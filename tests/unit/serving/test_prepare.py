"""The whole preparation, with a process of its own for the rehearsal."""

import hashlib
import json
import os
import pickle
import sys

import numpy as np
import pandas as pd
import pytest

from nbship.model.bundle import Bundle, InputPath, ModelFormat
from nbship.serving.policy import TrustPolicy
from nbship.serving.predictor import load_predictor
from nbship.serving.prepare import main
from served_models import bundle_of, draft, rows_of, split, tensor_bundle


def numbers(rows=200, seed=0):
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(rows, 3)), columns=["a", "b", "c"])


def prepared(folder, expected=0):
    assert main([str(folder)]) == expected
    return json.loads((folder / "prepared.json").read_text())


def fitted(model, frame):
    return model.fit(frame, np.where(frame["a"] > 0, "yes", "no"))


def by_value(source, name):
    """Return an instance of a class that lives in no module, as cloudpickle writes one from a notebook."""
    import cloudpickle

    space = {"__name__": "__main__"}
    exec(source, space)
    return cloudpickle.dumps(space[name]())


def test_a_trusted_pickle_becomes_skops_and_needs_no_pandas(tmp_path):
    from sklearn.linear_model import LogisticRegression

    frame = numbers()
    model = fitted(LogisticRegression(), frame)
    recorded = model.predict(frame.head(4)).tolist()
    draft(tmp_path, pickle.dumps(model), bundle_of(frame), example=split(frame.head(4)), predictions=recorded)

    result = prepared(tmp_path)

    bundle = Bundle.from_dict(result["bundle"])
    assert (bundle.format, bundle.input_path, bundle.direct) == (ModelFormat.SKOPS, InputPath.ARRAY, True)
    assert (result["matches"], result["difference"], result["predictions"]) == (True, 0.0, recorded)
    assert result["needs"] == []
    assert {"numpy", "orjson"} <= set(result["imports"])
    assert not {"pandas", "mlflow", "nbship", "scikit-learn", "scipy", "skops"} & set(result["imports"])
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["model.skops", "weights.json"]
    assert hashlib.sha256((tmp_path / bundle.model_path).read_bytes()).hexdigest() == bundle.model_digest
    assert [column.example for column in bundle.inputs] == rows_of(frame)[0]
    assert not any(column.nullable for column in bundle.inputs)
    fresh = numbers(1000, seed=5)
    predictor = load_predictor(tmp_path, bundle, TrustPolicy())
    assert predictor.predict(rows_of(fresh)) == model.predict(fresh).tolist()


def test_a_model_of_texts_keeps_its_frame_and_pandas(tmp_path):
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    frame = numbers().assign(city=np.resize(["Oslo", "Rome"], 200))
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["city"]), remainder="passthrough"
    )
    model = fitted(make_pipeline(columns, RandomForestClassifier(n_estimators=9)), frame)
    draft(tmp_path, pickle.dumps(model), bundle_of(frame), example=split(frame.head(4)))

    result = prepared(tmp_path)

    bundle = Bundle.from_dict(result["bundle"])
    assert (bundle.format, bundle.input_path) == (ModelFormat.SKOPS, InputPath.FRAME)
    assert (result["matches"], result["needs"]) == (None, ["pandas"])
    assert {column.name for column in bundle.inputs if column.nullable} >= {"city"}


def test_a_class_of_a_notebook_stays_a_pickle_and_says_why(tmp_path):
    source = "class Twice:\n    def predict(self, frame):\n        return [2 * row[0] for row in frame.to_numpy()]\n"
    frame = numbers()
    pickled = by_value(source, "Twice")
    digest = draft(tmp_path, pickled, bundle_of(frame), example=split(frame.head(4)), predictions=[0.0] * 4)

    result = prepared(tmp_path)

    bundle = Bundle.from_dict(result["bundle"])
    assert (bundle.format, bundle.input_path, bundle.model_digest) == (
        ModelFormat.PICKLE,
        InputPath.FRAME,
        digest,
    )
    assert any("stays a pickle" in note for note in result["notes"])
    assert (result["matches"], result["difference"]) == (False, 1.0)
    predictor = load_predictor(tmp_path, bundle, TrustPolicy(frozenset({digest})))
    fresh = numbers(1000, seed=5)
    assert predictor.predict(rows_of(fresh)) == (2 * fresh["a"]).tolist()


PYTHON_MODEL = """
import mlflow.pyfunc

class Shifted(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        with open(context.artifacts["shift"]) as file:
            self.shift = float(file.read())

    def predict(self, context, model_input, params=None):
        return model_input[["a"]].rename(columns={"a": "shifted"}) + self.shift
"""


def saved_by_mlflow(source, name, folder):
    """Return the pickle that MLflow itself makes of a model: it names more of MLflow than the base class."""
    import mlflow

    space = {"__name__": "__main__"}
    exec(source, space)
    mlflow.pyfunc.save_model(folder, python_model=space[name](), pip_requirements=["mlflow"])
    (path,) = folder.glob("*.pkl")
    return path.read_bytes()


@pytest.mark.filterwarnings("ignore:.*Add type hints to the `predict` method")
def test_a_python_model_of_mlflow_is_served_without_mlflow(tmp_path):
    frame = numbers()
    (tmp_path / "shift.txt").write_text("0.5")
    pickled = saved_by_mlflow(PYTHON_MODEL, "Shifted", tmp_path / "saved")
    example = frame.head(4)
    recorded = [{"shifted": value} for value in (example["a"] + 0.5)]
    digest = draft(
        tmp_path,
        pickled,
        bundle_of(frame),
        example=split(example),
        predictions=recorded,
        artifacts={"shift": "shift.txt"},
    )

    result = prepared(tmp_path)

    bundle = Bundle.from_dict(result["bundle"])
    assert (bundle.format, bundle.context_first) == (ModelFormat.PICKLE, True)
    assert (result["matches"], result["needs"]) == (True, ["pandas"])
    fresh = numbers(1000, seed=5)
    predictor = load_predictor(tmp_path, bundle, TrustPolicy(frozenset({digest})))
    assert predictor.predict(rows_of(fresh)) == [{"shifted": value} for value in fresh["a"] + 0.5]


def test_code_beside_the_model_travels_with_it(tmp_path):
    (tmp_path / "library").mkdir()
    module = tmp_path / "library" / "my_prepared_model.py"
    module.write_text("class Sum:\n    def predict(self, rows):\n        return rows.sum(axis=1)\n")
    sys.path.insert(0, str(module.parent))
    try:
        import my_prepared_model

        pickled = pickle.dumps(my_prepared_model.Sum())
    finally:
        sys.path.remove(str(module.parent))
        sys.modules.pop("my_prepared_model", None)
    before = list(sys.path)
    draft(
        tmp_path, pickled, tensor_bundle("float64", (-1, 2)), example={"inputs": [[1, 2]]}, code=["library"]
    )
    try:
        result = prepared(tmp_path)
    finally:
        sys.path[:] = before
        sys.modules.pop("my_prepared_model", None)

    assert result["predictions"] == [3.0]
    assert (tmp_path / "model" / "code" / "my_prepared_model.py").is_file()


class Vandal:
    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def test_a_pickle_that_nobody_trusts_is_not_run(tmp_path):
    trace = tmp_path / "it-ran"
    draft(tmp_path, pickle.dumps(Vandal(f"touch {trace}")), bundle_of(numbers()), trusted=[])

    result = prepared(tmp_path, expected=3)

    assert result["kind"] == "UntrustedModelError"
    assert f"{os.system.__module__}.system" in result["error"]
    assert not trace.exists()


def test_a_model_that_cannot_answer_its_example_is_one_line(tmp_path):
    from sklearn.linear_model import LogisticRegression

    frame = numbers()
    model = fitted(LogisticRegression(), frame[["a", "b"]])
    draft(tmp_path, pickle.dumps(model), bundle_of(frame), example=split(frame.head(2)))

    result = prepared(tmp_path, expected=3)

    assert result["error"].startswith("the model does not answer its recorded example: ValueError")
    assert "\n" not in result["error"]


def test_an_example_that_does_not_fit_the_signature_is_told(tmp_path):
    from sklearn.linear_model import LogisticRegression

    frame = numbers()
    model = fitted(LogisticRegression(), frame)
    draft(tmp_path, pickle.dumps(model), bundle_of(frame), example=split(frame[["a", "b"]].head(2)))

    assert "does not fit the signature" in prepared(tmp_path, expected=3)["error"]


def test_a_pickle_is_kept_where_that_is_asked(tmp_path):
    from sklearn.ensemble import RandomForestRegressor

    frame = numbers()
    model = RandomForestRegressor(n_estimators=5).fit(frame, frame["a"])
    digest = draft(tmp_path, pickle.dumps(model), bundle_of(frame), keep_pickle=True)

    bundle = Bundle.from_dict(prepared(tmp_path)["bundle"])

    assert (bundle.format, bundle.model_digest) == (ModelFormat.PICKLE, digest)
    assert bundle.input_path is InputPath.FOREST
