"""Columns of Python objects, by what they hold."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from nbship.model.profile import ColumnKind
from nbship.profiling.strings import SAMPLE, read_like_text
from nbship.profiling.values import (
    LevelValues,
    NumberValues,
    OpaqueValues,
    TextValues,
    TimeValues,
    Values,
    no_values,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["holds_text", "level_name", "object_values"]

_SCALARS = (str, bool, int, float, Decimal, dt.date, dt.time, dt.timedelta, uuid.UUID)


def object_values(array: Any, hint: ColumnKind | None) -> Values:
    """Return the values of a one-dimensional numpy array of objects, as `hint` says where they allow it."""
    import pandas as pd

    found = _infer(array)
    if found == "string" and hint is not ColumnKind.UNSUPPORTED:
        return _strings(array, hint)
    mask = pd.isna(array)
    if mask.all():
        return no_values(len(array), hint or ColumnKind.CATEGORICAL)
    if hint is ColumnKind.UNSUPPORTED:
        return OpaqueValues(mask, _stranger(array[~mask]))
    as_levels = hint in (ColumnKind.CATEGORICAL, ColumnKind.TEXT)
    return (_mixed if as_levels else _READERS.get(found, _mixed))(array, mask, hint)


def holds_text(array: Any) -> bool:
    """Return whether an array of objects holds strings and missing values only, with at least one string."""
    return _infer(array) == "string"


def level_name(value: Any) -> str:
    """Return a value as the name of a level."""
    return str(value.item() if hasattr(value, "dtype") and hasattr(value, "item") else value)


def _infer(array: Any) -> str:
    import pandas as pd

    found: str = pd.api.types.infer_dtype(array, skipna=True)
    return found


def _strings(array: Any, hint: ColumnKind | None) -> Values:
    import pandas as pd

    codes, names = pd.factorize(array)
    wanted = hint if hint in (ColumnKind.CATEGORICAL, ColumnKind.TEXT) else None
    if wanted is ColumnKind.TEXT or (wanted is None and _is_text(array, codes, len(names))):
        return TextValues(array, codes < 0)
    return LevelValues(codes, [str(name) for name in names.tolist()], ColumnKind.CATEGORICAL)


def _is_text(array: Any, codes: Any, distinct: int) -> bool:
    step = max(len(array) // SAMPLE, 1)
    sample = array[::step][codes[::step] >= 0].tolist()
    return read_like_text(sample, int((codes >= 0).sum()), lambda: distinct)


def _numbers(array: Any, mask: Any, _hint: ColumnKind | None) -> Values:
    import numpy as np

    numbers = np.full(len(array), np.nan)
    numbers[~mask] = [_number(value) for value in array[~mask].tolist()]
    return NumberValues(numbers, owned=True)


def _number(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer beyond the range of a double
        return float("inf") if value > 0 else float("-inf")


def _booleans(array: Any, mask: Any, _hint: ColumnKind | None) -> Values:
    import numpy as np

    codes = np.full(len(array), -1, np.int8)
    codes[~mask] = array[~mask].astype(bool)
    return LevelValues(codes, ["False", "True"], ColumnKind.BOOLEAN)


def _times(array: Any, mask: Any, _hint: ColumnKind | None) -> Values:
    """Read times of one or several zones, or of none."""
    import numpy as np

    present = [_plain_time(value) for value in array[~mask]]
    zones = {_zone(value) for value in present}
    if len(zones) > 1 and "" in zones:
        return OpaqueValues(mask, "some of its times have a time zone and some have none")
    counts = np.zeros(len(array), np.int64)
    counts[~mask] = [_microseconds(value) for value in present]
    return TimeValues(counts, "us", mask, zones.pop() if len(zones) == 1 else "UTC", owned=True)


def _plain_time(value: Any) -> Any:
    """Return a numpy time as one of Python; microseconds are what all of these can tell."""
    return value.astype("datetime64[us]").item() if hasattr(value, "astype") else value


def _zone(value: Any) -> str:
    zone = getattr(value, "tzinfo", None)
    return "" if zone is None else str(zone)


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def _microseconds(value: Any) -> int:
    if not isinstance(value, dt.datetime):
        value = dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
    aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return int((aware - _EPOCH) // _MICROSECOND)


def _durations(array: Any, mask: Any, _hint: ColumnKind | None) -> Values:
    import numpy as np

    seconds = np.full(len(array), np.nan)
    seconds[~mask] = [value / dt.timedelta(seconds=1) for value in array[~mask].tolist()]
    return NumberValues(seconds, owned=True)


def _clock_times(array: Any, mask: Any, _hint: ColumnKind | None) -> Values:
    """Read times of day as seconds since midnight."""
    import numpy as np

    seconds = np.full(len(array), np.nan)
    seconds[~mask] = [_since_midnight(value) for value in array[~mask].tolist()]
    return NumberValues(seconds, owned=True)


def _since_midnight(value: dt.time) -> float:
    return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6


def _periods(array: Any, mask: Any, _hint: ColumnKind | None) -> Values:
    """Read periods as the time when they begin."""
    begins = array.copy()
    begins[~mask] = [value.to_timestamp() for value in array[~mask].tolist()]
    return _times(begins, mask, None)


def _mixed(array: Any, mask: Any, hint: ColumnKind | None) -> Values:
    """Read scalars of several types as levels, by their text."""
    import numpy as np
    import pandas as pd

    present = array[~mask]
    if not all(_is_scalar(value) for value in present.tolist()):
        return OpaqueValues(mask, _stranger(present))
    texts = np.full(len(array), None, object)
    texts[~mask] = [level_name(value) for value in present.tolist()]
    if hint is ColumnKind.TEXT:
        return TextValues(texts, mask)
    codes, names = pd.factorize(texts)
    return LevelValues(codes, names.tolist(), ColumnKind.CATEGORICAL)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, _SCALARS) or (
        getattr(value, "shape", None) == () and value.dtype.kind in "biufUmM"
    )


def _stranger(present: Any) -> str:
    names = sorted({type(value).__name__ for value in present.tolist() if not _is_scalar(value)})
    return f"its values are Python objects ({', '.join(names[:3]) or 'of several types'})"


_READERS: dict[str, Callable[[Any, Any, ColumnKind | None], Values]] = {
    "boolean": _booleans,
    "date": _times,
    "datetime": _times,
    "datetime64": _times,
    "decimal": _numbers,
    "floating": _numbers,
    "integer": _numbers,
    "mixed-integer-float": _numbers,
    "period": _periods,
    "time": _clock_times,
    "timedelta": _durations,
    "timedelta64": _durations,
}
