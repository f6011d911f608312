"""JSON Schemas (2020-12) of what a signature takes and of what its model answers, each with an example."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from nbship.serving.datatypes import DATATYPES, datatype_of, output_names
from nbship.serving.request import LAYOUTS

if TYPE_CHECKING:
    from nbship.model.bundle import Bundle, InputColumn, InputTensor

__all__ = ["example_row", "infer_inputs", "request_schemas", "row_count_of"]

_LARGEST_SINGLE = 3.4028234663852886e38
_LARGEST_HALF = 65504.0
_BASE64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


def _whole(bits: int, *, signed: bool = True) -> dict[str, Any]:
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return {"type": "integer", "minimum": low, "maximum": high}


_SCHEMAS: dict[str, dict[str, Any]] = {
    "any": {},
    "binary": {"type": "string", "contentEncoding": "base64", "pattern": _BASE64},
    "bool": {"type": "boolean"},
    "boolean": {"type": "boolean"},
    "datetime": {
        "type": "string",
        "format": "date-time",
        "description": "From 1677-09-22 to 2262-04-10; an offset is converted to UTC, and may be left out.",
    },
    "double": {"type": "number"},
    "float": {"type": "number", "minimum": -_LARGEST_SINGLE, "maximum": _LARGEST_SINGLE},
    "float16": {"type": "number", "minimum": -_LARGEST_HALF, "maximum": _LARGEST_HALF},
    "float32": {"type": "number", "minimum": -_LARGEST_SINGLE, "maximum": _LARGEST_SINGLE},
    "float64": {"type": "number"},
    "integer": _whole(32),
    "long": _whole(64),
    "object": {},
    "string": {"type": "string"},
    **{f"int{bits}": _whole(bits) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": _whole(bits, signed=False) for bits in (8, 16, 32, 64)},
}

_EXAMPLES: dict[str, Any] = {
    "binary": "bmJzaGlw",
    "boolean": True,
    "bool": True,
    "datetime": "2026-01-31T12:00:00",
    "string": "text",
}


def _value(type_name: str, *, nullable: bool = False) -> dict[str, Any]:
    """Return the schema of a value of MLflow's or numpy's name of a type."""
    schema = dict(_SCHEMAS.get(_base(type_name), {"type": "string"}))
    if nullable and "type" in schema:
        schema["type"] = [schema["type"], "null"]
    return schema


def example_row(bundle: Bundle) -> Any:
    """Return one row: the recorded example, and a value of the type where there is none."""
    if bundle.tensor is not None:
        return _zeros(bundle.tensor)
    return [_example(column) for column in bundle.inputs]


def row_count_of(bundle: Bundle) -> int:
    """Return how many examples a request must have; 1 where it may have any number."""
    shape = bundle.tensor.shape if bundle.tensor is not None else ()
    return shape[0] if shape and shape[0] > 0 else 1


def request_schemas(bundle: Bundle) -> dict[str, Any]:
    """Return the schemas of a signature by name: ``Invocations``, ``InferRequest``, ``Predictions``, ``InferResponse``."""
    return {
        "Invocations": _invocations(bundle),
        "InferRequest": _infer_request(bundle),
        "Predictions": {
            "type": "object",
            "required": ["predictions"],
            "properties": {"predictions": {"type": "array", "items": _prediction(bundle)}},
        },
        "InferResponse": _infer_response(bundle),
    }


def _invocations(bundle: Bundle) -> dict[str, Any]:
    layouts = _layouts(bundle)
    return {
        "title": f"Rows for {bundle.name}",
        "type": "object",
        "properties": {**dict.fromkeys(LAYOUTS, False), **layouts},
        "oneOf": [{"required": [name]} for name in layouts],
    }


def _layouts(bundle: Bundle) -> dict[str, Any]:
    if bundle.tensor is not None:
        tensor = _tensor_rows(bundle.tensor)
        return {"instances": tensor, "inputs": tensor}
    record, row = _record(bundle.inputs), _row(bundle.inputs)
    if not _has_names(bundle):
        return {"dataframe_split": _object({"data": _many(row)}), "instances": _many(row)}
    return {
        "dataframe_split": _object({"columns": _header(bundle.inputs), "data": _many(row)}),
        "dataframe_records": _many(record),
        "instances": {"anyOf": _any_rows(bundle.inputs)},
        "inputs": {"anyOf": _any_rows(bundle.inputs)},
    }


def _any_rows(columns: tuple[InputColumn, ...]) -> list[dict[str, Any]]:
    record, row = _record(columns), _row(columns)
    layouts = [record, _many(record), _columns(columns), _many(row)]
    return [*layouts, _many(_column(columns[0]))] if len(columns) == 1 else layouts


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _many(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema, "minItems": 1}


def _header(columns: tuple[InputColumn, ...]) -> dict[str, Any]:
    return {
        "type": "array",
        "prefixItems": [{"const": column.name} for column in columns],
        "minItems": len(columns),
        "maxItems": len(columns),
        "description": "Any order is taken, with the data in the same one; columns beside these are ignored.",
    }


def _row(columns: tuple[InputColumn, ...]) -> dict[str, Any]:
    return {
        "type": "array",
        "prefixItems": [_column(column) for column in columns],
        "minItems": len(columns),
        "maxItems": len(columns),
    }


def _record(columns: tuple[InputColumn, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [column.name for column in columns if column.required],
        "properties": {column.name: _column(column) for column in columns},
    }


def _columns(columns: tuple[InputColumn, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": [column.name for column in columns if column.required],
        "properties": {column.name: _many(_column(column)) for column in columns},
        "description": "All of one length.",
    }


def _column(column: InputColumn) -> dict[str, Any]:
    schema = _value(column.type, nullable=column.nullable or not column.required)
    return schema if column.example is None else {**schema, "examples": [column.example]}


def _tensor_rows(tensor: InputTensor) -> dict[str, Any]:
    schema = _value(tensor.dtype, nullable=tensor.nullable)
    for length in reversed(tensor.shape):
        schema = {"type": "array", "items": schema}
        schema |= {"minItems": 1} if length < 0 else {"minItems": length, "maxItems": length}
    return schema


def _infer_request(bundle: Bundle) -> dict[str, Any]:
    name = {"enum": [column.name for column in bundle.inputs]} if _has_names(bundle) else {}
    given = _object(
        {
            "name": {
                "type": "string",
                "description": _INPUT_NAME,
                **({"examples": name["enum"]} if name else {}),
            },
            "shape": {
                "type": "array",
                "items": {"type": "integer", "minimum": 1},
                "minItems": 1,
                "maxItems": 32,
            },
            "datatype": {"enum": list(DATATYPES)},
            "data": {"type": "array", "minItems": 1, "description": "Row-major, flat or nested."},
        }
    )
    given["properties"]["parameters"] = {"type": "object"}
    request = _object({"inputs": _many(given)})
    request["properties"]["id"] = {"type": "string", "maxLength": 256}
    request["properties"]["parameters"] = {"type": "object"}
    request["properties"]["outputs"] = {
        "type": "array",
        "items": _object({"name": {"enum": list(output_names(bundle))}}),
    }
    return request


_INPUT_NAME = "A column; or any name for the one tensor that holds all columns in the order of the signature."


def _has_names(bundle: Bundle) -> bool:
    return any(column.name for column in bundle.inputs)


def _prediction(bundle: Bundle) -> dict[str, Any]:
    """Return the schema of the prediction of one row; predictions that are no number are null."""
    schemas = [_shaped(output.type, output.shape) for output in bundle.outputs]
    if len(schemas) < 2:  # noqa: PLR2004 - one prediction a row
        return schemas[0] if schemas else {}
    names = output_names(bundle)
    return {"type": "object", "properties": dict(zip(names, schemas, strict=True))}


def _shaped(type_name: str, shape: tuple[int, ...]) -> dict[str, Any]:
    schema = _value(type_name, nullable=True)
    for _ in shape:
        schema = {"type": "array", "items": schema}
    return schema


def _infer_response(bundle: Bundle) -> dict[str, Any]:
    output = _object(
        {
            "name": {"enum": list(output_names(bundle))},
            "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
            "datatype": {"enum": list(DATATYPES)},
            "data": {"type": "array"},
        }
    )
    answer = _object({"model_name": {"const": bundle.name}, "outputs": {"type": "array", "items": output}})
    answer["properties"] |= {"model_version": {"type": "string"}, "id": {"type": "string"}}
    return answer


def infer_inputs(bundle: Bundle) -> list[dict[str, Any]]:
    """Return the example of a request of the Open Inference Protocol: its inputs, with one row."""
    row = example_row(bundle)
    if bundle.tensor is not None:
        shape = [row_count_of(bundle), *(max(length, 1) for length in bundle.tensor.shape[1:])]
        data = [_scalar(bundle.tensor.dtype)] * prod(shape)
        name = bundle.tensor.name or "input-0"
        return [
            {"name": name, "shape": shape, "datatype": datatype_of(_base(bundle.tensor.dtype)), "data": data}
        ]
    return [
        {
            "name": column.name or f"input-{n}",
            "shape": [1],
            "datatype": datatype_of(column.type),
            "data": [value],
        }
        for n, (column, value) in enumerate(zip(bundle.inputs, row, strict=True))
    ]


def _example(column: InputColumn) -> Any:
    return _scalar(column.type) if column.example is None else column.example


def _scalar(type_name: str) -> Any:
    base = _base(type_name)
    return _EXAMPLES.get(base, 0.0 if base.startswith(("double", "float")) else 0)


def _zeros(tensor: InputTensor) -> Any:
    example = _scalar(tensor.dtype)
    for length in reversed(tensor.shape[1:]):
        example = [example] * max(length, 1)
    return example


def _base(type_name: str) -> str:
    """Return the name without the length or unit that numpy's text and time types have."""
    if type_name.startswith("datetime64"):
        return "datetime"
    return "string" if type_name.startswith("str") else type_name
