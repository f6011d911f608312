from __future__ import annotations

import random

import pytest

from comparisons import many, run
from nbship.display.runs_comparison_order import association, number_of, params_in_order, ranked
from nbship.model.comparison import RunsComparison

DRAW = random.Random(3)
NUMBERS = [DRAW.random() for _ in range(400)]


def test_runs_are_ranked_by_the_metric_whose_direction_is_sure():
    comparison = many(20)
    order, metric = ranked(comparison)
    assert metric == "test_auc"
    values = [comparison.runs[at].metrics["test_auc"] for at in order]
    assert values == sorted(values, reverse=True)


def test_runs_without_a_value_come_last():
    runs = tuple(
        run(i, metrics=m) for i, m in enumerate([{}, {"loss": float("nan")}, {"loss": 2.0}, {"loss": 1.0}], 1)
    )
    assert ranked(RunsComparison(runs, metrics=("loss",)))[0] == [3, 2, 0, 1] or ranked(
        RunsComparison(runs, metrics=("loss",))
    )[0] == [3, 2, 1, 0]


def test_runs_keep_their_order_where_no_metric_is_sure():
    runs = tuple(run(i, metrics={"gain": float(-i)}) for i in range(1, 4))
    assert ranked(RunsComparison(runs, metrics=("gain",))) == ([0, 1, 2], "")
    assert ranked(RunsComparison(runs)) == ([0, 1, 2], "")


def test_an_optimum_in_the_middle_is_seen():
    scores = [-((x - 0.5) ** 2) for x in NUMBERS]
    assert association([str(x) for x in NUMBERS], scores) > 0.7


def test_levels_that_matter_are_seen():
    assert association(["ab"[x > 0.5] for x in NUMBERS], NUMBERS) > 0.7


def test_what_has_nothing_to_do_with_the_score_explains_next_to_nothing():
    assert association([str(DRAW.random()) for _ in NUMBERS], NUMBERS) < 0.05
    assert association([f"run {i}" for i in range(400)], NUMBERS) == 0.0  # each its own level


@pytest.mark.parametrize(
    ("values", "scores"),
    [
        ([], []),
        (["1"] * 20, [1.0] * 20),
        (["1"] * 20, [None] * 20),
        ([None] * 20, list(map(float, range(20)))),
        (["a", "b"], [1.0, 2.0]),
    ],
)
def test_where_nothing_can_be_said_it_is_zero(values, scores):
    assert association(values, scores) == 0.0


def test_the_parameter_that_decides_comes_first():
    assert params_in_order(many(200, params=9))[:2] == ["learning_rate", "max_depth"]


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-3", 0.001), ("7", 7.0), ("nan", None), ("inf", None), ("1_000", None), ("x", None), ("", None)],
)
def test_numbers_are_finite_and_written_as_numbers(text, value):
    assert number_of(text) == value
