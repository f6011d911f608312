from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbship.provenance.alignment import align, rising
from nbship.store.needed_code import CodeCell

FIT = "model = LinearRegression(alpha=0.5).fit(train, target)\nscore = model.score(test, truth)"


def cells(*sources):
    return [CodeCell(*(source if isinstance(source, tuple) else (source,))) for source in sources]


def pairs(left, right):
    return list(align(left, right).pairs)


@given(st.lists(st.integers(0, 50), unique=True, max_size=7))
def test_the_rising_numbers_are_a_longest_such_subsequence(values):
    chosen = [value for value in values if value in rising(values)]
    assert chosen == sorted(chosen)
    longest = max(
        len(picked)
        for size in range(len(values) + 1)
        for picked in itertools.combinations(values, size)
        if list(picked) == sorted(picked)
    )
    assert len(chosen) == longest


def test_an_id_wins_over_an_equal_source():
    left, right = cells(("x = 1", "a"), ("y = 2", "b")), cells(("y = 2", "a"), ("x = 1", "b"))
    assert pairs(left, right) == [(0, 0), (1, 1)]


def test_equal_sources_are_matched_in_their_order():
    assert pairs(cells("plot()", "x", "plot()"), cells("plot()", "plot()", "x")) == [(0, 0), (1, 2), (2, 1)]


def test_versions_of_one_id_are_matched_by_source_first():
    left, right = cells(("x = 1", "a"), ("y = 2", "a")), cells(("y = 2", "a"))
    assert pairs(left, right) == [(1, 0)]


def test_a_similar_cell_is_the_same_cell_edited():
    left, right = (
        cells("import os", FIT, "print(1)"),
        cells("import sys", FIT.replace("0.5", "0.7"), "print(1)"),
    )
    assert pairs(left, right) == [(0, 0), (1, 1), (2, 2)]


def test_different_cells_are_not_matched():
    assert pairs(cells("alpha = beta"), cells("import os, sys\nfor x in y:\n    print(x)")) == []


def test_similar_cells_keep_their_order_unless_nearly_equal():
    vaguely = FIT.replace("LinearRegression", "Ridge").replace("0.5", "1, tol=3").replace("truth", "known, w")
    nearly = FIT.replace("0.5", "0.6")
    assert pairs(cells(FIT, "anchor()"), cells("anchor()", vaguely)) == [(1, 0)]
    assert pairs(cells(FIT, "anchor()"), cells(vaguely, "anchor()")) == [(0, 0), (1, 1)]
    assert pairs(cells(FIT, "anchor()"), cells("anchor()", nearly)) == [(0, 1), (1, 0)]


def test_the_fewest_cells_count_as_moved():
    left, right = cells("a", "b", "c", "d"), cells("d", "a", "b", "c")
    assert align(left, right).moved == {(3, 0)}


@pytest.mark.parametrize("count", [0, 1])
def test_empty_sides_are_aligned(count):
    assert pairs(cells(*["x"] * count), []) == pairs([], cells(*["x"] * count)) == []


@given(
    st.lists(st.sampled_from(["a = 1", "a = 2", "b()", FIT]), max_size=6),
    st.lists(st.sampled_from(["a = 1", "b()", FIT]), max_size=6),
)
def test_each_cell_is_matched_once_at_most(left, right):
    found = pairs(cells(*left), cells(*right))
    assert len({mine for mine, _ in found}) == len({theirs for _, theirs in found}) == len(found)
