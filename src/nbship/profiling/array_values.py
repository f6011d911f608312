"""Columns of numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.model.profile import ColumnKind
from nbship.profiling.object_values import object_values
from nbship.profiling.values import LevelValues, NumberValues, OpaqueValues, TimeValues, Values, no_values

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["array_values", "boolean_values"]

_NAT = -(1 << 63)
_SECONDS = {
    "W": (604_800, 1),
    "D": (86_400, 1),
    "h": (3_600, 1),
    "m": (60, 1),
    "s": (1, 1),
    "ms": (1, 1_000),
    "us": (1, 1_000_000),
    "ns": (1, 1_000_000_000),
}


def array_values(array: Any, hint: ColumnKind | None) -> Values:
    """Return the values of a one-dimensional numpy array."""
    import numpy as np

    mask = np.ma.getmaskarray(array) if isinstance(array, np.ma.MaskedArray) else None
    plain = np.asarray(array)
    reader = _READERS.get(plain.dtype.kind)
    if reader is None:
        lost = np.isnan(plain) if plain.dtype.kind == "c" else np.zeros(len(plain), bool)
        return OpaqueValues(lost, f"{plain.dtype.name} values have no order")
    return reader(plain, mask, hint)


def boolean_values(array: Any, mask: Any, kind: ColumnKind | None = None) -> Values:
    """Return the values of an array of bools."""
    import numpy as np

    codes = array.view(np.int8)
    if mask is not None and mask.any():
        codes = np.where(mask, np.int8(-1), codes)
    levelled = kind if kind is ColumnKind.CATEGORICAL else ColumnKind.BOOLEAN
    return LevelValues(codes, ["False", "True"], levelled, owned=mask is not None)


def _numbers(array: Any, mask: Any, hint: ColumnKind | None) -> Values:
    values = NumberValues(array, mask)
    if hint not in (None, ColumnKind.NUMERIC) and values.missing() == len(array):
        return no_values(len(array), hint)
    return values


def _times(array: Any, mask: Any, _hint: ColumnKind | None) -> Values:
    import numpy as np

    unit, _ = np.datetime_data(array.dtype)
    if unit not in _SECONDS or unit == "W":
        array = array.astype("datetime64[D]" if unit in ("Y", "M", "W") else "datetime64[ns]")
        unit = np.datetime_data(array.dtype)[0]
    counts = array.view(np.int64)
    return TimeValues(counts, unit, _joined(counts == _NAT, mask), "")


def _durations(array: Any, mask: Any, _hint: ColumnKind | None) -> Values:
    import numpy as np

    unit, step = np.datetime_data(array.dtype)
    if unit not in _SECONDS or step != 1:
        array, unit = array.astype("timedelta64[ns]"), "ns"
    counts = array.view(np.int64)
    return NumberValues(counts, _joined(counts == _NAT, mask), unit=_SECONDS[unit])


def _objects(array: Any, mask: Any, hint: ColumnKind | None) -> Values:
    objects = array.astype(object, copy=mask is not None)
    if mask is not None:
        objects[mask] = None
    return object_values(objects, hint)


def _joined(lost: Any, mask: Any) -> Any:
    return lost if mask is None else lost | mask


_READERS: dict[str, Callable[[Any, Any, ColumnKind | None], Values]] = {
    "M": _times,
    "O": _objects,
    "T": _objects,
    "U": _objects,
    "b": boolean_values,
    "f": _numbers,
    "i": _numbers,
    "m": _durations,
    "u": _numbers,
}
