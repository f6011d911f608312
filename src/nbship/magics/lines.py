"""The line of a magic as options: words, their list, and one clear error for what nobody knows."""

from __future__ import annotations

import shlex
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from IPython.utils.text import DollarFormatter

from nbship.errors import UsageError
from nbship.service.word_lists import add_words

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

__all__ = ["filled_in", "parsed", "split_line"]


def split_line(line: str) -> list[str]:
    """Split a line as a shell does.

    Raises
    ------
    UsageError
        When a quotation mark is not closed.
    """
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(
            f"{line.strip()}: {error}; put the whole name in one pair of quotation marks"
        ) from error


def parsed(name: str, parser: argparse.ArgumentParser, words: list[str], into: str) -> argparse.Namespace:
    """Parse the words of a magic; those that are no options go to the list `into`, wherever they stand.

    Raises
    ------
    UsageError
        When an option is unknown.
    """
    found, left = parser.parse_known_args(words)
    left = add_words(found, into, left)
    if left:
        unknown = next(word for word in left if word.startswith("-")).partition("=")[0]
        if unknown in ("-h", "--help"):
            raise UsageError(f"`%{name}?` shows what %{name} does and takes")
        known = [flag for action in parser._actions for flag in action.option_strings]  # noqa: SLF001 - no other way
        near = get_close_matches(unknown, known, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"%{name} has no option {unknown}; {hint}`%{name}?` lists them")
    return found


def filled_in(text: str, names: Mapping[str, Any]) -> str:
    """Return a text with the values of ``{name}`` and ``$name`` in it; as it is where there is no such name."""
    if not set(text) & set("{$"):
        return text
    try:
        return str(DollarFormatter().vformat(text, (), names))
    except Exception:  # noqa: BLE001 - it is an expression of the user's, and a name of a run may look like one
        return text
