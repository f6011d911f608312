"""Columns of polars, through Arrow."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from nbship.profiling.arrow_values import arrow_values
from nbship.profiling.object_values import object_values

if TYPE_CHECKING:
    from nbship.model.profile import ColumnKind
    from nbship.profiling.values import Values

__all__ = ["polars_values"]


def polars_values(series: Any, hint: ColumnKind | None) -> Values:
    """Return the values of a polars Series."""
    import numpy as np

    kind = type(series.dtype).__name__
    if kind == "Object":
        column = np.empty(len(series), object)
        column[:] = series.to_list()
        return object_values(column, hint)
    if kind in ("Int128", "UInt128"):
        series = series.cast(sys.modules["polars"].Float64)
    return arrow_values(series.to_arrow(), hint)
