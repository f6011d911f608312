# ruff: noqa: DTZ001 - models take naive times
"""Rows are those that MLflow's own scoring server hands to a model, for valid requests of every layout."""

from __future__ import annotations

import base64
import io
import json
import math
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from nbship.model.bundle import InputColumn
from nbship.serving.parser import Parser
from request_bundles import column_bundle, mixed_bundle, tensor_bundle

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow warns in ways of its own

BOUNDED = settings(
    max_examples=25,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # MLflow is too slow to search for the smallest failure
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture(scope="module", autouse=True)
def _mlflow():
    pytest.importorskip("mlflow.pyfunc.scoring_server")


def mlflow_rows(bundle, body, content_type="application/json"):
    """Return what MLflow's scoring server would give to the model."""
    from mlflow.models.utils import _enforce_schema
    from mlflow.pyfunc.scoring_server import infer_and_parse_data, parse_csv_input

    schema = mlflow_schema(bundle)
    if content_type == "text/csv":
        parsed = parse_csv_input(io.StringIO(body), schema)
    else:
        parsed = infer_and_parse_data(json.loads(body), schema)
    return _enforce_schema(parsed, schema)


def mlflow_schema(bundle):
    from mlflow.types import ColSpec, DataType, Schema, TensorSpec

    if bundle.tensor is not None:
        return Schema(
            [TensorSpec(np.dtype(bundle.tensor.dtype), bundle.tensor.shape, bundle.tensor.name or None)]
        )
    return Schema([ColSpec(DataType[c.type], c.name or None, required=c.required) for c in bundle.inputs])


def assert_equal_rows(bundle, body, content_type="application/json"):
    expected = mlflow_rows(bundle, body, content_type)
    rows = Parser(bundle).read(body.encode(), content_type).rows
    assert len(rows) == len(expected)
    for position, column in enumerate(bundle.inputs):
        if column.name not in expected:
            assert all(row[position] is None for row in rows)
            continue
        values = expected[column.name].tolist()
        for row, value in zip(rows, values, strict=True):
            assert_same(row[position], value, column.type)


def assert_same(ours, theirs, kind):
    if kind in ("double", "float") and (theirs is None or math.isnan(theirs)):
        assert ours is None
    elif kind == "datetime":
        assert pd.Timestamp(ours) == pd.Timestamp(theirs)
    elif kind == "binary" and isinstance(theirs, str):
        assert base64.b64encode(ours).decode() == theirs
    else:
        assert ours == theirs
        assert math.copysign(1, ours) == math.copysign(1, theirs) if kind == "double" else True


VALUES = {
    "double": st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**53), 2**53)),
    "float": st.floats(width=32, allow_nan=False, allow_infinity=False),
    "long": st.integers(-(2**63), 2**63 - 1),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "boolean": st.booleans(),
    "string": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8),
    "datetime": st.datetimes(datetime(1700, 1, 1), datetime(2250, 1, 1)).map(
        lambda time: time.isoformat(timespec="microseconds")
    ),
    "binary": st.binary(max_size=9).map(lambda data: base64.b64encode(data).decode()),
    "spare": st.floats(allow_nan=False, allow_infinity=False),
}


def records(names, least=1):
    return st.lists(st.fixed_dictionaries({name: VALUES[name] for name in names}), min_size=least, max_size=4)


SHUFFLED = st.permutations(
    ["double", "long", "boolean", "string", "datetime", "float", "integer", "binary", "spare"]
)


@BOUNDED
@given(SHUFFLED, st.data())
def test_split_and_records(names, data):
    rows = data.draw(records(names))
    split = {"columns": names, "data": [[row[name] for name in names] for row in rows]}
    assert_equal_rows(mixed_bundle(), json.dumps({"dataframe_split": split}))
    assert_equal_rows(mixed_bundle(), json.dumps({"dataframe_records": rows}))


@BOUNDED
@given(st.data())
def test_without_the_optional_column_and_with_strangers(data):
    names = [name for name in VALUES if name != "spare"]
    rows = data.draw(records(names))
    rows = [row | {"stranger": 1} for row in rows]
    split = {
        "columns": [*names, "stranger"],
        "data": [[row[name] for name in [*names, "stranger"]] for row in rows],
        "index": [7] * len(rows),
    }
    assert_equal_rows(mixed_bundle(), json.dumps({"dataframe_split": split, "params": {"a": 1}}))
    assert_equal_rows(mixed_bundle(), json.dumps({"dataframe_records": rows}))


# MLflow decodes base64 in its two layouts of frames only.
PLAIN = [name for name in VALUES if name not in ("binary", "spare")]


@BOUNDED
@given(st.data())
def test_instances_and_inputs(data):
    bundle = column_bundle(*[InputColumn(name, name) for name in PLAIN])
    rows = data.draw(records(PLAIN))
    columns = {name: [row[name] for row in rows] for name in PLAIN}
    assert_equal_rows(bundle, json.dumps({"instances": rows}))
    assert_equal_rows(bundle, json.dumps({"inputs": columns}))
    assert_equal_rows(bundle, json.dumps({"instances": columns}))
    assert_equal_rows(bundle, json.dumps({"inputs": rows}))
    assert_equal_rows(bundle, json.dumps({"inputs": rows[0]}))


def test_one_column_as_a_list_of_values():
    bundle = column_bundle("x")
    assert_equal_rows(bundle, '{"inputs": [1.5, 2, 3]}')
    assert_equal_rows(bundle, '{"instances": [1.5, 2, 3]}')


def test_missing_numbers():
    bundle = column_bundle(InputColumn("x", "double", nullable=True), "y")
    split = '{"dataframe_split": {"columns": ["y", "x"], "data": [[1, null], [2, NaN], [3, 4]]}}'
    assert_equal_rows(bundle, split)
    assert_equal_rows(bundle, '{"dataframe_records": [{"x": null, "y": 1}, {"x": 2, "y": 1}]}')


def test_missing_text():
    bundle = column_bundle(InputColumn("x", "string", nullable=True), "y")
    expected = mlflow_rows(bundle, '{"dataframe_records": [{"x": null, "y": 1}, {"x": "a", "y": 1}]}')
    rows = Parser(bundle).read(b'{"dataframe_records": [{"x": null, "y": 1}, {"x": "a", "y": 1}]}').rows
    assert expected["x"].isna().tolist() == [row[0] is None for row in rows] == [True, False]


@BOUNDED
@given(st.data())
def test_csv_that_pandas_wrote(data):
    names = ["double", "long", "boolean", "float", "integer"]
    bundle = column_bundle(*[InputColumn(name, name) for name in names], ("string", "string"))
    rows = data.draw(records(names))
    text = st.text("abcxyz ,\"'\n;é", min_size=1, max_size=6).filter(lambda value: value.strip())
    frame = pd.DataFrame([row | {"string": data.draw(text)} for row in rows])
    frame = frame.astype({"double": "float64", "float": "float32"})
    expected = mlflow_rows(bundle, frame.to_csv(), "text/csv")
    parsed = Parser(bundle).read(frame.to_csv().encode(), "text/csv; charset=utf-8").rows
    for position, column in enumerate(bundle.inputs):
        theirs = expected[column.name].tolist()
        if column.type in ("double", "float"):  # pandas' own reader is one step off for some of them
            np.testing.assert_allclose([row[position] for row in parsed], theirs, rtol=4e-16)
        else:
            assert [row[position] for row in parsed] == theirs


NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)


@BOUNDED
@given(
    st.sampled_from(["float32", "float64"]),
    st.lists(st.lists(NUMBERS, min_size=3, max_size=3), min_size=1, max_size=4),
)
def test_tensors(dtype, rows):
    bundle = tensor_bundle(dtype)
    for layout in ("inputs", "instances"):
        body = json.dumps({layout: rows})
        expected = mlflow_rows(bundle, body)
        ours = Parser(bundle).read(body.encode()).rows
        np.testing.assert_array_equal(np.array(ours, dtype=dtype), expected)


def test_tensors_of_more_dimensions_with_a_name():
    bundle = tensor_bundle("int64", (-1, 2, 2), "image")
    body = '{"inputs": {"image": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]}}'
    expected = mlflow_rows(bundle, body)["image"]
    np.testing.assert_array_equal(np.array(Parser(bundle).read(body.encode()).rows), expected)


def test_tensors_as_frames():
    bundle = tensor_bundle("float64", (-1, 2))
    for body in (
        '{"dataframe_split": {"columns": ["a", "b"], "data": [[1.5, 2.5], [3.5, 4.5]]}}',
        '{"dataframe_records": [{"a": 1.5, "b": 2.5}, {"a": 3.5, "b": 4.5}]}',
    ):
        expected = mlflow_rows(bundle, body)
        np.testing.assert_array_equal(np.array(Parser(bundle).read(body.encode()).rows), expected)
