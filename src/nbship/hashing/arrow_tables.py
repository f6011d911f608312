"""Tables and columns of pyarrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.hashing.arrow_columns import arrow_content
from nbship.hashing.canonical import table_fingerprint
from nbship.hashing.values import label_key

if TYPE_CHECKING:
    from nbship.model.data import ColumnFingerprint, Fingerprint

__all__ = ["arrow_column", "fingerprint_arrow"]


def fingerprint_arrow(value: Any) -> Fingerprint:
    """Return the fingerprint of a Table or RecordBatch, or of an Array or ChunkedArray as a table of one column."""
    if not hasattr(value, "schema"):
        return table_fingerprint([arrow_column(None, value)], len(value))
    names = value.schema.names
    columns = [arrow_column(name, value.column(position)) for position, name in enumerate(names)]
    return table_fingerprint(columns, value.num_rows)


def arrow_column(name: str | None, values: Any) -> tuple[ColumnFingerprint, int]:
    """Return the fingerprint of a column and its size in bytes."""
    content = arrow_content(values)
    return content.column(name or "", label_key(name), len(values)), content.size_bytes
