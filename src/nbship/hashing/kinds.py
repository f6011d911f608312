"""What kind of dataset a value is, told from the names of its classes: nothing is imported, nothing is called."""

from __future__ import annotations

from typing import Any

__all__ = ["is_dataset", "kind_of", "type_name"]

_KINDS = {
    "pandas.DataFrame": "pandas",
    "pandas.Series": "pandas",
    "pandas.Index": "pandas",
    "pandas.ExtensionArray": "pandas",
    "polars.DataFrame": "polars",
    "polars.Series": "polars",
    "polars.LazyFrame": "lazy",
    "pyarrow.Table": "arrow",
    "pyarrow.RecordBatch": "arrow",
    "pyarrow.Array": "arrow",
    "pyarrow.ChunkedArray": "arrow",
    "numpy.ndarray": "numpy",
    "scipy._spbase": "sparse",
    "scipy.spmatrix": "sparse",
    "torch.Tensor": "torch",
}
_LIBRARIES = {
    "pandas": "pandas",
    "polars": "polars",
    "pyarrow": "pyarrow",
    "numpy": "numpy",
    "torch": "torch",
}


def kind_of(value: object) -> str | None:
    """Return which room member can read the value: ``pandas``, ``numpy``, …, ``lazy`` for polars' LazyFrame, or None."""
    for base in type(value).__mro__:
        library = f"{base.__module__}".partition(".")[0]
        kind = _KINDS.get(f"{library}.{base.__qualname__}")
        if kind:
            return kind
    return None


def is_dataset(value: object) -> bool:
    """Return whether the value is a table, array, sparse matrix or CPU tensor that `fingerprint` accepts.

    Costs microseconds and imports nothing. Files, scalars of numpy and arrays without dimensions are none.
    """
    kind = kind_of(value)
    if kind is None or kind == "lazy":
        return False
    subject: Any = value
    if kind == "torch":
        return subject.ndim > 0 and subject.device.type == "cpu" and str(subject.layout) == "torch.strided"
    return kind != "numpy" or subject.ndim > 0


def type_name(value: object) -> str:
    """Return the type as users write it: ``pandas.DataFrame``, ``scipy.sparse.csr_matrix``, ``dict``."""
    cls = type(value)
    module = f"{cls.__module__}"
    library = module.partition(".")[0]
    if library == "builtins":
        return cls.__qualname__
    public = [part for part in module.split(".") if not part.startswith("_") or part == "__main__"]
    return f"{_LIBRARIES.get(library) or '.'.join(public)}.{cls.__qualname__}"
