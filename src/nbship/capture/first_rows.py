"""The first rows of a table, and of what a plain expression names, without copying or running anything.

Public: `first_rows`, `rows_of_expression`, `as_pandas`.
"""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, Any

from nbship.capture.table_kinds import is_array, is_frame, is_series, is_sparse, is_subclass_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ROWS", "as_pandas", "first_rows", "rows_of_expression"]

ROWS = 5
_ROW_ACCESSORS = frozenset({"loc", "iloc", "values"})
_MISSING = object()


def first_rows(value: Any) -> Any:
    """Return the first five rows as a pandas frame, an array or a CSR matrix of their own; None for anything else.

    Texts (a Series or list of str) become a one-dimensional array of objects, the form in which MLflow hands them to a
    model unchanged. Frames of polars and tables of Arrow become pandas frames where pandas is loaded.
    """
    if is_frame(value):
        return value.head(ROWS).copy()
    if is_series(value):
        return _texts(value.head(ROWS).tolist())
    if is_array(value):
        return value[:ROWS].copy() if value.ndim else None
    if is_sparse(value):
        return _sparse_rows(value)
    if is_subclass_of(value, "polars", "DataFrame") or is_subclass_of(value, "pyarrow", "Table"):
        return _to_pandas(value)
    if is_subclass_of(value, "polars", "Series"):
        return _texts(value.head(ROWS).to_list())
    return _list_rows(value[:ROWS]) if isinstance(value, list | tuple) else None


def _texts(values: list[Any]) -> Any:
    import numpy as np

    return (
        np.array(values, dtype=object) if values and all(isinstance(item, str) for item in values) else None
    )


def _list_rows(rows: list[Any] | tuple[Any, ...]) -> Any:
    nested = bool(rows) and all(isinstance(row, list | tuple) for row in rows)
    if not nested or "numpy" not in sys.modules:
        return _texts(list(rows)) if "numpy" in sys.modules else None
    import numpy as np

    same_length = len({len(row) for row in rows}) == 1
    array = np.array(rows) if same_length else None
    return array if array is not None and array.dtype.kind in "biuf" and array.ndim > 1 else None


def _sparse_rows(matrix: Any) -> Any:
    import numpy as np
    from scipy.sparse import csr_matrix

    if matrix.ndim != 2:  # noqa: PLR2004 - rows and columns
        return None
    if matrix.format == "coo":
        kept = matrix.row < ROWS
        shape = (min(ROWS, matrix.shape[0]), matrix.shape[1])
        return csr_matrix((matrix.data[kept], (matrix.row[kept], matrix.col[kept])), shape=shape)
    if matrix.format in ("csr", "csc", "lil", "dok"):
        return csr_matrix(matrix[np.arange(min(ROWS, matrix.shape[0]))])
    return None


def _to_pandas(table: Any) -> Any:
    arrow = is_subclass_of(table, "pyarrow", "Table")
    return as_pandas(table.slice(0, ROWS) if arrow else table.head(ROWS))


def as_pandas(table: Any) -> Any:
    """Return a frame of polars or a table of Arrow as one of pandas; None where pandas is not loaded."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return None
    # Without pyarrow polars cannot convert by itself, and to import it here would cost the cell a quarter of a second.
    if "pyarrow" in sys.modules:
        return table.to_pandas()
    return pandas.DataFrame(table.to_dict(as_series=False))


def rows_of_expression(source: str, namespace: Mapping[str, Any]) -> Any:
    """Return the first rows of what an expression names, or None when it does more than to name.

    Understood are names, items and attributes that are stored values (``splits["train"]``, ``self.X``, ``iris.data``),
    the columns of a table (``df[features]``, ``df[["a", "b"]]``, ``X[:, :4]``, ``df.loc[mask, columns]``). A choice of
    rows is left out, since any rows serve as an example. No property, no method and no operator is run.
    """
    try:
        return first_rows(_value(ast.parse(source.strip(), mode="eval").body, namespace))
    except Exception:  # noqa: BLE001 - a name that is gone, or whatever a table of any library raises for a key
        return None


def _value(node: ast.expr, namespace: Mapping[str, Any]) -> Any:
    """Return the value of a node; tables as their first rows, so that no later step copies much."""
    if isinstance(node, ast.Name):
        found = namespace[node.id]
    elif isinstance(node, ast.Attribute):
        found = _attribute(_value(node.value, namespace), node.attr)
    elif isinstance(node, ast.Subscript):
        found = _item(_value(node.value, namespace), node.slice, namespace)
    else:
        found = _literal(node)
    return _reduced(found)


def _reduced(value: Any) -> Any:
    if is_series(value):
        return value.head(ROWS)
    rows = None if isinstance(value, list | tuple) else first_rows(value)
    return value if rows is None else rows


def _attribute(value: Any, name: str) -> Any:
    if is_frame(value) and name in value.columns:
        return value[name]
    if (is_frame(value) or is_series(value)) and name in _ROW_ACCESSORS:
        return value.to_numpy() if name == "values" else value
    if isinstance(value, dict) and name in value:  # scikit-learn's Bunch
        return value[name]
    found = vars(value).get(name, _MISSING) if hasattr(value, "__dict__") else _MISSING
    if found is _MISSING:
        raise LookupError(name)
    return found


def _item(value: Any, node: ast.expr, namespace: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Tuple) and len(node.elts) == 2:  # noqa: PLR2004 - rows, columns
        return _columns(value, _key(node.elts[1], namespace))
    key = _key(node, namespace)
    if isinstance(value, dict | list | tuple):
        return value[key]
    if is_frame(value) and _names_columns(key, value):
        return value[key if isinstance(key, str) else list(key)]
    if _is_table(value) and not isinstance(key, str | int):
        return value
    raise LookupError(node)


def _columns(value: Any, key: Any) -> Any:
    if is_frame(value) and _names_columns(key, value):
        return value[key if isinstance(key, str) else list(key)]
    if is_frame(value):
        return value.iloc[:, key]
    if is_array(value) or is_sparse(value):
        return value[:, key]
    raise LookupError(key)


def _is_table(value: Any) -> bool:
    return is_frame(value) or is_series(value) or is_array(value) or is_sparse(value)


def _names_columns(key: Any, frame: Any) -> bool:
    if isinstance(key, str):
        return key in frame.columns
    is_names = isinstance(key, list | tuple) or is_array(key) or is_subclass_of(key, "pandas", "Index")
    return is_names and len(key) > 0 and all(isinstance(name, str) and name in frame.columns for name in key)


def _key(node: ast.expr, namespace: Mapping[str, Any]) -> Any:
    """Return what stands between the brackets: a constant, a slice of constants, or a stored value in full."""
    if isinstance(node, ast.Slice):
        return slice(
            *(None if part is None else _literal(part) for part in (node.lower, node.upper, node.step))
        )
    if isinstance(node, ast.Name):
        return namespace[node.id]
    if isinstance(node, ast.Attribute | ast.Subscript):
        return _value(node, namespace)
    return _literal(node)


def _literal(node: ast.expr) -> Any:
    return ast.literal_eval(node)
