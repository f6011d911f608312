"""Lists of words on a line whose options stand anywhere: ``REF --by W CUR``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

__all__ = ["add_words"]


def add_words(found: argparse.Namespace, name: str, left: list[str]) -> list[str]:
    """Add the words that `argparse` has left over to the list of that name; return what is left then.

    It takes a list from one place only. Nothing is added where an option is among the words: it is one nobody knows.
    """
    end = left.index("--") if "--" in left else len(left)
    if any(word.startswith("-") for word in left[:end]):
        return left
    setattr(found, name, [*(getattr(found, name) or []), *left[:end], *left[end + 1 :]])
    return []
