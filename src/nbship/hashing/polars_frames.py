"""DataFrames and Series of polars."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from nbship.errors import FingerprintError
from nbship.hashing.arrow_columns import arrow_content
from nbship.hashing.canonical import Content, table_fingerprint
from nbship.hashing.objects import object_content
from nbship.hashing.values import label_key

if TYPE_CHECKING:
    from nbship.model.data import ColumnFingerprint, Fingerprint

__all__ = ["fingerprint_polars"]

_WIDE_INTEGERS = ("Int128", "UInt128")


def fingerprint_polars(value: Any) -> Fingerprint:
    """Return the fingerprint of a DataFrame, or of a Series as a table of one column."""
    columns = value.get_columns() if hasattr(value, "get_columns") else [value]
    return table_fingerprint([_column(series) for series in columns], len(value))


def _column(series: Any) -> tuple[ColumnFingerprint, int]:
    content = _series_content(series)
    return content.column(series.name, label_key(series.name), len(series)), content.size_bytes


def _series_content(series: Any) -> Content:
    """Read through Arrow, but for the types that Arrow lacks or that mean more in polars."""
    kind = type(series.dtype).__name__
    if kind == "Object":
        return object_content(_object_array(series))
    if kind in (
        "Categorical",
        *_WIDE_INTEGERS,
    ):  # the codes of a Categorical depend on what the process saw before
        content = arrow_content(_to_arrow(series.cast(sys.modules["polars"].String)))
        content.label = kind.lower()
        return content
    if kind == "Enum":
        return _enum_content(series)
    return arrow_content(_to_arrow(series))


def _enum_content(series: Any) -> Content:
    codes = arrow_content(_to_arrow(series.to_physical().cast(sys.modules["polars"].Int32)))
    codes.label = "enum"
    codes.add_child(arrow_content(_to_arrow(series.dtype.categories)))
    return codes


def _object_array(series: Any) -> Any:
    import numpy as np

    column = np.empty(len(series), object)
    column[:] = series.to_list()
    return column


def _to_arrow(series: Any) -> Any:
    try:
        return series.to_arrow()
    except ImportError as error:
        raise FingerprintError("fingerprints of polars data need pyarrow: pip install pyarrow") from error
