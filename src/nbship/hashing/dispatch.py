"""The one door of the room: a value to its fingerprint."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.errors import FingerprintError
from nbship.hashing.files import fingerprint_path
from nbship.hashing.kinds import kind_of, type_name

if TYPE_CHECKING:
    from nbship.model.data import Fingerprint

__all__ = ["fingerprint"]

# By name, since these modules lean on the library of their kind, which is loaded already when such a value exists.
_READERS = {
    "arrow": ("arrow_tables", "fingerprint_arrow"),
    "numpy": ("arrays", "fingerprint_array"),
    "pandas": ("pandas_frames", "fingerprint_pandas"),
    "polars": ("polars_frames", "fingerprint_polars"),
    "sparse": ("sparse", "fingerprint_sparse"),
    "torch": ("tensors", "fingerprint_tensor"),
}
_SUPPORTED = (
    "pandas, polars and pyarrow tables and columns, numpy arrays, scipy.sparse matrices, "
    "torch CPU tensors, and paths of files and folders"
)


def fingerprint(value: object) -> Fingerprint:
    """Return the content fingerprint of a dataset: all of it, per column and whole.

    Parameters
    ----------
    value
        A pandas DataFrame, Series, Index or extension array; a polars DataFrame or Series; a pyarrow Table, RecordBatch,
        Array or ChunkedArray; a numpy array; a scipy.sparse matrix or array; a torch tensor on the CPU; or
        the path of a file or folder, as `pathlib.Path` or str.

    Returns
    -------
    Fingerprint
        The same for equal content whatever the memory layout, the chunking or the library that holds it.
        `nbship.hashing.canonical` states the rules.

    Raises
    ------
    FingerprintError
        When the type is none of these, a LazyFrame, a tensor elsewhere, or a path that cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> fingerprint(pd.DataFrame({"a": [1, 2]})).columns[0].dtype
    'int64'
    """
    if isinstance(value, str | Path):
        return fingerprint_path(Path(value))
    return _fingerprint_data(value)


def _fingerprint_data(value: Any) -> Fingerprint:
    kind = kind_of(value)
    if kind == "lazy":
        raise FingerprintError("a polars LazyFrame has no content yet: call .collect() and use the result")
    if kind is None:
        raise FingerprintError(f"cannot fingerprint a {type_name(value)}; supported are {_SUPPORTED}")
    module, function = _READERS[kind]
    read = getattr(import_module(f"nbship.hashing.{module}"), function)
    result: Fingerprint = read(value)
    return result
