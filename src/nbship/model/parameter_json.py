"""Parameters in the words of JSON: a JSON Schema (2020-12) of their types, and their values.

References: https://json-schema.org/draft/2020-12/json-schema-validation, section 7.3 for the formats; durations are those
of ISO 8601.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from nbship.model.parameter import Parameter, ParameterType

__all__ = ["iso_duration", "json_value", "parameter_schema", "type_schema"]

_PLAIN: dict[str, dict[str, Any]] = {
    "any": {},
    "bool": {"type": "boolean"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "complex": {"type": ["string", "number"]},
    "str": {"type": "string"},
    "bytes": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "time": {"type": "string", "format": "time"},
    "timedelta": {"type": ["string", "number"], "format": "duration"},
    "Path": {"type": "string", "format": "path"},
    "Decimal": {"type": ["string", "number"]},
    "Fraction": {"type": ["string", "number"]},
    "UUID": {"type": "string", "format": "uuid"},
    "pd.Timestamp": {"type": "string", "format": "date-time"},
    "pd.Timedelta": {"type": ["string", "number"], "format": "duration"},
    "None": {"type": "null"},
}
_NUMERIC_LIMITS = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusive_minimum": "exclusiveMinimum",
    "exclusive_maximum": "exclusiveMaximum",
    "multiple_of": "multipleOf",
}
_ARRAYS = frozenset({"list", "tuple", "set", "frozenset"})


def parameter_schema(parameter: Parameter) -> dict[str, Any]:
    """Return the JSON Schema of one parameter, with its description and default."""
    schema = type_schema(parameter.type)
    if parameter.help:
        schema["description"] = parameter.help
    if parameter.secret:
        schema["writeOnly"] = True
    elif parameter.has_default and not parameter.computed:
        schema.update(json_value(parameter.default))
    return schema


def type_schema(kind: ParameterType) -> dict[str, Any]:
    """Return the JSON Schema of a type."""
    if kind.kind == "choice":
        choices = [json_value(choice).get("default", str(choice)) for choice in kind.choices]
        return {"enum": [*choices, None] if kind.nullable and None not in choices else choices}
    if kind.kind == "union":
        members = [type_schema(member) for member in kind.args]
        return {"anyOf": [*members, {"type": "null"}] if kind.nullable else members}
    schema = {**_shape(kind), **_limits(kind)}
    return {"anyOf": [schema, {"type": "null"}]} if kind.nullable and schema else schema


def _shape(kind: ParameterType) -> dict[str, Any]:
    if kind.kind == "dict":
        values = {"additionalProperties": type_schema(kind.args[1])} if kind.args else {}
        return {"type": "object", **values}
    if kind.kind not in _ARRAYS:
        return dict(_PLAIN[kind.kind])
    shape: dict[str, Any] = {"type": "array"}
    if kind.kind == "tuple" and kind.args and not kind.variadic:
        size = len(kind.args)
        return {**shape, "prefixItems": [type_schema(item) for item in kind.args], **_exactly(size)}
    if kind.args:
        shape["items"] = type_schema(kind.args[0])
    if kind.kind in ("set", "frozenset"):
        shape["uniqueItems"] = True
    return shape


def _exactly(size: int) -> dict[str, Any]:
    return {"minItems": size, "maxItems": size}


def _limits(kind: ParameterType) -> dict[str, Any]:
    limits = kind.limits
    found = {word: limits[name] for name, word in _NUMERIC_LIMITS.items() if _is_number(limits.get(name))}
    noun = "Items" if kind.kind in _ARRAYS else "Properties" if kind.kind == "dict" else "Length"
    found |= {
        f"{name[:3]}{noun}": limits[name]
        for name in ("min_length", "max_length")
        if limits.get(name) is not None
    }
    return found | ({"pattern": kind.pattern} if kind.pattern is not None else {})


def _is_number(value: Any) -> bool:
    return type(value) is int or (type(value) is float and math.isfinite(value))


def json_value(value: Any) -> dict[str, Any]:
    """Return ``{"default": value as JSON types}``; empty where JSON has no form for it."""
    try:
        return {"default": _plain(value)}
    except TypeError:
        return {}


def _plain(value: Any) -> Any:
    if value is None or type(value) in (bool, int, str) or (type(value) is float and math.isfinite(value)):
        return value
    if isinstance(value, dict):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((_plain(item) for item in value), key=repr)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dt.timedelta):
        return iso_duration(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return _text(value)


def _text(value: Any) -> Any:
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, Decimal | Fraction | UUID):
        return str(value)
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        item = value.item()
        if type(item) is not type(value):
            return _plain(item)
    raise TypeError(f"JSON has no form for {type(value).__name__}")


def _key(key: Any) -> str:
    plain = _plain(key)
    if isinstance(plain, list | dict):
        raise TypeError("JSON has no form for such keys")
    return str(plain)


def iso_duration(value: dt.timedelta) -> str:
    """Return a duration in ISO 8601: ``P1DT2H0M3.5S``, with a leading ``-`` where it is negative."""
    if value.days < 0:
        return f"-{iso_duration(-value)}"
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06}".rstrip("0") if value.microseconds else ""
    days = f"{value.days}D" if value.days else ""
    clock = f"T{hours}H{minutes}M{seconds}{fraction}S" if value.seconds or fraction or not days else ""
    return f"P{days}{clock}"
