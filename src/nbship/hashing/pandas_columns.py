"""Columns of pandas, by the name of their dtype's class."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from nbship.hashing.arrays import array_content, feed_array, feed_nulls
from nbship.hashing.canonical import Content
from nbship.hashing.objects import object_content

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["column_content"]

_NAT = -(1 << 63)


def column_content(values: Any) -> Content:
    """Return the content of a pandas ExtensionArray, as `.array` gives it for any column."""
    import numpy as np

    dtype = values.dtype
    if isinstance(dtype, np.dtype):  # only datetimes without zone and timedeltas tell a plain dtype here
        unit = np.datetime_data(dtype)[0]
        return _stamps(values, f"duration[{unit}]") if dtype.kind == "m" else _timestamps(values, unit)
    for base in type(dtype).__mro__:
        read = _READERS.get(base.__name__)
        if read:
            return read(values)
    return object_content(np.asarray(values, dtype=object), str(dtype))  # geometry and other strangers


def _numpy(values: Any) -> Content:
    return array_content(values.to_numpy())


def _zoned(values: Any) -> Content:
    return _timestamps(values, values.dtype.unit, f", {_zone_name(values.dtype.tz)}")


def _timestamps(values: Any, unit: str, zone: str = "") -> Content:
    """Read times; whole seconds as milliseconds, since Parquet gives them back so."""
    if unit == "s":
        return _stamps(values, f"timestamp[ms{zone}]", scale=1000)
    return _stamps(values, f"timestamp[{unit}{zone}]")


def _periods(values: Any) -> Content:
    return _stamps(values, str(values.dtype))


def _stamps(values: Any, label: str, scale: int = 1) -> Content:
    """Read counts since an epoch, with NaT as null."""
    import numpy as np

    counts = values.asi8
    content = Content(label, counts.nbytes)
    if len(counts) and counts.min() == _NAT:
        missing = counts == _NAT
        feed_nulls(content, np.flatnonzero(missing))
        counts = np.where(missing, 0, counts)
    feed_array(content, counts if scale == 1 else counts * scale)
    return content


def _zone_name(zone: Any) -> str:
    """Return the name that Arrow gives a time zone: that of the zone, or the offset as ``+02:00``."""
    name = getattr(zone, "key", None) or getattr(zone, "zone", None)  # zoneinfo, pytz
    if name:
        return str(name)
    offset = zone.utcoffset(None)
    if offset is None:  # dateutil's, whose name is a path
        return str(zone)
    if zone is dt.UTC:
        return "UTC"
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _categories(values: Any) -> Content:
    """Read codes and the list of categories: used or not, their order is what codes and dummies are made from."""
    import numpy as np

    codes = values.codes
    missing = codes < 0
    names = column_content(values.categories.array) if len(values.categories) else Content("null")
    content = Content(f"category<{names.label}{', ordered' if values.ordered else ''}>", 4 * len(codes))
    feed_nulls(content, np.flatnonzero(missing))
    feed_array(content, np.where(missing, 0, codes).astype(np.int32))
    content.add_child(names)
    return content


def _intervals(values: Any) -> Content:
    content = Content(str(values.dtype))
    content.add_child(column_content(values.left.array))
    content.add_child(column_content(values.right.array))
    return content


def _nullable(values: Any) -> Content:
    """Read Int64, Float64, boolean and their kin; what lies under the mask is no content."""
    import numpy as np

    missing = np.asarray(values.isna())
    dtype = values.dtype.numpy_dtype
    content = Content(str(values.dtype), len(values) * dtype.itemsize)
    feed_nulls(content, np.flatnonzero(missing))
    feed_array(content, values.to_numpy(dtype=dtype, na_value=dtype.type(0)))
    return content


def _strings(values: Any) -> Content:
    """Read any kind of string column; Arrow's storage without making Python objects."""
    import numpy as np

    if hasattr(values, "__arrow_array__") and values.dtype.storage == "pyarrow":
        return _arrow(values)
    return object_content(np.asarray(values, dtype=object), "string")


def _arrow(values: Any) -> Content:
    from nbship.hashing.arrow_columns import arrow_content  # noqa: PLC0415

    return arrow_content(values.__arrow_array__())


def _dense(values: Any) -> Content:
    import numpy as np

    content = array_content(np.asarray(values))
    content.label = str(values.dtype)
    return content


_READERS: dict[str, Callable[[Any], Content]] = {
    "ArrowDtype": _arrow,
    "BaseMaskedDtype": _nullable,
    "CategoricalDtype": _categories,
    "DatetimeTZDtype": _zoned,
    "IntervalDtype": _intervals,
    "NumpyEADtype": _numpy,
    "PeriodDtype": _periods,
    "SparseDtype": _dense,
    "StringDtype": _strings,
}
