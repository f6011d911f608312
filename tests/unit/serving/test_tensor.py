"""Requests to models whose signature is a tensor."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbship.serving.parser import Parser
from nbship.serving.problems import BadRequestError
from nbship.serving.tensor import flatten, nest
from request_bundles import tensor_bundle


def rows(bundle, document):
    return Parser(bundle).read(json.dumps(document).encode()).rows


def problems(bundle, document):
    with pytest.raises(BadRequestError) as caught:
        rows(bundle, document)
    return [(str(problem.reason), problem.row, problem.column) for problem in caught.value.problems]


@settings(max_examples=200, database=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_nested_lists_come_back_as_they_were(shape):
    size = 1
    for length in shape:
        size *= length
    flat = list(range(size))
    nested = nest(flat, shape)
    assert flatten(nested, shape) == flat
    assert flatten([*nested, nested[0]], shape) is None


@pytest.mark.parametrize(
    "document",
    [
        {"inputs": [[1, 2], [3, 4.5]]},
        {"instances": [[1, 2], [3, 4.5]]},
        {"inputs": {"any": [[1, 2], [3, 4.5]]}},
        {"instances": [{"any": [1, 2]}, {"any": [3, 4.5]}]},
        {"dataframe_split": {"columns": ["p", "q"], "data": [[1, 2], [3, 4.5]]}},
        {"dataframe_records": [{"p": 1, "q": 2}, {"q": 4.5, "p": 3}]},
    ],
)
def test_every_layout(document):
    result = rows(tensor_bundle(shape=(-1, 2)), document)
    assert result == [[1.0, 2.0], [3.0, 4.5]]
    assert {type(value) for row in result for value in row} == {float}


def test_csv():
    body = b"p,q\n1,2\n3,4.5\n"
    assert Parser(tensor_bundle(shape=(-1, 2))).read(body, "text/csv").rows == [[1.0, 2.0], [3.0, 4.5]]


def test_examples_of_one_number():
    bundle = tensor_bundle("int64", (-1,))
    for document in ({"inputs": [1, 2]}, {"dataframe_split": {"data": [[1], [2]]}}):
        assert rows(bundle, document) == [1, 2]
    assert problems(bundle, {"inputs": [1, [2], 3.5]}) == [("type", 1, None), ("type", 2, None)]


def test_flat_rows_of_a_table_become_examples():
    bundle = tensor_bundle("uint8", (-1, 2, 2))
    for data in ([[1, 2, 3, 4]], [[[1, 2, 3, 4]]], [[[1, 2], [3, 4]]]):
        assert rows(bundle, {"dataframe_split": {"data": data}}) == [[[1, 2], [3, 4]]]


def test_dimensions_of_any_length_are_one_length_in_a_request():
    bundle = tensor_bundle(shape=(-1, -1))
    assert rows(bundle, {"inputs": [[1.0], [2.0]]}) == [[1.0], [2.0]]
    assert rows(bundle, {"inputs": [[1.0, 1.5], [2.0, 3.0]]}) == [[1.0, 1.5], [2.0, 3.0]]
    assert problems(bundle, {"inputs": [[1.0, 1.5], [2.0]]}) == [("shape", 1, None)]


def test_a_fixed_number_of_examples():
    bundle = tensor_bundle(shape=(2, 1))
    assert rows(bundle, {"inputs": [[1], [2]]}) == [[1.0], [2.0]]
    assert problems(bundle, {"inputs": [[1]]}) == [("shape", None, None)]


def test_named_tensors():
    bundle = tensor_bundle(shape=(-1, 1), name="x")
    assert rows(bundle, {"inputs": {"x": [[1]], "other": 1}}) == [[1.0]]
    assert problems(bundle, {"inputs": {"y": [[1]]}}) == [("missing_column", None, "x")]


def test_problems_name_the_place_in_the_example():
    bundle = tensor_bundle("uint8", (-1, 2, 2))
    document = {"inputs": [[[1, 2], [3, 256]], [[1, "x"], [None, 0.5]], [[1, 2]], 7]}
    assert problems(bundle, document) == [
        ("range", 0, "1.1"),
        ("type", 1, "0.1"),
        ("missing_value", 1, "1.0"),
        ("type", 1, "1.1"),
        ("shape", 2, None),
        ("shape", 3, None),
    ]


def test_missing_numbers_where_the_model_takes_them():
    document = {"inputs": [[None, 1.5, 2]]}
    assert rows(tensor_bundle(nullable=True), document) == [[None, 1.5, 2.0]]
    assert problems(tensor_bundle(), document) == [("missing_value", 0, "0")]


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        ("bool", True),
        ("str", "a"),
        ("str5", "abcde"),
        ("object", "a"),
        ("float16", 0.5),
        ("uint64", 2**64 - 1),
    ],
)
def test_dtypes(dtype, value):
    assert rows(tensor_bundle(dtype, (-1, 1)), {"inputs": [[value]]}) == [[value]]


def test_dtypes_that_cannot_be_served():
    with pytest.raises(ValueError, match="'complex128' cannot be served"):
        Parser(tensor_bundle("complex128"))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"inputs": []}, "empty"),
        ({"inputs": 7}, "shape"),
        ({"inputs": {}}, "shape"),
        ({"inputs": {"a": [[1, 2, 3]], "b": 1}}, "shape"),
        ({"instances": [[[1, 2, 3]]]}, "shape"),
        ({"dataframe_split": [[1, 2, 3]]}, "shape"),
        ({"dataframe_records": [{"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 2, "d": 3}]}, "shape"),
        ({"dataframe_records": [7]}, "shape"),
    ],
)
def test_requests_that_are_refused(document, reason):
    assert problems(tensor_bundle(), document)[0][0] == reason
