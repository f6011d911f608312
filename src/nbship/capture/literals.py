"""Values that stand in the source itself."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NOT_LITERAL", "is_parameter", "literal"]

NOT_LITERAL: Final = object()
"""What `literal` answers for an expression that has to be computed."""

_MAX_ITEMS = 50
_MAX_TEXT = 500
_MAX_POWER_BITS = 4096
_SCALARS = (int, float, str, bool, type(None))
_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


def literal(node: ast.expr) -> Any:
    """Return the value of a literal or of arithmetic on numbers, else `NOT_LITERAL`."""
    if type(node) is ast.Constant:
        return node.value
    reader = _READERS.get(type(node))
    if reader is None:
        return NOT_LITERAL
    try:
        return reader(node)
    except (TypeError, ArithmeticError, ValueError, RecursionError):
        return NOT_LITERAL


def is_parameter(value: Any) -> bool:
    """Tell whether a value is small and plain enough to be shown as a parameter."""
    if isinstance(value, dict):
        items = [*value.keys(), *value.values()]
        plain = len(value) <= _MAX_ITEMS and all(isinstance(item, _SCALARS) for item in items)
    elif isinstance(value, tuple | list | set):
        plain = len(value) <= _MAX_ITEMS and all(isinstance(item, _SCALARS) for item in value)
    else:
        plain = isinstance(value, _SCALARS)
    return plain and _is_short(value)


def _is_short(value: Any) -> bool:
    try:
        return len(str(value)) <= _MAX_TEXT
    except ValueError:  # an integer of more digits than Python is willing to print
        return False


def _sequence(node: Any) -> Any:
    values = [literal(item) for item in node.elts]
    if any(value is NOT_LITERAL for value in values):
        return NOT_LITERAL
    kind = {ast.Tuple: tuple, ast.List: list, ast.Set: set}[type(node)]
    return kind(values)


def _mapping(node: Any) -> Any:
    if None in node.keys:  # {**other}
        return NOT_LITERAL
    keys = [literal(key) for key in node.keys]
    values = [literal(value) for value in node.values]
    if any(item is NOT_LITERAL for item in (*keys, *values)):
        return NOT_LITERAL
    return dict(zip(keys, values, strict=True))


def _unary(node: Any) -> Any:
    value = literal(node.operand)
    if type(value) not in (int, float):
        return NOT_LITERAL
    if type(node.op) is ast.USub:
        return -value
    return value if type(node.op) is ast.UAdd else NOT_LITERAL


def _binary(node: Any) -> Any:
    function = _BINARY.get(type(node.op))
    left, right = literal(node.left), literal(node.right)
    if function is None or type(left) not in (int, float) or type(right) not in (int, float):
        return NOT_LITERAL
    if function is operator.pow and not _is_small_power(left, right):
        return NOT_LITERAL
    value = function(left, right)
    return value if type(value) in (int, float) else NOT_LITERAL  # (-1) ** 0.5 is complex


def _is_small_power(base: float, exponent: float) -> bool:
    if isinstance(base, int) and isinstance(exponent, int):
        return base.bit_length() * abs(exponent) <= _MAX_POWER_BITS
    return True


_READERS: dict[type, Callable[[Any], Any]] = {
    ast.Tuple: _sequence,
    ast.List: _sequence,
    ast.Set: _sequence,
    ast.Dict: _mapping,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
}
