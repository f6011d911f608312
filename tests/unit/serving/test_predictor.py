"""Every kind of model, asked by the path that was chosen for it, beside the model itself."""

import dataclasses
import warnings

import numpy as np
import pandas as pd
import pytest

from nbship.errors import PackagingError
from nbship.model.bundle import InputPath
from nbship.serving.edge_rows import table_trials
from nbship.serving.nullability import with_nullable_columns
from nbship.serving.path_choice import choose_path, is_row_wise
from nbship.serving.predictor import predictor_of
from nbship.serving.proof import Reference, difference
from served_models import bundle_of, rows_of, tensor_bundle

ROWS = 1000


def numbers(rows, columns=4, seed=0, dtype="float64"):
    source = np.random.default_rng(seed)
    values = source.normal(5, 3, size=(rows, columns)).astype(dtype)
    return pd.DataFrame(values, columns=[f"x{at}" for at in range(columns)])


def mixed(rows, seed=0):
    source = np.random.default_rng(seed)
    return numbers(rows, 2, seed).assign(
        city=source.choice(["Oslo", "Rome", "Lima"], rows),
        on=source.choice([True, False], rows),
        n=source.integers(0, 50, rows),
    )


def with_gaps(rows, seed=0):
    frame = numbers(rows, seed=seed)
    return frame.mask(np.random.default_rng(seed + 1).random(frame.shape) < 0.2)


def texts(frame):
    return np.array(["low", "middle", "high"])[np.digitize(frame.iloc[:, 0].fillna(5), [4, 6])]


def truths(frame):
    return (frame.iloc[:, 0].fillna(0) > 5).to_numpy()


def amounts(frame):
    return frame.iloc[:, 0].fillna(0).to_numpy() * 2 + frame.iloc[:, 1].fillna(0).to_numpy()


def two(frame):
    return np.stack([amounts(frame), amounts(frame) ** 2], axis=1)


def encoded(final):
    from sklearn.compose import make_column_transformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = make_column_transformer(
        (encoder, ["city"]), (StandardScaler(), ["x0", "x1"]), remainder="passthrough"
    )
    return make_pipeline(columns, final)


def scaled(*steps):
    from sklearn.pipeline import make_pipeline

    return make_pipeline(*steps)


class Doubling:
    """A model of one's own, which reads columns by name."""

    def fit(self, frame, target):
        self.offset = float(np.mean(target))
        return self

    def predict(self, frame):
        return frame["x1"] * 2 + frame["x0"] + self.offset


class DtypeReader:
    """A model that answers by what the columns are, not by what they hold."""

    def fit(self, frame, target):
        return self

    def predict(self, frame):
        whole = all(dtype.kind == "i" for dtype in getattr(frame, "dtypes", [np.asarray(frame).dtype] * 2))
        return ["whole" if whole else "broken"] * len(frame)


def cases():
    from sklearn import ensemble, linear_model, naive_bayes, neighbors, preprocessing, svm, tree

    forest, forests = ensemble.RandomForestClassifier, ensemble.RandomForestRegressor
    logistic = linear_model.LogisticRegression(max_iter=1000)
    standard = preprocessing.StandardScaler
    quick = {"n_estimators": 15, "random_state": 0}
    frame, array, trees = InputPath.FRAME, InputPath.ARRAY, InputPath.FOREST
    return {
        "logistic regression": (logistic, numbers, texts, "predict", array, True),
        "logistic probabilities of three": (logistic, numbers, texts, "predict_proba", array, True),
        "logistic probabilities of two": (logistic, numbers, truths, "predict_proba", array, True),
        "logistic scores": (logistic, numbers, truths, "decision_function", array, True),
        "logistic log probabilities": (logistic, numbers, texts, "predict_log_proba", array, False),
        "boolean labels": (logistic, numbers, truths, "predict", array, True),
        "linear regression": (linear_model.LinearRegression(), numbers, amounts, "predict", array, True),
        "two amounts": (linear_model.Ridge(), numbers, two, "predict", array, True),
        "support vectors": (svm.SVC(), numbers, texts, "predict", array, False),
        "linear support vectors": (svm.LinearSVC(), numbers, texts, "predict", array, True),
        "naive Bayes": (naive_bayes.GaussianNB(), numbers, texts, "predict_proba", array, False),
        "neighbours": (neighbors.KNeighborsClassifier(), numbers, texts, "predict", array, False),
        "scaled": (scaled(standard(), logistic), numbers, texts, "predict_proba", array, True),
        "scaled otherwise": (
            scaled(preprocessing.MinMaxScaler(clip=True), preprocessing.RobustScaler(), linear_model.Ridge()),
            numbers,
            amounts,
            "predict",
            array,
            True,
        ),
        "forest": (forest(n_jobs=-1, **quick), numbers, texts, "predict", trees, True),
        "forest probabilities": (forest(**quick), numbers, texts, "predict_proba", trees, True),
        "forest of booleans": (forest(**quick), numbers, truths, "predict", trees, True),
        "forest with gaps": (forest(**quick), with_gaps, texts, "predict_proba", trees, True),
        "forest of amounts": (forests(**quick), numbers, amounts, "predict", trees, True),
        "forest of two amounts": (forests(**quick), numbers, two, "predict", trees, True),
        "forest of two labels": (forest(**quick), numbers, lambda f: two(f) > 20, "predict", array, False),
        "extra trees": (ensemble.ExtraTreesClassifier(**quick), numbers, texts, "predict", trees, True),
        "a tree": (tree.DecisionTreeClassifier(), numbers, texts, "predict_proba", trees, True),
        "scaled forest": (scaled(standard(), forests(**quick)), numbers, amounts, "predict", trees, True),
        "boosted": (
            ensemble.GradientBoostingClassifier(n_estimators=9),
            numbers,
            texts,
            "predict",
            array,
            False,
        ),
        "boosted amounts": (
            ensemble.GradientBoostingRegressor(n_estimators=9),
            numbers,
            amounts,
            "predict",
            array,
            False,
        ),
        "boosted by bins": (
            ensemble.HistGradientBoostingClassifier(max_iter=9),
            with_gaps,
            texts,
            "predict_proba",
            array,
            False,
        ),
        "boosted amounts by bins": (
            ensemble.HistGradientBoostingRegressor(max_iter=9),
            numbers,
            amounts,
            "predict",
            array,
            False,
        ),
        "texts": (encoded(logistic), mixed, texts, "predict", frame, True),
        "texts and a forest": (encoded(forest(**quick)), mixed, texts, "predict_proba", frame, True),
        "texts boosted": (
            encoded(ensemble.HistGradientBoostingRegressor(max_iter=9)),
            mixed,
            amounts,
            "predict",
            frame,
            False,
        ),
        "one's own": (Doubling(), numbers, amounts, "predict", frame, False),
    }


def learnt(model, frame, target):
    from sklearn.base import clone

    fitted = clone(model) if hasattr(model, "get_params") else model
    return fitted.fit(frame, target(frame))


def chosen(model, frame, folder, **fields):
    """Return the bundle as the packager would choose its path."""
    bundle = bundle_of(frame, **fields)
    rows = rows_of(frame.head(5))
    plain = predictor_of(model, bundle, folder).predict
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bundle = dataclasses.replace(bundle, inputs=with_nullable_columns(bundle.inputs, plain, rows))
        edges = table_trials(bundle.inputs, rows, None)
        answered = Reference.of(plain, [edges.edges]).answered_rows()
        refused = {at for at, row in enumerate(edges.edges) if id(row) not in answered}
        trials = table_trials(bundle.inputs, rows, None, refused)
        reference = Reference.of(plain, trials.blocks)
        assert reference.answered >= ROWS
        return choose_path(bundle, model, folder, reference), trials


@pytest.mark.parametrize("name", cases())
def test_the_chosen_path_and_the_plain_one_answer_as_the_model(name, tmp_path):
    model, frames, target, method, path, direct = cases()[name]
    model = learnt(model, frames(300), target)
    fresh = frames(ROWS, seed=7)
    expected = np.asarray(getattr(model, method)(fresh))

    bundle, trials = chosen(model, frames(300), tmp_path, method=method)

    assert (bundle.input_path, bundle.direct) == (path, direct), bundle.proof
    plain = predictor_of(
        model, dataclasses.replace(bundle, input_path=InputPath.FRAME, direct=False), tmp_path
    )
    fast = predictor_of(model, bundle, tmp_path)
    assert fast.needs_frame is (path is InputPath.FRAME)
    rows = rows_of(fresh)
    assert plain.predict(rows) == fast.predict(rows)
    assert difference(fast.predict(rows), expected.tolist()) <= 1e-12
    alone = [fast.predict([row])[0] for row in rows[:100]]
    assert difference(alone, expected[:100].tolist()) <= 1e-9
    assert is_row_wise(fast.predict, trials)


@pytest.mark.parametrize("dtype", ["float32", "int64", "int32", "bool"])
def test_narrow_and_whole_columns_are_answered_as_the_model_does(dtype, tmp_path):
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.linear_model import LinearRegression

    frame = numbers(400).astype(dtype) if dtype != "bool" else numbers(400) > 5
    for model in (RandomForestRegressor(n_estimators=9, random_state=0), LinearRegression()):
        model.fit(frame, amounts(frame))
        bundle, _ = chosen(model, frame, tmp_path)

        predictor = predictor_of(model, bundle, tmp_path)

        assert bundle.input_path is not InputPath.FRAME, bundle.proof
        assert difference(predictor.predict(rows_of(frame)), model.predict(frame).tolist()) <= (
            1e-6 if dtype == "float32" else 1e-12
        )


def test_a_model_that_looks_at_dtypes_stays_on_the_frame(tmp_path):
    frame = pd.DataFrame({"whole": [1, 2, 3], "broken": [0.5, 1.5, 2.5]})
    bundle, _ = chosen(DtypeReader(), frame.assign(broken=[1, 2, 3]), tmp_path)
    assert bundle.input_path is InputPath.ARRAY

    class NameReader(DtypeReader):
        def predict(self, frame):
            return [next(iter(getattr(frame, "columns", ["none"])))] * len(frame)

    bundle, _ = chosen(NameReader(), frame, tmp_path)

    assert bundle.input_path is InputPath.FRAME
    assert any("differs" in sentence for sentence in bundle.proof)


def test_a_subclass_with_arithmetic_of_its_own_is_not_computed_directly(tmp_path):
    from sklearn.linear_model import LinearRegression

    class Careful(LinearRegression):
        def predict(self, rows):
            return np.minimum(super().predict(rows), 3.0)

    frame = numbers(300)
    bundle, _ = chosen(Careful().fit(frame, amounts(frame)), frame, tmp_path)

    assert not bundle.direct


def test_rows_that_the_model_refuses_are_refused_on_the_fast_path(tmp_path):
    from sklearn.linear_model import LinearRegression

    frame = numbers(300)
    model = LinearRegression().fit(frame, amounts(frame))
    bundle, _ = chosen(model, frame, tmp_path)
    predictor = predictor_of(model, bundle, tmp_path)

    for bad in (None, float("inf")):
        with pytest.raises(ValueError, match=r"NaN|infinity"):
            predictor.predict([[bad, 1.0, 1.0, 1.0]])


def test_gaps_among_texts_are_what_pandas_reads(tmp_path):
    frame = mixed(300)
    frame.loc[::5, "city"] = np.nan
    from sklearn.linear_model import LogisticRegression

    model = encoded(LogisticRegression(max_iter=1000)).fit(frame, texts(frame))
    bundle, _ = chosen(model, frame, tmp_path)

    assert [column.name for column in bundle.inputs if column.nullable] == ["city"]
    assert predictor_of(model, bundle, tmp_path).predict(rows_of(frame)) == model.predict(frame).tolist()


def test_moments_reach_the_model_as_such(tmp_path):
    class Weekday:
        def predict(self, frame):
            return frame["at"].dt.day_of_week.to_numpy() + frame["x"]

    frame = pd.DataFrame({"at": pd.date_range("2024-02-25", periods=60, freq="37h"), "x": np.arange(60.0)})
    bundle, _ = chosen(Weekday(), frame, tmp_path)

    assert (
        predictor_of(Weekday(), bundle, tmp_path).predict(rows_of(frame)) == Weekday().predict(frame).tolist()
    )


def test_a_tensor_is_an_array_of_its_dtype(tmp_path):
    class Sum:
        def predict(self, images):
            assert images.dtype == np.float32
            return images.sum(axis=(1, 2))

    rows = np.arange(24, dtype=np.float32).reshape(3, 2, 4)
    bundle = tensor_bundle("float32", (-1, 2, 4), input_path=InputPath.TENSOR)

    assert predictor_of(Sum(), bundle, tmp_path).predict(rows.tolist()) == rows.sum(axis=(1, 2)).tolist()


def test_a_model_whose_answer_depends_on_its_neighbours_is_found_out(tmp_path):
    class Ranking:
        def predict(self, frame):
            return np.argsort(np.argsort(np.asarray(frame)[:, 0]))

    bundle, trials = chosen(Ranking(), numbers(50), tmp_path)

    assert not is_row_wise(predictor_of(Ranking(), bundle, tmp_path).predict, trials)


def test_a_method_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PackagingError, match="Doubling, has no method 'predict_proba'"):
        predictor_of(Doubling(), bundle_of(numbers(2), method="predict_proba"), tmp_path)
