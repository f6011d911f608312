"""pandas' Timestamp and Timedelta as expressions, with their unit and time zone."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from nbship.pipeline.parameters.unsupported import Unsupported

if TYPE_CHECKING:
    from nbship.pipeline.parameters.source_names import SourceNames

__all__ = ["pandas_source"]


def pandas_source(value: Any, names: SourceNames) -> str:
    """Return an expression for a Timestamp, a Timedelta, NaT or NA of pandas."""
    name = type(value).__name__
    if name in ("NaTType", "NAType"):
        return names.of("pandas", name.removesuffix("Type"))
    call = names.of("pandas", name)
    return _timestamp(value, call) if name == "Timestamp" else _timedelta(value, call)


def _timestamp(value: Any, call: str) -> str:
    text = value.isoformat(sep=" ")
    read = type(value)(text)
    source = f"{call}({text!r})"
    if isinstance(value.tzinfo, ZoneInfo) and value.tzinfo.key:
        key = value.tzinfo.key
        read, source = read.tz_convert(key), f"{source}.tz_convert({key!r})"
    elif value.tzinfo is not None and type(value.tzinfo) is not dt.timezone:
        raise Unsupported(f"a Timestamp in a time zone of {type(value.tzinfo).__module__} has no exact form")
    source += "" if read.unit == value.unit else f".as_unit({value.unit!r})"
    if read != value or read.tzinfo != value.tzinfo:
        raise Unsupported(f"the Timestamp {value} has no exact form")
    return source


def _timedelta(value: Any, call: str) -> str:
    read = type(value)(str(value))
    if read == value:
        unit = "" if read.unit == value.unit else f".as_unit({value.unit!r})"
        return f"{call}({str(value)!r}){unit}"
    raise Unsupported(f"the Timedelta {value} has no exact form")
