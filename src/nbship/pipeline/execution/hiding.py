"""Secrets out of what an execution shows: the values are known exactly, so they are replaced exactly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Hider", "hidden", "shown_forms"]

_MASK = "***"
_FORMAT_WORDS = frozenset({"cell_type", "id", "nbformat", "nbformat_minor", "output_type"})
"""Fields of a notebook whose values are words of the format; a secret that is such a word does not spoil the file."""

_KEYS = _FORMAT_WORDS | frozenset(
    {
        *("attachments", "cells", "data", "ename", "evalue", "execution_count", "metadata", "name"),
        *("outputs", "papermill", "source", "tags", "text", "traceback"),
    }
)
"""Fields of a notebook whose names are words of the format."""

_SHORTEST_LINE = 8
"""Lines of a secret of several lines that are shorter are not looked for alone: they may be any word."""


def shown_forms(secret: str) -> set[str]:
    """Return a secret as it may be shown: as it is, and escaped as in JSON or a Python string."""
    value = str(secret)  # a `Secret` does not show itself
    lines = [line for line in value.splitlines() if len(line) >= _SHORTEST_LINE]
    found: set[str] = set()
    for text in (value, *(lines if len(lines) > 1 else ())):
        found |= {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]}
    return found - {""}


class Hider:
    """Replaces secret values in text, also where they are escaped as in JSON or a Python string.

    Parameters
    ----------
    values
        The secrets; of those with several lines each longer line is one.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self._values = sorted(
            {form for value in values for form in shown_forms(value)}, key=len, reverse=True
        )

    @property
    def hide_or_none(self) -> Callable[[str], str] | None:
        """`hide`, or None when there is nothing to hide."""
        return self.hide if self._values else None

    def hide(self, text: str) -> str:
        """Return the text without secrets."""
        for value in self._values:
            text = text.replace(value, _MASK)
        return text


def hidden(value: Any, hide: Callable[[str], str]) -> Any:
    """Return a notebook, or a part of one, without secrets: in texts, and in the keys of what was displayed."""
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, dict):
        return {
            key if key in _KEYS else hide(key): item if key in _FORMAT_WORDS else hidden(item, hide)
            for key, item in value.items()
        }
    return [hidden(item, hide) for item in value] if isinstance(value, list) else value
