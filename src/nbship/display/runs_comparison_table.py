"""Many runs as a table inline, in pages of rows that fold, of a bounded size."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbship.display.comparison_parts import json_hint, left_out
from nbship.display.comparison_words import fitting
from nbship.display.page import ID_DIGITS, counted, tag
from nbship.display.plain_line import clip
from nbship.display.runs_comparison_order import ranked
from nbship.display.runs_comparison_view import RunsColumn, legend_of, run_name, runs_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.comparison import RunsComparison

__all__ = ["TABLE_STYLE", "runs_table"]

PAGE_ROWS = 50
_HEAD_WIDTH = 18
_NAMES_LISTED = 12
_BASE = 3  # number, name and id of the run
_ROW_BYTES = 10
_LEAST_COLUMNS = 6
_KINDS = ("metrics", "parameters", "versions", "")

TABLE_STYLE = """
.nbship .nbship-many{overflow-x:auto}
.nbship.nbship .nbship-many td,.nbship.nbship .nbship-many th{white-space:nowrap}
.nbship.nbship .nbship-many td:nth-child(2){font-weight:600}
.nbship.nbship .nbship-many td:nth-child(3){font-family:var(--jp-code-font-family,ui-monospace,monospace);font-size:12px}
.nbship.nbship .nbship-many td:nth-child(1){text-align:right;color:var(--jp-ui-font-color2,#757575)}
.nbship.nbship .nbship-many tr.nbship-kinds th{border:0;font-weight:400;color:var(--jp-ui-font-color2,#757575);padding-bottom:0}
.nbship.nbship .nbship-many b{color:var(--jp-success-color1,#2e7d32)}
.nbship .nbship-fold .nbship-fold{margin-left:15px}
"""


def runs_table(comparison: RunsComparison, most_bytes: int) -> str:
    """Return the table of what varies, of at most about `most_bytes`: what does not fit is said below it.

    Columns come by importance as long as all rows fit; where not even the first ones do, the last rows are left out.
    """
    order, _ = ranked(comparison)
    columns, left = _that_fit(comparison, most_bytes)
    rows = [_row(comparison, columns, at) for at in order]
    head = _head(columns)
    fit = fitting([row if at % PAGE_ROWS else head + row for at, row in enumerate(rows)], most_bytes)
    pages = [_page(head, rows[at : min(at + PAGE_ROWS, fit)], at, columns) for at in range(0, fit, PAGE_ROWS)]
    if len(pages) > 1:
        words = tag("summary", f"{fit - PAGE_ROWS:,} more runs, {PAGE_ROWS} a page", "dim")
        pages[1:] = [f'<details class="nbship-fold">{words}{"".join(pages[1:])}</details>']
    return "".join([*pages, *_notes(left, len(rows) - fit, legend_of("".join(rows[:fit])))])


def _that_fit(comparison: RunsComparison, most_bytes: int) -> tuple[list[RunsColumn], list[RunsColumn]]:
    """Return the columns that fit, as read from left to right, and those that do not."""
    runs = comparison.runs
    base = sum(_bytes(run_name(run)) + ID_DIGITS + 4 * _BASE + _ROW_BYTES for run in runs)
    taken = base
    chosen: list[RunsColumn] = []
    left: list[RunsColumn] = []
    for column in runs_columns(comparison):
        size = sum(_bytes(text) + 4 for text in column.texts) + 60 * (1 + len(runs) // PAGE_ROWS)
        fits = taken + size <= 0.97 * most_bytes or len(chosen) < _LEAST_COLUMNS
        (chosen if fits else left).append(column)
        taken += size if fits else 0
    return sorted(chosen, key=lambda column: _KINDS.index(column.kind)), left


def _bytes(text: str) -> int:
    return len(escape(text).encode("utf-8", "surrogatepass"))


def _row(comparison: RunsComparison, columns: Sequence[RunsColumn], at: int) -> str:
    run = comparison.runs[at]
    cells = [str(at + 1), escape(run_name(run)), escape(run.id[:ID_DIGITS])]
    cells += [_cell(column, at) for column in columns]
    # The end tags of rows and cells may be left out in HTML; over thousands of cells they are a third of the size.
    return f"<tr><td>{'<td>'.join(cells)}\n"


def _cell(column: RunsColumn, at: int) -> str:
    text = escape(column.texts[at])
    return f"<b>{text}</b>" if column.best == at else text


def _head(columns: Sequence[RunsColumn]) -> str:
    kinds = "".join(
        f"<th colspan={sum(one.kind == kind for one in columns)}>{kind}"
        for kind in _KINDS
        if any(one.kind == kind for one in columns)
    )
    names = "".join(tag("th", clip(one.name[:200], _HEAD_WIDTH), title=_whole(one.name)) for one in columns)
    return (
        f'<thead><tr class="nbship-kinds"><th colspan={_BASE}>{kinds}</tr>'
        f"<tr><th>#</th><th>run</th><th>id</th>{names}</tr></thead>"
    )


def _whole(name: str) -> str:
    return clip(name[:1000], 200) if len(name) > _HEAD_WIDTH else ""


def _page(head: str, rows: Sequence[str], first: int, columns: Sequence[RunsColumn]) -> str:
    numeric = [at for at, column in enumerate(columns, _BASE + 1) if column.numeric]
    name = "-".join(map(str, numeric))
    rules = ",".join(
        f".nbship.nbship .nbship-n{name} {cell}:nth-child({at})"
        for at in numeric
        for cell in ("td", "tr+tr th")
    )
    style = f"<style>{rules}{{text-align:right}}</style>" if numeric and not first else ""
    table = f'<table class="nbship-n{name}">{head}<tbody>{"".join(rows)}</tbody></table>'
    box = f'<div class="nbship-many" tabindex="0" role="region" aria-label="Runs from row {first + 1:,}">{style}{table}</div>'
    if not first:
        return box
    words = tag("summary", f"rows {first + 1:,} to {first + len(rows):,}", "dim")
    return f'<details class="nbship-fold">{words}{box}</details>'


def _notes(left: Sequence[RunsColumn], rows: int, legend: str) -> list[str]:
    notes = [tag("div", legend, "dim")] if legend else []
    if left:
        names = ", ".join(clip(one.name[:200], _HEAD_WIDTH) for one in left[:_NAMES_LISTED])
        more = f" and {len(left) - _NAMES_LISTED:,} more" if len(left) > _NAMES_LISTED else ""
        notes.append(json_hint(f"{counted(len(left), 'column')} left out to keep this small ({names}{more})"))
    return [*notes, left_out(rows, "run")]
