"""A drift report in a terminal: the headline, a line a column, windows as signs."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from nbship.display.drift_values import percent, short, times, title_name
from nbship.display.drift_windows import window_names, windows_headline
from nbship.display.drift_words import (
    DRIFT_SIGNS,
    DRIFT_WORDS,
    QUIET,
    budget,
    counted_states,
    headline,
    levels_words,
    missing_words,
    reason_words,
    side_words,
    standing_state,
)
from nbship.display.plain_line import clip, columns, fit, one_line
from nbship.display.selfcheck_words import selfcheck_facts, selfcheck_headline, selfcheck_state
from nbship.display.step_text import bar

if TYPE_CHECKING:
    from nbship.model.drift import ColumnDrift, DriftReport, SelfCheck

__all__ = ["drift_text", "selfcheck_text"]

_SHORT = 20
"""Reports of so many columns show them all."""

_MOST_LINES = 60
_NAME_WIDTH = 28
_SIDE_WIDTH = 40
_LEAST_REASON = 24
_MOST_WINDOW_LINES = 12
_NARROWEST = 40
_BAR = 6


def drift_text(report: DriftReport, *, width: int = 100, most: int = _MOST_LINES) -> str:
    """Return a drift report as text in lines of at most `width` columns.

    Of many columns those that drifted, or are missing, new or of another type, have a line, at most `most` of them; the
    others are counted.
    """
    width = max(width, _NARROWEST)
    sign = DRIFT_SIGNS[standing_state(report)]
    lines = _wrapped(f"{sign} {headline(report)}", width)
    for word, side in (("reference", report.reference), ("current", report.current)):
        name = short(side.name, _SIDE_WIDTH) or "data"
        lines += _wrapped(f"  {word:<9}  {name}: {side_words(side)}", width)
    if report.model:
        method = f" ({short(report.importance_method, 80)})" if report.importance_method else ""
        lines += _wrapped(f"  importance of {short(report.model, _SIDE_WIDTH)}{method}", width)
    lines += _wrapped(f"  {budget(report)}", width)
    lines += _columns(report, width, most) + _windows(report, width)
    for note in report.notes:
        lines += _wrapped(f"note: {short(note, 400)}", width)
    return "\n".join(lines)


def _wrapped(text: str, width: int) -> list[str]:
    indent = len(text) - len(text.lstrip())
    line = one_line(text)
    # Wide signs take two columns, which textwrap does not know.
    narrow = width if columns(line) == len(line) else width // 2
    return wrap(line, narrow, initial_indent=" " * indent, subsequent_indent=" " * max(indent, 2))


def _columns(report: DriftReport, width: int, most: int) -> list[str]:
    many = len(report.columns) > _SHORT
    wanted = [column for column in report.columns if not many or column.state not in QUIET]
    shown = wanted[:most]
    lines = ["", *_table(shown, width)] if shown else []
    kept = {id(column) for column in shown}
    rest = [column for column in report.columns if id(column) not in kept]
    return lines + ([f"  … and {counted_states(rest)}"] if rest else [])


def _table(shown: list[ColumnDrift], width: int) -> list[str]:
    weighed = any(column.importance is not None for column in shown)
    head = ["", "column", "kind", "effect", "missing", *(["importance"] if weighed else []), "what moved"]
    rows = [_cells(column, weighed=weighed) for column in shown]
    used = [max(columns(row[i]) for row in [head, *rows]) for i in range(len(head) - 1)]
    kept = [i for i in range(len(head) - 1) if i < 2 or any(row[i] for row in rows)]  # noqa: PLR2004 - state and name
    # On a narrow terminal the reason matters more than kind, missing and importance.
    for drop in (2, 5, 4):
        if width - _room(used, kept) < _LEAST_REASON and drop in kept:
            kept.remove(drop)
    reason = width - _room(used, kept)
    right = {3} | ({5} if weighed else set())
    lines = []
    for row in [head, *rows]:
        parts = [fit(row[i], used[i], right=i in right) for i in kept]
        if reason >= _LEAST_REASON // 2:
            parts.append(clip(row[-1], reason))
        lines.append(_clipped(f"  {'  '.join(parts)}", width))
    return lines


def _clipped(line: str, width: int) -> str:
    """Return an indented line cut to a width."""
    indent = len(line) - len(line.lstrip())
    return " " * indent + clip(line, max(width - indent, 1))


def _room(used: list[int], kept: list[int]) -> int:
    return 2 + sum(used[i] + 2 for i in kept)


def _cells(column: ColumnDrift, *, weighed: bool) -> list[str]:
    levels = (
        levels_words("+", "new", column.new_levels, column.new_count),
        levels_words("−", "vanished", column.vanished_levels, column.vanished_count),
    )
    missing = missing_words(column.missing)
    drifted = column.missing is not None and column.missing.drifted
    return [
        f"{DRIFT_SIGNS[column.state]} {DRIFT_WORDS[column.state]}",
        title_name(column.name, _NAME_WIDTH),
        column.kind.value,
        times(column.effect),
        f"▲ {missing}" if drifted else missing,
        *([percent(column.importance) if column.importance is not None else ""] if weighed else []),
        " · ".join(text for text in (reason_words(column, 300), *levels) if text),
    ]


def _windows(report: DriftReport, width: int) -> list[str]:
    if not report.windows:
        return []
    drifted = {cell.name for window in report.windows for cell in window.cells if cell.drifted}
    names = [name for name in window_names(report) if name in drifted]
    shown = names[:_MOST_WINDOW_LINES]
    room = width - _NAME_WIDTH - 4
    windows = report.windows[-room:]
    first, last = (short(window.label, 20) for window in (windows[0], windows[-1]))
    lines = ["", *_wrapped(f"{windows_headline(report)} ({first} to {last})", width)]
    for name in shown:
        found = [{cell.name: cell for cell in window.cells}.get(name) for window in windows]
        signs = "".join(" " if cell is None else "▲" if cell.drifted else "·" for cell in found)
        lines.append(f"  {fit(title_name(name, _NAME_WIDTH), _NAME_WIDTH)}  {signs}")
    return lines + ([f"  … and {len(names) - len(shown):,} more columns"] if len(names) > len(shown) else [])


def selfcheck_text(check: SelfCheck, *, width: int = 100) -> str:
    """Return a self-check as text in lines of at most `width` columns."""
    width = max(width, _NARROWEST)
    lines = _wrapped(f"{DRIFT_SIGNS[selfcheck_state(check)]} {selfcheck_headline(check)}", width)
    lines += _wrapped(
        f"  {short(check.name, _SIDE_WIDTH) or 'data'}: {'; '.join(selfcheck_facts(check))}", width
    )
    most = max(check.columns.values(), default=0)
    shown = sorted(check.columns.items(), key=lambda item: -item[1])[:_MOST_WINDOW_LINES]
    for name, splits in shown:
        signs = bar(splits, most, _BAR)
        lines.append(f"  {fit(title_name(name, _NAME_WIDTH), _NAME_WIDTH)}  {signs}  {splits:,}")
    if len(check.columns) > len(shown):
        lines.append(f"  … and {len(check.columns) - len(shown):,} more columns")
    for note in check.notes:
        lines += _wrapped(f"note: {short(note, 400)}", width)
    return "\n".join(lines)
