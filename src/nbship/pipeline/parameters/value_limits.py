"""The bounds of a type, checked on a value."""

from __future__ import annotations

import math
import operator
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.model.parameter import ParameterType

__all__ = ["Mismatch", "check_limits"]


class Mismatch(ValueError):  # noqa: N818 - it never leaves the room: a UsageError tells the user
    """A value does not fit a type; who knows the name of the parameter says so."""


def check_limits(kind: ParameterType, value: Any) -> None:
    """Raise `Mismatch` where a value is out of bounds; a bound that means nothing for the value is passed over."""
    for name, limit in kind.limits.items():
        try:
            fits = _CHECKS[name](value, limit)
        except TypeError:
            continue
        if not fits:
            raise Mismatch


def _is_multiple(value: Any, step: Any) -> bool:
    if isinstance(value, float) or isinstance(step, float):
        return math.isclose(value / step, round(value / step), abs_tol=1e-9)
    return bool(value % step == 0)


_CHECKS: dict[str, Callable[[Any, Any], Any]] = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusive_minimum": operator.gt,
    "exclusive_maximum": operator.lt,
    "multiple_of": _is_multiple,
    "min_length": lambda value, limit: len(value) >= limit,
    "max_length": lambda value, limit: len(value) <= limit,
    "pattern": lambda value, pattern: re.search(pattern, value) is not None,
}
