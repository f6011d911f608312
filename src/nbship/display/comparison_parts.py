"""The parts that a comparison inline is made of: sections, tables of left and right, and what fits."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbship.display.comparison_words import CHANGE_SIGNS, fitting, side_by_side
from nbship.display.page import counted, table, tag
from nbship.display.plain_line import clip

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "PARTS_STYLE",
    "change_html",
    "folded_rows",
    "json_hint",
    "left_out",
    "name_html",
    "notes_html",
    "pair_cells",
    "section",
    "value_html",
]

OPEN_ROWS = 20
"""Tables that are longer fold the rest away."""

_OPEN_NOTES = 8
_NOTE_WIDTH = 300
_VALUE_WIDTH = 60
_NAME_WIDTH = 48
_TITLE_WIDTH = 400

# What is dim or coloured is also said: by sign, word or place.
PARTS_STYLE = """
.nbship .nbship-part{margin:10px 0 0}
.nbship .nbship-part>summary,.nbship .nbship-fold>summary{cursor:pointer}
.nbship summary:focus-visible{outline:2px solid var(--jp-brand-color1,#1976d2);outline-offset:2px;border-radius:2px}
.nbship .nbship-part>summary>b{font-size:14px}
.nbship .nbship-body{margin:2px 0 0 15px;overflow-x:auto}
.nbship.nbship .nbship-body td,.nbship.nbship .nbship-body th{overflow-wrap:anywhere}
.nbship .nbship-sign{display:inline-block;width:1.1em;font-weight:600}
.nbship .nbship-better{color:var(--jp-success-color1,#2e7d32)}
.nbship .nbship-worse{color:var(--jp-error-color1,#c62828)}
.nbship .nbship-kind{white-space:nowrap}
.nbship.nbship.nbship code{background:none;padding:0}
.nbship.nbship bdi code{overflow-wrap:anywhere}
"""


def section(title: str, said: str, body: str, *, opened: bool = True) -> str:
    """Return a part that can be folded, with what it says in short beside its title; `body` is HTML."""
    short = f" {tag('span', said, 'dim')}" if said else ""
    state = " open" if opened else ""
    return (
        f'<details class="nbship-part"{state}><summary>{tag("b", title)}{short}</summary>'
        f'<div class="nbship-body">{body}</div></details>'
    )


def folded_rows(
    head: list[str], rows: Sequence[list[str]], most: int, word: str, numeric: frozenset[int] = frozenset()
) -> str:
    """Return a table of at most `most` bytes: the first rows open, further ones folded, the rest counted.

    `rows` are cells of HTML; `word` is what a row is.
    """
    fit = fitting(["<tr></tr>" + "<td></td>".join(row) for row in rows], most)
    body = table(head, list(rows[: min(fit, OPEN_ROWS)]), numeric) if fit else ""
    if fit > OPEN_ROWS:
        rest = table(head, list(rows[OPEN_ROWS:fit]), numeric)
        words = counted(fit - OPEN_ROWS, f"more {word}")
        body += f'<details class="nbship-fold">{tag("summary", words, "dim")}{rest}</details>'
    return body + left_out(len(rows) - fit, word)


def left_out(number: int, word: str, kinds: str = "") -> str:
    """Return the line that says how much was left out, and of which kinds; nothing where all is there."""
    if not number:
        return ""
    of_kinds = f" ({kinds})" if kinds else ""
    return json_hint(f"… and {counted(number, f'further {word}')}{of_kinds}, left out to keep this small")


def json_hint(text: str) -> str:
    """Return a quiet line that ends in where to find the rest."""
    return f'<div class="nbship-dim">{escape(text)}: <code class="nbship-kind">--json</code> has all</div>'


def notes_html(notes: Sequence[str], most: int) -> str:
    """Return notes of at most `most` bytes, a line each; many are folded."""
    lines = [tag("div", f"note: {clip(text[: 4 * _NOTE_WIDTH], _NOTE_WIDTH)}", "warn") for text in notes]
    fit = fitting(lines, most)
    shown, rest = "".join(lines[: min(fit, _OPEN_NOTES)]), "".join(lines[_OPEN_NOTES:fit])
    if rest:
        words = tag("summary", counted(fit - _OPEN_NOTES, "more note"), "dim")
        shown += f'<details class="nbship-fold">{words}{rest}</details>'
    return shown + left_out(len(lines) - fit, "note")


def pair_cells(name: str, left: str | None, right: str | None, missing: str = "not set") -> list[str]:
    """Return the cells of a row: name, left, an arrow and right."""
    shown = side_by_side(left, right, _VALUE_WIDTH, missing)
    cells = [value_html(full, short) for full, short in zip((left, right), shown, strict=True)]
    return [name_html(name), cells[0], '<span class="nbship-dim">→</span>', cells[1]]


def value_html(full: str | None, short: str) -> str:
    """Return a value as code, whole in its tooltip where it was cut; what is missing as quiet words."""
    if full is None:
        return tag("span", short, "dim")
    title = clip(full[: 4 * _TITLE_WIDTH], _TITLE_WIDTH) if short != full else ""
    return f"<bdi>{tag('code', short, title=title)}</bdi>"


def name_html(name: str) -> str:
    """Return a name on one line, whole in its tooltip where it was cut; its direction of writing stays its own."""
    short = clip(name[: 4 * _NAME_WIDTH], _NAME_WIDTH) or "(no name)"
    return f"<bdi>{tag('span', short, title=clip(name[:1000], _TITLE_WIDTH) if short != name else '')}</bdi>"


def change_html(change: str) -> str:
    """Return sign and word of a kind of change."""
    return f'<span class="nbship-kind"><span class="nbship-sign">{CHANGE_SIGNS.get(change, "~")}</span>{escape(change)}</span>'
