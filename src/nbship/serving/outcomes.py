"""What a model returned, as one JSON-able prediction a row.

Public: `predictions_of`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["predictions_of"]

_PLAIN_KINDS = frozenset("biuf")
_TWO_DIMENSIONS = 2


def predictions_of(result: Any, count: int) -> list[Any]:
    """Return one prediction for each of `count` rows.

    Parameters
    ----------
    result
        A numpy array, a list, a pandas frame or series, a sparse matrix, a dictionary of columns, or the list of one
        array an output that ``predict_proba`` of a model with several outputs gives.
    count
        How many rows were asked for.

    Returns
    -------
    list
        Numbers, texts, booleans, None, datetimes, lists of them, or for a frame dictionaries by column.

    Raises
    ------
    RuntimeError
        When it is not one prediction a row.
    """
    if type(result) is np.ndarray and result.dtype.kind in _PLAIN_KINDS and result.ndim:
        answers: list[Any] = result.tolist()
    else:
        answers = _rows(result, count)
    if len(answers) != count:
        raise RuntimeError(f"the model gave {len(answers)} predictions for {count} rows")
    return answers


def _rows(result: Any, count: int) -> list[Any]:
    if _is_outputs(result, count):
        return [list(row) for row in zip(*(_plain(output) for output in result), strict=True)]
    if isinstance(result, dict):
        return _records({str(name): _plain(column) for name, column in result.items()}, count)
    if hasattr(result, "columns") and hasattr(result, "iloc"):
        return _records(
            {str(name): _plain(result.iloc[:, at]) for at, name in enumerate(result.columns)}, count
        )
    answers = _plain(result)
    return answers if isinstance(answers, list) else [answers]


def _is_outputs(result: Any, count: int) -> bool:
    """Whether this is a list with one array of ``[rows, classes]`` for each output."""
    return isinstance(result, list) and all(
        isinstance(part, np.ndarray) and part.ndim == _TWO_DIMENSIONS and len(part) == count
        for part in result
    )


def _records(columns: dict[str, Any], count: int) -> list[Any]:
    if any(not isinstance(column, list) or len(column) != count for column in columns.values()):
        lengths = {len(column) if isinstance(column, list) else 1 for column in columns.values()}
        if lengths == {1} and count == 1:
            return [columns]
        raise RuntimeError(f"the model gave columns of {sorted(lengths)} predictions for {count} rows")
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    """Return a value in Python's own types."""
    if isinstance(value, np.ndarray | np.generic):
        return _from_numpy(value)
    if hasattr(value, "toarray"):
        return _plain(value.toarray())
    if hasattr(value, "to_numpy"):
        # pandas' own dtypes turn to numpy's with their gaps changed; Python's types keep them.
        return _plain(value.to_numpy() if isinstance(value.dtype, np.dtype) else value.tolist())
    if hasattr(value, "to_pydatetime") and not _is_missing(value):
        return value.to_pydatetime()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return None if _is_missing(value) else value


def _from_numpy(value: Any) -> Any:
    if value.dtype.kind == "M":
        # Microseconds are what Python's datetime has; nanoseconds would come as bare integers.
        return value.astype("datetime64[us]").tolist()
    if value.dtype.kind == "m":
        return (value / np.timedelta64(1, "s")).tolist()
    if value.dtype.kind == "O":
        return [_plain(item) for item in value]
    return value.tolist()


def _is_missing(value: Any) -> bool:
    """Whether this is pandas' own mark for a missing value, which no JSON has."""
    return type(value).__name__ in {"NAType", "NaTType"}
