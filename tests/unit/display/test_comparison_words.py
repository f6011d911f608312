from __future__ import annotations

import pytest

from comparisons import cell, drifted, nothing, ordinary, run
from nbship.display.comparison_words import (
    cell_words,
    code_words,
    columns_by_weight,
    cut_line,
    equal_words,
    fitting,
    headline,
    moves_words,
    side_by_side,
    visible,
    wrapped,
)
from nbship.model.comparison import ColumnChange, Comparison, MetricDiff, ParamDiff


def test_the_headline_says_what_the_score_did_and_what_differs():
    assert headline(ordinary()) == (
        "test_auc is worse: 0.9123 → 0.8812 (\N{MINUS SIGN}3.4 %). "
        "What differs: 5 cells, 3 parameters, 2 datasets, 3 packages, 1 seed, git state."
    )


def test_the_headline_claims_nothing_of_metrics_it_does_not_know():
    comparison = Comparison(
        run(1), run(2), metrics=(MetricDiff("gain", 1.0, 2.0, 1.0, 1.0),), params=(ParamDiff("a", "1", "2"),)
    )
    assert headline(comparison) == "gain differs: 1 → 2 (+100 %). What differs: 1 parameter."


def test_a_score_without_any_cause_is_said():
    comparison = Comparison(run(1), run(2), metrics=(MetricDiff("auc", 0.5, 0.4, -0.1, -0.2),))
    assert headline(comparison).endswith(
        "Nothing else that was recorded differs: chance alone may explain it."
    )


def test_chance_is_no_explanation_where_not_everything_was_recorded():
    comparison = Comparison(
        run(1), run(2), metrics=(MetricDiff("auc", 0.5, 0.4, -0.1, -0.2),), lacks=("run r1 has no code",)
    )
    assert headline(comparison).endswith(
        "Nothing else that was recorded differs, but not everything was recorded."
    )


def test_equal_metrics_are_said_where_there_are_any():
    comparison = Comparison(run(1), run(2), params=(ParamDiff("a", "1", "2"),), equal={"metrics": 2})
    assert headline(comparison) == "No metric differs. What differs: 1 parameter."


def test_nothing_differs():
    assert headline(nothing()) == "No differences between the two runs."


def test_equal_things_are_counted_in_words():
    assert equal_words(nothing()) == "equal: 14 parameters, 12 cells, 1 dataset, 188 packages, 3 metrics"
    assert equal_words(Comparison(run(1), run(2), equal={"cells": 0})) == ""


def test_cells_are_told_by_position_and_change():
    assert cell_words(cell("changed", 3, 3)) == "cell 3 changed"
    assert cell_words(cell("changed", 3, 4)) == "cell 3 → 4 changed"
    assert cell_words(cell("added", None, 4)) == "cell 4 added"
    assert cell_words(cell("removed", 2, None)) == "cell 2 removed"


def test_code_is_summed_up_in_cells_and_lines():
    code = (cell("changed", 1, 1, "+a", "-b", " c"), cell("moved", 3, 2, " d"))
    assert code_words(code) == "1 changed, 1 moved · +1 \N{MINUS SIGN}1 lines"


def test_moved_cells_are_said_in_words_with_the_line_they_begin_with():
    code = (cell("moved", 5, 3, " import os", "@4 equal lines"), cell("changed", 1, 1, "+a"))
    assert moves_words(code) == ["cell 5 → 3 moved, text unchanged: import os"]


def test_many_moved_cells_take_one_line():
    code = tuple(cell("moved", at, at + 1, " x") for at in range(1, 31))
    (line,) = moves_words(code)
    assert line.startswith("cells moved, text unchanged: 1 → 2, 2 → 3")
    assert line.endswith("and 10 more")


def test_columns_that_drifted_come_first():
    columns = [
        ColumnChange("a", "new", ""),
        ColumnChange("b", "changed", "", drifted("b", 12, score=1)),
        ColumnChange("c", "changed", "", drifted("c", 12, score=2)),
    ]
    assert [one.name for one in columns_by_weight(columns)] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("left", "right", "shown"),
    [
        ("a", "b", ("a", "b")),
        (None, "b", ("—", "b")),
        ("a", "a\n", ("'a'", "'a\\n'")),
        ("", "x", ("''", "'x'")),
        ("a\u202eb", "ab", ("a b", "ab")),
        ("1" * 40, "2" * 40, ("1" * 12, "2" * 12)),
    ],
)
def test_two_values_are_shown_so_that_they_differ(left, right, shown):
    assert side_by_side(left, right, 60) == shown


def test_long_values_begin_where_they_differ():
    left, right = side_by_side("x" * 5000 + "abc", "x" * 5000 + "abd" + "y" * 5000, 30)
    assert left == "…xxxxxxxabc"[: len(left)] or left.endswith("abc")
    assert "abd" in right
    assert len(right) <= 30


@pytest.mark.parametrize(
    "value",
    ["x" * 10_000, "שלום" * 3000, "漢" * 3000, "\n" * 5000, "<&>" * 4000],
    ids=["long", "right to left", "wide", "line ends", "tags"],
)
def test_no_value_is_wider_than_asked_for(value):
    from nbship.display.plain_line import columns

    for one in (
        *side_by_side(value, value + "!", 40),
        *side_by_side(value, None, 40),
        *side_by_side(value, "", 40),
    ):
        assert columns(one) <= 40
        assert one.isprintable()


def test_marks_that_turn_the_direction_of_writing_are_written_out():
    assert visible("if admin\u202e\u2066:\x1b[31m", 100) == "if admin\\u202e\\u2066:\\x1b[31m"
    assert visible("\tdef é漢():", 100) == "    def é漢():"


def test_long_lines_of_code_say_what_was_cut():
    assert visible("x" * 400, 300).endswith("… (100 more characters)")


def test_parts_are_counted_in_bytes():
    assert fitting(["ab", "é", "x"], 4) == 2
    assert fitting(["ab", "é", "x"], 5) == 3
    assert fitting([], 0) == 0


def test_lines_are_broken_between_words_and_cut_behind_their_indent():
    assert wrapped("aaa bbb ccc", 7) == ["aaa bbb", "ccc"]
    assert cut_line("    abcdef", 8) == "    abc…"
