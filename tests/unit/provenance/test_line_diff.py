from __future__ import annotations

import time

from nbship.provenance.line_diff import diff_lines, opening_lines, whole


def shown(lines):
    return [f"{line.sign}{line.text}" for line in lines]


def text(*lines):
    return "\n".join(str(line) for line in lines)


def test_a_change_stands_between_two_lines_of_context():
    left, right = text(*range(10)), text(*range(5), "x", *range(6, 10))
    assert shown(diff_lines(left, right)) == [
        "@3 equal lines",
        " 3",
        " 4",
        "-5",
        "+x",
        " 6",
        " 7",
        "@2 equal lines",
    ]


def test_distant_changes_are_apart():
    left, right = text(*range(12)), text("a", *range(1, 11), "b")
    assert shown(diff_lines(left, right)) == [
        "-0",
        "+a",
        " 1",
        " 2",
        "@6 equal lines",
        " 9",
        " 10",
        "-11",
        "+b",
    ]


def test_one_equal_line_is_counted_as_one():
    assert shown(diff_lines(text(1, 2, 3, "x"), text(1, 2, 3, "y")))[0] == "@1 equal line"


def test_lines_are_shown_whole_under_one_sign():
    assert shown(whole("a\nb", "+")) == ["+a", "+b"]
    assert shown(opening_lines("a\nb\nc\nd")) == [" a", " b", "@2 equal lines"]


def test_huge_cells_are_cut():
    lines = whole(text(*range(5000)), "-")
    assert len(lines) == 401
    assert shown(lines)[-1] == "@4,600 more lines of the difference"
    assert shown(whole("x" * 5000, "+"))[0].endswith("x… (5,000 characters)")


def test_thousands_of_equal_lines_take_no_time():
    started = time.perf_counter()
    diff_lines(text(*["same"] * 5000), text(*["same"] * 2500, "new", *["same"] * 2500))
    assert time.perf_counter() - started < 5
