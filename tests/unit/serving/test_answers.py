# ruff: noqa: DTZ001 - models take naive times
"""Predictions as answers of both protocols."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbship.model.bundle import OutputColumn
from nbship.serving.answers import invocations_body, v2_body
from nbship.serving.request import Request
from request_bundles import column_bundle


def predictions(values):
    return json.loads(invocations_body(values))["predictions"]


def outputs(values, *columns, requested=()):
    bundle = column_bundle("x", outputs=columns)
    return json.loads(v2_body(bundle, Request([], v2=True, outputs=requested), values, "made"))["outputs"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(1.5), 1.5),
        (np.float32(0.5), 0.5),
        (np.float16(0.5), 0.5),
        (np.int64(-3), -3),
        (np.uint8(3), 3),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.bytes_(b"a"), "YQ=="),
        (np.datetime64("2026-01-31T12:00:00"), "2026-01-31T12:00:00"),
        (np.array([[1.5, np.nan]]), [[1.5, None]]),
        (np.array(["a", None], dtype=object), ["a", None]),
        (np.array([1, 2, 3, 4])[::2], [1, 3]),
        (float("nan"), None),
        (float("-inf"), None),
        (pd.NA, None),
        (pd.NaT, None),
        (pd.Timestamp("2026-01-31T12:00:00"), "2026-01-31T12:00:00"),
        (datetime(2026, 1, 31, 12), "2026-01-31T12:00:00"),
        (b"nbship", "bmJzaGlw"),
        (Decimal("1.5"), "1.5"),
        ((1, 2), [1, 2]),
        ({"a": np.int64(1), 2: [float("nan")]}, {"a": 1, "2": [None]}),
        (2**70, 2**70),
        ({"big": [2**70, float("nan"), np.float64(2)]}, {"big": [2**70, None, 2.0]}),
        ("\ud800", "\ud800"),
    ],
)
def test_values_of_models(value, expected):
    assert predictions([value]) == [expected]


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=300, database=None)
@given(st.lists(JSON, max_size=4))
def test_any_predictions_have_an_answer_of_both_protocols(values):
    assert len(predictions(values)) == len(values)
    for columns in (
        (),
        (OutputColumn("p", "double"),),
        (OutputColumn("p", "long"), OutputColumn("q", "string")),
    ):
        outputs(values, *columns)


def test_an_answer_of_the_protocol():
    bundle = column_bundle("x", model_version="3")
    answer = json.loads(v2_body(bundle, Request([], v2=True, id="7"), [np.int64(1), 0], "made"))
    assert answer == {
        "model_name": "iris",
        "model_version": "3",
        "id": "7",
        "outputs": [{"name": "predict", "shape": [2], "datatype": "INT64", "data": [1, 0]}],
    }
    assert json.loads(v2_body(bundle, Request([], v2=True), [1], "made"))["id"] == "made"


@pytest.mark.parametrize(
    ("kind", "values", "datatype", "data"),
    [
        ("long", [1, 2], "INT64", [1, 2]),
        ("integer", [1, 2], "INT32", [1, 2]),
        ("double", [1, 2.5], "FP64", [1, 2.5]),
        ("float32", [0.5, float("nan")], "FP32", [0.5, None]),
        ("boolean", [True, False], "BOOL", [True, False]),
        ("string", ["a", None], "BYTES", ["a", None]),
        ("long", ["a", "b"], "BYTES", ["a", "b"]),
        ("long", [1.5, 2], "FP64", [1.5, 2]),
        ("long", [True, False], "BOOL", [True, False]),
        ("string", [1, 2], "INT64", [1, 2]),
        ("double", [True, 1.5], "BYTES", ["true", "1.5"]),
        ("datetime", [datetime(2026, 1, 31)], "BYTES", ["2026-01-31T00:00:00"]),
    ],
)
def test_datatypes_are_those_of_the_signature_where_they_fit(kind, values, datatype, data):
    (output,) = outputs(values, OutputColumn("p", kind))
    assert output == {"name": "p", "shape": [len(values)], "datatype": datatype, "data": data}


def test_datatypes_without_a_signature():
    assert [outputs([value])[0]["datatype"] for value in (1, 1.5, True, "a", None)] == [
        "INT64",
        "FP64",
        "BOOL",
        "BYTES",
        "BYTES",
    ]


def test_lists_have_a_shape_and_ragged_ones_are_text():
    (output,) = outputs([[0.25, 0.75], [0.5, 0.5]], OutputColumn("", "double", (2,)))
    assert output == {"name": "predict", "shape": [2, 2], "datatype": "FP64", "data": [0.25, 0.75, 0.5, 0.5]}
    (output,) = outputs([[1], [2, 3]])
    assert (output["shape"], output["datatype"], output["data"]) == ([2], "BYTES", ["[1]", "[2,3]"])


def test_several_outputs_by_name_or_by_position():
    columns = (OutputColumn("p", "double"), OutputColumn("q", "long"))
    for values in ([{"q": 1, "p": 0.5}, {"q": 2, "p": 0.25}], [[0.5, 1], [0.25, 2]]):
        both = outputs(values, *columns)
        assert [(output["name"], output["datatype"], output["data"]) for output in both] == [
            ("p", "FP64", [0.5, 0.25]),
            ("q", "INT64", [1, 2]),
        ]
        assert outputs(values, *columns, requested=("q",)) == both[1:]
