# ruff: noqa: DTZ001 - models take naive times
"""Requests of the Open Inference Protocol."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from nbship.model.bundle import InputColumn, OutputColumn
from nbship.serving.parser import Parser
from nbship.serving.problems import BadRequestError
from request_bundles import column_bundle, tensor_bundle

AB = column_bundle("a", ("b", "long"))


def tensor(name, shape, datatype, data, **rest):
    return {"name": name, "shape": shape, "datatype": datatype, "data": data, **rest}


def read(bundle, *inputs, **rest):
    return Parser(bundle).read_v2(json.dumps({"inputs": list(inputs), **rest}).encode())


def problems(bundle, document):
    with pytest.raises(BadRequestError) as caught:
        Parser(bundle).read_v2(json.dumps(document).encode())
    return [(str(problem.reason), problem.row, problem.column) for problem in caught.value.problems]


def test_one_tensor_of_all_columns_flat_or_nested():
    for data in ([1.5, 2, 3.5, 4], [[1.5, 2], [3.5, 4]]):
        request = read(AB, tensor("any", [2, 2], "FP64", data), id="7", parameters={"x": 1})
        assert request.rows == [[1.5, 2], [3.5, 4]]
        assert (request.v2, request.id, request.outputs) == (True, "7", ())


def test_one_tensor_for_each_column_in_any_order():
    b = tensor("b", [2, 1], "INT32", [[2], [4]], parameters={"content_type": "np"})
    other = tensor("other", [1], "BYTES", ["x"])
    assert read(AB, b, other, tensor("a", [2], "FP32", [0.1, 3])).rows == [[0.1, 2], [3.0, 4]]


def test_columns_of_every_datatype():
    kinds = {"t": "string", "f": "boolean", "d": "datetime", "r": "binary", "i": "integer", "h": "float"}
    bundle = column_bundle(*kinds.items())
    inputs = [
        tensor("t", [1], "BYTES", ["é"]),
        tensor("f", [1], "BOOL", [True]),
        tensor("d", [1], "BYTES", ["2026-01-31"]),
        tensor("r", [1], "BYTES", ["bmJzaGlw"]),
        tensor("i", [1], "UINT64", [3.0]),
        tensor("h", [1], "FP16", [0.5]),
    ]
    assert read(bundle, *inputs).rows == [["é", True, datetime(2026, 1, 31), b"nbship", 3, 0.5]]


def test_a_single_column_by_its_name_or_as_a_matrix():
    bundle = column_bundle("x")
    assert read(bundle, tensor("x", [2], "FP64", [1, 2])).rows == [[1.0], [2.0]]
    assert read(bundle, tensor("x", [2, 1], "FP64", [1, 2])).rows == [[1.0], [2.0]]
    assert read(bundle, tensor("input-0", [2, 1], "FP64", [[1], [2]])).rows == [[1.0], [2.0]]


def test_missing_values_where_the_model_takes_them():
    bundle = column_bundle(
        InputColumn("x", "double", nullable=True), InputColumn("y", "string", required=False)
    )
    assert read(bundle, tensor("x", [2], "FP64", [None, 1])).rows == [[None, None], [1.0, None]]


def test_tensor_signatures():
    bundle = tensor_bundle("float32", (-1, 2, 2))
    for data in ([[[1, 2], [3, 4]]], [1, 2, 3, 4]):
        assert read(bundle, tensor("image", [1, 2, 2], "FP32", data)).rows == [[[1.0, 2.0], [3.0, 4.0]]]
    (problem,) = problems(bundle, {"inputs": [tensor("image", [1, 4], "FP32", [1, 2, 3, 4])]})
    assert problem[0] == "shape"
    (problem,) = problems(bundle, {"inputs": [tensor("image", [1, 2, 3], "FP32", [1] * 6)]})
    assert problem == ("shape", 0, None)
    (problem,) = problems(bundle, {"inputs": [tensor("a", [1, 2, 2], "FP32", [1] * 4)] * 2})
    assert problem[0] == "shape"


def test_requested_outputs():
    bundle = column_bundle("x", outputs=[OutputColumn("p", "double"), OutputColumn("q", "long")])
    given = tensor("x", [1], "FP64", [1])
    assert read(bundle, given, outputs=[{"name": "q"}]).outputs == ("q",)
    for outputs in ([{"name": "z"}], [{}], ["q"], "q"):
        assert problems(bundle, {"inputs": [given], "outputs": outputs})[0][0] == "output"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([], [("layout", None, None)]),
        ({}, [("layout", None, None)]),
        ({"inputs": []}, [("layout", None, None)]),
        ({"inputs": [1, {"name": 1}]}, [("layout", None, None)] * 2),
        ({"inputs": [tensor("a", [2], "FP64", [1])]}, [("shape", None, None)]),
        ({"inputs": [tensor("a", [2, 2], "FP64", [[1, 2], [3]])]}, [("shape", None, None)]),
        ({"inputs": [tensor("a", [], "FP64", [1])]}, [("shape", None, None)]),
        ({"inputs": [tensor("a", [0, 2], "FP64", [])]}, [("shape", None, None)]),
        ({"inputs": [tensor("a", [True], "FP64", [1])]}, [("shape", None, None)]),
        ({"inputs": [tensor("a", [-1], "FP64", [1])]}, [("shape", None, None)]),
        ({"inputs": [tensor("a", [1], "FP63", [1])]}, [("datatype", None, None)]),
        ({"inputs": [tensor("a", [1], [], [1])]}, [("datatype", None, None)]),
        ({"inputs": [tensor("a", [2, 3], "FP64", [1] * 6)]}, [("shape", None, "a")]),
        (
            {"inputs": [tensor("x", [2, 2], "INT8", [1, 300, 2, "x"])]},
            [("range", 0, None), ("type", 1, None)],
        ),
        ({"inputs": [tensor("x", [1, 2], "UINT8", [-1, 1.5])]}, [("range", 0, None), ("type", 0, None)]),
        ({"inputs": [tensor("x", [1, 2], "BOOL", [True, 1])]}, [("type", 0, None)]),
        ({"inputs": [tensor("x", [1, 2], "FP16", [1, 1e6])]}, [("range", 0, None)]),
        (
            {"inputs": [tensor("x", [2, 2], "FP64", [1, 2.5, None, 1])]},
            [("type", 0, "b"), ("missing_value", 1, "a")],
        ),
        ({"inputs": [tensor("x", [1, 2], "BYTES", ["1", "2"])]}, [("type", 0, "a"), ("type", 0, "b")]),
        (
            {"inputs": [tensor("a", [1], "FP64", [1]), tensor("a", [1], "FP64", [1])]},
            [("column_twice", None, "a")],
        ),
        (
            {"inputs": [tensor("a", [1, 2], "FP64", [1, 1]), tensor("b", [1], "FP64", [1])]},
            [("shape", None, "a")],
        ),
        (
            {"inputs": [tensor("a", [2], "FP64", [1, 1]), tensor("b", [1], "FP64", [1])]},
            [("shape", None, None)],
        ),
        (
            {"inputs": [tensor("a", [1], "FP64", [1]), tensor("c", [1], "FP64", [1])]},
            [("missing_column", None, "b")],
        ),
        ({"inputs": [tensor("x", [1, 2], "FP64", [1, 1])], "id": 7}, [("layout", None, None)]),
        ({"inputs": [tensor("x", [1, 2], "FP64", [1, 1])], "id": "i" * 257}, [("layout", None, None)]),
    ],
)
def test_requests_that_are_refused(document, expected):
    assert problems(AB, document) == expected
