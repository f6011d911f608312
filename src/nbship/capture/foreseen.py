"""What a cell will probably leave, told before it runs: which of its names may hold a metric, which it imports.

Public: `likely_metrics`, `imported_names`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbship.capture.callsites import FIT_METHODS, called_name
from nbship.capture.syntax import parse_cell

if TYPE_CHECKING:
    from nbship.capture.dataflow import CellFlow

__all__ = ["imported_names", "likely_metrics"]

_NO_NUMBERS = FIT_METHODS | {
    *("predict", "predict_proba", "decision_function", "transform", "fit_resample", "train_test_split"),
    *("copy", "drop", "dropna", "fillna", "merge", "join", "groupby", "assign", "astype", "reset_index"),
    *("set_index", "sort_values", "concat", "get_dummies", "open", "subplots", "figure", "list", "dict"),
    *("tuple", "set", "sorted", "range", "zip", "enumerate", "str", "array", "arange", "linspace"),
    *("head", "tail", "describe", "info", "sample", "value_counts", "plot", "show", "hist", "display"),
    *("print", "load", "loads", "pipeline", "make_pipeline", "default_rng", "compare", "drift", "runs"),
    *("run_line_magic", "run_cell_magic", "getoutput", "system", "locate_file", "joinpath", "format"),
    *("split", "strip", "replace", "strftime", "isoformat", "cwd", "getcwd", "getenv", "quantiles"),
}
"""Calls whose results, whatever the library, are no single number."""
_READERS = ("read_", "load_", "fetch_", "make_", "to_", "scan_")
_NO_SCALAR = (ast.List, ast.Tuple, ast.Set, ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.JoinedStr)
_NO_VALUE = (ast.Lambda, ast.Compare, ast.Subscript)
_NO_NUMBER_ATTRIBUTES = frozenset({"T", "columns", "dtypes", "index", "shape", "values"})


def likely_metrics(python: str, flow: CellFlow) -> tuple[str, ...]:
    """Return names whose values will be metrics where they turn out to be numbers.

    The rule of what is a metric looks at values (`nbship.capture.selection.find_metrics`). Without them, names are left
    out that hold an estimator or a table by the look of what makes them or of what is done with them.

    Parameters
    ----------
    python
        The cell as plain Python.
    flow
        What `nbship.capture.dataflow.analyse` says of it.
    """
    body = parse_cell(python).body
    bound = _bound_values(body)
    used_as_objects = _used_as_objects(body) | {name for name, _ in flow.fits}
    found = [
        name
        for name in flow.computed
        if name not in used_as_objects and all(_may_be_number(value) for value in bound.get(name, ()))
    ]
    last = body[-1] if body else None
    if flow.last_expression is not None and isinstance(last, ast.Expr) and _shows_number(last.value, flow):
        found.append(flow.last_expression)
    return tuple(dict.fromkeys(found))


def imported_names(python: str) -> frozenset[str]:
    """Return the names that the imports of a cell bind."""
    nodes = (node for statement in parse_cell(python).body for node in ast.walk(statement))
    return frozenset(
        (alias.asname or alias.name).partition(".")[0]
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    )


def _bound_values(body: tuple[ast.stmt, ...]) -> dict[str, list[ast.expr]]:
    """Return what each name is bound to by plain assignments; several names on the left hold parts of a value."""
    bound: dict[str, list[ast.expr]] = {}
    for node in (node for statement in body for node in ast.walk(statement)):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
            targets = [node.target]
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            for target in targets:
                if isinstance(target, ast.Name):
                    bound.setdefault(target.id, []).append(node.value)
                elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Call):
                    for part in target.elts:
                        if isinstance(part, ast.Name):
                            bound.setdefault(part.id, []).append(node.value)
    return bound


def _used_as_objects(body: tuple[ast.stmt, ...]) -> frozenset[str]:
    """Return the names whose attributes or items the cell asks for."""
    nodes = (node for statement in body for node in ast.walk(statement))
    return frozenset(
        node.value.id
        for node in nodes
        if isinstance(node, ast.Attribute | ast.Subscript)
        and isinstance(node.value, ast.Name)
        and not (isinstance(node, ast.Attribute) and node.attr in ("item", "round"))
    )


def _shows_number(value: ast.expr, flow: CellFlow) -> bool:
    """Tell whether a last expression may be a number; of a name that the cell computes, `found` knows already."""
    if not isinstance(value, ast.Name):
        return _may_be_number(value)
    known = flow.constants.get(value.id)
    return isinstance(known, int | float) and not isinstance(known, bool)


def _may_be_number(value: ast.expr) -> bool:
    if isinstance(value, _NO_SCALAR + _NO_VALUE):
        return False
    if isinstance(value, ast.Constant):
        return not isinstance(value.value, str | bytes)
    if isinstance(value, ast.Attribute):
        return value.attr not in _NO_NUMBER_ATTRIBUTES
    if not isinstance(value, ast.Call):
        return True
    if isinstance(value.func, ast.Attribute) and value.func.attr == "round":
        # Of a name it is mostly a table's; of what a call gives, as much of a number as that.
        return not isinstance(value.func.value, ast.Name) and _may_be_number(value.func.value)
    name = called_name(value) or ""
    made = name[:1].isupper() or name.lower() in _NO_NUMBERS or name.startswith(_READERS)
    return not made
