"""The lines in which two sources differ."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from nbship.model.comparison import DiffLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["diff_lines", "opening_lines", "whole"]

_CONTEXT = 2
_MAX_LINES = 400
_MAX_WIDTH = 1000


def diff_lines(left: str, right: str) -> tuple[DiffLine, ...]:
    """Return the lines that differ, with two equal ones around them; a line ``@`` stands for those left out."""
    old, new = left.split("\n"), right.split("\n")
    # The default heuristic for long texts stays on: without it, thousands of equal lines take minutes.
    groups = SequenceMatcher(None, old, new).get_grouped_opcodes(_CONTEXT)
    lines: list[DiffLine] = []
    reached = 0
    for group in groups:
        lines += _gap(group[0][1] - reached)
        lines += [line for code in group for line in _lines(code, old, new)]
        reached = group[-1][2]
    lines += _gap(len(old) - reached)
    return _bounded(lines)


def whole(source: str, sign: str) -> tuple[DiffLine, ...]:
    """Return every line of a source under one sign."""
    return _bounded(_signed(sign, source.split("\n")))


def opening_lines(source: str) -> tuple[DiffLine, ...]:
    """Return the first lines of a source, by which a cell is recognised."""
    lines = source.split("\n")
    shown = list(_signed(" ", lines[:_CONTEXT]))
    return tuple(shown + _gap(len(lines) - len(shown)))


def _lines(
    code: tuple[str, int, int, int, int], old: Sequence[str], new: Sequence[str]
) -> Iterator[DiffLine]:
    kind, start, end, new_start, new_end = code
    if kind == "equal":
        yield from _signed(" ", old[start:end])
    else:
        yield from _signed("-", old[start:end])
        yield from _signed("+", new[new_start:new_end])


def _signed(sign: str, lines: Iterable[str]) -> list[DiffLine]:
    return [DiffLine(sign, _clipped(line)) for line in lines]


def _clipped(line: str) -> str:
    return line if len(line) <= _MAX_WIDTH else f"{line[:_MAX_WIDTH]}… ({len(line):,} characters)"


def _gap(count: int) -> list[DiffLine]:
    return [DiffLine("@", f"{count:,} equal line{'s' * (count != 1)}")] if count else []


def _bounded(lines: list[DiffLine]) -> tuple[DiffLine, ...]:
    """Cut what nobody reads: a cell may hold a table of data."""
    if len(lines) <= _MAX_LINES:
        return tuple(lines)
    rest = len(lines) - _MAX_LINES
    return (*lines[:_MAX_LINES], DiffLine("@", f"{rest:,} more lines of the difference"))
