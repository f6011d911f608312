import math

import pytest

from nbship.serving.proof import Reference, difference, same


@pytest.mark.parametrize(
    ("left", "right", "equal", "gap"),
    [
        (1.0, 1.0, True, 0.0),
        (math.nan, math.nan, True, 0.0),
        (1, 1.0, False, 0.0),
        (1.0, 1.0 + 2**-52, False, 2**-52),
        (1.0, 2.0, False, 0.5),
        (1.0, math.inf, False, math.inf),
        (math.inf, math.inf, True, 0.0),
        (True, 1, False, math.inf),
        ("a", "a", True, 0.0),
        ("a", "b", False, math.inf),
        ("1", 1, False, math.inf),
        (None, None, True, 0.0),
        (None, 0.0, False, math.inf),
        ([1.0, [2.0]], [1.0, [4.0]], False, 0.5),
        ([1.0], [1.0, 1.0], False, math.inf),
        ({"a": 1.0}, {"a": 1.0}, True, 0.0),
        ({"a": 1.0}, {"b": 1.0}, False, math.inf),
        ([], [], True, 0.0),
    ],
)
def test_answers_are_compared_to_the_last_bit_and_by_distance(left, right, equal, gap):
    assert same(left, right) is equal
    assert difference(left, right) == pytest.approx(gap, rel=1e-9)


def positive(rows):
    if any(row[0] < 0 for row in rows):
        raise ValueError("negative")
    return [row[0] for row in rows]


def test_rows_that_are_refused_are_singled_out():
    rows = [[at - 3.0 if at in (2, 9) else float(at)] for at in range(12)]
    rows[9] = [-1.0]

    reference = Reference.of(positive, [rows, []])

    assert (reference.refused, reference.answered) == (2, 10)
    assert reference.agrees(positive)
    assert reference.repeats(positive)


def test_a_way_that_answers_what_was_refused_does_not_agree():
    reference = Reference.of(positive, [[[1.0], [-1.0]]])

    assert not reference.agrees(lambda rows: [row[0] for row in rows])


def test_a_way_that_refuses_what_was_answered_does_not_agree():
    reference = Reference.of(lambda rows: [row[0] for row in rows], [[[1.0], [-1.0]]])

    assert not reference.agrees(positive)


def test_a_model_that_refuses_everything_is_given_up_on():
    asked = []

    def never(rows):
        asked.append(len(rows))
        raise KeyError("no")

    reference = Reference.of(never, [[[1.0]] * 4096])

    assert reference.answered == 0
    assert len(asked) < 300
