"""What is told of a request that was refused."""

from __future__ import annotations

import pytest

from nbship.serving.problems import SHOWN_PROBLEMS, BadRequestError, Problem, Problems, Reason


def test_the_body_of_an_answer():
    error = BadRequestError.of(Reason.TYPE, "a number is expected, text was given", row=3, column="age")
    assert error.to_dict("abc") == {
        "error_code": "BAD_REQUEST",
        "message": "row 3, column 'age': a number is expected, text was given",
        "problems": [
            {"reason": "type", "message": "a number is expected, text was given", "row": 3, "column": "age"}
        ],
        "problem_count": 1,
        "request_id": "abc",
    }


def test_places_that_do_not_apply_are_left_out():
    assert Problem(Reason.JSON, "no JSON").to_dict() == {"reason": "json", "message": "no JSON"}
    assert str(BadRequestError.of(Reason.EMPTY, "no rows")) == "no rows"
    assert str(BadRequestError.of(Reason.MISSING_COLUMN, "missing", column="a")) == "column 'a': missing"


def test_all_are_counted_and_the_first_are_shown():
    problems = Problems()
    problems.check()
    for row in range(SHOWN_PROBLEMS + 7):
        problems.add(Reason.RANGE, "too large", row)
    with pytest.raises(BadRequestError) as caught:
        problems.check()
    assert [problem.row for problem in caught.value.problems] == list(range(SHOWN_PROBLEMS))
    assert caught.value.problem_count == SHOWN_PROBLEMS + 7
    assert str(caught.value) == f"{SHOWN_PROBLEMS + 7} problems; the first: row 0: too large"


def test_reasons_are_words_for_a_label():
    assert all(reason.isidentifier() and reason == reason.lower() for reason in Reason)
