"""Corrections for looking at many p-values at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["corrected"]


def corrected(p_values: Sequence[float], method: str) -> list[float]:
    """Return p-values that can be held against one level, in the order given.

    Parameters
    ----------
    p_values
        Of all tests of a family.
    method
        ``bh``: Benjamini and Hochberg (1995), the share of false alarms among alarms. ``holm``: Holm (1979), the
        probability of any false alarm. ``none``: as they are.

    Raises
    ------
    UsageError
        For another method.
    """
    import numpy as np

    if method not in _METHODS:
        raise UsageError(f"correction = {method!r}; known are {', '.join(_METHODS)}")
    if not p_values:
        return []
    values = np.asarray(p_values, dtype=float)
    order = np.argsort(values, kind="stable")
    result = np.empty_like(values)
    result[order] = np.minimum(1.0, _METHODS[method](values[order]))
    return [float(value) for value in result]


def _benjamini_hochberg(ascending: Any) -> Any:
    import numpy as np

    scaled = ascending * len(ascending) / np.arange(1, len(ascending) + 1)
    return np.minimum.accumulate(scaled[::-1])[::-1]


def _holm(ascending: Any) -> Any:
    import numpy as np

    return np.maximum.accumulate(ascending * np.arange(len(ascending), 0, -1))


_METHODS: dict[str, Callable[[Any], Any]] = {
    "bh": _benjamini_hochberg,
    "holm": _holm,
    "none": lambda ascending: ascending,
}
