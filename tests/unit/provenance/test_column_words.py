from __future__ import annotations

import pytest

from nbship.model.drift import ColumnDrift, ColumnSummary, Distribution, DriftState, LevelChange, MissingDrift
from nbship.model.profile import ColumnKind
from nbship.provenance.column_words import column_words


def drift(kind=ColumnKind.NUMERIC, left=None, right=None, **parts):
    sides = {
        "reference": ColumnSummary(9, 0, **(left or {})),
        "current": ColumnSummary(9, 0, **(right or {})),
    }
    return ColumnDrift("a", kind, DriftState.DRIFTED, drifted=True, reason="", **{**sides, **parts})


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        ({"mean": 12.639}, {"mean": 15.108}, "mean 12.6 -> 15.1"),
        ({"mean": 1.0, "std": 2.0}, {"mean": 1.0, "std": 4.0}, "standard deviation 2 -> 4"),
        ({"quantiles": (1, 2, 3, 4, 5)}, {"quantiles": (1, 2, 3, 4, 9)}, "95 % quantile 5 -> 9"),
        ({"maximum": 1.0}, {"maximum": 2.0, "infinite": 3}, "maximum 1 -> 2, infinite values 0 -> 3"),
        ({"mean": 1.0}, {"mean": None}, ""),
        ({}, {}, ""),
    ],
)
def test_the_first_figure_that_reads_differently_is_told(left, right, words):
    assert column_words(drift(left=left, right=right)) == words


def test_lengths_of_texts_are_called_so():
    assert column_words(drift(ColumnKind.TEXT, {"mean": 10.0}, {"mean": 20.0})) == "length mean 10 -> 20"


def test_many_new_levels_are_counted():
    new = tuple(LevelChange(f"level {number}", 1, 0.1) for number in range(20))
    words = column_words(drift(ColumnKind.CATEGORICAL, new_levels=new, new_count=30))
    assert words == "new levels 'level 0', 'level 1', 'level 2' and 27 more"


def test_long_levels_are_cut():
    words = column_words(drift(ColumnKind.CATEGORICAL, vanished_levels=(LevelChange("x" * 100, 1, 0.1),)))
    assert words == f"vanished level '{'x' * 40}…'"


def test_the_share_that_moved_most_is_told_and_not_that_of_the_rest():
    found = Distribution((0.5, 0.3, 0.2), (0.4, 0.1, 0.5), levels=("a", "b", "other"), has_other=True)
    assert column_words(drift(ColumnKind.CATEGORICAL, distribution=found)) == "'b' 30 % -> 10 %"


def test_missing_values_follow_the_values():
    found = drift(left={"mean": 1.0}, right={"mean": 2.0}, missing=MissingDrift(0.021, 0.034))
    assert column_words(found) == "mean 1 -> 2, missing 2.1 % -> 3.4 %"


def test_a_column_without_summaries_has_no_words():
    assert column_words(drift(reference=None)) == ""
