from __future__ import annotations

import math

import pytest

from comparisons import many, run
from nbship.display.runs_comparison_axes import chosen_names, runs_axes
from nbship.model.comparison import RunsComparison


def axis(*values: str | None):
    runs = tuple(run(i, params={} if value is None else {"p": value}) for i, value in enumerate(values))
    return runs_axes(RunsComparison(runs, ("p",)), ["p"], [])[0]


def test_a_positive_parameter_over_more_than_two_decades_is_logarithmic():
    found = axis("0.0001", "0.01", "1")
    assert found.log
    assert found.places == (-4.0, -2.0, 0.0)
    assert (-2.0, "0.01") in found.ticks


@pytest.mark.parametrize("values", [("1", "100"), ("0", "1000"), ("-1", "1000")])
def test_others_are_linear(values):
    assert not axis(*values).log


def test_levels_are_ticks_in_their_order():
    found = axis("sqrt", "balanced", "sqrt")
    assert found.ticks == ((0.0, "balanced"), (1.0, "sqrt"))
    assert found.places == (1.0, 0.0, 1.0)


def test_missing_values_have_a_tick_of_their_own_below():
    numbers, names = axis("1", None, "2"), axis("a", None, "b")
    for found in (numbers, names):
        assert found.ticks[0][1] == "none"
        assert found.places[1] == found.ticks[0][0] == found.low


def test_of_many_levels_the_most_frequent_are_shown_and_the_rest_is_other():
    found = axis(*("abcdefghijklmnopqrst" + "aaa"))
    assert len(found.ticks) == 12
    assert found.ticks[-1][1] == "other"
    assert found.places[19] == 11.0


def test_levels_that_begin_alike_stay_apart():
    texts = [text for _, text in axis("x" * 100 + "a", "x" * 100 + "b").ticks]
    assert len(set(texts)) == 2


def test_whole_numbers_have_whole_ticks():
    assert all("." not in text for _, text in axis(*map(str, range(2, 13))).ticks)


@pytest.mark.parametrize(
    "values",
    [
        ("1", "1"),
        ("0",),
        ("a",),
        (None, None),
        ("1e308", "-1e308"),
        ("1e-320", "1e300"),
        ("", "x"),
        ("5e-324", "1"),
    ],
)
def test_odd_values_give_places_within_the_axis(values):
    found = axis(*values)
    assert found.low < found.high
    assert all(0 <= found.share(at) <= 1 for at in range(len(values)))
    assert all(math.isfinite(place) for place, _ in found.ticks)


def test_metrics_come_last_and_the_one_that_matters_most_at_the_end():
    comparison = many(30)
    params, metrics = chosen_names(comparison)
    names = [one.name for one in runs_axes(comparison, params, metrics)]
    assert names[-1] == "test_auc"
    assert names[: len(params)] == params


def test_texts_that_are_different_in_every_run_get_no_axis():
    runs = tuple(run(i, params={"p": str(i), "hash": f"{i:x}z"}, metrics={"auc": i / 30}) for i in range(30))
    assert chosen_names(RunsComparison(runs, ("hash", "p"), ("auc",)))[0] == ["p"]


def test_metrics_that_are_no_numbers_stand_below():
    runs = tuple(
        run(i, metrics={"auc": value}) for i, value in enumerate([0.5, float("nan"), float("inf"), 0.7])
    )
    found = runs_axes(RunsComparison(runs, (), ("auc",)), [], ["auc"])[0]
    assert found.places[1] == found.places[2] == found.low
