"""What kind of table or array a value is, told from its type alone: nothing is imported."""

from __future__ import annotations

from typing import Any

__all__ = ["is_array", "is_frame", "is_series", "is_sparse", "is_subclass_of", "is_text_rows"]


def is_subclass_of(value: Any, library: str, *names: str) -> bool:
    """Return whether the value's class or one of its bases is a class of `library` with one of the names."""
    return any(
        base.__name__ in names and base.__module__.partition(".")[0] == library
        for base in type(value).__mro__
    )


def is_frame(value: Any) -> bool:
    """Return whether the value is a DataFrame of pandas."""
    return is_subclass_of(value, "pandas", "DataFrame")


def is_series(value: Any) -> bool:
    """Return whether the value is a Series of pandas."""
    return is_subclass_of(value, "pandas", "Series")


def is_array(value: Any) -> bool:
    """Return whether the value is an array of numpy."""
    return is_subclass_of(value, "numpy", "ndarray")


def is_sparse(value: Any) -> bool:
    """Return whether the value is a matrix or array of scipy.sparse."""
    return is_subclass_of(value, "scipy", "_spbase", "spmatrix", "sparray")


def is_text_rows(value: Any) -> bool:
    """Return whether the value is a one-dimensional array of objects, and all of them are str."""
    flat = is_array(value) and value.ndim == 1 and value.dtype.kind in "OU" and len(value) > 0
    return bool(flat) and all(isinstance(item, str) for item in value)
