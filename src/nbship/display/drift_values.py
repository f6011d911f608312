"""Single values of a drift report in words: shares, effects, p-values, names."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from nbship.display.page import number
from nbship.display.plain_line import clip, one_line

if TYPE_CHECKING:
    from nbship.model.drift import Effect

__all__ = [
    "chances",
    "change",
    "percent",
    "rounded",
    "short",
    "times",
    "title_name",
    "typeset",
    "value_words",
]

_ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?(Z|[+-]\d\d:?\d\d)?")
_SMALL_SHARE = 0.001
_TWO_DIGITS, _WHOLE_PERCENT = 0.01, 0.1
_THOUSANDS, _LARGEST = 1e3, 1e15
_SMALLEST_P = 0.001
_ROUND_TIMES = 10
_MOST_TIMES = 1000


def short(text: str, width: int) -> str:
    """Return any text as one line of at most `width` columns; what is very long is not even read to its end."""
    return clip(text[: 8 * width], width)


def title_name(name: str, width: int = 40) -> str:
    """Return the name of a column in at most `width` columns, and something to read where it is empty."""
    return short(name, width) or "(no name)"


def typeset(text: str) -> str:
    """Return a text as HTML in which a number and its per-cent sign stay on one line."""
    return escape(text).replace(" %", "\u00a0%")


def percent(share: float) -> str:
    """Return a share as a percentage that is read at a glance: ``0.3 %``, ``12 %``."""
    if share and abs(share) < _SMALL_SHARE:
        return "< 0.1 %" if share > 0 else "> -0.1 %"
    if share and abs(share) < _TWO_DIGITS:
        return f"{100 * share:.2g} %"
    digits = 1 if abs(share) < _WHOLE_PERCENT else 0
    text = f"{100 * share:.{digits}f}".removesuffix(".0")
    # What is nearly everything is not everything.
    return f"{'> 99' if text == '100' and share < 1 else text} %"


def change(reference: str, current: str) -> str:
    """Return a change from one text to another, or the one text where they are the same."""
    return reference if reference == current else f"{reference} → {current}"


def times(effect: Effect | None) -> str:
    """Return the effect in multiples of its threshold, as ``4.2`` and a sign; empty without one."""
    if effect is None:
        return ""
    ratio = effect.value / effect.threshold if effect.threshold > 0 else float(effect.value > 0) * _MOST_TIMES
    if ratio >= _MOST_TIMES:
        return f"≥ {_MOST_TIMES:,}×"
    if ratio >= _ROUND_TIMES:
        return f"{ratio:.0f}×"
    # Never rounded onto the threshold, of which it stands on one side.
    text = f"{ratio:.1f}" if f"{ratio:.1f}" != "1.0" or ratio == 1 else f"{ratio:.2f}"
    return "> 1×" if text == "1.00" and ratio > 1 else "< 1×" if text == "1.00" and ratio < 1 else f"{text}×"


def chances(p: float) -> str:
    """Return a p-value: ``p = 0.013``, ``p < 0.001``."""
    return f"p < {_SMALLEST_P}" if p < _SMALLEST_P else f"p = {p:.2g}"


def value_words(value: float | str | None) -> str:
    """Return a statistic: a number with four digits, a time to the second, a dash where there is none."""
    if value is None:
        return "—"
    return rounded(value) if not isinstance(value, str) else _moment_words(one_line(value[:200]))


def rounded(value: float) -> str:
    """Return a number with four digits, large ones whole and in groups: ``0.01235``, ``14,920``."""
    return f"{value:,.0f}" if _THOUSANDS <= abs(value) < _LARGEST else number(value)


def _moment_words(text: str) -> str:
    """Return a time without the parts that say nothing: ``2013-01-31T12:00:00.000`` is ``2013-01-31 12:00``."""
    found = _ISO.fullmatch(text)
    if found is None:
        return text
    day, clock, second, zone = found.groups()
    clock = f"{clock}:{second}" if clock and second not in ("00", None) else clock
    return f"{day}{zone or ''}" if clock in ("00:00", None) else f"{day} {clock}{zone or ''}"
