import datetime as dt
import decimal
import json
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import sparse

from nbship.capture.signature import example_json, infer_signature, json_value, plain_frame

COLUMNS = {
    "int8": np.array([1, 2], dtype="int8"),
    "int16": np.array([1, 2], dtype="int16"),
    "int32": np.array([1, 2], dtype="int32"),
    "int64": np.array([1, 2], dtype="int64"),
    "uint8": np.array([1, 2], dtype="uint8"),
    "uint16": np.array([1, 2], dtype="uint16"),
    "uint32": np.array([1, 2], dtype="uint32"),
    "float16": np.array([1, 2], dtype="float16"),
    "float32": np.array([1, np.nan], dtype="float32"),
    "float64": np.array([1.5, 2.5]),
    "float64 with NaN": np.array([1.5, np.nan]),
    "bool": np.array([True, False]),
    "object strings": pd.Series(["a", "b"], dtype=object),
    "object strings with None": pd.Series(["a", None], dtype=object),
    "object strings with NaN": pd.Series(["a", np.nan], dtype=object),
    "object ints": pd.Series([1, 2], dtype=object),
    "object ints with None": pd.Series([1, None], dtype=object),
    "object bools with None": pd.Series([True, None], dtype=object),
    "object bytes": pd.Series([b"a", b"b"], dtype=object),
    "object dates": pd.Series([dt.date(2020, 1, 1), dt.date(2020, 1, 2)], dtype=object),
    "object timestamps": pd.Series([pd.Timestamp("2020-01-01"), None], dtype=object),
    "object, all missing": pd.Series([None, None], dtype=object),
    "str": pd.Series(["a", "b"]),
    "str with missing": pd.Series(["a", None], dtype="str"),
    "category of str": pd.Series(["a", "b"], dtype="category"),
    "category of int": pd.Series([1, 2], dtype="category"),
    "category with missing": pd.Series(["a", None], dtype="category"),
    "datetime": pd.to_datetime(pd.Series(["2020-01-01", "2020-01-02"])),
    "datetime with NaT": pd.to_datetime(pd.Series(["2020-01-01", None])),
    "datetime with zone": pd.to_datetime(pd.Series(["2020-01-01", "2020-01-02"])).dt.tz_localize("CET"),
    "Int64": pd.Series([1, 2], dtype="Int64"),
    "Int64 with NA": pd.Series([1, None], dtype="Int64"),
    "Int16": pd.Series([1, 2], dtype="Int16"),
    "UInt32": pd.Series([1, 2], dtype="UInt32"),
    "Float32": pd.Series([1, None], dtype="Float32"),
    "boolean": pd.Series([True, None], dtype="boolean"),
    "string": pd.Series(["a", None], dtype="string"),
    "Arrow int": pd.Series([1, 2], dtype=pd.ArrowDtype(pa.int64())),
    "Arrow float": pd.Series([1.0, None], dtype=pd.ArrowDtype(pa.float32())),
    "Arrow string": pd.Series(["a", None], dtype=pd.ArrowDtype(pa.string())),
    "Arrow bool": pd.Series([True, False], dtype=pd.ArrowDtype(pa.bool_())),
    "Arrow timestamp": pd.Series([pd.Timestamp("2020-01-01")] * 2, dtype=pd.ArrowDtype(pa.timestamp("us"))),
}

OTHERS = {
    "matrix": np.zeros((5, 4)),
    "float32 images": np.zeros((5, 8, 8), dtype="float32"),
    "int vector": np.arange(5),
    "unicode vector": np.array(["a", "bcd"]),
    "bytes vector": np.array([b"a", b"bcd"]),
    "object vector": np.array(["a", None], dtype=object),
    "bool vector": np.array([True, False]),
    "datetime vector": np.array(["2020-01-01"], dtype="datetime64[ns]"),
    "sparse rows": sparse.csr_matrix(np.eye(4, dtype="float32")),
    "sparse columns": sparse.csc_matrix(np.eye(4)),
    "Series": pd.Series([1.0, 2.0], name="y"),
    "Series without name": pd.Series([1, 2]),
    "Series without name, with a gap": pd.Series([1.0, None]),
    "list of str": ["a", "b"],
    "list of float with a gap": [1.0, None],
    "empty list": [],
    "dict of arrays": {"a": np.zeros((2, 3)), "b": np.arange(2)},
    "float": 1.5,
    "str": "text",
    "integer column names": pd.DataFrame(np.zeros((2, 3))),
    "several columns": pd.DataFrame({"ü": [1.0], "b c": ["x"], "d": [True]}),
}


def of_mlflow(data):
    from mlflow.models import infer_signature as peer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return peer(data, data).to_dict()


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS.keys())
def test_the_signature_of_a_column_is_the_one_that_mlflow_infers(column):
    frame = pd.DataFrame({"x": column})
    assert infer_signature(frame, frame) == of_mlflow(frame)


@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS.keys())
def test_the_signature_of_other_data_is_the_one_that_mlflow_infers(data):
    assert infer_signature(data, data) == of_mlflow(data)


@pytest.mark.parametrize(
    "column",
    [
        np.array([1, 2], dtype="uint64"),
        pd.to_timedelta(pd.Series([1, 2])),
        pd.Series([1, "a"], dtype=object),
        pd.Series([decimal.Decimal(1), decimal.Decimal(2)]),
        pd.Series([[1], [2]]),
    ],
    ids=["uint64", "timedelta", "mixed", "Decimal", "list"],
)
def test_a_column_without_an_mlflow_type_leaves_the_types_of_its_neighbours_alone(column):
    specs = json.loads(infer_signature(pd.DataFrame({"a": [1.0, 2.0], "x": column}), [1])["inputs"])
    assert specs == [
        {"type": "double", "name": "a", "required": True},
        {"type": "any", "name": "x", "required": True},
    ]


@pytest.mark.parametrize("columns", [["a", "a"], [("a", "b"), ("a", "c")], [1.5, 2.5]])
def test_columns_that_cannot_be_named_have_no_input_signature(columns):
    assert infer_signature(pd.DataFrame([[1, 2]], columns=columns), [1])["inputs"] is None


def test_a_signature_reads_back_into_mlflow():
    from mlflow.models import ModelSignature

    frame = pd.DataFrame({name: column for name, column in COLUMNS.items() if len(column) == 2})
    signature = ModelSignature.from_dict(infer_signature(frame, np.zeros(2)))
    assert signature.inputs.input_names() == list(frame.columns)


def test_an_example_of_a_frame_is_written_as_mlflow_writes_it():
    from mlflow.models.utils import _Example

    frame = pd.DataFrame(
        {
            "i": [1, 2],
            "f": [1.5, 2.5],
            "s": pd.Series(["a", None], index=[7, 3], dtype=object),
            "b": [True, False],
            "t": pd.to_datetime(["2020-01-01 00:00:00", "2020-01-02 03:04:05"]),
            "raw": [b"x", b"y"],
            "c": pd.Categorical(["u", "v"]),
            "n": pd.array([1, None], dtype="Int64"),
        },
        index=[7, 3],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        written = json.loads(_Example(frame).json_input_example)
    assert example_json(frame) == written


@pytest.mark.parametrize("data", [np.arange(6.0).reshape(2, 3), np.array(["a", "b"], dtype=object)])
def test_an_example_of_an_array_is_the_body_of_a_request(data):
    from mlflow.models.utils import _Example

    assert example_json(data) == json.loads(_Example(data).json_serving_input)


def test_a_sparse_example_is_written_dense():
    assert example_json(sparse.csr_matrix(np.eye(2))) == {"inputs": [[1.0, 0.0], [0.0, 1.0]]}


def test_everything_in_an_example_is_strict_json():
    frame = pd.DataFrame(
        {
            "nan": [np.nan, np.inf],
            "nat": [pd.NaT, pd.Timestamp("2020-01-01", tz="UTC")],
            "delta": pd.to_timedelta([1, 2], unit="s"),
            "decimal": [decimal.Decimal("1.5"), None],
            "array": [np.arange(2), None],
            "period": pd.period_range("2020-01", periods=2, freq="M"),
            ("a", "b"): [1, 2],
        }
    )
    stored = example_json(frame)
    assert json.loads(json.dumps(stored, allow_nan=False)) == stored
    assert stored["data"][0][:2] == [None, None]


@pytest.mark.parametrize(
    "data", [pd.DataFrame(), pd.DataFrame({"a": []}), np.zeros((0, 3)), None, object, 3 + 4j]
)
def test_odd_values_have_a_json_form_and_a_signature(data):
    json.dumps(json_value(data), allow_nan=False)
    assert infer_signature(data, data)["params"] is None


def test_a_frame_of_plain_dtypes_stays_the_same_object():
    frame = pd.DataFrame(
        {"a": [1.0, None], "b": ["x", None], "c": [1, 2], "d": pd.array(["x", None], "string")}
    )
    assert plain_frame(frame) is frame


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS.keys())
def test_mlflow_accepts_the_plain_form_of_a_column_under_its_own_signature(column):
    from mlflow.models import ModelSignature
    from mlflow.models.utils import _enforce_schema

    plain = plain_frame(pd.DataFrame({"x": column}))
    schema = ModelSignature.from_dict(infer_signature(plain, [1])).inputs
    assert list(_enforce_schema(plain, schema)["x"].isna()) == list(pd.Series(column).isna())


def test_plain_forms_keep_the_values():
    zoned = pd.Series(pd.to_datetime(["2020-01-01 01:00"])).dt.tz_localize("Europe/Berlin")
    frame = pd.DataFrame({0: pd.Categorical(["a"]), "n": pd.array([None], dtype="Int64"), "t": zoned})
    plain = plain_frame(frame)
    assert plain[0].tolist() == ["a"]
    assert np.isnan(plain["n"].iloc[0])
    assert plain["t"].iloc[0] == pd.Timestamp("2020-01-01 00:00")
    assert isinstance(frame[0].dtype, pd.CategoricalDtype)
