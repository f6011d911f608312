from __future__ import annotations

from nbship.display.comparison_marks import marked
from nbship.model.comparison import DiffLine


def lines(*texts: str) -> list[DiffLine]:
    return [DiffLine(text[0], text[1:]) for text in texts]


def test_only_what_changed_within_a_line_is_marked():
    first, second = marked(lines("-late = delay > 30", "+late = delay > 15"))
    assert first == [("late = delay > ", False), ("30", True)]
    assert second == [("late = delay > ", False), ("15", True)]


def test_pieces_put_together_are_the_line():
    found = marked(lines("-f(a, b=1)  # é", "-x", "+f(b, a=2)  # é", "+x y", " same", "@3 equal lines"))
    assert ["".join(text for text, _ in pieces) for pieces in found] == [
        "f(a, b=1)  # é",
        "x",
        "f(b, a=2)  # é",
        "x y",
        "same",
        "3 equal lines",
    ]


def test_lines_that_have_little_in_common_are_not_marked():
    assert marked(lines("-import os", "+model = fit(x)")) == [
        [("import os", False)],
        [("model = fit(x)", False)],
    ]


def test_lines_that_do_not_come_in_pairs_are_not_marked():
    assert all(len(pieces) == 1 for pieces in marked(lines("-a = 1", "+a = 2", "+b = 2")))
    assert all(len(pieces) == 1 for pieces in marked(lines("+a = 1", "-a = 2")))


def test_very_long_lines_are_left_alone():
    assert marked(lines("-" + "ab " * 2000, "+" + "ab " * 2001))[0] == [("ab " * 2000, False)]
