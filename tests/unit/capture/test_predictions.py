from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

from nbship.capture.predictions import answer, predict_within
from nbship.capture.rng import digest_rng

X = pd.DataFrame(np.random.default_rng(0).normal(size=(500, 3)), columns=list("abc"))


class Clock:
    """Time that a model spends by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Slow:
    """Takes its time, by the row and by the call."""

    def __init__(self, clock: Clock, row_seconds: float, call_seconds: float = 0.0) -> None:
        self.clock, self.row_seconds, self.call_seconds = clock, row_seconds, call_seconds
        self.asked: list[int] = []

    def predict(self, rows):
        self.asked.append(len(rows))
        self.clock.now += self.call_seconds + self.row_seconds * len(rows)
        return np.zeros(len(rows))


def ask(row_seconds: float, call_seconds: float = 0.0, rows: int = 10_000):
    clock = Clock()
    model = Slow(clock, row_seconds, call_seconds)
    found = predict_within(model, np.zeros((rows, 2)), 0.5, clock)
    return found, model, clock.now


def test_a_fast_model_answers_to_every_row():
    found, model, _ = ask(1e-6)
    assert found.count == found.found.rows == 10_000
    assert model.asked == [2, 16, 10_000]


def test_a_slow_model_answers_to_as_many_rows_as_fit():
    found, _, spent = ask(1e-3)
    assert 400 < found.count < 500
    assert spent <= 0.5


def test_what_a_call_costs_by_itself_does_not_count_for_every_row():
    found, model, spent = ask(1e-6, call_seconds=0.08)
    assert found.count > 400
    assert len(model.asked) <= 5
    assert spent <= 0.6


def test_a_model_that_is_far_too_slow_gives_nothing():
    found, model, _ = ask(1.0)
    assert found is None
    assert model.asked == [2]


def test_a_model_of_a_second_a_row_is_not_asked_about_more_than_two():
    _, model, spent = ask(0.2)
    assert model.asked == [2]
    assert spent < 0.5


def test_without_time_nothing_is_asked():
    model = Slow(Clock(), 0.0)
    assert predict_within(model, np.zeros((5, 2)), 0.0) is None
    assert model.asked == []


def test_a_small_dataset_is_answered_whole():
    found, _, _ = ask(1e-6, rows=5)
    assert found.count == 5


def test_a_classifier_of_two_classes_gives_the_probability_of_the_second():
    model = LogisticRegression().fit(X, X["a"] > 0)
    columns = answer(model, X.copy()).columns()

    assert list(columns) == ["prediction", "probability"]
    assert columns["probability"] == pytest.approx(model.predict_proba(X)[:, 1])
    assert columns["prediction"].dtype == bool


def test_more_classes_and_regressions_give_predictions_only():
    three = LogisticRegression().fit(X, np.digitize(X["a"], [-0.5, 0.5]))
    assert list(answer(three, X).columns()) == ["prediction"]
    assert list(answer(LinearSVC().fit(X, X["a"] > 0), X).columns()) == ["prediction"]
    assert list(answer(LinearRegression().fit(X, X["a"]), X).columns()) == ["prediction"]
    assert list(answer(LinearRegression().fit(X, X[["a", "b"]]), X).columns()) == [
        "prediction",
        "prediction [2]",
    ]


def test_a_forest_of_several_outputs_has_no_single_probability():
    model = RandomForestClassifier(5, random_state=0).fit(X, np.c_[X["a"] > 0, X["b"] > 0])
    assert list(answer(model, X).columns()) == ["prediction", "prediction [2]"]


def test_a_model_may_draw_print_and_change_its_input():
    class Rude:
        def predict_proba(self, rows):
            rows.loc[:, "a"] = 0.0
            return np.c_[np.zeros(len(rows)), np.random.random(len(rows))]

        def predict(self, rows):
            print("hello")
            assert (rows["a"] != 0).any()
            return np.random.random(len(rows))

    before, frame = digest_rng(), X.copy()
    predict_within(Rude(), frame, 0.5)
    assert digest_rng() == before
    pd.testing.assert_frame_equal(frame, X)


def test_predictions_of_another_length_are_refused():
    class Odd:
        def predict(self, rows):
            return np.zeros(3)

    with pytest.raises(ValueError, match=r"shape \(3,\) for 500 rows"):
        answer(Odd(), X)
