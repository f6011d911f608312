"""Values as text: for people (`shown`), and exact, for keys of a cache (`canonical`)."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from nbship.errors import UsageError
from nbship.pipeline.parameters.secrets import Secret
from nbship.pipeline.parameters.value_kinds import is_array, is_pandas, is_scalar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["canonical", "shown"]

_MASK = "***"


def shown(value: Any) -> str:
    """Return a value as a run shows it: a text as it is, dates in ISO 8601, paths with ``/``, secrets never."""
    if isinstance(value, Secret):
        return _MASK
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_part(key)}: {_part(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple | set | frozenset):
        return _shown_items(value)
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat() if not is_pandas(value, "NaTType") else "NaT"
    if isinstance(value, dt.timedelta | Decimal | Fraction | UUID) or is_scalar(value):
        return str(value)
    return repr(value.tolist()) if is_array(value) else repr(value)


def _part(value: Any) -> str:
    return (
        repr(str(value)) if isinstance(value, str) and not isinstance(value, Secret | Enum) else shown(value)
    )


def _shown_items(value: Any) -> str:
    parts = [_part(item) for item in value]
    if isinstance(value, list):
        return f"[{', '.join(parts)}]"
    if isinstance(value, tuple):
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
    inside = "{" + ", ".join(sorted(parts)) + "}" if parts else ""
    return f"{type(value).__name__}({inside})" if isinstance(value, frozenset) or not parts else inside


def canonical(value: Any) -> str:
    """Return text that is equal exactly for values of one type and one content.

    The order of dictionaries and sets does not count; ``1``, ``1.0``, ``True`` and ``"1"`` differ, and so do ``0.0`` and
    ``-0.0`` and a numpy scalar and Python's own number; every NaN is the same. A change of this form gives all steps
    new cache keys.

    Raises
    ------
    UsageError
        For a type that parameters cannot have, and for a secret.
    """
    form = _FORMS.get(type(value))
    if form is not None:
        return f"{type(value).__name__}:{form(value)}"
    if isinstance(value, Enum):
        return f"enum:{type(value).__module__}.{type(value).__qualname__}.{value.name}"
    if isinstance(value, PurePath):
        return f"{'Path' if type(value) is type(Path()) else type(value).__name__}:{_quoted(str(value))}"
    if is_scalar(value):
        return f"numpy.{value.dtype.str}:{_numpy_scalar(value)}"
    if is_array(value):
        return _array(value)
    if is_pandas(value, "Timestamp", "Timedelta", "NaTType", "NAType"):
        return _pandas(value)
    raise UsageError(f"a parameter cannot hold a {type(value).__qualname__}: its content has no exact text")


def _quoted(text: str) -> str:
    return json.dumps(text)


def _sequence(value: Any) -> str:
    return f"[{','.join(canonical(item) for item in value)}]"


def _unordered(value: Any) -> str:
    return f"[{','.join(sorted(canonical(item) for item in value))}]"


def _mapping(value: Any) -> str:
    return f"[{','.join(sorted(f'{canonical(key)}={canonical(item)}' for key, item in value.items()))}]"


def _complex(value: Any) -> str:
    return f"{float(value.real).hex()},{float(value.imag).hex()}"


def _zoned(value: Any) -> str:
    return f"{value.isoformat()},{value.fold},{_zone(value.tzinfo)}"


def _zone(zone: Any) -> str:
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo) and zone.key:
        return f"zone:{_quoted(zone.key)}"
    if isinstance(zone, dt.timezone):
        return f"offset:{_duration(zone.utcoffset(None))}"
    raise UsageError(f"a parameter cannot hold a time zone of {type(zone).__module__}; use zoneinfo.ZoneInfo")


def _duration(value: Any) -> str:
    return f"{value.days},{value.seconds},{value.microseconds}"


def _numpy_scalar(value: Any) -> str:
    kind = value.dtype.kind
    if kind in "biu":
        return str(int(value))
    if kind in "mM":
        return str(int(value.view("int64")))
    if kind in "US":
        return repr(value.item())
    if kind in "fc" and value.dtype.itemsize <= (8 if kind == "f" else 16):
        return float(value).hex() if kind == "f" else _complex(value)
    if kind in "fc":
        return repr(value)
    raise UsageError(
        f"a parameter cannot hold a {type(value).__name__} of numpy: its content has no exact text"
    )


def _array(value: Any) -> str:
    if value.dtype.hasobject:
        raise UsageError("a parameter cannot hold a numpy array of objects: its content has no exact text")
    content = hashlib.blake2b(value.tobytes(order="C"), digest_size=16).hexdigest()
    return f"numpy.ndarray:{value.dtype.str}{value.shape}:{content}"


def _pandas(value: Any) -> str:
    name = type(value).__name__
    if name in ("NaTType", "NAType"):
        return f"pandas.{name}"
    zone = f",{_zone(value.tzinfo)}" if name == "Timestamp" else ""
    return f"pandas.{name}:{value.value},{value.unit}{zone}"


_FORMS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "",
    bool: str,
    int: hex,
    float: float.hex,
    complex: _complex,
    str: _quoted,
    bytes: bytes.hex,
    list: _sequence,
    tuple: _sequence,
    set: _unordered,
    frozenset: _unordered,
    dict: _mapping,
    range: repr,
    dt.date: dt.date.isoformat,
    dt.datetime: _zoned,
    dt.time: _zoned,
    dt.timedelta: _duration,
    Decimal: lambda value: repr(value.as_tuple()),
    Fraction: str,
    UUID: str,
    ZoneInfo: _zone,
    dt.timezone: _zone,
}
