from __future__ import annotations

import json

import pytest

from nbship.serving.feedback import read_feedback
from nbship.serving.problems import BadRequestError


def read(value):
    return read_feedback(json.dumps(value).encode())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"id": "a", "target": 1}, {"a": [(0, 1)]}),
        ({"id": "a", "row": 3, "target": "yes"}, {"a": [(3, "yes")]}),
        ({"id": "a", "row": 3.0, "target": "yes"}, {"a": [(3, "yes")]}),
        ({"id": "a", "targets": [1, None]}, {"a": [(0, 1), (1, None)]}),
        ({"id": "a", "target": [0.5, 0.5]}, {"a": [(0, [0.5, 0.5])]}),
        ({"id": "a", "target": 1, "note": "x"}, {"a": [(0, 1)]}),
        (
            [{"id": "a", "target": 1}, {"id": "b", "target": 2}, {"id": "a", "row": 1, "target": 3}],
            {"a": [(0, 1), (1, 3)], "b": [(0, 2)]},
        ),
    ],
)
def test_truth_is_read_by_request_and_row(given, expected):
    assert read(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        [],
        1,
        {},
        {"target": 1},
        {"id": "", "target": 1},
        {"id": 5, "target": 1},
        {"id": "x" * 129, "target": 1},
        {"id": "a"},
        {"id": "a", "target": 1, "targets": [1]},
        {"id": "a", "row": 1, "targets": [1]},
        {"id": "a", "row": -1, "target": 1},
        {"id": "a", "row": True, "target": 1},
        {"id": "a", "row": 1.5, "target": 1},
        {"id": "a", "row": float("inf"), "target": 1},
        {"id": "a", "targets": []},
        {"id": "a", "targets": 1},
        {"id": "a", "target": {"x": 1}},
        {"id": "a", "target": [[1]]},
    ],
)
def test_what_is_no_feedback_is_refused(given):
    with pytest.raises(BadRequestError):
        read(given)


def test_every_item_that_is_wrong_is_told_by_its_position():
    with pytest.raises(BadRequestError) as caught:
        read([{"id": "a", "target": 1}, {"id": 1, "target": {}}, 7])
    assert [problem.row for problem in caught.value.problems] == [1, 1, 2]


def test_what_is_no_json_is_refused():
    with pytest.raises(BadRequestError, match="no JSON"):
        read_feedback(b"{")
