"""Columns of pandas, by the name of their dtype's class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.model.profile import ColumnKind
from nbship.profiling.array_values import array_values, boolean_values
from nbship.profiling.arrow_values import arrow_values, named_levels
from nbship.profiling.object_values import level_name, object_values
from nbship.profiling.values import NumberValues, TimeValues, Values, no_values

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["pandas_values"]

_NAT = -(1 << 63)


def pandas_values(values: Any, hint: ColumnKind | None) -> Values:
    """Return the values of a pandas ExtensionArray, as `.array` gives it for any column."""
    import numpy as np

    if isinstance(values.dtype, np.dtype):  # datetimes without zone and timedeltas
        return array_values(np.asarray(values), hint)
    for base in type(values.dtype).__mro__:
        read = _READERS.get(base.__name__)
        if read:
            return read(values, hint)
    return object_values(np.asarray(values, dtype=object), hint)


def _plain(values: Any, hint: ColumnKind | None) -> Values:
    return array_values(values.to_numpy(), hint)


def _zoned(values: Any, _hint: ColumnKind | None) -> Values:
    counts = values.asi8
    return TimeValues(counts, values.dtype.unit, counts == _NAT, str(values.dtype.tz))


def _periods(values: Any, hint: ColumnKind | None) -> Values:
    return pandas_values(values.to_timestamp(), hint)


def _nullable(values: Any, hint: ColumnKind | None) -> Values:
    import numpy as np

    mask, dtype = np.asarray(values.isna()), values.dtype.numpy_dtype
    if mask.all():
        own = ColumnKind.BOOLEAN if dtype.kind == "b" else ColumnKind.NUMERIC
        return no_values(len(mask), hint or own)
    array = values.to_numpy(dtype=dtype, na_value=dtype.type(0))
    if dtype.kind == "b":
        return boolean_values(array, mask, hint)
    return NumberValues(array, mask, owned=True)


def _strings(values: Any, hint: ColumnKind | None) -> Values:
    import numpy as np

    if hasattr(values, "__arrow_array__") and values.dtype.storage == "pyarrow":
        return _arrow(values, hint)
    return object_values(np.asarray(values, dtype=object), hint)


def _arrow(values: Any, hint: ColumnKind | None) -> Values:
    return arrow_values(values.__arrow_array__(), hint)


def _categories(values: Any, hint: ColumnKind | None) -> Values:
    codes, categories = values.codes, values.categories
    if hint not in (None, ColumnKind.CATEGORICAL) and (codes < 0).all():
        return no_values(len(codes), hint)
    if hint is ColumnKind.NUMERIC and categories.dtype.kind in "iuf":
        return pandas_values(categories.array.take(codes, allow_fill=True), hint)
    if hint is ColumnKind.TEXT and all(isinstance(name, str) for name in categories):
        return object_values(values.astype(object), hint)
    return named_levels(codes, [level_name(name) for name in categories])


def _dense(values: Any, hint: ColumnKind | None) -> Values:
    import numpy as np

    return array_values(np.asarray(values), hint)


_READERS: dict[str, Callable[[Any, ColumnKind | None], Values]] = {
    "ArrowDtype": _arrow,
    "BaseMaskedDtype": _nullable,
    "CategoricalDtype": _categories,
    "DatetimeTZDtype": _zoned,
    "NumpyEADtype": _plain,
    "PeriodDtype": _periods,
    "SparseDtype": _dense,
    "StringDtype": _strings,
}
