"""Text that has to fit: on one line, in so many columns of a terminal."""

from __future__ import annotations

import unicodedata

__all__ = ["clip", "columns", "fit", "one_line"]

_WIDE = frozenset("WF")


def one_line(text: str) -> str:
    """Return the text without line ends and without the control characters that a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in text).strip()


def columns(text: str) -> int:
    """Return how many columns of a terminal a line takes: two for East Asian wide signs, none for accents."""
    return len(text) if text.isascii() else sum(_columns_of(char) for char in text)


def clip(text: str, width: int) -> str:
    """Return the text as one line of at most `width` columns, ending in … where it was cut."""
    line = one_line(text)
    if columns(line) <= width:
        return line
    kept, taken = "", 1
    for char in line:
        taken += _columns_of(char)
        if taken > width:
            break
        kept += char
    return (kept.rstrip() + "…")[: max(width, 0)]


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Return the text clipped and padded to exactly `width` columns."""
    line = clip(text, width)
    padding = " " * (width - columns(line))
    return padding + line if right else line + padding


def _columns_of(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1
