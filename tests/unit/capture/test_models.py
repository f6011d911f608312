import importlib
import json
import random
import subprocess
import sys
import threading
import warnings
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from nbship.capture.models import find_model, is_fitted_estimator, is_model, save_model
from nbship.errors import ModelSaveError

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.normal(size=(60, 3)), columns=["a", "b", "c"])
Y = (X["a"] + X["b"] > 0).astype(int)
TEXTS = [
    "a good film indeed",
    "bad",
    "a very good book",
    "really bad",
    "good and long text",
    "so bad",
    "fine",
]
LABELS = ["pos", "neg", "pos", "neg", "pos", "neg", "pos"]


def mixed():
    frame = X.assign(s=["u", "v", "w"] * 20, k=pd.Categorical(["p", "q"] * 30), n=1)
    columns = make_column_transformer((OneHotEncoder(), ["s", "k"]), (StandardScaler(), ["a", "b"]))
    return make_pipeline(columns, LogisticRegression()).fit(frame, Y), frame


class Saved:
    """Keeps the blobs of one test in a folder, and answers with record and warnings."""

    def __init__(self, folder):
        self.folder = folder

    def put_blob(self, data, suffix=""):
        name = f"blob{len(list(self.folder.iterdir()))}{suffix}"
        (self.folder / name).write_bytes(data)
        return name

    def __call__(self, model, fit_argument=None, candidates=None, **namespace):
        return save_model(
            "model",
            model,
            namespace={**namespace, "model": model},
            candidates=list(namespace) if candidates is None else candidates,
            fit_argument=fit_argument,
            put_blob=self.put_blob,
        )


@pytest.fixture
def saved(tmp_path):
    (tmp_path / "blobs").mkdir()
    return Saved(tmp_path / "blobs")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mlflow's imports and migrations
        importlib.import_module("mlflow.pyfunc")
        from mlflow import MlflowClient

        root = tmp_path_factory.mktemp("store")
        client = MlflowClient(f"sqlite:///{root}/mlflow.db")
        client.create_experiment("models", artifact_location=(root / "artifacts").as_uri())
    return client


@pytest.fixture
def loaded(client, saved, monkeypatch):
    """Return a function that puts a record into the store and loads it back as MLflow does."""
    import mlflow

    from nbship.store.mlflow_model import log_model

    def load(record):
        run = client.create_run(client.get_experiment_by_name("models").experiment_id)
        log_model(client, run.info.run_id, record, saved.folder, in_doubt=False)
        mlflow.set_tracking_uri(client.tracking_uri)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/model")

    yield load
    mlflow.set_tracking_uri(None)  # else later tests of this process would track there


FITTED = {
    "classifier on a frame": (LogisticRegression().fit(X, Y), X),
    "forest on an array": (RandomForestClassifier(10, n_jobs=-1).fit(X.to_numpy(), Y), X.to_numpy()),
    "columns of several types": mixed(),
    "texts": (
        make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, LABELS),
        np.array(TEXTS, dtype=object),
    ),
    "gradient boosting": (GradientBoostingClassifier(n_estimators=5).fit(X, Y), X),
    "histogram boosting": (HistGradientBoostingRegressor(max_iter=5).fit(X, Y), X),
    "regressor": (LinearRegression().fit(X, X["a"]), X),
    "several outputs": (MultiOutputRegressor(LinearRegression()).fit(X, X[["a", "b"]]), X),
    "sparse": (LogisticRegression().fit(sparse.csr_matrix(X.to_numpy()), Y), sparse.csr_matrix(X.to_numpy())),
    "grid search": (GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2).fit(X, Y), X),
    "clusters": (KMeans(2, n_init=1).fit(X), X),
    "nullable integers": (LogisticRegression().fit(X.round().astype("Int64"), Y), X.round().astype("Int64")),
    "float32": (LogisticRegression().fit(X.astype("float32"), Y), X.astype("float32")),
}


@pytest.mark.parametrize("kind", FITTED)
def test_a_saved_model_loads_through_pyfunc_and_predicts_the_same(kind, saved, loaded):
    model, data = FITTED[kind]
    record, problems = saved(model, "data", data=data)
    assert problems == ()
    assert record.signature["inputs"]
    back = loaded(record)
    assert np.array_equal(np.asarray(back.predict(data)), np.asarray(model.predict(data)))


@pytest.mark.parametrize("kind", FITTED)
def test_the_stored_example_gives_the_stored_predictions(kind, saved, loaded):
    model, data = FITTED[kind]
    record, _ = saved(model, "data", data=data)
    assert json.loads(json.dumps([record.input_example, record.predictions], allow_nan=False)) == [
        record.input_example,
        record.predictions,
    ]
    back = loaded(record)
    answers = np.asarray(back.predict(as_mlflow_reads_it(record, back)))
    assert (
        np.allclose(answers, record.predictions)
        if answers.dtype.kind == "f"
        else answers.tolist() == record.predictions
    )


def as_mlflow_reads_it(record, back):
    from mlflow.utils.proto_json_utils import parse_tf_serving_input

    if "inputs" in record.input_example:
        return parse_tf_serving_input(record.input_example, back.metadata.get_input_schema())
    return back.input_example


@pytest.mark.parametrize("kind", set(FITTED) - {"columns of several types"})
def test_the_signature_is_the_one_that_mlflow_infers_from_the_example(kind, saved, loaded):
    from mlflow.models import infer_signature

    model, data = FITTED[kind]
    record, _ = saved(model, "data", data=data)
    head = data[:5]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert record.signature == infer_signature(head, model.predict(data[:5])).to_dict()


def test_a_category_column_reaches_the_model_as_category_and_as_text(saved, loaded):
    model, frame = FITTED["columns of several types"]
    record, problems = saved(model, "frame", frame=frame)
    assert problems == ()
    types = {spec["name"]: spec["type"] for spec in json.loads(record.signature["inputs"])}
    assert types == {"a": "double", "b": "double", "c": "double", "s": "string", "k": "any", "n": "long"}
    back = loaded(record)
    assert back.predict(frame).tolist() == back.predict(frame.astype({"k": "str"})).tolist()


def test_a_record_names_class_framework_parameters_and_requirements(saved):
    import sklearn

    record, _ = saved(LogisticRegression(C=0.5).fit(X, Y), "X", X=X)
    assert record.variable == "model"
    assert record.class_name == "sklearn.linear_model._logistic.LogisticRegression"
    assert (record.framework, record.framework_version) == ("sklearn", sklearn.__version__)
    assert record.params["C"] == "0.5"
    assert {f"scikit-learn=={sklearn.__version__}", f"numpy=={np.__version__}"} <= set(record.requirements)
    assert any(line.startswith("pandas==") for line in record.requirements)


def test_without_a_fit_argument_a_frame_with_the_fitted_columns_is_found(saved):
    whole = X.assign(target=Y)[["target", "c", "b", "a"]]
    other = pd.DataFrame({"z": [1.0]})
    record, problems = saved(LogisticRegression().fit(X, Y), array=X.to_numpy(), other=other, whole=whole)
    assert problems == ()
    assert record.input_example["columns"] == ["a", "b", "c"]


def test_without_a_fit_argument_an_array_of_the_fitted_width_is_found(saved):
    model = LogisticRegression().fit(X.to_numpy(), Y)
    record, _ = saved(model, y=Y.to_numpy(), wide=np.zeros((9, 7)), named=X, data=X.to_numpy())
    assert record.input_example == {"inputs": X.to_numpy()[:5].tolist()}


def test_texts_are_told_from_labels(saved):
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, LABELS)
    for texts in (TEXTS, pd.Series(TEXTS, index=range(7, 0, -1)), tuple(TEXTS)):
        record, _ = saved(model, labels=LABELS, names=["a", "b"], texts=texts)
        assert record.input_example == {"inputs": TEXTS[:5]}


def test_the_argument_of_fit_wins_over_other_candidates(saved):
    record, _ = saved(LogisticRegression().fit(X, Y), "data['train']", A=X[::-1], data={"train": X + 1})
    assert record.input_example["data"][0] == (X + 1).iloc[0].tolist()


def test_a_polars_frame_becomes_an_example(saved):
    frame = pl.DataFrame({"a": [1.0, 2.0, 3.0], "b": [3.0, 1.0, 2.0]})
    record, problems = saved(LinearRegression().fit(frame, [1, 2, 3]), "frame", frame=frame)
    assert problems == ()
    assert record.input_example == {"columns": ["a", "b"], "data": [[1.0, 3.0], [2.0, 1.0], [3.0, 2.0]]}


class CategoryCodes(BaseEstimator):
    def fit(self, x):
        self.feature_names_in_ = np.array(list(x.columns))
        return self

    def predict(self, x):
        return x["k"].cat.codes.to_numpy()


def test_a_model_that_needs_the_category_dtype_is_saved_without_input_signature(saved, loaded):
    frame = pd.DataFrame({"k": pd.Categorical(["p", "q"] * 30), "a": X["a"]})
    record, problems = saved(CategoryCodes().fit(frame), "frame", frame=frame)
    assert problems == (
        "model: saved without an input signature: MLflow cannot hand it these column types or names",
    )
    assert loaded(record).predict(frame).tolist() == [0, 1] * 30


class Threshold:
    """A model without any base class, whose predict imports what it needs."""

    def fit(self, values):
        self.mean_ = float(sum(values.ravel()) / values.size)
        return self

    def predict(self, values):
        import sqlalchemy

        return [sqlalchemy.__version__ != "" and bool(value > self.mean_) for value in values.ravel()]


def test_a_class_of_a_local_module_travels_in_the_pickle(saved, tmp_path):
    values = np.arange(6.0).reshape(3, 2)
    record, problems = saved(Threshold().fit(values), "values", values=values)
    assert problems == ()
    assert record.framework == "python"
    assert record.params == {}
    assert any(line.lower().startswith("sqlalchemy==") for line in record.requirements)
    assert load_elsewhere(saved.folder / record.blob, tmp_path) == "True"


def load_elsewhere(pickled, folder):
    code = "import pickle, sys, numpy; print(pickle.load(open(sys.argv[1], 'rb')).predict(numpy.array([9.0]))[0])"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(pickled)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr


def test_a_class_of_the_notebook_travels_in_the_pickle(saved, tmp_path):
    import __main__

    source = "class Double:\n    def fit(self, x): self.k_ = 2; return self\n    def predict(self, x): return x * self.k_\n"
    exec(source, vars(__main__))
    try:
        record, _ = saved(__main__.Double().fit(None), "x", x=np.arange(3.0))
    finally:
        del __main__.Double
    assert record.class_name == "__main__.Double"
    assert record.predictions == [0.0, 2.0, 4.0]
    assert load_elsewhere(saved.folder / record.blob, tmp_path) == "18.0"


class Holder(ClassifierMixin, BaseEstimator):
    def fit(self, x, y):
        self.classes_ = np.unique(y)
        self.parts_ = {"deep": [1, {"lock": threading.Lock()}]}
        return self

    def predict(self, x):
        return np.zeros(len(x))


def test_an_unpicklable_model_names_the_attribute_at_fault(saved):
    with pytest.raises(
        ModelSaveError, match=r"model\.parts_\['deep'\]\[1\]\['lock'\] is a lock, which cannot be pickled"
    ):
        saved(Holder().fit(X, Y), "X", X=X)
    assert list(saved.folder.iterdir()) == []


@pytest.mark.parametrize("kind", ["generator", "TextIOWrapper", "lock"])
def test_what_cannot_be_pickled_is_named_by_its_type(kind, saved, tmp_path):
    with (tmp_path / "log").open("w") as file:  # cloudpickle takes files that are open for reading
        culprit = {"generator": (i for i in "ab"), "TextIOWrapper": file, "lock": threading.Lock()}[kind]
        with pytest.raises(ModelSaveError, match=f"model.held_ is a {kind}"):
            saved(SimpleNamespace(predict=len, held_=culprit))


class Stubborn:
    def __reduce__(self):
        raise RuntimeError("no,\nnot today")

    def predict(self, x):
        return x


def test_a_class_that_refuses_by_itself_is_quoted_in_one_line(saved):
    with pytest.raises(ModelSaveError, match=r"^model model \(Stubborn\) cannot be saved: no, not today$"):
        saved(Stubborn())


class Broken(BaseEstimator):
    def fit(self, x):
        self.fitted_ = True
        return self

    def predict(self, x):
        raise RuntimeError("the\nmodel is ill")


def test_a_model_whose_predict_raises_is_saved_without_a_signature(saved):
    record, problems = saved(Broken().fit(X), "X", X=X)
    assert record.signature is record.input_example is record.predictions is None
    assert problems == ("model: saved without a signature: predict raised RuntimeError: the model is ill",)


def test_a_model_without_a_known_input_is_saved_without_a_signature(saved):
    record, problems = saved(LogisticRegression().fit(X, Y), "gone", y=Y)
    assert record.signature is None
    assert problems == ("model: saved without a signature: no input example was found among the variables",)


@pytest.mark.parametrize(
    "says", [{"feature_names_in_": 5}, {"feature_names_in_": None, "n_features_in_": np.int64(3)}]
)
def test_odd_claims_of_a_class_about_its_input_do_no_harm(says, saved):
    model = Odd("x").fit(X)
    vars(model).update(says)
    record, problems = saved(model, "X.values", X=X)
    assert problems == ()
    assert record.input_example == {"inputs": X.to_numpy()[:5].tolist()}


class Unreadable(np.ndarray):
    def tolist(self):
        raise RuntimeError("sealed")


def test_predictions_that_cannot_be_read_cost_the_signature_only(saved):
    model = SimpleNamespace(predict=lambda x: np.zeros(len(x)).view(Unreadable))
    record, problems = saved(model, "X", X=X)
    assert record.signature is None
    assert "sealed" in problems[0]


def test_an_example_too_large_for_the_journal_is_left_out(saved):
    wide = np.zeros((6, 120_000))
    record, problems = saved(LinearRegression().fit(wide, range(6)), "wide", wide=wide)
    assert record.input_example is None
    assert "120000" in record.signature["inputs"]
    assert problems == ("model: saved without its input example, which is too large",)


class Noisy(BaseEstimator):
    def fit(self, x):
        self.fitted_ = True
        return self

    def predict(self, x):
        print("loud")
        print("louder", file=sys.stderr)
        warnings.warn("mind", UserWarning, stacklevel=1)
        x.iloc[:, :] = random.random() + np.random.random()
        return np.asarray(x)[:, 0]


def test_predicting_disturbs_neither_random_state_nor_output_nor_data(saved, capfd):
    frame = X.copy()
    random.seed(1)
    np.random.seed(1)
    expected = random.Random(1).random(), np.random.RandomState(1).random()
    saved(Noisy().fit(frame), "frame", frame=frame)
    assert (random.random(), np.random.random()) == expected
    assert capfd.readouterr() == ("", "")
    pd.testing.assert_frame_equal(frame, X)


@dataclass
class Odd:
    text: str

    def fit(self, x):
        self.done_ = True
        return self

    def predict(self, x):
        return x

    def get_params(self, deep):
        return {f"p{i}": self.text for i in range(200)} | {"late": 1}


def test_parameters_are_capped_in_number_and_length(saved):
    record, _ = saved(Odd("x" * 900).fit(X), "X", X=X)
    assert len(record.params) == 100
    assert {len(text) for text in record.params.values()} == {500}


def test_the_registry_of_cloudpickle_is_left_as_it_was(saved):
    import cloudpickle

    own = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(own)
    try:
        saved(Threshold().fit(X.to_numpy()))
        assert cloudpickle.list_registry_pickle_by_value() == {own.__name__}
    finally:
        cloudpickle.unregister_pickle_by_value(own)


def test_fitted_estimators_are_recognised():
    for model, _ in FITTED.values():
        assert is_fitted_estimator(model)
        assert is_model(model)


class Booster:
    """The shape of XGBoost's and LightGBM's scikit-learn interface."""

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_Booster")

    def fit(self):
        self._Booster = object()
        return self

    def predict(self, x):
        return x


class Hostile:
    def fit(self): ...

    @property
    def predict(self):
        raise RuntimeError("do not touch")


@pytest.mark.parametrize(
    "value",
    [
        LogisticRegression(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        GridSearchCV(LogisticRegression(), {}),
        StandardScaler().fit(X),
        make_pipeline(StandardScaler()).fit(X),
        ColumnTransformer([("s", StandardScaler(), ["a"])]).fit(X),
        LogisticRegression,
        Booster(),
        Hostile(),
        X,
        None,
        3,
        np,
        SimpleNamespace(predict=len),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_fitted_estimator(value):
    assert not is_fitted_estimator(value)


def test_estimators_of_boosting_libraries_are_asked_their_own_way():
    assert is_fitted_estimator(Booster().fit())


def test_a_model_is_anything_with_predict_but_a_class():
    assert is_model(SimpleNamespace(predict=len))
    assert is_model(LogisticRegression())
    assert not is_model(LogisticRegression)
    assert not is_model(StandardScaler())
    assert not is_model(Hostile())
    assert not is_model(X)


def test_the_last_fitted_estimator_is_found():
    first, last = LogisticRegression().fit(X, Y), LinearRegression().fit(X, Y)
    namespace = {"x": X, "first": first, "last": last, "raw": LogisticRegression()}
    assert find_model(["first", "last", "raw", "gone", "x"], namespace) == "last"
    assert find_model(["x", "gone"], namespace) is None


def test_saving_imports_neither_mlflow_nor_pandas():
    code = """
import sys, numpy
from types import SimpleNamespace
from nbship.capture import models
class Mean:
    def fit(self, x): self.mean_ = x.mean(); return self
    def predict(self, x): return x - self.mean_
x = numpy.zeros((9, 2))
record, problems = models.save_model("m", Mean().fit(x), namespace={"x": x}, candidates=["x"], fit_argument="x",
                                     put_blob=lambda data, suffix: "b")
assert record.signature and not problems, problems
print({"mlflow", "pandas", "sklearn", "IPython"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "set()", done.stderr
