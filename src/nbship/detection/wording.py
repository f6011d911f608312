"""Numbers and sentences of the reasons that a report gives."""

from __future__ import annotations

__all__ = ["chance_words", "change", "number", "percent", "quoted"]

_SHOWN = 40
_CERTAIN = 0.001
_WHOLE = 1000


def number(value: float, digits: int = 3) -> str:
    """Return a number with as many digits as tell it apart, and thousands separated."""
    if abs(value) < _WHOLE or abs(value) >= 10**15:
        return f"{value:.{digits}g}"
    return f"{value:,.{max(0, digits - len(str(int(abs(value)))))}f}"


def change(before: float, after: float) -> str:
    """Return both numbers with an arrow, with more digits where few would make them look equal."""
    for digits in range(3, 16):
        first, second = number(before, digits), number(after, digits)
        if first != second:
            return f"{first} -> {second}"
    return f"{number(before)} -> {number(after)}"


def percent(share: float) -> str:
    """Return a share in percent."""
    return f"{100 * share:.3g} %" if share < 1 else "100 %"


def chance_words(p_value: float) -> str:
    """Return how a p-value is written."""
    return "p < 0.001" if p_value < _CERTAIN else f"p = {p_value:.2g}"


def quoted(level: str) -> str:
    """Return a level in quotes, long ones cut."""
    return repr(level if len(level) <= _SHOWN else level[: _SHOWN - 1] + "…")
