"""Which file a variable becomes when it crosses the border between two steps, and back.

========== ============================================ =======================================================
format     file                                         values
========== ============================================ =======================================================
plain      JSON that keeps types (`border_values`)      None, bool, numbers, text, dates, paths, and containers
parquet    Parquet                                      pandas DataFrame and Series
polars     Arrow IPC                                    polars DataFrame and Series
arrow      Arrow IPC                                    pyarrow Table
numpy      ``.npy``                                     arrays and scalars of numpy, without Python objects
sparse     ``.npz``                                     CSR, CSC, BSR, DIA and COO matrices of scipy
skops      skops                                        scikit-learn estimators of scikit-learn's and trusted types
pickle     cloudpickle                                  everything else, with a line that says so
========== ============================================ =======================================================
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.hashing import type_name
from nbship.hashing.kinds import kind_of
from nbship.pipeline.borders.frames import (
    WouldChangeError,
    read_arrow,
    read_pandas,
    read_polars,
    write_arrow,
    write_pandas,
    write_polars,
)
from nbship.pipeline.borders.pickles import read_pickle, write_pickle
from nbship.pipeline.borders.plain_values import NotPlainError, from_plain, to_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

__all__ = ["Written", "read_value", "write_value"]

# skops distrusts the nodes of scikit-learn's own trees, for a forged file can make them crash; the digest of this one
# is checked before.
_OWN_TYPES = "sklearn."
_SPARSE_FORMATS = frozenset({"bsr", "coo", "csc", "csr", "dia"})


@dataclass(frozen=True, slots=True)
class Written:
    """What a value became.

    Attributes
    ----------
    format, file
        Name of the format and of the file in the artifact's folder.
    extra
        What the file itself cannot hold, as JSON types.
    note
        What the reader of the notebook should know: that and why pickle had to be used; empty otherwise.
    """

    format: str
    file: str
    extra: dict[str, Any]
    note: str = ""


def write_value(value: object, folder: Path, known: Collection[str] = ()) -> Written:
    """Write a value into a folder, in the first format that gives it back as it is.

    Raises
    ------
    UnsavableError
        When not even pickle can hold the value.
    """
    name, reason = _format_of(value), ""
    if name != "pickle":
        file = folder / f"value{_FORMATS[name].suffix}"
        try:
            return Written(name, file.name, _FORMATS[name].write(value, file))
        except (WouldChangeError, NotPlainError) as error:
            file.unlink(missing_ok=True)
            reason = "" if name == "plain" else f", because {error}"
    write_pickle(value, folder / "value.pkl", known)
    return Written("pickle", "value.pkl", {}, f"saved by cloudpickle ({type_name(value)}){reason}")


def read_value(name: str, path: Path, extra: dict[str, Any]) -> Any:
    """Return the value that `write_value` wrote as format `name`."""
    if name == "pickle":
        return read_pickle(path)
    return _FORMATS[name].read(path, extra)


def _format_of(value: Any) -> str:
    kind = kind_of(value)
    if kind == "pandas":
        return "parquet" if hasattr(value, "index") else "pickle"
    if kind == "polars":
        return "polars"
    if kind == "arrow":
        return "arrow" if type(value).__name__ == "Table" else "pickle"
    if kind == "numpy" or _is_numpy_scalar(value):
        return "numpy"
    if kind == "sparse":
        return "sparse" if value.format in _SPARSE_FORMATS else "pickle"
    if _is_estimator(value):
        return "skops"
    return "plain"


def _is_numpy_scalar(value: Any) -> bool:
    base = next((base for base in type(value).__mro__ if base.__module__ == "numpy"), None)
    return base is not None and any(base.__name__ == "generic" for base in type(value).__mro__)


def _is_estimator(value: Any) -> bool:
    return any(
        base.__name__ == "BaseEstimator" and base.__module__ == "sklearn.base" for base in type(value).__mro__
    )


def _write_plain(value: Any, path: Path) -> dict[str, Any]:
    text = json.dumps(to_plain(value), indent=1)
    path.write_text(text, encoding="utf-8")
    return {}


def _read_plain(path: Path, _extra: dict[str, Any]) -> Any:
    return from_plain(json.loads(path.read_text(encoding="utf-8")))


def _write_numpy(array: Any, path: Path) -> dict[str, Any]:
    import numpy as np

    is_scalar = isinstance(array, np.generic)
    if not is_scalar and type(array) is not np.ndarray:
        raise WouldChangeError(f".npy would make a plain array of a {type(array).__name__}")
    if array.dtype.hasobject or array.dtype.kind == "T":
        raise WouldChangeError("it holds Python objects")
    described = None if array.dtype.metadata else np.lib.format.dtype_to_descr(array.dtype)
    if described is None or np.lib.format.descr_to_dtype(described) != array.dtype:
        raise WouldChangeError(f".npy cannot hold the dtype {array.dtype}")
    np.save(path, array, allow_pickle=False)
    return {"scalar": is_scalar}


def _read_numpy(path: Path, extra: dict[str, Any]) -> Any:
    import numpy as np

    array = np.load(path, allow_pickle=False)
    return array[()] if extra["scalar"] else array


def _write_sparse(matrix: Any, path: Path) -> dict[str, Any]:
    import scipy.sparse

    if matrix.dtype.hasobject:
        raise WouldChangeError("it holds Python objects")
    scipy.sparse.save_npz(path, matrix)
    return {}


def _read_sparse(path: Path, _extra: dict[str, Any]) -> Any:
    import scipy.sparse

    return scipy.sparse.load_npz(path)


def _write_skops(estimator: Any, path: Path) -> dict[str, Any]:
    if importlib.util.find_spec("skops") is None:
        raise WouldChangeError("skops is not installed")
    import skops.io  # noqa: PLC0415 - heavy, and not always there

    try:
        data = skops.io.dumps(estimator)
        untrusted = [str(name) for name in skops.io.get_untrusted_types(data=data)]
    except Exception as error:  # skops raises what the parts of the estimator raise
        raise WouldChangeError(f"skops cannot hold it ({type(error).__name__})") from error
    own = [name for name in untrusted if name.startswith(_OWN_TYPES)]
    if len(own) < len(untrusted):
        strangers = sorted(set(untrusted).difference(own))
        raise WouldChangeError(f"skops does not trust {', '.join(strangers)}")
    path.write_bytes(data)
    return {"trusted": own}


def _read_skops(path: Path, extra: dict[str, Any]) -> Any:
    import skops.io  # noqa: PLC0415 - heavy, and not always there

    return skops.io.load(path, trusted=[name for name in extra["trusted"] if name.startswith(_OWN_TYPES)])


@dataclass(frozen=True, slots=True)
class _Format:
    suffix: str
    write: Callable[[Any, Path], dict[str, Any]]
    read: Callable[[Path, dict[str, Any]], Any]


_FORMATS = {
    "plain": _Format(".json", _write_plain, _read_plain),
    "parquet": _Format(".parquet", write_pandas, read_pandas),
    "polars": _Format(".arrow", write_polars, read_polars),
    "arrow": _Format(".arrow", write_arrow, read_arrow),
    "numpy": _Format(".npy", _write_numpy, _read_numpy),
    "sparse": _Format(".npz", _write_sparse, _read_sparse),
    "skops": _Format(".skops", _write_skops, _read_skops),
}
