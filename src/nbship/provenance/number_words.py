"""Numbers as they stand in sentences."""

from __future__ import annotations

__all__ = ["bytes_text", "change_text", "duration_text", "number_text", "share_change"]

_FEWEST_DIGITS = 3
_MOST_DIGITS = 6
_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_THOUSAND = 1000
_TEN = 10
_MINUTE = 60
_HOUR = 3600


def number_text(value: float, digits: int = _FEWEST_DIGITS) -> str:
    """Return a number with a few significant digits, whole ones with all of theirs."""
    if abs(value) < 10**_MOST_DIGITS and value == int(value):
        return f"{int(value):,}"
    text = f"{value:.{digits}g}"
    if "e" in text and 10**-4 <= abs(value) < 10**9:
        text = f"{float(text):,.0f}"
    return text


def change_text(left: float, right: float) -> str | None:
    """Return ``12.6 -> 15.1`` with the digits that show the change as it is; None where six of them do not."""
    for digits in range(_FEWEST_DIGITS, _MOST_DIGITS + 1):
        shown = float(f"{right:.{digits}g}") - float(f"{left:.{digits}g}")
        if shown and abs(shown - (right - left)) <= abs(right - left) / 2:
            return f"{number_text(left, digits)} -> {number_text(right, digits)}"
    return None


def share_change(left: float, right: float) -> str | None:
    """Return ``2.1 % -> 3.4 %``; None where the shares read alike."""
    texts = _percent(left), _percent(right)
    return None if texts[0] == texts[1] else " -> ".join(texts)


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= _TEN or percent == 0 else f"{percent:.2g} %"


def bytes_text(size: float) -> str:
    """Return a size in decimal units: ``13.5 kB``."""
    unit = 0
    while size >= _THOUSAND and unit < len(_UNITS) - 1:
        size, unit = size / _THOUSAND, unit + 1
    return f"{number_text(size)} {_UNITS[unit]}"


def duration_text(seconds: float) -> str:
    """Return a duration with two significant digits or so: ``0.22 s``, ``3 min 12 s``."""
    if seconds < _TEN:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
