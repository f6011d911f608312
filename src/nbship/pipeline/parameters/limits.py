"""What stands beside the type in ``Annotated[float, …]``: ranges, lengths and help, in the forms that people use.

References: https://github.com/annotated-types/annotated-types, pydantic's ``Field`` and PEP 727's ``Doc``. A call is
known by its last name, since notebooks define ``Range`` themselves as well.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbship.pipeline.parameters.constants import NOT_LITERAL, constant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Limits", "read_limits"]

_KEYWORDS = {
    "ge": "minimum",
    "gt": "exclusive_minimum",
    "le": "maximum",
    "lt": "exclusive_maximum",
    "multiple_of": "multiple_of",
    "min_length": "min_length",
    "max_length": "max_length",
    "pattern": "pattern",
    "regex": "pattern",
}
_RANGE_KEYWORDS = _KEYWORDS | {
    **dict.fromkeys(["min", "minimum", "low", "lower", "start"], "minimum"),
    **dict.fromkeys(["max", "maximum", "high", "upper", "stop"], "maximum"),
}
_FORMS: dict[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "Ge": (("minimum",), _KEYWORDS),
    "Gt": (("exclusive_minimum",), _KEYWORDS),
    "Le": (("maximum",), _KEYWORDS),
    "Lt": (("exclusive_maximum",), _KEYWORDS),
    "Interval": ((), _KEYWORDS),
    "Field": ((), _KEYWORDS),
    "Query": ((), _KEYWORDS),
    "Range": (("minimum", "maximum"), _RANGE_KEYWORDS),
    "ValueRange": (("minimum", "maximum"), _RANGE_KEYWORDS),
    "Between": (("minimum", "maximum"), _RANGE_KEYWORDS),
    "Len": (("min_length", "max_length"), _KEYWORDS),
    "MinLen": (("min_length",), _KEYWORDS),
    "MaxLen": (("max_length",), _KEYWORDS),
    "MultipleOf": (("multiple_of",), _KEYWORDS),
    "StringConstraints": ((), _KEYWORDS),
}
_HELP_CALLS = frozenset({"Doc", "doc"})
_HELP_KEYWORDS = frozenset({"description", "help", "doc"})


@dataclass(slots=True)
class Limits:
    """Fields of a `ParameterType` by name, and the help text."""

    limits: dict[str, Any] = field(default_factory=dict)
    help: str = ""


def read_limits(parts: Iterable[ast.expr], imports: Mapping[str, str]) -> Limits:
    """Return what the parts after the type say; a part that is not known says nothing."""
    found = Limits()
    for part in parts:
        value = constant(part, imports)
        if isinstance(value, str):
            found.help = found.help or value
        elif isinstance(value, range) and value.step == 1:
            found.limits |= {"minimum": value.start, "exclusive_maximum": value.stop}
        elif isinstance(part, ast.Call):
            _read_call(part, imports, found)
    return found


def _read_call(call: ast.Call, imports: Mapping[str, str], found: Limits) -> None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    positions, keywords = _FORMS.get(name, ((), {}))
    for field_name, node in zip(positions, call.args, strict=False):
        _keep(found, field_name, constant(node, imports))
    for keyword in call.keywords:
        value = constant(keyword.value, imports)
        if keyword.arg is not None and keyword.arg in keywords:
            _keep(found, keywords[keyword.arg], value)
        elif keyword.arg in _HELP_KEYWORDS and isinstance(value, str):
            found.help = found.help or value
    if name in _HELP_CALLS and call.args:
        text = constant(call.args[0], imports)
        found.help = found.help or (text if isinstance(text, str) else "")


def _keep(found: Limits, name: str, value: Any) -> None:
    if value is not NOT_LITERAL and value is not None:
        found.limits[name] = value
