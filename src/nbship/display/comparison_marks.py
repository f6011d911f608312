"""What changed within the lines of a diff, so that the eye need not search."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.comparison import DiffLine

__all__ = ["Piece", "marked"]

Piece = tuple[str, bool]
"""A part of a line, and whether it is what changed."""

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_LONGEST = 240  # characters; longer lines are not searched for what changed
_ALIKE = 0.5  # lines less alike are different lines, where marks would only confuse


def marked(lines: Sequence[DiffLine]) -> list[list[Piece]]:
    """Return the pieces of each line; lines taken out and put in at the same place are compared in pairs."""
    pieces: list[list[Piece]] = [[(line.text, False)] for line in lines]
    runs = [(sign, list(group)) for sign, group in groupby(range(len(lines)), lambda at: lines[at].sign)]
    for (sign, removed), (following, added) in pairwise(runs):
        if (sign, following) != ("-", "+") or len(removed) != len(added):
            continue
        for left, right in zip(removed, added, strict=True):
            pieces[left], pieces[right] = _pair(lines[left].text, lines[right].text)
    return pieces


def _pair(left: str, right: str) -> tuple[list[Piece], list[Piece]]:
    if max(len(left), len(right)) > _LONGEST:
        return [(left, False)], [(right, False)]
    a, b = _WORDS.findall(left), _WORDS.findall(right)
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    if matcher.ratio() < _ALIKE:
        return [(left, False)], [(right, False)]
    blocks = matcher.get_matching_blocks()
    return _pieces(a, [(i, n) for i, _, n in blocks]), _pieces(b, [(j, n) for _, j, n in blocks])


def _pieces(words: list[str], equal: list[tuple[int, int]]) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    for start, size in equal:
        pieces += [("".join(words[at:start]), True), ("".join(words[start : start + size]), False)]
        at = start + size
    return [piece for piece in pieces if piece[0]]
