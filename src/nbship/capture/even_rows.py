"""Evenly spread rows of a table, as a table of their own that nobody else changes."""

from __future__ import annotations

from typing import Any

from nbship.capture.table_kinds import is_array, is_frame, is_subclass_of

__all__ = ["column_names", "column_rows", "even_places", "even_rows", "is_table"]

_MATRIX = 2


def is_table(value: Any) -> bool:
    """Return whether the value has rows and columns: a frame or table of any library, or an array of two dimensions."""
    if is_array(value):
        return bool(value.ndim == _MATRIX and value.dtype.names is None)
    return is_frame(value) or _is_polars(value) or _is_arrow(value)


def column_names(value: Any) -> tuple[str, ...]:
    """Return the names of a table's columns; an array has none."""
    if is_array(value):
        return ()
    names = value.schema.names if _is_arrow(value) else value.columns
    return tuple(map(str, names))


def even_places(total: int, most: int) -> Any:
    """Return the positions of one row out of each of `most` equal stretches of a table, ascending; of all, if no more.

    Where in its stretch a row lies is drawn by hashing the stretch's number: with equal steps, data that repeats itself
    (five shops a day) would be seen in part only. No random generator is asked, so none is disturbed.
    Source of the constants: S. Vigna, splitmix64, https://prng.di.unimi.it/splitmix64.c.
    """
    import numpy as np

    if total <= most:
        return np.arange(total, dtype=np.int64)
    mixed = np.arange(1, most + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    drawn = ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53
    order = np.arange(most, dtype=np.int64)
    places = ((order + drawn) * (total / most)).astype(np.int64)
    # Two stretches may share the row that lies on their border: the second takes the next one then.
    apart = np.maximum.accumulate(places - order) + order
    found: Any = np.minimum(apart, total - most + order)
    return found


def even_rows(value: Any, most: int) -> Any:
    """Return `most` evenly spread rows of a table; all of them where it has no more.

    A pandas frame or an array is copied; frames of polars and tables of Arrow do not change, so theirs may be shared.
    """
    rows = value.shape[0]
    if rows <= most:
        return value.copy() if is_frame(value) or is_array(value) else value
    chosen = even_places(rows, most)
    return value[chosen] if is_array(value) or _is_polars(value) else value.take(chosen)


def column_rows(value: Any, place: int, chosen: Any) -> Any:
    """Return some rows of the column at a position as a copy, without the categories that none of them has."""
    if is_array(value):
        return value[chosen, place]
    if is_frame(value):
        column = value.iloc[:, place].take(chosen)
        return column.cat.remove_unused_categories() if hasattr(column.dtype, "categories") else column
    if _is_polars(value):
        return value.to_series(place)[chosen]
    return _without_unused(value.column(place).take(chosen))


def _without_unused(column: Any) -> Any:
    """Return a column of Arrow with a dictionary of its own values only."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return column
    plain = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return plain.dictionary_decode().dictionary_encode()


def _is_polars(value: Any) -> bool:
    return is_subclass_of(value, "polars", "DataFrame")


def _is_arrow(value: Any) -> bool:
    return is_subclass_of(value, "pyarrow", "Table", "RecordBatch")
