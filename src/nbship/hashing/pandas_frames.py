"""DataFrames, Series and Indexes of pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.hashing.canonical import table_fingerprint
from nbship.hashing.pandas_columns import column_content
from nbship.hashing.values import label_key
from nbship.model.data import ColumnFingerprint, Fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["fingerprint_pandas"]

Column = tuple[ColumnFingerprint, int]


def fingerprint_pandas(value: Any) -> Fingerprint:
    """Return the fingerprint of a DataFrame; a Series, Index or extension array is a table of its own columns."""
    if hasattr(value, "columns"):
        columns = [_column(label, series.array) for label, series in value.items()]
        return table_fingerprint(columns, len(value), list(_index_columns(value.index)))
    if hasattr(value, "index"):
        return table_fingerprint(
            [_column(value.name, value.array)], len(value), list(_index_columns(value.index))
        )
    levels = list(_levels(value)) if hasattr(value, "nlevels") else [_column(None, value)]
    return table_fingerprint(levels, len(value))


def _column(label: Any, values: Any) -> Column:
    content = column_content(values)
    name = "" if label is None else str(label)
    return content.column(name, label_key(label), len(values)), content.size_bytes


def _index_columns(index: Any) -> Iterator[Column]:
    if not _counts_rows(index):
        yield from _levels(index)


def _levels(index: Any) -> Iterator[Column]:
    for level, name in enumerate(index.names):
        yield _column(name, (index.get_level_values(level) if index.nlevels > 1 else index).array)


def _counts_rows(index: Any) -> bool:
    """Return whether the index is what pandas makes when none is given: Parquet keeps it as metadata, others drop it."""
    import numpy as np

    if index.nlevels > 1 or index.name is not None or index.dtype != np.dtype("int64"):
        return False
    if hasattr(index, "step"):
        return bool(index.equals(type(index)(len(index))))
    return np.array_equal(index.to_numpy(), np.arange(len(index)))
