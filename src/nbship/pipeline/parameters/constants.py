"""Values that stand in the source: literals, arithmetic and calls of well-known constructors, without running code."""

from __future__ import annotations

import ast
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nbship.capture.literals import NOT_LITERAL, literal
from nbship.pipeline.parameters.imported_names import qualified

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["NOT_LITERAL", "constant", "constant_text"]

_BUILTIN_CALLS: dict[str, Callable[..., Any]] = {
    kind.__name__: kind for kind in (bool, int, float, complex, str, list, tuple, set, frozenset, dict, range)
}
_CALLS = {
    *("datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta", "datetime.timezone"),
    *("datetime.date.fromisoformat", "datetime.datetime.fromisoformat", "datetime.time.fromisoformat"),
    *("pathlib.Path", "pathlib.PurePath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath"),
    *("decimal.Decimal", "fractions.Fraction", "uuid.UUID", "zoneinfo.ZoneInfo"),
    *(
        "numpy.bool_",
        "numpy.int8",
        "numpy.int16",
        "numpy.int32",
        "numpy.int64",
        "numpy.uint8",
        "numpy.uint16",
    ),
    *("numpy.uint32", "numpy.uint64", "numpy.float16", "numpy.float32", "numpy.float64", "numpy.complex128"),
    *("numpy.str_", "numpy.datetime64", "numpy.timedelta64"),
}
_ATTRIBUTES = {
    *("datetime.timezone.utc", "datetime.UTC", "math.pi", "math.e", "math.inf", "math.nan", "math.tau"),
    *("numpy.pi", "numpy.e", "numpy.inf", "numpy.nan"),
}
_MAX_ITEMS = 10_000


def constant_text(source: str) -> Any:
    """Return the value of a Python literal given as text, `NOT_LITERAL` where it is none; no name has a meaning."""
    try:
        node = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return NOT_LITERAL
    if any(isinstance(part, ast.Name | ast.BinOp) for part in ast.walk(node)) and source.strip() != "set()":
        return NOT_LITERAL
    return constant(node, {})


def constant(node: ast.expr, imports: Mapping[str, str]) -> Any:
    """Return the value of an expression whose parts all stand in the source, else `NOT_LITERAL`.

    Parameters
    ----------
    node
        An expression: a literal, a container of such, arithmetic on numbers, joined paths, or a call of a constructor of
        the standard library or numpy (``date(2024, 1, 1)``, ``Path("x")``, ``np.int64(3)``).
    imports
        What names stand for, of `imported_names`.
    """
    try:
        return _constant(node, imports)
    except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError, ImportError, AttributeError):
        return NOT_LITERAL


def _constant(node: ast.expr, imports: Mapping[str, str]) -> Any:
    if isinstance(node, ast.Constant):
        return NOT_LITERAL if node.value is Ellipsis else node.value
    reader = _READERS.get(type(node))
    return NOT_LITERAL if reader is None else reader(node, imports)


def _items(nodes: list[ast.expr], imports: Mapping[str, str]) -> list[Any]:
    values = [_constant(item, imports) for item in nodes]
    if any(value is NOT_LITERAL for value in values):
        raise ValueError("a part has to be computed")
    return values


def _sequence(node: Any, imports: Mapping[str, str]) -> Any:
    kind: Callable[[list[Any]], Any] = {ast.Tuple: tuple, ast.List: list, ast.Set: set}[type(node)]
    return kind(_items(node.elts, imports))


def _mapping(node: Any, imports: Mapping[str, str]) -> Any:
    if None in node.keys:  # {**other}
        return NOT_LITERAL
    return dict(zip(_items(node.keys, imports), _items(node.values, imports), strict=True))


def _unary(node: Any, imports: Mapping[str, str]) -> Any:
    (value,) = _items([node.operand], imports)
    if isinstance(node.op, ast.Not) and type(value) is bool:
        return not value
    if not isinstance(value, int | float | complex) or isinstance(value, bool):
        return NOT_LITERAL
    if isinstance(node.op, ast.USub):
        return -value
    return value if isinstance(node.op, ast.UAdd) else NOT_LITERAL


def _binary(node: Any, imports: Mapping[str, str]) -> Any:
    known = literal(node)
    if known is not NOT_LITERAL:
        return known
    left, right = _items([node.left, node.right], imports)
    if isinstance(node.op, ast.Add | ast.Sub) and type(right) is complex and type(left) in (int, float):
        return left + right if isinstance(node.op, ast.Add) else left - right
    if isinstance(node.op, ast.Div) and hasattr(left, "joinpath") and isinstance(right, str):
        return left / right
    return NOT_LITERAL


def _call(node: Any, imports: Mapping[str, str]) -> Any:
    name = qualified(node.func, imports)
    name = "datetime.datetime" if name == "datetime" else name
    function = _BUILTIN_CALLS.get(name.removeprefix("builtins.")) or (
        _attribute(name) if name in _CALLS else None
    )
    if function is None or any(keyword.arg is None for keyword in node.keywords):
        return NOT_LITERAL
    positional = _items(node.args, imports)
    named = _items([keyword.value for keyword in node.keywords], imports)
    if any(isinstance(item, range) and len(item) > _MAX_ITEMS for item in positional):
        return NOT_LITERAL
    return function(*positional, **{word.arg: item for word, item in zip(node.keywords, named, strict=True)})


def _named(node: Any, imports: Mapping[str, str]) -> Any:
    name = qualified(node, imports)
    return _attribute(name) if name in _ATTRIBUTES else NOT_LITERAL


def _attribute(name: str) -> Any:
    module, *path = name.split(".")
    found = import_module(module)
    for part in path:
        found = getattr(found, part)
    return found


_READERS: dict[type, Callable[[Any, Mapping[str, str]], Any]] = {
    ast.Tuple: _sequence,
    ast.List: _sequence,
    ast.Set: _sequence,
    ast.Dict: _mapping,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Call: _call,
    ast.Attribute: _named,
    ast.Name: _named,
}
