"""Evenly spaced rows of a table, as a table of their own that nobody else changes."""

from __future__ import annotations

from typing import Any

from nbship.capture.table_kinds import is_array, is_frame, is_subclass_of

__all__ = ["column_names", "even_rows", "is_table"]

_MATRIX = 2


def is_table(value: Any) -> bool:
    """Return whether the value has rows and columns: a frame or table of any library, or an array of two dimensions."""
    if is_array(value):
        return bool(value.ndim == _MATRIX and value.dtype.names is None)
    return is_frame(value) or _is_polars(value) or is_subclass_of(value, "pyarrow", "Table", "RecordBatch")


def column_names(value: Any) -> tuple[str, ...]:
    """Return the names of a table's columns; an array has none."""
    if is_array(value):
        return ()
    names = value.schema.names if is_subclass_of(value, "pyarrow", "Table", "RecordBatch") else value.columns
    return tuple(map(str, names))


def even_rows(value: Any, most: int) -> Any:
    """Return `most` evenly spaced rows of a table, the first one among them; all of them where it has no more.

    A pandas frame or an array is copied; frames of polars and tables of Arrow do not change, so theirs may be shared.
    """
    import numpy as np

    rows = value.shape[0]
    if rows <= most:
        return value.copy() if is_frame(value) or is_array(value) else value
    chosen = np.arange(most, dtype=np.int64) * rows // most
    return value[chosen] if is_array(value) or _is_polars(value) else value.take(chosen)


def _is_polars(value: Any) -> bool:
    return is_subclass_of(value, "polars", "DataFrame")
