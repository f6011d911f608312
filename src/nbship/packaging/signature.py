"""MLflow's signature of a model, in the terms of a bundle.

Public: ``inputs_of(signature, example)``, ``outputs_of(signature)``.
"""

from __future__ import annotations

import json
from typing import Any

from nbship.errors import UsageError
from nbship.model.bundle import InputColumn, InputTensor, OutputColumn

__all__ = ["inputs_of", "outputs_of"]

_TYPES = frozenset({"boolean", "integer", "long", "float", "double", "string", "datetime", "binary"})
_LONG_BITS = 64
_FLOAT_BITS = 32


def inputs_of(
    signature: dict[str, Any] | None, example: Any = None
) -> tuple[tuple[InputColumn, ...], InputTensor | None]:
    """Return the columns that a model takes, or the tensor.

    Parameters
    ----------
    signature
        MLflow's JSON form, ``{"inputs": "[…]", …}``.
    example
        The recorded input; its first values become the examples of the columns.

    Returns
    -------
    tuple
        The columns in order and None, or no columns and the tensor.

    Raises
    ------
    UsageError
        Without a signature of inputs, or when it is one that is not served.
    """
    specs = _specs(signature, "inputs")
    if not specs:
        raise UsageError(
            "the model has no signature of its input, from which requests are checked: track the run again with the "
            "training data in a variable, or log the model with input_example=..."
        )
    tensors = [spec for spec in specs if "tensor-spec" in spec]
    if tensors and len(specs) > 1:
        raise UsageError(
            f"the model takes {len(specs)} tensors, and one is served: log it with one array, or with a data frame"
        )
    if tensors:
        return (), _tensor(tensors[0])
    names = [_column_name(spec, place) for place, spec in enumerate(specs)]
    values = _first_values(example)
    return tuple(_column(spec, name, values) for spec, name in zip(specs, names, strict=True)), None


def outputs_of(signature: dict[str, Any] | None) -> tuple[OutputColumn, ...]:
    """Return what a prediction holds; nothing where the signature does not tell."""
    return tuple(_output(spec) for spec in _specs(signature, "outputs"))


def _specs(signature: dict[str, Any] | None, side: str) -> list[dict[str, Any]]:
    text = (signature or {}).get(side)
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except ValueError as error:
        raise UsageError(f"the signature of the model is damaged: {error}") from error
    return [spec for spec in found or () if isinstance(spec, dict)]


def _column_name(spec: dict[str, Any], place: int) -> str:
    return str(spec["name"]) if spec.get("name") is not None else str(place)


def _column(spec: dict[str, Any], name: str, values: dict[str, Any]) -> InputColumn:
    return InputColumn(
        name=name,
        type=_plain_type(spec),
        required=bool(spec.get("required", True)),
        example=values.get(name),
    )


def _plain_type(spec: dict[str, Any]) -> str:
    kind = str(spec.get("type", "any"))
    return kind if kind in _TYPES else "any"  # arrays, maps and objects are handed on as they come


def _tensor(spec: dict[str, Any]) -> InputTensor:
    inside = spec["tensor-spec"]
    return InputTensor(str(inside["dtype"]), tuple(inside["shape"]), str(spec.get("name") or ""))


def _first_values(example: Any) -> dict[str, Any]:
    """Return the first value of each column that is there."""
    if not isinstance(example, dict) or "columns" not in example:
        return {}
    columns = [str(name) for name in example["columns"]]
    return {
        name: next((row[place] for row in example["data"] if row[place] is not None), None)
        for place, name in enumerate(columns)
    }


def _output(spec: dict[str, Any]) -> OutputColumn:
    name = str(spec.get("name") or "")
    if "tensor-spec" not in spec:
        return OutputColumn(name, _plain_type(spec))
    inside = spec["tensor-spec"]
    return OutputColumn(name, _type_of_dtype(str(inside["dtype"])), tuple(inside["shape"][1:]))


def _type_of_dtype(dtype: str) -> str:
    bits = int("".join(filter(str.isdigit, dtype)) or 0)
    if dtype.startswith(("int", "uint")):
        return "long" if bits >= _LONG_BITS or dtype == "uint32" else "integer"
    if dtype.startswith("float"):
        return "float" if bits <= _FLOAT_BITS else "double"
    named = {"bool": "boolean", "str": "string", "bytes": "binary"}
    return "datetime" if dtype.startswith("datetime") else named.get(dtype, "any")
