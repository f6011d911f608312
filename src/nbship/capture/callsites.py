"""What a single call tells: what it changes in place, what it fits, which file it opens."""

from __future__ import annotations

import ast

__all__ = [
    "FIT_METHODS",
    "called_name",
    "data_argument",
    "is_clock",
    "mutated_roots",
    "path_argument",
    "root_name",
    "training_arguments",
]

FIT_METHODS = frozenset({"fit", "partial_fit", "fit_transform", "fit_predict"})

_SAME_VALUES = frozenset({"astype", "copy", "ravel", "to_list", "to_numpy"})
"""Methods of a column that give it in another form."""

_MUTATING_METHODS = FIT_METHODS | {
    *(
        "append",
        "extend",
        "insert",
        "update",
        "pop",
        "popitem",
        "sort",
        "reverse",
        "add",
        "remove",
        "discard",
        "clear",
    ),
    *(
        "setdefault",
        "appendleft",
        "extendleft",
        "popleft",
        "rotate",
        "difference_update",
        "intersection_update",
    ),
    *(
        "compile",
        "load_state_dict",
        "train",
        "eval",
        "set_params",
        "load_weights",
        "set_weights",
        "zero_grad",
        "step",
    ),
    *("requires_grad_", "fill_", "zero_", "copy_", "add_", "mul_", "fill", "setflags"),
}
_MUTATES_FIRST_ARGUMENT = frozenset(
    {
        "shuffle",
        "heappush",
        "heappop",
        "heapify",
        "insort",
        "setattr",
        "delattr",
        "put",
        "copyto",
        "fill_diagonal",
    }
)
_PATH_PREFIXES = ("read_", "scan_", "load")
_PATH_FUNCTIONS = frozenset(
    {
        "open",
        "connect",
        "ParquetFile",
        "Dataset",
        "dataset",
        "imread",
        "memmap",
        "genfromtxt",
        "loadtxt",
        "File",
    }
)
_PATH_KEYWORDS = frozenset({"path", "filepath_or_buffer", "source", "io"})
_MAX_PATH = 1000
_CLOCKS = frozenset(
    name + suffix
    for name in ("time", "perf_counter", "monotonic", "process_time", "thread_time")
    for suffix in ("", "_ns")
)
_DATES = frozenset({"now", "utcnow", "today"})
_DATE_TYPES = frozenset({"datetime", "date", "Timestamp"})


def root_name(node: ast.expr) -> str | None:
    """Return ``a`` for ``a``, ``a.b[0].c``; None where a call or another expression is at the root."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def called_name(call: ast.Call) -> str:
    """Return the last name of what is called, ``""`` where it has none."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def mutated_roots(call: ast.Call, name: str) -> list[str]:
    """Return the names of objects that the call is known to change in place."""
    roots: list[str | None] = []
    if isinstance(call.func, ast.Attribute) and (name in _MUTATING_METHODS or _is_inplace(call)):
        roots.append(root_name(call.func))
    if name in _MUTATES_FIRST_ARGUMENT and call.args:
        roots.append(root_name(call.args[0]))
    return [root for root in roots if root is not None]


def _is_inplace(call: ast.Call) -> bool:
    return any(
        keyword.arg == "inplace" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in call.keywords
    )


def path_argument(call: ast.Call, name: str) -> tuple[str, str] | None:
    """Return ``("literal", text)`` or ``("name", variable)`` where the call may open that file."""
    if name not in _PATH_FUNCTIONS and not name.startswith(_PATH_PREFIXES):
        return None
    candidates = [keyword.value for keyword in call.keywords if keyword.arg in _PATH_KEYWORDS]
    for argument in (*call.args[:1], *candidates):
        found = _path_of(argument)
        if found is not None:
            return found
    return None


def _path_of(node: ast.expr) -> tuple[str, str] | None:
    if isinstance(node, ast.Call) and called_name(node) == "Path" and len(node.args) == 1:
        node = node.args[0]
    if isinstance(node, ast.Name):
        return "name", node.id
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) <= _MAX_PATH:
        return "literal", node.value
    return None


def data_argument(call: ast.Call) -> str | None:
    """Return the text of the first argument of a `fit`, where it is a name or a part of one."""
    named = [keyword.value for keyword in call.keywords if keyword.arg in ("X", "x")]
    for argument in (*call.args[:1], *named):
        return ast.unparse(argument) if _is_reference(argument) else None
    return None


def training_arguments(call: ast.Call) -> tuple[str, tuple[str, str] | None] | None:
    """Return what a `fit` learns from, as source text, and the column that it learns to predict.

    The column is ``("literal", text)`` or ``("name", variable)``; None where the second argument is no column of a table.
    """
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    data = call.args[0] if call.args else named.get("X")
    target = call.args[1] if len(call.args) > 1 else named.get("y")
    if data is None or root_name(data) is None:
        return None
    return ast.unparse(data), None if target is None else _column_of(target)


def _column_of(node: ast.expr) -> tuple[str, str] | None:
    """Return the column that ``df["y"]``, ``df.y``, ``df.loc[rows, "y"]`` and ``df["y"].to_numpy()`` take."""
    while (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SAME_VALUES
    ):
        node = node.func.value
    if isinstance(node, ast.Attribute):
        return _column_of(node.value) if node.attr == "values" else ("literal", node.attr)
    if not isinstance(node, ast.Subscript):
        return None
    key = node.slice.elts[-1] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
    if isinstance(key, ast.Name):
        return "name", key.id
    return ("literal", key.value) if isinstance(key, ast.Constant) and isinstance(key.value, str) else None


def _is_reference(node: ast.expr) -> bool:
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute) or (isinstance(node, ast.Subscript) and _is_constant(node.slice)):
            node = node.value
        else:
            return False
    return True


def _is_constant(node: ast.expr | None) -> bool:
    if isinstance(node, ast.Slice):
        return _is_constant(node.lower) and _is_constant(node.upper) and _is_constant(node.step)
    if isinstance(node, ast.Tuple | ast.List):
        return all(_is_constant(item) for item in node.elts)
    if isinstance(node, ast.UnaryOp):
        return _is_constant(node.operand)
    return node is None or isinstance(node, ast.Constant)


def is_clock(node: ast.expr) -> bool:
    """Tell whether the expression only asks a clock: ``time.time()``, ``datetime.now()``."""
    if not isinstance(node, ast.Call):
        return False
    name = called_name(node)
    if name in _CLOCKS:
        return True
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    last = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", None)
    return name in _DATES and last in _DATE_TYPES
