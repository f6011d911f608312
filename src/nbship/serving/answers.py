"""Predictions to the bodies of answers."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import orjson

from nbship.serving.datatypes import datatype_of, output_names

if TYPE_CHECKING:
    from nbship.model.bundle import Bundle
    from nbship.serving.request import Request

__all__ = ["invocations_body", "v2_body"]

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS

_MISSING = frozenset({"NAType", "NaTType"})
"""pandas' missing values, told by the name of their type because pandas is not imported here."""

_FITTING: dict[str, tuple[type, ...]] = {
    "BOOL": (bool,),
    "BYTES": (str,),
    "FP16": (float, int),
    "FP32": (float, int),
    "FP64": (float, int),
}


def invocations_body(predictions: list[Any]) -> bytes:
    """Return the answer of ``/invocations``.

    Parameters
    ----------
    predictions
        One a row: a scalar, a list or an object. Numpy's scalars and arrays become numbers and lists, NaN and
        what pandas calls missing become null, times ISO 8601, bytes base64.
    """
    return _dump({"predictions": predictions})


def v2_body(bundle: Bundle, request: Request, predictions: list[Any], request_id: str = "") -> bytes:
    """Return the answer of the Open Inference Protocol.

    Parameters
    ----------
    bundle
        Its outputs say names and datatypes; where a prediction is of another type than the signature says, the
        datatype is the one of the prediction.
    request
        The outputs that it names are answered, all when it names none.
    predictions
        One a row, as for `invocations_body`.
    request_id
        The id of the answer where the request has none of its own.
    """
    answer: dict[str, Any] = {"model_name": bundle.name}
    if bundle.model_version:
        answer["model_version"] = bundle.model_version
    answer["id"] = request.id if request.id is not None else request_id
    answer["outputs"] = _outputs(bundle, request.outputs, predictions)
    return _dump(answer)


def _outputs(bundle: Bundle, requested: Sequence[str], predictions: list[Any]) -> list[dict[str, Any]]:
    names = output_names(bundle)
    types = [output.type for output in bundle.outputs] or [""]
    wanted = [names.index(name) for name in requested] if requested else range(len(names))
    keys = [output.name for output in bundle.outputs]
    return [_output(names[place], types[place], _picked(predictions, place, keys)) for place in wanted]


def _picked(predictions: list[Any], place: int, keys: list[str]) -> list[Any]:
    """Return one output of every row: by name where a prediction is an object, else by its position."""
    first = predictions[0] if predictions else None
    if isinstance(first, Mapping) and keys and keys[place] in first:
        return [row.get(keys[place]) if isinstance(row, Mapping) else None for row in predictions]
    if len(keys) > 1 and isinstance(first, list):
        return [row[place] if isinstance(row, list) and place < len(row) else None for row in predictions]
    return predictions


def _output(name: str, type_name: str, values: list[Any]) -> dict[str, Any]:
    flat, shape = _flattened([_plain(value) for value in values])
    datatype = _datatype(type_name, set(map(type, flat)) - {type(None)})
    if datatype == "BYTES":
        flat = [value if value is None or isinstance(value, str) else _dump(value).decode() for value in flat]
    return {"name": name, "shape": shape, "datatype": datatype, "data": flat}


def _datatype(type_name: str, kinds: set[type]) -> str:
    """Return the datatype of the signature where the values are of it, else the one that they are of."""
    stated = datatype_of(type_name) if type_name else ""
    if stated and kinds.issubset(_FITTING.get(stated, (int,))):
        return stated
    if not kinds or not kinds <= {bool, int, float} or (bool in kinds and len(kinds) > 1):
        return "BYTES"
    return {bool: "BOOL", int: "INT64"}[kinds.pop()] if len(kinds) == 1 and float not in kinds else "FP64"


def _flattened(values: list[Any]) -> tuple[list[Any], list[int]]:
    """Return nested lists row-major with their shape; what is ragged stays nested."""
    shape = [len(values)]
    while values and all(type(value) is list for value in values):
        lengths = {len(value) for value in values}
        if len(lengths) > 1:
            break
        shape.append(lengths.pop())
        values = list(chain.from_iterable(values))
    return values, shape


def _dump(value: Any) -> bytes:
    try:
        return orjson.dumps(value, default=_plain, option=_OPTIONS)
    except orjson.JSONEncodeError:  # an integer beyond 64 bits, text that is no Unicode
        return json.dumps(_all_plain(value)).encode()


def _all_plain(value: Any) -> Any:
    value = _plain(value)
    if isinstance(value, Mapping):
        return {str(key): _all_plain(item) for key, item in value.items()}
    return [_all_plain(item) for item in value] if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """Return the JSON value of what orjson does not know; its own types as they are."""
    if value is None or type(value) in _JSON_TYPES:
        return None if type(value) is float and not math.isfinite(value) else value
    if type(value).__name__ in _MISSING:
        return None
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    for way in ("tolist", "isoformat"):
        if hasattr(value, way):
            return getattr(value, way)()
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    return str(value)


_JSON_TYPES = frozenset({bool, dict, float, int, list, str})
