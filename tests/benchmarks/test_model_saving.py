"""What saving a model adds to a scikit-learn cell, beside ``mlflow.sklearn.autolog`` in the same process."""

import time
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from nbship.capture.model_pickle import pickle_model
from nbship.capture.models import is_fitted_estimator, save_model
from nbship.capture.requirements import model_requirements

ROWS = 20_000


@pytest.fixture(scope="module")
def flights():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(ROWS, 8)), columns=[f"x{place}" for place in range(8)])
    return frame.assign(carrier=rng.choice(["AA", "UA", "DL"], ROWS)), (frame["x0"] > 0).astype(int)


def numeric(frame):
    return frame.drop(columns="carrier")


def logistic(frame, late):
    return LogisticRegression().fit(numeric(frame), late), numeric(frame)


def forest(frame, late):
    return RandomForestClassifier(100, max_depth=12, n_jobs=-1).fit(numeric(frame), late), numeric(frame)


def pipeline(frame, late):
    columns = make_column_transformer((OneHotEncoder(), ["carrier"]), remainder=StandardScaler())
    return make_pipeline(columns, LogisticRegression()).fit(frame, late), frame


def texts(frame, late):
    words = np.random.default_rng(0).integers(0, 60_000, size=(2_000, 80)).astype(str)
    documents = [" ".join(f"word{word}" for word in row) for row in words]
    return make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(documents, late[:2_000]), documents


def save(model, data, folder):
    return save_model(
        "model",
        model,
        namespace={"model": model, "data": data},
        candidates=["data"],
        fit_argument="data",
        put_blob=lambda content, suffix: (folder / f"m{suffix}").write_bytes(content) and "m.pkl",
    )


@pytest.mark.parametrize("make", [logistic, forest, pipeline, texts])
def test_saving_a_model(make, flights, tmp_path, benchmark):
    model, data = make(*flights)
    started = time.perf_counter()
    record, problems = save(model, data, tmp_path)
    first = time.perf_counter() - started
    assert record.signature is not None
    assert problems == ()
    benchmark(save, model, data, tmp_path)
    print(
        f"\n{make.__name__}: first save {first * 1000:.0f} ms, pickle {(tmp_path / 'm.pkl').stat().st_size:,} bytes"
    )


@pytest.mark.parametrize("make", [logistic, forest, pipeline, texts])
def test_finding_requirements(make, flights, benchmark):
    model, _ = make(*flights)
    pickled, _ = pickle_model("model", model)
    benchmark(model_requirements, pickled, model)


def test_requirements_of_a_pickle_of_200_megabytes(benchmark):
    model = LogisticRegression()
    model.coef_ = np.zeros(25_000_000)
    pickled, _ = pickle_model("model", model)
    benchmark.pedantic(model_requirements, (pickled, model), rounds=3)


def test_recognising_an_estimator(flights, benchmark):
    model, _ = logistic(*flights)
    benchmark(is_fitted_estimator, model)


@pytest.mark.slow
def test_saving_beside_autolog(flights, tmp_path):
    """One repetition: autolog infers requirements in a second Python each time."""
    frame, late = flights
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow
        import mlflow.pyfunc
        import mlflow.sklearn

        mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
        mlflow.set_experiment(experiment_id=mlflow.create_experiment("x", (tmp_path / "artifacts").as_uri()))
        for make in (logistic, forest):
            started = time.perf_counter()
            model, data = make(frame, late)
            fitting = time.perf_counter() - started
            started = time.perf_counter()
            save(model, data, tmp_path)
            own = time.perf_counter() - started
            # The default format of MLflow 3.17 refuses trees.
            mlflow.sklearn.autolog(log_input_examples=True, serialization_format="cloudpickle", silent=True)
            started = time.perf_counter()
            make(frame, late)
            peer = time.perf_counter() - started - fitting
            mlflow.sklearn.autolog(disable=True)
            print(f"\n{make.__name__}: nbship {own:.3f} s, autolog {peer:.1f} s, ratio {peer / own:.0f}x")
