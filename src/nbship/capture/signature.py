"""A model's signature and input example in MLflow's own JSON, written without importing mlflow.

Public: `infer_signature`, `example_json`, `json_value`, `plain_frame`, `refused_columns`.

The rules are those of ``mlflow.types.utils._infer_schema`` (3.17). Where MLflow gives up on a whole frame because of one
column (``uint64``, timedeltas, mixed objects) and thereby makes the model unusable, only that column is ``any`` here.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
from typing import TYPE_CHECKING, Any

from nbship.capture.table_kinds import is_array, is_frame, is_series, is_sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["example_json", "infer_signature", "json_value", "plain_frame", "refused_columns"]

_ANY = "any"
_BY_TYPE_NAME = {
    "bool": "boolean",
    "bool_": "boolean",
    "int": "long",
    "int64": "long",
    "int32": "integer",
    "float": "double",
    "float64": "double",
    "float32": "float",
    "str": "string",
    "str_": "string",
    "bytes": "binary",
    "bytes_": "binary",
    "bytearray": "binary",
    "date": "datetime",
    "datetime": "datetime",
    "datetime64": "datetime",
}
_SMALL, _INT32, _INT64 = 4, 4, 8


def infer_signature(example: Any, predictions: Any, unchecked: Sequence[Any] = ()) -> dict[str, Any]:
    """Return the signature of a model that answered `predictions` to `example`.

    Parameters
    ----------
    example, predictions
        A frame or Series of pandas, an array of any shape, a sparse matrix, a list of scalars or a scalar; a dict of
        arrays. The first dimension is the rows. Anything else is of type ``any``.
    unchecked
        Columns of `example` to declare as ``any``, so that MLflow hands them on as they come.

    Returns
    -------
    dict
        ``{"inputs": str | None, "outputs": str | None, "params": None}`` with lists of column or tensor specs as JSON
        text, the form that stands in an ``MLmodel`` file. A frame whose columns cannot be told apart by a text or an
        integer gives None.

    Notes
    -----
    A column is optional (``"required": false``) when the rows of `example` have a missing value in it; rows that are
    not in the example are not looked at.
    """
    return {"inputs": _schema(example, unchecked), "outputs": _schema(predictions), "params": None}


def _schema(data: Any, unchecked: Sequence[Any] = ()) -> str | None:
    specs = _specs(data)
    for spec in specs or ():
        if spec.get("name") in unchecked:
            spec["type"] = _ANY
    unnamed_optional = any("name" not in spec and spec.get("required") is False for spec in specs or ())
    return json.dumps([{"type": _ANY, "required": True}] if unnamed_optional else specs) if specs else None


def _specs(data: Any) -> list[dict[str, Any]] | None:
    if is_frame(data):
        return _frame_specs(data)
    if is_series(data):
        return [_column(_series_type(data), data.name, required=not data.isna().any())]
    if is_array(data) or is_sparse(data):
        return [_tensor(data)]
    if isinstance(data, dict) and data and all(is_array(item) for item in data.values()):
        return [{"name": name, **_tensor(item)} for name, item in data.items()]
    if isinstance(data, list):
        return [_column(_common_type(data) if data else "string")]
    return [_column(_scalar_type(data) or _ANY)]


def _frame_specs(frame: Any) -> list[dict[str, Any]] | None:
    names = list(frame.columns)
    usable = all(isinstance(name, str | int) for name in names) and len(set(names)) == len(names)
    if not usable or not names:
        return None
    columns = ((name, frame[name]) for name in names)
    return [_column(_series_type(column), name, required=not column.isna().any()) for name, column in columns]


def _column(kind: str, name: Any = None, *, required: bool = True) -> dict[str, Any]:
    named = {} if name is None else {"name": name}
    return {"type": kind, **named, "required": bool(required)}


def _tensor(data: Any) -> dict[str, Any]:
    dtype = data.data.dtype if is_sparse(data) else data.dtype
    name = {"U": "str", "S": "bytes"}.get(dtype.char, dtype.name)
    if not data.shape:
        return _column(_ANY)
    return {"type": "tensor", "tensor-spec": {"dtype": name, "shape": [-1, *data.shape[1:]]}}


def _series_type(series: Any) -> str:
    if series.dtype.kind == "O":
        series = series.infer_objects()
    if series.dtype.kind == "O":
        return _common_type(series.tolist())
    return _dtype_type(series.dtype) or _ANY


def _dtype_type(dtype: Any) -> str | None:
    """Return MLflow's type for a dtype of numpy or pandas; None for what it has no type for, e.g. ``uint64``."""
    if dtype.kind == "i":
        return "integer" if dtype.itemsize <= _INT32 else "long"
    if dtype.kind == "u" and dtype.itemsize < _INT64:
        return "integer" if dtype.itemsize < _INT32 else "long"
    if dtype.kind == "f" and dtype.itemsize <= _INT64:
        return "float" if dtype.itemsize <= _SMALL else "double"
    return {"b": "boolean", "M": "datetime", "U": "string", "S": "binary"}.get(dtype.kind)


def _common_type(values: list[Any]) -> str:
    kinds = {_scalar_type(value) for value in values if not _is_missing(value)}
    only = next(iter(kinds)) if len(kinds) == 1 else None
    return only or _ANY


def _scalar_type(value: Any) -> str | None:
    kind = type(value)
    return _BY_TYPE_NAME.get(kind.__name__) if kind.__module__ in ("builtins", "numpy", "datetime") else None


def _is_missing(value: Any) -> bool:
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def refused_columns(frame: Any) -> list[Any]:
    """Return the columns of which MLflow's check of inputs refuses the dtype, whatever the signature says.

    These are categoricals, time zones, periods, most of Arrow's types, and missing values in nullable integers.
    """
    return [name for name in frame.columns if _is_refused(frame[name])] if frame.columns.is_unique else []


def plain_frame(frame: Any) -> Any:
    """Return the frame with its refused columns in plain dtypes: the form in which they come out of JSON.

    The values of the categories, Python strings, UTC without zone, floats with NaN. A frame without refused columns is
    returned itself.
    """
    refused = refused_columns(frame)
    if not refused:
        return frame
    plain = frame.copy()
    for name in refused:
        plain[name] = _plain(frame[name])
    return plain


def _is_refused(column: Any) -> bool:
    dtype = column.dtype
    kind = type(dtype).__name__
    if kind in ("CategoricalDtype", "DatetimeTZDtype", "PeriodDtype", "IntervalDtype"):
        return True
    if kind == "ArrowDtype":
        return dtype.kind not in "iufb" or bool(column.isna().any())
    return hasattr(dtype, "na_value") and kind != "StringDtype" and bool(column.isna().any())


def _plain(column: Any) -> Any:
    if column.dtype.kind == "M":
        zoned = getattr(column.dt, "tz", None) is not None
        return (column.dt.tz_convert(None) if zoned else column).astype("datetime64[ns]")
    if column.dtype.kind in "iuf":
        return column.astype("float64")
    values = [None if _is_missing(value) else value for value in column.tolist()]
    return column.astype(object).mask([value is None for value in values], None).infer_objects()


def example_json(example: Any) -> dict[str, Any]:
    """Return an input example as the JSON value that MLflow stores.

    Returns
    -------
    dict
        ``{"columns": […], "data": [[…], …]}`` for a frame (what MLflow calls ``dataframe_split``), ``{"inputs": …}``
        with nested lists for everything else; sparse matrices are written dense.

        Missing values and infinities are None, timestamps ISO 8601 text, bytes base64 text.
    """
    if is_frame(example):
        columns = [name if isinstance(name, str | int) else str(name) for name in example.columns.tolist()]
        data = zip(*(json_value(example.iloc[:, place]) for place in range(len(columns))), strict=True)
        return {"columns": columns, "data": [list(row) for row in data]}
    return {"inputs": json_value(example)}


def json_value(value: Any) -> Any:
    """Return the value as JSON types; a frame as in `example_json`, unknown objects as their text."""
    if is_frame(value):
        return example_json(value)
    if is_sparse(value):
        return value.toarray().tolist()
    if is_array(value) or is_series(value):
        return json_value(value.tolist())
    if isinstance(value, dict):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(item) for item in value]
    return _json_scalar(value)


def _json_scalar(value: Any) -> Any:
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        value = value.item()
    if _is_missing(value) or (isinstance(value, float) and math.isinf(value)):
        return None
    if isinstance(value, bytes | bytearray):
        return base64.encodebytes(value).decode("ascii")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value if isinstance(value, bool | int | float | str) else str(value)
