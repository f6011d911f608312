"""Windows over time as a heat table: columns by windows, each cell a sign, a colour and its words."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbship.display.drift_spark import trend
from nbship.display.drift_values import chances, short, title_name
from nbship.display.page import counted, number

if TYPE_CHECKING:
    from nbship.model.drift import DriftReport, DriftWindow, WindowCell

__all__ = ["window_names", "window_table", "windows_headline"]

_MOST_WINDOWS = 60
_MOST_COLUMNS = 30
_QUIET_COLUMNS = 10
_TITLED_CELLS = 240

_NAME_WIDTH = 32
_LABEL_WIDTH = 16
_STRONG = ((4.0, "w3"), (2.0, "w2"))


def windows_headline(report: DriftReport) -> str:
    """Return in how many windows any column drifted."""
    drifted = sum(any(cell.drifted for cell in window.cells) for window in report.windows)
    return f"Windows of {short(report.current.name, 60) or 'the current data'}: {drifted:,} of {len(report.windows):,} with drift"


def window_names(report: DriftReport) -> list[str]:
    """Return the columns that windows tell of, in the order of the report: drifted ones, then the first quiet ones."""
    told = {cell.name for window in report.windows for cell in window.cells}
    drifted = {cell.name for window in report.windows for cell in window.cells if cell.drifted}
    order = [column.name for column in report.columns if column.name in told]
    loud = [name for name in order if name in drifted]
    quiet = [name for name in order if name not in drifted]
    return [*loud, *quiet]


def window_table(report: DriftReport, *, titled: int = _TITLED_CELLS) -> str:
    """Return the windows as a table; empty where there are none. What does not fit is counted below.

    Up to so many cells as `titled` are told in words; where there are more, those with drift are told in one number, in
    multiples of the threshold.
    """
    if not report.windows:
        return ""
    windows = report.windows[-_MOST_WINDOWS:]
    names = window_names(report)
    drifted = {cell.name for window in report.windows for cell in window.cells if cell.drifted}
    loud = sum(name in drifted for name in names)
    shown = names[: max(min(loud, _MOST_COLUMNS), _QUIET_COLUMNS)]
    body = "".join(_rows(shown, windows, titled=len(shown) * len(windows) <= titled))
    title = escape(windows_headline(report))
    return (
        f"<section class=nd-w><div class=nd-t4 role=heading aria-level=3>{title}</div>"
        f"<div class=nd-x role=region tabindex=0 aria-label='{title}'><table class=nd-hm>"
        f"<caption class=nd-a>{title}</caption><thead><tr><th>{_heads(windows)}<th class=nd-b></thead>"
        f"<tbody>{_totals(windows)}{body}</table></div>{_left_out(report, names, shown, len(windows))}</section>"
    )


def _heads(windows: tuple[DriftWindow, ...]) -> str:
    return "".join(
        f"<th scope=col title='{escape(_span(window))}'><span>{escape(short(window.label, _LABEL_WIDTH))}</span>"
        for window in windows
    )


def _span(window: DriftWindow) -> str:
    span = f"{window.start} to {window.end}, " if window.start and window.end else ""
    return short(f"{span}{counted(window.rows, 'row')}", 120)


def _totals(windows: tuple[DriftWindow, ...]) -> str:
    counts = [sum(cell.drifted for cell in window.cells) for window in windows]
    cells = "".join(f"<td class=w0>{count or '·'}" for count in counts)
    return f"<tr><th scope=row>columns with drift{cells}<td class=nd-b>{trend([float(c) for c in counts])}"


def _rows(names: list[str], windows: tuple[DriftWindow, ...], *, titled: bool) -> list[str]:
    by_window = [{cell.name: cell for cell in window.cells} for window in windows]
    rows = []
    for name in names:
        cells = [found.get(name) for found in by_window]
        drawn = "".join(
            _cell(cell, window, titled=titled) for cell, window in zip(cells, windows, strict=True)
        )
        line = trend([None if cell is None else cell.value for cell in cells])
        title = escape(title_name(name, _NAME_WIDTH))
        rows.append(f"<tr><th scope=row title='{title}'>{title}{drawn}<td class=nd-b>{line}")
    return rows


def _cell(cell: WindowCell | None, window: DriftWindow, *, titled: bool) -> str:
    if cell is None:
        return "<td class=w0 title='not compared'>"
    ratio = cell.effect / cell.threshold if cell.effect is not None and cell.threshold else 1.0
    title = f" title='{escape(_cell_words(cell, window))}'" if titled else f" title={ratio:.1f}×"
    if not cell.drifted:
        return f"<td{title if titled else ''}>·"
    css = next((css for least, css in _STRONG if ratio >= least), "w1")
    return f"<td class={css}{title}>▲"


def _cell_words(cell: WindowCell, window: DriftWindow) -> str:
    parts = ["drifted" if cell.drifted else "no drift"]
    if cell.effect is not None and cell.threshold is not None:
        parts.append(f"effect {number(cell.effect)}, threshold {number(cell.threshold)}")
    if cell.p_corrected is not None:
        parts.append(f"corrected {chances(cell.p_corrected)}")
    if cell.value is not None:
        parts.append(f"value {number(cell.value)}")
    return f"{short(window.label, _LABEL_WIDTH)}: {'; '.join(parts)}"


def _left_out(report: DriftReport, names: list[str], shown: list[str], windows: int) -> str:
    parts = []
    if len(names) > len(shown):
        parts.append(f"{counted(len(names) - len(shown), 'more column')} not shown")
    if len(report.windows) > windows:
        parts.append(f"the first {len(report.windows) - windows:,} windows not shown")
    said = f"{'; '.join(parts)} (the report’s JSON has them). " if parts else ""
    line = "Lines: mean of numbers and times, share of the reference’s most frequent level."
    return f"<div class=nd-f style=margin-top:2px>{escape(said)}{line}</div>"
