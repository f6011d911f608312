"""The logical type of a column, as its fingerprint names it, without hashing its values."""

from __future__ import annotations

from typing import Any

from nbship.errors import FingerprintError
from nbship.hashing.arrays import dtype_label
from nbship.hashing.dispatch import fingerprint
from nbship.profiling.object_values import holds_text

__all__ = ["array_dtype", "dtype_of", "pandas_dtype"]


def dtype_of(column: Any) -> str:
    """Return the logical type of a pandas array, a polars Series or a pyarrow array: that of none of its rows."""
    try:
        return fingerprint(column[:0]).columns[0].dtype
    except FingerprintError:
        return str(column.dtype if hasattr(column, "dtype") else column.type)


def pandas_dtype(array: Any) -> str:
    """Return the logical type of a pandas ExtensionArray; objects are ``string`` when all that are there are."""
    plain = type(array.dtype).__name__ == "NumpyEADtype"
    return array_dtype(array.to_numpy()) if plain else dtype_of(array)


def array_dtype(array: Any) -> str:
    """Return the logical type of a numpy array."""
    import numpy as np

    plain = np.asarray(array)
    if plain.dtype.kind == "T":
        return "string"
    if plain.dtype.kind == "O":
        return "string" if holds_text(plain) else "object"
    return dtype_label(plain.dtype)
