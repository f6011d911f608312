"""Plain data to JSON and back, driven by the annotations of the dataclasses.

Unknown keys are ignored, so that a reader of this version understands records of a later one that only
added fields; missing keys take the default of the field.
"""

from __future__ import annotations

import dataclasses
import types
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

__all__ = ["decode", "encode"]

T = TypeVar("T")


def encode(value: Any) -> Any:
    """Return `value` as JSON types: dataclasses become objects, tuples lists, enums their strings."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, dict):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    return value


def decode(kind: type[T], data: Any) -> T:
    """Build a `kind` from what `encode` made of one.

    Raises
    ------
    TypeError, ValueError
        When a required field is missing or a value does not fit its enum.
    """
    result: T = _decode(kind, data)
    return result


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _decode(hint: Any, data: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(hint), data)
    if origin is tuple:
        return _decode_tuple(get_args(hint), data)
    if origin is dict:
        return {key: _decode(get_args(hint)[1], item) for key, item in data.items()}
    if origin is list:
        return [_decode(get_args(hint)[0], item) for item in data]
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(data)
    if dataclasses.is_dataclass(hint):
        if not isinstance(data, dict):
            raise TypeError(f"expected an object for {hint}, got {type(data).__name__}")
        hints = _hints(hint if isinstance(hint, type) else type(hint))
        known = {field.name for field in dataclasses.fields(hint)} & data.keys()
        return hint(**{name: _decode(hints[name], data[name]) for name in known})  # type: ignore[operator]
    return data


def _decode_union(options: tuple[Any, ...], data: Any) -> Any:
    if data is None:
        return None
    chosen = [option for option in options if option is not type(None)]
    return _decode(chosen[0], data) if len(chosen) == 1 else data


def _decode_tuple(options: tuple[Any, ...], data: Any) -> Any:
    if len(options) == 2 and options[1] is Ellipsis:  # noqa: PLR2004 - tuple[X, ...]
        return tuple(_decode(options[0], item) for item in data)
    return tuple(_decode(option, item) for option, item in zip(options, data, strict=True))
