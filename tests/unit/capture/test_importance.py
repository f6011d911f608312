from __future__ import annotations

import itertools
import json
import time

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from nbship.capture.importance import model_importance
from nbship.capture.paced import WorkClock
from nbship.capture.rng import digest_rng
from nbship.capture.sensitivity import sensitivities

GENERATOR = np.random.default_rng(0)
X = pd.DataFrame(
    {
        "small": GENERATOR.normal(size=600),
        "noise": GENERATOR.normal(size=600),
        "large": GENERATOR.normal(size=600) * 1000,
    }
)
Y = 3 * X["small"] + X["large"] / 1000
MIXED = X.assign(level=np.where(X["small"] > 0, "high", "low"), level_2=GENERATOR.choice(list("xyz"), 600))


def shares(model, rows=X):
    found = model_importance(model, "model (Kind)", rows, seconds=60)
    assert found is not None
    assert sum(found.shares.values()) == pytest.approx(1)
    return found


def test_a_forest_tells_itself_what_matters():
    model = RandomForestRegressor(20, random_state=0).fit(X, Y)
    found = shares(model, None)

    assert list(found.shares.values()) == pytest.approx(model.feature_importances_)
    assert (
        found.method
        == "how much RandomForestRegressor made of the column while it was fitted (feature_importances_)"
    )


def test_coefficients_count_by_the_spread_of_their_columns():
    found = shares(LinearRegression().fit(X, Y))

    assert found.shares["small"] == pytest.approx(0.75, abs=0.02)
    assert found.shares["large"] == pytest.approx(0.25, abs=0.02)
    assert found.shares["noise"] < 1e-9
    assert "coefficients of LinearRegression" in found.method


def test_coefficients_without_data_tell_nothing():
    assert model_importance(LinearRegression().fit(X, Y), "model", None, seconds=60) is None


def test_what_a_column_is_made_into_is_added_up():
    encode = make_column_transformer(
        (OneHotEncoder(), ["level", "level_2"]),
        (StandardScaler(), ["small", "noise"]),
        remainder="passthrough",
    )
    one_each = ColumnTransformer(
        [
            ("a", OneHotEncoder(), ["level"]),
            ("b", OneHotEncoder(), ["level_2"]),
            (
                "c",
                make_pipeline(StandardScaler(), FunctionTransformer(feature_names_out="one-to-one")),
                ["small"],
            ),
            ("d", "drop", ["noise"]),
        ],
        remainder="passthrough",
    )
    linear = shares(make_pipeline(one_each, LinearRegression()).fit(MIXED, Y), MIXED)
    trees = make_pipeline(one_each, RandomForestRegressor(10, random_state=0)).fit(MIXED, Y)
    unsure = shares(make_pipeline(encode, LinearRegression()).fit(MIXED, Y), MIXED)

    assert linear.shares["small"] == pytest.approx(0.75, abs=0.03)
    assert list(linear.shares) == list(MIXED.columns)
    assert shares(trees, None).shares["small"] > 0.5
    assert shares(trees, None).shares["noise"] == 0
    assert "coefficients" in linear.method
    assert "shuffled" in unsure.method  # `level_2_x` could be made of `level` as well
    assert unsure.shares["small"] == pytest.approx(0.75, abs=0.05)


def test_columns_that_were_mixed_are_told_by_shuffling():
    found = shares(make_pipeline(StandardScaler(), PCA(), LinearRegression()).fit(X, Y))

    assert found.method == "how much the prediction changes when the column is shuffled (512 rows)"
    assert found.shares["small"] == pytest.approx(0.75, abs=0.03)


def test_a_model_that_tells_nothing_is_asked_about_shuffled_columns():
    model = HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(X, Y > 0)
    found = shares(model)

    assert (
        found.method == "how much the predicted probabilities change when the column is shuffled (512 rows)"
    )
    assert found.shares["small"] > found.shares["large"] > found.shares["noise"]


def test_labels_change_or_they_do_not():
    class Labels(DecisionTreeClassifier):
        feature_importances_ = None
        predict_proba = None

    model = Labels(max_depth=3, random_state=0).fit(X, np.where(Y > 0, "late", "on time"))
    found = shares(model)

    assert found.method == "how often the predicted class changes when the column is shuffled (512 rows)"
    assert found.shares["small"] > 0.6


@pytest.mark.parametrize("search", [True, False])
def test_a_search_speaks_through_what_it_found(search):
    inner = LinearSVC(random_state=0)
    model = GridSearchCV(inner, {"C": [0.1, 1]}, cv=2) if search else make_pipeline(StandardScaler(), inner)
    found = shares(model.fit(X[["small", "noise"]], Y > 0), X[["small", "noise"]])

    assert found.shares["small"] > 0.9
    assert "LinearSVC" in found.method


def test_columns_of_an_array_go_by_their_position():
    array = X.to_numpy()
    prepared = make_pipeline(StandardScaler(), LinearRegression()).fit(array, Y)

    assert shares(prepared, array).shares["0"] == pytest.approx(0.75, abs=0.02)
    assert list(shares(RandomForestRegressor(5).fit(array, Y), array).shares) == ["0", "1", "2"]
    assert shares(HistGradientBoostingClassifier(max_iter=5).fit(array, Y > 0), array).shares["0"] > 0.5


def test_categories_and_columns_with_odd_names_can_be_shuffled():
    rows = MIXED.astype({"level": "category", "level_2": "category"})
    model = HistGradientBoostingClassifier(max_iter=20, categorical_features="from_dtype", random_state=0)
    found = shares(model.fit(rows, rows["level"] == "high"), rows)

    assert found.shares["level"] + found.shares["small"] > 0.9


def test_a_wide_table_is_asked_about_in_parts(monkeypatch):
    monkeypatch.setattr("nbship.capture.sensitivity._MOST_CELLS", 5_000)
    found = shares(make_pipeline(PCA(), LinearRegression()).fit(X, Y / 10))
    assert found.shares["large"] + found.shares["small"] > 0.9


def test_a_model_that_answers_always_the_same_has_none():
    assert model_importance(LinearRegression().fit(X, np.zeros(600)), "model", X, seconds=60) is None


class Counting(TransformedTargetRegressor):
    """Counts the rows that it is asked about, each of which may cost time by hand."""

    asked = 0
    row_seconds = 0.0

    def predict(self, rows):
        self.asked += len(rows)
        spin(self.row_seconds * len(rows))
        return super().predict(rows)


def spin(seconds):
    """Compute for a while: sleeping would be no work."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_a_model_without_time_is_not_asked():
    model = Counting(LinearRegression()).fit(X, Y)
    assert model_importance(model, "model", X, seconds=0) is None
    assert model.asked == 0


def test_a_slow_model_is_asked_about_few_rows_before_it_is_given_up():
    model = Counting(LinearRegression()).fit(X, Y)
    model.row_seconds = 0.02
    assert model_importance(model, "model", X, seconds=0.4) is None
    assert model.asked <= 20


def test_a_slow_preparation_is_given_up_early():
    class Slow(FunctionTransformer):
        asked = 0

        def transform(self, rows):
            type(self).asked += len(rows)
            spin(0.02 * len(rows))
            return super().transform(rows)

    model = make_pipeline(Slow(feature_names_out="one-to-one"), LinearRegression())
    model.fit(X, Y)
    Slow.asked = 0
    assert model_importance(model, "model", X, seconds=0.3) is None
    assert Slow.asked <= 40


@pytest.mark.parametrize("busy", [1, 8])
def test_a_fast_model_of_13_columns_has_an_importance_however_busy_the_machine(busy):
    spent = 0.0

    class Fast(TransformedTargetRegressor):
        def predict(self, rows):
            nonlocal spent
            spent += 0.02 + 1e-6 * len(rows)
            return super().predict(rows)

    wide = pd.DataFrame(GENERATOR.normal(size=(178, 13)), columns=[f"c{n}" for n in range(13)])
    clock = WorkClock(wall=lambda: spent * busy, cpu=lambda: spent)
    found = sensitivities(Fast(LinearRegression()).fit(wide, wide["c0"]), wide, 1.0, clock)
    assert found is not None
    assert found[0][0] == max(found[0])
    assert found[1].endswith("(178 rows)")


def test_a_question_as_large_as_one_that_was_answered_is_asked_whatever_the_clock_says():
    ticks = itertools.count()

    def clock():
        return (
            next(ticks) * 0.0124
        )  # each call takes a tick: nearly all of what there is for the first answers

    model = Counting(LinearRegression()).fit(X, Y)
    found = sensitivities(model, X, 0.5, clock)
    assert found is not None
    assert found[0][0] > 0


def test_random_state_is_left_alone_and_the_file_has_a_version():
    before = digest_rng()
    found = shares(HistGradientBoostingClassifier(max_iter=5).fit(X, Y > 0))
    stored = json.loads(found.to_json())

    assert digest_rng()["random"] == before["random"]
    assert stored == {
        "version": 1,
        "model": "model (Kind)",
        "method": found.method,
        "importance": found.shares,
    }
