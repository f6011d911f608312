from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import ElasticNet, LinearRegression, LogisticRegression, Ridge, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import LinearSVC

from nbship.serving.direct import direct_method
from nbship.serving.weights import stand_in, weights_of

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(200, 4)) * [1, 10, 0.1, 3] + [0, 5, -2, 1]
TWO = np.where(X[:, 0] + X[:, 2] > -2, "late", "punctual")
THREE = (X[:, 0] > 0).astype(int) + (X[:, 1] > 5)
NUMBER = X @ [1.0, 2.0, -3.0, 0.5] + 1

MODELS = {
    "two labels that are texts": (LogisticRegression().fit(X, TWO), "predict"),
    "three labels": (LogisticRegression(max_iter=500).fit(X, THREE), "predict"),
    "probabilities of two": (LogisticRegression().fit(X, TWO), "predict_proba"),
    "probabilities of three": (LogisticRegression(max_iter=500).fit(X, THREE), "predict_proba"),
    "scores": (SGDClassifier(random_state=0).fit(X, TWO), "decision_function"),
    "labels that are objects": (LogisticRegression().fit(X, TWO.astype(object)), "predict"),
    "labels that are booleans": (LinearSVC().fit(X, TWO == "late"), "predict"),
    "a number": (Ridge().fit(X, NUMBER), "predict"),
    "two numbers": (LinearRegression().fit(X, np.stack([NUMBER, -NUMBER], axis=1)), "predict"),
    "few numbers": (ElasticNet().fit(X, NUMBER), "predict"),
    "narrow weights": (Ridge().fit(X.astype(np.float32), NUMBER.astype(np.float32)), "predict"),
    "scaled": (make_pipeline(StandardScaler(), LogisticRegression()).fit(X, TWO), "predict"),
    "scaled often": (
        make_pipeline(
            RobustScaler(), "passthrough", MinMaxScaler(clip=True), MaxAbsScaler(), StandardScaler(), Ridge()
        ).fit(X, NUMBER),
        "predict",
    ),
    "without centre": (make_pipeline(StandardScaler(with_mean=False), Ridge()).fit(X, NUMBER), "predict"),
}


def never():
    raise AssertionError("the model itself was read")


def stand_in_for(model, method, read=never):
    weights = json.loads(json.dumps(weights_of(model, method)))
    return direct_method(stand_in(weights, read), method)


@pytest.mark.parametrize("name", MODELS)
def test_the_numbers_alone_answer_as_the_model_does_to_the_last_bit(name):
    model, method = MODELS[name]
    rows = GENERATOR.normal(size=(300, 4)) * 20
    answer = stand_in_for(model, method)(rows)
    expected = direct_method(model, method)(rows)
    assert answer.dtype == expected.dtype
    assert np.array_equal(answer, expected)
    assert np.allclose(answer, getattr(model, method)(rows)) if answer.dtype.kind == "f" else True


@pytest.mark.parametrize("name", ["three labels", "scaled", "scaled often"])
def test_rows_that_are_not_ordinary_are_answered_by_the_model_itself_read_once(name):
    model, method = MODELS[name]
    reads = []

    def read():
        reads.append(1)
        return model

    answer = stand_in_for(model, method, read)
    rows = np.array([[1e40, -1e35, 3.0, 1e200]])
    for _ in range(2):
        assert np.array_equal(answer(rows), getattr(model, method)(rows))
    assert len(reads) == 1


def test_what_the_model_refuses_stays_refused():
    model, method = MODELS["scaled"]
    with pytest.raises(ValueError, match="NaN"):
        stand_in_for(model, method, lambda: model)(np.array([[np.nan, 1.0, 1.0, 1.0]]))


@pytest.mark.parametrize(
    ("model", "method"),
    [
        (RandomForestClassifier(5).fit(X, TWO), "predict"),
        (make_pipeline(PolynomialFeatures(), Ridge()).fit(X, NUMBER), "predict"),
        (make_pipeline(OneHotEncoder(handle_unknown="ignore"), Ridge()).fit(X, NUMBER), "predict"),
        (type("Own", (Ridge,), {})().fit(X, NUMBER), "predict"),
        (LogisticRegression().fit(X, TWO), "predict_log_proba"),
    ],
)
def test_other_models_have_no_such_numbers(model, method):
    assert weights_of(model, method) is None


def test_numbers_that_are_not_finite_are_not_kept():
    model = Ridge().fit(X, NUMBER)
    model.coef_ = model.coef_ * np.inf
    assert weights_of(model, "predict") is None


ANSWERING = """
import json, sys
import numpy as np
from nbship.serving.direct import direct_method
from nbship.serving.weights import stand_in

model = stand_in(json.load(open("weights.json")), lambda: None)
direct_method(model, "predict")(np.ones((1, 4)))
print(sorted({"sklearn", "scipy", "skops", "pandas"} & set(sys.modules)))
"""


def test_answering_from_numbers_takes_no_scikit_learn(tmp_path):
    (tmp_path / "weights.json").write_text(json.dumps(weights_of(*MODELS["scaled"])))
    command = [sys.executable, "-c", ANSWERING]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
