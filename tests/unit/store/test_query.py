from __future__ import annotations

import math

import pytest

from nbship.model.run import Run, RunStatus
from nbship.store.query import NEWEST_FIRST, in_order, is_filter, matches, parse_sort, words_of


def run(name, *, started=0, **fields):
    return Run(name, name, RunStatus.FINISHED, "e", started, **fields)


@pytest.mark.parametrize(
    "query",
    [
        "metrics.auc > 0.8",
        "metrics.`my auc`>0.8 and params.depth = '3'",
        'tags."team" ILIKE "%delays%"',
        "status = 'FAILED'",
        "attributes.start_time < 5",
        "dataset.digest = 'abc'",
        "run_name LIKE 'a%'",
        "params.depth IN ('3', '4')",
    ],
)
def test_a_comparison_is_a_filter(query):
    assert is_filter(query)


@pytest.mark.parametrize(
    "query", [None, "", "late flights", "lr=0.1", "status", "metrics.auc", "v1.2 > v1.1"]
)
def test_anything_else_is_words(query):
    assert not is_filter(query)


def test_every_word_must_occur_somewhere_in_any_case():
    one = run("Baseline", params={"lr": "0.1"}, tags={"team": "Delays", "mlflow.source.name": "Straße.ipynb"})
    for query in ("base", "BASE lr=0.1", "team=delays", "delays 0.1", "STRASSE", None, "  "):
        assert matches(one, words_of(query)), query
    assert not matches(one, words_of("base forest"))


def test_tags_that_users_did_not_write_are_not_searched():
    one = run("r", tags={"nbship.lineage": "abc", "mlflow.source.type": "NOTEBOOK", "mlflow.user": "ann"})
    assert matches(one, ("ann",))
    assert not matches(one, ("abc",))
    assert not matches(one, ("notebook",))


def test_the_newest_run_comes_first_without_a_sort_key():
    assert parse_sort(None) == NEWEST_FIRST
    assert [one.name for one in in_order([run("a", started=1), run("b", started=2)], NEWEST_FIRST)] == [
        "b",
        "a",
    ]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("auc", "b a n x"),
        ("-auc", "a b n x"),
        ("metrics.auc", "b a n x"),
        ("params.depth", "b a x n"),
        ("-params.depth", "x a b n"),
        ("name", "a b n x"),
        ("-name", "x n b a"),
        ("duration", "x n b a"),
        ("started", "a b n x"),
        ("-started", "x n b a"),
        ("nonsense", "x n b a"),
    ],
)
def test_runs_without_a_value_come_last_in_both_directions(sort, expected):
    runs = [
        run("a", started=1, ended_ms=9001, metrics={"auc": 0.9}, params={"depth": "10"}),
        run("b", started=2, ended_ms=8002, metrics={"auc": 0.8}, params={"depth": "9"}),
        run("n", started=3, ended_ms=7003, metrics={"auc": math.nan}),
        run("x", started=4, ended_ms=6004, params={"depth": "deep"}),
    ]
    assert " ".join(one.name for one in in_order(runs, parse_sort(sort))) == expected


def test_equal_runs_stand_newest_first_in_both_directions():
    runs = [run("a", started=1, metrics={"m": 1.0}), run("b", started=2, metrics={"m": 1.0})]
    for sort in ("m", "-m"):
        assert [one.name for one in in_order(runs, parse_sort(sort))] == ["b", "a"]
