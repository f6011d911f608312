"""The code of two runs inline: cell by cell, line by line."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbship.display.comparison_marks import marked
from nbship.display.comparison_parts import left_out
from nbship.display.comparison_words import (
    CHANGE_SIGNS,
    cell_words,
    counts_of,
    line_counts,
    moves_words,
    only_moved,
    opening,
    visible,
)
from nbship.display.page import counted, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.display.comparison_marks import Piece
    from nbship.model.comparison import CellDiff, DiffLine

__all__ = ["CODE_STYLE", "code_html", "omitted_words"]

_OPEN_LINES = 40  # a cell with more is folded
_OPEN_IN_ALL = 120
_MOST_LINES = 400
_LINE_WIDTH = 300

# Tints lie over any background, light or dark; the signs are text, so that they are read out and copied.
CODE_STYLE = """
.nbship .nbship-cell{margin:6px 0}
.nbship .nbship-cell>summary{cursor:pointer;overflow-wrap:anywhere}
.nbship.nbship pre.nbship-diff{margin:3px 0 8px;padding:5px 0;border:1px solid var(--jp-border-color2,#cfd4d9);border-radius:4px;overflow-x:auto;line-height:1.45;background:none;font-family:var(--jp-code-font-family,ui-monospace,monospace);font-size:12px;color:inherit;tab-size:4}
.nbship.nbship pre.nbship-diff>*{display:block;width:max-content;min-width:100%;box-sizing:border-box;padding:0 10px;text-decoration:none;white-space:pre;color:inherit;background:none}
.nbship.nbship pre.nbship-diff>ins{background:rgba(46,160,67,.15);box-shadow:inset 3px 0 rgba(46,160,67,.75)}
.nbship.nbship pre.nbship-diff>del{background:rgba(229,83,75,.15);box-shadow:inset 3px 0 rgba(229,83,75,.75)}
.nbship.nbship pre.nbship-diff>ins>b{font-weight:600;background:rgba(46,160,67,.3);border-radius:2px}
.nbship.nbship pre.nbship-diff>del>b{font-weight:600;background:rgba(229,83,75,.3);border-radius:2px}
.nbship.nbship pre.nbship-diff>span{color:var(--jp-ui-font-color2,#6e7781)}
.nbship.nbship pre.nbship-diff>i{color:var(--jp-ui-font-color2,#6e7781);font-style:italic;opacity:.85}
"""


def code_html(code: Sequence[CellDiff], most: int) -> str:
    """Return the cells as diffs of at most `most` bytes together; those that only moved are said in words."""
    moves = moves_words(code)
    sign = f'<span class="nbship-sign">{CHANGE_SIGNS["moved"]}</span>'
    parts = [f'<div class="nbship-cell">{sign}{escape(move)}</div>' for move in moves]
    cells = [one for one in code if not only_moved(one)]
    taken, opened = sum(len(part.encode("utf-8", "surrogatepass")) for part in parts), 0
    for at, cell in enumerate(cells):
        is_open = len(cell.lines) <= _OPEN_LINES and opened + len(cell.lines) <= _OPEN_IN_ALL
        part = _cell(cell, opened=is_open)
        taken += len(part.encode("utf-8", "surrogatepass"))
        if taken > most:
            rest = cells[at:]
            return "".join(parts) + left_out(len(rest), "cell", counts_of(one.change for one in rest))
        opened += len(cell.lines) if is_open else 0
        parts.append(part)
    return "".join(parts)


def _cell(cell: CellDiff, *, opened: bool) -> str:
    added, removed = line_counts(cell)
    sign = f'<span class="nbship-sign">{CHANGE_SIGNS[cell.change]}</span>'
    lines = tag("span", f"+{added:,} −{removed:,}", "dim")
    summary = (
        f"<summary>{sign}{escape(cell_words(cell))} {lines} {tag('code', opening(cell), 'dim')}</summary>"
    )
    return f'<details class="nbship-cell"{" open" if opened else ""}>{summary}{_diff(cell.lines)}</details>'


def _diff(lines: Sequence[DiffLine]) -> str:
    shown = lines[:_MOST_LINES]
    rows = [_line(line, pieces) for line, pieces in zip(shown, marked(shown), strict=True)]
    more = len(lines) - len(shown)
    rows += [f"<i>… {counted(more, 'more line')}, left out\n</i>"] if more else []
    return f'<pre class="nbship-diff" dir="ltr">{"".join(rows)}</pre>'


def _line(line: DiffLine, pieces: list[Piece]) -> str:
    if line.sign == "@":
        return f"<i>  {escape(omitted_words(line.text))}\n</i>"
    name = {"+": "ins", "-": "del"}.get(line.sign, "span")
    sign = {"+": "+", "-": "−"}.get(line.sign, " ")
    return f"<{name}>{sign} {_text(line.text, pieces)}\n</{name}>"


def _text(text: str, pieces: list[Piece]) -> str:
    if len(pieces) == 1 or len(text) > _LINE_WIDTH:
        return escape(visible(text, _LINE_WIDTH), quote=False)
    shown = [(escape(visible(part, _LINE_WIDTH), quote=False), changed) for part, changed in pieces]
    return "".join(f"<b>{part}</b>" if changed else part for part, changed in shown)


def omitted_words(text: str) -> str:
    """Return the words for unchanged lines that a diff leaves out; `text` is their number, or says it."""
    said = text.strip()
    return (
        f"⋯ {counted(int(said), 'unchanged line')}" if said.isdecimal() else f"⋯ {visible(said, _LINE_WIDTH)}"
    )
