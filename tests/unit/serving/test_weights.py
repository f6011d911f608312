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


def stand_in_for(model, method):
    return direct_method(stand_in(json.loads(json.dumps(weights_of(model, method)))), method)


@pytest.mark.parametrize("name", MODELS)
def test_the_numbers_alone_answer_as_the_model_does_to_the_last_bit(name):
    model, method = MODELS[name]
    rows = GENERATOR.normal(size=(300, 4)) * 20
    answer = stand_in_for(model, method)(rows)
    expected = direct_method(model, method)(rows)
    assert answer.dtype == expected.dtype
    assert np.array_equal(answer, expected)
    assert np.allclose(answer, getattr(model, method)(rows)) if answer.dtype.kind == "f" else True


@pytest.mark.parametrize(
    "name", ["three labels", "a number", "scaled", "scaled often", "probabilities of two"]
)
def test_huge_and_tiny_numbers_are_answered_as_well(name):
    model, method = MODELS[name]
    rows = np.array([[1e40, -1e35, 3.0, 1e200], [1e-300, 0.0, -0.0, 5e-324], [-1e100, 1.0, 1.0, 1.0]])
    with np.errstate(all="ignore"):
        assert np.array_equal(stand_in_for(model, method)(rows), getattr(model, method)(rows))


@pytest.mark.parametrize("name", ["three labels", "scaled"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_scikit_learn_refuses_is_refused(name, bad):
    model, method = MODELS[name]
    rows = np.array([[1.0, 2.0, bad, 1.0]])
    for ask in (stand_in_for(model, method), getattr(model, method)):
        with pytest.raises(ValueError, match=r"NaN|infinity"):
            ask(rows)


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

model = stand_in(json.load(open("weights.json")))
direct_method(model, "predict")(np.ones((1, 4)))
print(sorted({"sklearn", "scipy", "skops", "pandas"} & set(sys.modules)))
"""


def test_answering_from_numbers_takes_no_scikit_learn(tmp_path):
    (tmp_path / "weights.json").write_text(json.dumps(weights_of(*MODELS["scaled"])))
    command = [sys.executable, "-c", ANSWERING]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
