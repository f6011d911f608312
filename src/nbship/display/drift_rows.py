"""The table of a drift report: a row a column, and behind each row its details, as long as a page may be."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbship.display.drift_detail import detail
from nbship.display.drift_spark import LEGEND, spark
from nbship.display.drift_values import percent, short, times, title_name, typeset
from nbship.display.drift_words import (
    DRIFT_SIGNS,
    DRIFT_WORDS,
    QUIET,
    counted_states,
    levels_words,
    missing_words,
    reason_words,
)
from nbship.display.page import number
from nbship.model.drift import DriftState

if TYPE_CHECKING:
    from nbship.model.drift import ColumnDrift, DriftReport

__all__ = ["STATE_CLASSES", "column_table"]

STATE_CLASSES = {
    DriftState.DRIFTED: "nd-D",
    DriftState.HARMLESS: "nd-H",
    DriftState.STABLE: "nd-S",
    DriftState.SKIPPED: "nd-K",
    DriftState.MISSING: "nd-M",
    DriftState.NEW: "nd-N",
    DriftState.TYPE_CHANGED: "nd-T",
}
"""The class that sets the colour ``--nd-state``."""

_PAGE_BYTES = 260_000
"""What a report of a wide table may take, about; details of the rows that matter most come first."""

_ROW_BYTES, _SPARK_BYTES = 480, 250
_LEAST_DETAILS, _MOST_DETAILS = 30_000, 110_000
_MOST_SPARKS = 400
_FINE_SPARKS = 60
"""Wider reports draw coarser, and their quiet rows beyond so many not at all."""

_MOST_FULL = 400
"""Rows beyond so many take one line: state, name, effect and missing values; only what was not compared says why."""

_COMPARED = (DriftState.DRIFTED, DriftState.HARMLESS, DriftState.STABLE)

_FINE, _COARSE = 30, 15
_OPEN_QUIET = 10
_OPEN = 40
_NAME_WIDTH = 48
_TITLE_WIDTH = 300
_REASON_WIDTH = 400
_SHORT_REASON = 160
_WIDTHS = ("126px", "", "146px", "176px", "136px")


def column_table(
    report: DriftReport, *, details: bool = True, most: int | None = None, taken: int = 0
) -> str:
    """Return all columns as a table, the many quiet ones folded.

    Parameters
    ----------
    details
        Whether rows can be opened.
    most
        How many rows there are at most; the others are counted.
    taken
        How many bytes the rest of the page takes.
    """
    if not report.columns:
        return ""
    weighed = any(column.importance is not None for column in report.columns)
    rows, left_out = _rows(report, _detail_bytes(report, taken) if details else 0, weighed=weighed)
    shown = min(_visible(report), len(rows) if most is None else most)
    rest = report.columns[shown:]
    label = f"Drift of {len(report.columns):,} columns"
    table = f"<div class=nd-y>{LEGEND}{_scale()}</div>" + _table(rows[:shown], label, weighed=weighed)
    if rest and most is not None:
        table += f"<div class=nd-f>… and {len(rest):,} more columns: {counted_states(rest)}</div>"
    elif rest:
        label = f"{len(rest):,} more columns: {counted_states(rest)}"
        inside = _table(rows[shown:], label, weighed=weighed)
        table += f"<details class=nd-g><summary>{escape(label)}</summary>{inside}</details>"
    if left_out:
        table += (
            f"<div class=nd-f>Details of {left_out:,} rows are left out to keep the page small; "
            "the report’s JSON has them.</div>"
        )
    return table


def _scale() -> str:
    return "<span class=nd-lg><span class=nd-e aria-hidden=true><i style=width:66%></i></span>effect, with its threshold as the tick</span>"


def _visible(report: DriftReport) -> int:
    """Return how many rows stand open: all that matter, within reason, and the first quiet ones."""
    loud = max((at + 1 for at, column in enumerate(report.columns) if column.state not in QUIET), default=0)
    total = len(report.columns)
    shown = min(max(loud + 3, _OPEN_QUIET), _OPEN)
    return total if total - shown <= 2 else shown  # noqa: PLR2004 - two rows are not worth a fold


def _rows(report: DriftReport, room: int, *, weighed: bool) -> tuple[list[str], int]:
    """Return all rows, and how many have no details because there was no room for them."""
    rows, left_out, wanted = [], 0, room > 0
    most = _FINE if len(report.columns) <= _FINE_SPARKS else _COARSE
    for at, column in enumerate(report.columns):
        drawn = spark(column.distribution, most) if _is_drawn(at, column) else ""
        inside = detail(column, report.options) if room > 0 else ""
        left_out += wanted and room <= 0
        room -= len(inside)
        full = bool(inside) or at < _MOST_FULL or column.state not in _COMPARED
        rows.append(_row(column, drawn, inside, weighed=weighed, full=full))
    return rows, left_out


def _is_drawn(at: int, column: ColumnDrift) -> bool:
    return at < _FINE_SPARKS or (column.state not in QUIET and at < _MOST_SPARKS)


def _detail_bytes(report: DriftReport, taken: int) -> int:
    drawn = sum(_is_drawn(at, column) for at, column in enumerate(report.columns))
    room = _PAGE_BYTES - taken - _ROW_BYTES * len(report.columns) - _SPARK_BYTES * drawn
    return min(max(room, _LEAST_DETAILS), _MOST_DETAILS)


def _table(rows: list[str], label: str, *, weighed: bool) -> str:
    widths = (*_WIDTHS, "112px") if weighed else _WIDTHS
    head = ["state", "column", "distribution", "effect", "missing", *(["importance"] if weighed else [])]
    cols = "".join(f"<col style=width:{width}>" if width else "<col>" for width in widths)
    heads = "".join(f"<th scope=col>{text}" for text in head)
    return (
        f"<div class=nd-x role=region tabindex=0 aria-label='{escape(label)}'><table class=nd-tb>"
        f"<caption class=nd-a>{escape(label)}</caption><colgroup>{cols}</colgroup>"
        f"<thead><tr>{heads}</thead>{''.join(rows)}</table></div>"
    )


def _row(column: ColumnDrift, drawn: str, inside: str, *, weighed: bool, full: bool) -> str:
    effect = _effect(column) if full or column.effect is None else times(column.effect)
    cells = [
        f"<td class=nd-i>{DRIFT_SIGNS[column.state]} {DRIFT_WORDS[column.state]}",
        f"<th scope=row class=nd-c>{_name(column)}",
        f"<td>{drawn}",
        f"<td class=nd-u>{effect}",
        f"<td class=nd-u>{_missing(column)}",
        *([f"<td class='nd-u nd-n'>{_importance(column.importance)}"] if weighed else []),
    ]
    first = f"<tbody class={STATE_CLASSES[column.state]}><tr>{''.join(cells)}"
    if not full:
        return first
    return f"{first}<tr><td><td colspan={len(cells) - 1}>{_reason(column, inside)}"


def _name(column: ColumnDrift) -> str:
    name = title_name(column.name, _NAME_WIDTH)
    whole = short(column.name, _TITLE_WIDTH)
    title = f" title='{escape(whole)}'" if whole != name or len(name) > _NAME_WIDTH / 2 else ""
    role = "" if column.role == "feature" else f" · {escape(short(column.role, _NAME_WIDTH))}"
    return f"<b{title}>{escape(name)}</b><i>{column.kind.value}{role}</i>"


def _effect(column: ColumnDrift) -> str:
    effect = column.effect
    if effect is None:
        return ""
    ratio = effect.value / effect.threshold if effect.threshold > 0 else float("inf") * (effect.value > 0)
    # The threshold is in the middle, and what is many times as large still fits: r / (1 + r).
    share = 1.0 if ratio == float("inf") else ratio / (1 + ratio) if ratio > 0 else 0.0
    said = f"{short(effect.measure, 40)} {number(effect.value)}, threshold {number(effect.threshold)}"
    css = "'nd-e nd-o1'" if effect.value > effect.threshold else "nd-e"
    return (
        f"<span class=nd-v>{times(effect)}</span>"
        f"<span class={css} title='{escape(said)}'><i style=width:{100 * share:.0f}%></i></span>"
    )


def _missing(column: ColumnDrift) -> str:
    words = escape(missing_words(column.missing))
    if not words or column.missing is None:
        return "" if column.missing is None else "<span class=nd-z>0 %</span>"
    return f"<b>▲ {words}</b>" if column.missing.drifted else words


def _importance(share: float | None) -> str:
    if share is None:
        return ""
    width = min(max(share, 0.0), 1.0)
    return f"<span class=nd-v>{escape(percent(share))}</span><span class='nd-e nd-o'><i style=width:{100 * width:.0f}%></i></span>"


def _reason(column: ColumnDrift, inside: str) -> str:
    width = _REASON_WIDTH if inside or column.state not in QUIET else _SHORT_REASON
    reason = typeset(reason_words(column, width))
    levels = "".join(
        f"<span class=nd-l>{typeset(words)}</span>"
        for words in (
            levels_words("+", "new", column.new_levels, column.new_count),
            levels_words("−", "vanished", column.vanished_levels, column.vanished_count),
        )
        if words
    )
    if not inside:
        return f"<div class=nd-r>{reason}{levels}</div>"
    return f"<details class=nd-r><summary>{reason}{levels}</summary>{inside}</details>"
