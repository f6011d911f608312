"""Python values to what a type takes: exactly, or not at all."""

from __future__ import annotations

import datetime as dt
import math
import os
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from nbship.model.parameter import ParameterKind, ParameterType
from nbship.pipeline.parameters.types import type_of_value
from nbship.pipeline.parameters.value_kinds import is_pandas, is_scalar
from nbship.pipeline.parameters.value_limits import Mismatch, check_limits

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["coerce"]

_Kind = ParameterKind


def coerce(kind: ParameterType, value: Any) -> Any:
    """Return `value` as the type takes it; numpy scalars stay what they are.

    Parameters
    ----------
    kind
        What is wanted.
    value
        A Python object, as Python, YAML or JSON give it: a text for a date, a list for a tuple.

    Raises
    ------
    Mismatch
        When the value does not fit, or only with a loss.
    """
    if value is None:
        if kind.nullable or kind.kind in (_Kind.ANY, _Kind.NONE):
            return None
        raise Mismatch
    try:
        found = _COERCERS[kind.kind](kind, value)
    except Mismatch:
        raise
    except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise Mismatch from error
    check_limits(kind, found)
    return found


def _any(_kind: ParameterType, value: Any) -> Any:
    return value


def _none(_kind: ParameterType, _value: Any) -> Any:
    raise Mismatch


def _bool(_kind: ParameterType, value: Any) -> Any:
    return _kept(value, is_it=isinstance(value, bool) or is_scalar(value, "b"))


def _int(_kind: ParameterType, value: Any) -> Any:
    _no_bool(value)
    if isinstance(value, int) or is_scalar(value, "iu"):
        return value
    if (isinstance(value, float | Decimal | Fraction) or is_scalar(value, "f")) and value == int(value):
        return int(value)
    raise Mismatch


def _float(_kind: ParameterType, value: Any) -> Any:
    _no_bool(value)
    if isinstance(value, float) or is_scalar(value, "fiu"):
        return value
    if isinstance(value, int | Decimal | Fraction) and float(value) == value:
        return float(value)
    raise Mismatch


def _complex(_kind: ParameterType, value: Any) -> Any:
    _no_bool(value)
    if isinstance(value, complex) or is_scalar(value, "cfiu"):
        return value
    if isinstance(value, str):
        return complex(value.replace(" ", ""))
    return complex(_float(_kind, value))


def _str(_kind: ParameterType, value: Any) -> Any:
    return _kept(value, is_it=isinstance(value, str))


def _bytes(_kind: ParameterType, value: Any) -> Any:
    return value.encode() if isinstance(value, str) else _kept(value, is_it=isinstance(value, bytes))


def _list(kind: ParameterType, value: Any) -> Any:
    _kept(value, is_it=isinstance(value, list | tuple | range))
    return [coerce(kind.args[0], item) for item in value] if kind.args else list(value)


def _tuple(kind: ParameterType, value: Any) -> Any:
    _kept(value, is_it=isinstance(value, list | tuple | range))
    if not kind.args:
        return value if isinstance(value, tuple) else tuple(value)
    if kind.variadic:
        return tuple(coerce(kind.args[0], item) for item in value)
    return tuple(coerce(item_kind, item) for item_kind, item in zip(kind.args, value, strict=True))


def _set(kind: ParameterType, value: Any) -> Any:
    _kept(value, is_it=isinstance(value, list | tuple | set | frozenset))
    items = [coerce(kind.args[0], item) for item in value] if kind.args else value
    return frozenset(items) if kind.kind is _Kind.FROZENSET else set(items)


def _dict(kind: ParameterType, value: Any) -> Any:
    _kept(value, is_it=isinstance(value, Mapping))
    if not kind.args:
        return dict(value)
    key_kind, item_kind = kind.args
    found = {_key(key_kind, key): coerce(item_kind, item) for key, item in value.items()}
    return _kept(found, is_it=len(found) == len(value))


def _key(kind: ParameterType, key: Any) -> Any:
    from nbship.pipeline.parameters.text_values import parse_text  # noqa: PLC0415 - texts of containers come back here

    try:
        return coerce(kind, key)
    except Mismatch:
        if isinstance(key, str):  # JSON and YAML have no other keys
            return parse_text(kind, key)
        raise


def _date(_kind: ParameterType, value: Any) -> Any:
    if isinstance(value, str):
        return dt.date.fromisoformat(value.strip())
    if isinstance(value, dt.datetime):
        return _kept(value.date(), is_it=value.time() == dt.time() and value.tzinfo is None)
    return _kept(value, is_it=isinstance(value, dt.date))


def _datetime(_kind: ParameterType, value: Any) -> Any:
    if isinstance(value, str):
        return dt.datetime.fromisoformat(value.strip())
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time())
    return _kept(value, is_it=isinstance(value, dt.datetime))


def _time(_kind: ParameterType, value: Any) -> Any:
    return (
        dt.time.fromisoformat(value.strip())
        if isinstance(value, str)
        else _kept(value, is_it=isinstance(value, dt.time))
    )


def _timedelta(_kind: ParameterType, value: Any) -> Any:
    if isinstance(value, str):
        from nbship.pipeline.parameters.durations import parse_duration  # noqa: PLC0415 - few notebooks have durations

        return parse_duration(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _kept(
            dt.timedelta(seconds=value),
            is_it=math.isclose(dt.timedelta(seconds=value).total_seconds(), value),
        )
    return _kept(value, is_it=isinstance(value, dt.timedelta))


def _path(_kind: ParameterType, value: Any) -> Any:
    return Path(value) if isinstance(value, str) else _kept(value, is_it=isinstance(value, os.PathLike))


def _decimal(_kind: ParameterType, value: Any) -> Any:
    _no_bool(value)
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float):  # YAML and JSON write 0.1, and mean it
        return Decimal(repr(float(value)))
    return Decimal(_kept(value, is_it=isinstance(value, int | str)))


def _fraction(_kind: ParameterType, value: Any) -> Any:
    _no_bool(value)
    if isinstance(value, Fraction):
        return value
    text = repr(float(value)) if isinstance(value, float) else value
    return Fraction(_kept(text, is_it=isinstance(text, int | str | Decimal)))


def _uuid(_kind: ParameterType, value: Any) -> Any:
    return UUID(value) if isinstance(value, str) else _kept(value, is_it=isinstance(value, UUID))


def _timestamp(_kind: ParameterType, value: Any) -> Any:
    if is_pandas(value, "Timestamp", "NaTType"):
        return value
    import pandas as pd

    return pd.Timestamp(_kept(value, is_it=isinstance(value, str | dt.date) or is_scalar(value, "M")))


def _pandas_timedelta(_kind: ParameterType, value: Any) -> Any:
    if is_pandas(value, "Timedelta", "NaTType"):
        return value
    import pandas as pd

    return pd.Timedelta(value if is_scalar(value, "m") else _timedelta(_kind, value))


def _choice(kind: ParameterType, value: Any) -> Any:
    for choice in kind.choices:
        if type(choice) is type(value) and choice == value:
            return choice
    for choice in kind.choices:
        try:
            if coerce(type_of_value(choice), value) == choice:
                return choice
        except Mismatch:
            continue
    raise Mismatch


def _union(kind: ParameterType, value: Any) -> Any:
    found = []
    for member in kind.args:
        try:
            found.append(coerce(member, value))
        except Mismatch:
            continue
    same = [item for item in found if type(item) is type(value)]
    return (same or _kept(found, is_it=bool(found)))[0]


def _kept(value: Any, *, is_it: bool) -> Any:
    if not is_it:
        raise Mismatch
    return value


def _no_bool(value: Any) -> None:
    _kept(value, is_it=not isinstance(value, bool) and not is_scalar(value, "b"))


_COERCERS: dict[ParameterKind, Callable[[ParameterType, Any], Any]] = {
    _Kind.ANY: _any,
    _Kind.BOOL: _bool,
    _Kind.INT: _int,
    _Kind.FLOAT: _float,
    _Kind.COMPLEX: _complex,
    _Kind.STR: _str,
    _Kind.BYTES: _bytes,
    _Kind.LIST: _list,
    _Kind.TUPLE: _tuple,
    _Kind.SET: _set,
    _Kind.FROZENSET: _set,
    _Kind.DICT: _dict,
    _Kind.DATE: _date,
    _Kind.DATETIME: _datetime,
    _Kind.TIME: _time,
    _Kind.TIMEDELTA: _timedelta,
    _Kind.PATH: _path,
    _Kind.DECIMAL: _decimal,
    _Kind.FRACTION: _fraction,
    _Kind.UUID: _uuid,
    _Kind.TIMESTAMP: _timestamp,
    _Kind.PANDAS_TIMEDELTA: _pandas_timedelta,
    _Kind.CHOICE: _choice,
    _Kind.UNION: _union,
    _Kind.NONE: _none,
}
