"""Which of the values around a model is an input for it.

Public: `input_candidates`, `input_rows`, `input_names`.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from nbship.capture.first_rows import first_rows, rows_of_expression
from nbship.capture.table_kinds import is_array, is_frame, is_sparse, is_text_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["input_candidates", "input_names", "input_rows", "quiet_attribute"]

_MATRIX = 2


def input_candidates(
    model: Any, namespace: Mapping[str, Any], names: Sequence[str], fit_argument: str | None
) -> Iterator[Any]:
    """Yield first rows that the model may accept, the likeliest first.

    The argument of ``fit`` comes first. Then, among `names`: frames that have all of ``feature_names_in_``, arrays and
    sparse matrices with ``n_features_in_`` columns, and for an estimator that knows neither (a text pipeline) texts
    that are not its own classes, the longest first.

    Parameters
    ----------
    model
        A fitted estimator.
    namespace
        The variables of the kernel.
    names
        Variables that the cell read or wrote.
    fit_argument
        Source of the first argument of the call of ``fit``, e.g. ``df[features]``.
    """
    columns, width = _feature_names(model), _feature_count(model)
    if fit_argument is not None:
        yield from _fitting(rows_of_expression(fit_argument, namespace), columns, width, trusted=True)
    tables = [rows for name in names if (rows := _rows(namespace.get(name))) is not None]
    tables.sort(key=lambda rows: columns is not None and not is_frame(rows))
    if columns is None and width is None:
        yield from _texts_for(model, tables)
        return
    for rows in tables:
        yield from _fitting(rows, columns, width, trusted=False)


def input_rows(model: Any, rows: Any) -> Any:
    """Return the rows as the model takes them, without the columns that it does not know; None if they do not fit it."""
    return next(_fitting(rows, _feature_names(model), _feature_count(model), trusted=False), None)


def input_names(model: Any) -> list[str] | None:
    """Return the names of the columns that a model was fitted on; their positions where it only counted them."""
    names, count = _feature_names(model), _feature_count(model)
    return names if names is not None or count is None else [str(position) for position in range(count)]


def _rows(value: Any) -> Any:
    try:
        return first_rows(value)
    except Exception:  # noqa: BLE001 - a table of another library, in whatever state the user left it
        return None


def _fitting(rows: Any, columns: list[str] | None, width: int | None, *, trusted: bool) -> Iterator[Any]:
    """Yield the rows, with just the columns that the model was fitted on, if they can be an input of it."""
    if rows is None or not rows.shape[0]:
        return
    if is_frame(rows) and columns is not None:
        if set(columns) <= set(rows.columns):
            yield rows[columns]
    elif is_frame(rows) and width is not None:
        named = all(isinstance(name, str) for name in rows.columns)
        if rows.shape[1] == width and (trusted or not named):
            yield rows
    elif (is_array(rows) or is_sparse(rows)) and width is not None:
        if rows.ndim == _MATRIX and rows.shape[1] == width:
            yield rows
    elif trusted:
        yield rows


def _texts_for(model: Any, tables: list[Any]) -> Iterator[Any]:
    if not hasattr(model, "get_params"):
        return  # a class that says nothing of its input takes texts as gladly as anything else
    known = quiet_attribute(model, "classes_")
    classes = {item for item in known if isinstance(item, str)} if is_array(known) else set()
    texts = [rows for rows in tables if is_text_rows(rows) and not classes.issuperset(rows.tolist())]
    yield from sorted(texts, key=lambda rows: -sum(map(len, rows)))


def _feature_names(model: Any) -> list[str] | None:
    names = quiet_attribute(model, "feature_names_in_")
    if names is None and type(model).__module__.startswith("catboost"):
        names = quiet_attribute(model, "feature_names_")
    return [str(name) for name in names] if is_array(names) or isinstance(names, list | tuple) else None


def _feature_count(model: Any) -> int | None:
    count = quiet_attribute(model, "n_features_in_")
    return operator.index(count) if hasattr(type(count), "__index__") else None


def quiet_attribute(model: Any, name: str) -> Any:
    """Return an attribute of a model; None where it has none, or fails to give it."""
    try:
        return getattr(model, name, None)
    except Exception:  # noqa: BLE001 - these are properties that ask other estimators, which may be of any kind
        return None
