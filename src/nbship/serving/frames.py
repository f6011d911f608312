"""Rows to what a model takes: a frame, or an array.

Public: `ArrayBuilder`, `FrameBuilder`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbship.model.bundle import InputColumn

__all__ = ["NUMPY_TYPES", "ArrayBuilder", "FrameBuilder"]

NUMPY_TYPES = {
    "boolean": "bool",
    "integer": "int32",
    "long": "int64",
    "float": "float32",
    "double": "float64",
}
"""MLflow's names of numeric types to numpy's."""

_FLOATS = frozenset({"float32", "float64"})


class ArrayBuilder:
    """Makes an array of ``[rows, columns]`` in one dtype."""

    def __init__(self, columns: Sequence[InputColumn], dtype: str) -> None:
        self._dtype = np.dtype(dtype)
        # Values of 32 bits are rounded to them, as they would be in a frame.
        rounded = [at for at, column in enumerate(columns) if column.type == "float"]
        self._rounded = rounded if self._dtype == np.float64 else []

    def __call__(self, rows: list[list[Any]]) -> Any:
        """Return the array; missing values are NaN."""
        # Columns lie one after another, as in a frame: the order of a sum, so its last bit, depends on it.
        try:
            array = np.array(rows, dtype=self._dtype, order="F")
        except TypeError:
            # Integers have no missing value; pandas turns to doubles for them too.
            array = np.array(rows, dtype=np.float64, order="F")
        if self._rounded:
            array[:, self._rounded] = array[:, self._rounded].astype(np.float32)
        return array


class FrameBuilder:
    """Makes a pandas frame with the dtypes of the signature."""

    def __init__(self, columns: Sequence[InputColumn]) -> None:
        import pandas as pd  # noqa: PLC0415 - only where the model needs it

        self._frame = pd.DataFrame
        self._names = pd.Index([column.name for column in columns])
        self._makers = [_column_maker(column) for column in columns]
        types = {column.type for column in columns}
        uniform = NUMPY_TYPES.get(next(iter(types))) if len(types) == 1 else None
        self._uniform = ArrayBuilder(columns, uniform) if uniform in _FLOATS else None

    def __call__(self, rows: list[list[Any]]) -> Any:
        """Return the frame; missing values are what pandas' own readers make of them."""
        if self._uniform is not None:
            return self._frame(self._uniform(rows), columns=self._names, copy=False)
        made = {
            at: maker(list(values))
            for at, (maker, values) in enumerate(zip(self._makers, zip(*rows, strict=True), strict=True))
        }
        frame = self._frame(made, copy=False)
        frame.columns = self._names
        return frame


def _column_maker(column: InputColumn) -> Callable[[list[Any]], Any]:
    if column.type in NUMPY_TYPES:
        return _numbers(NUMPY_TYPES[column.type])
    if column.type == "string":
        return _texts()
    if column.type == "datetime":
        return _datetimes
    return _objects


def _numbers(dtype: str) -> Callable[[list[Any]], Any]:
    if dtype in _FLOATS:
        return lambda values: np.array(values, dtype=dtype)

    def whole(values: list[Any]) -> Any:
        if any(value is None or value != value for value in values):  # noqa: PLR0124 - NaN
            # What pandas' readers make of whole numbers, and of booleans, with gaps.
            return _objects(values) if dtype == "bool" else np.array(values, dtype=np.float64)
        return np.array(values, dtype=dtype)

    return whole


def _texts() -> Callable[[list[Any]], Any]:
    import pandas as pd  # noqa: PLC0415

    if int(pd.__version__.partition(".")[0]) < 3:  # noqa: PLR2004 - 3 is the first with texts of their own
        return _objects
    return lambda values: pd.array(values, dtype="str")


def _datetimes(values: list[Any]) -> Any:
    import pandas as pd  # noqa: PLC0415

    # MLflow knows no time zones: moments are told in UTC, and naive ones are taken as they are.
    moments = pd.to_datetime(pd.Series(values, dtype=object), utc=True)
    return moments.dt.tz_localize(None).to_numpy(dtype="datetime64[ns]")


def _objects(values: list[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = [np.nan if value is None else value for value in values]
    return array
