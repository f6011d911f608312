"""One executed notebook, inline."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbship.display.page import counted, number, seconds, styled, table, tag
from nbship.display.pipeline_words import failed_cell, place
from nbship.display.plain_line import one_line
from nbship.display.state_look import STATE_STYLE, head_line, state_class
from nbship.display.step_text import failure_text, step_text
from nbship.model.step import CellState, StepState

if TYPE_CHECKING:
    from nbship.model.step import CellTiming, StepFailure, StepResult

__all__ = ["step_bundle"]

_MOST_ROWS = 20
_MOST_CELLS = 120
_HEIGHT = 12
_GAP = 2
_LONGEST_VALUE = 200

_STYLE = """
.nbship .nbship-cells{margin:4px 0;overflow-x:auto}
.nbship .nbship-cells svg{display:block;max-width:none}
.nbship .nbship-cells rect{stroke:var(--nbship-state);fill:var(--nbship-state)}
.nbship.nbship pre{margin:2px 0 6px;padding:6px 10px;border-left:3px solid var(--jp-error-color1,#c62828);overflow-x:auto;font-family:var(--jp-code-font-family,ui-monospace,monospace);font-size:12px;line-height:1.4;background:rgba(128,128,128,.08);color:inherit}
.nbship .nbship-pair{display:flex;flex-wrap:wrap;gap:0 32px}
.nbship .nbship-pair td{overflow-wrap:anywhere}
"""

_LIKE = {
    CellState.COMPLETED: StepState.COMPLETED,
    CellState.RUNNING: StepState.RUNNING,
    CellState.FAILED: StepState.FAILED,
    CellState.TIMED_OUT: StepState.TIMED_OUT,
    CellState.KILLED: StepState.KILLED,
}
"""The colour of each state of a cell; the others are those that did not run."""


def step_bundle(result: StepResult) -> dict[str, str]:
    """Return how a notebook went as a mimebundle with ``text/plain`` and ``text/html``."""
    failure = failure_text(result, result.name)
    return {"text/plain": step_text(result) + (f"\n{failure}" if failure else ""), "text/html": _html(result)}


def _html(result: StepResult) -> str:
    parts = [f"<style>{STATE_STYLE}{_STYLE}</style>", _head(result), _cells(result.cells)]
    parts.append(_pairs(result))
    if result.failure is not None:
        parts.append(_failure(result.failure))
    if place(result.output_path):
        parts.append(
            f'<div class="nbship-dim">notebook <code>{escape(place(result.output_path))}</code></div>'
        )
    parts += [tag("div", f"note: {warning}", "warn") for warning in result.warnings]
    return styled("".join(parts))


def _head(result: StepResult) -> str:
    done = sum(1 for cell in result.cells if cell.state is CellState.COMPLETED)
    facts = [seconds(result.seconds), f"{done} of {counted(len(result.cells), 'cell')}"]
    dim = [tag("span", fact, "dim") for fact in facts]
    return head_line(result.name, result.state, result.state.value, dim, result.run)


def _cells(cells: tuple[CellTiming, ...]) -> str:
    """Return a strip with a box a cell, wider the longer it took."""
    if not cells or len(cells) > _MOST_CELLS:
        return ""
    longest = max(cell.seconds for cell in cells) or 1.0
    left, boxes, said = 1.0, [], []
    for cell in cells:
        words = f"cell {cell.index + 1} {cell.state.value}" + (
            f", {seconds(cell.seconds)}" if cell.seconds else ""
        )
        width = 8 + 52 * cell.seconds / longest
        boxes.append(_cell(cell, left, width, words))
        said.append(words)
        left += width + _GAP + 1
    size = f'width="{left:.0f}" height="{_HEIGHT + 2}"'
    label = escape(f"Cells: {'; '.join(said)}")
    return (
        f'<div class="nbship-cells"><svg role="img" aria-label="{label}" {size}>{"".join(boxes)}</svg></div>'
    )


def _cell(cell: CellTiming, left: float, width: float, words: str) -> str:
    ran = cell.state in _LIKE
    css = state_class(_LIKE.get(cell.state, StepState.NOT_RUN))
    rest = (
        'fill="#757575" stroke="none" fill-opacity="0.75"'
        if ran
        else 'fill="none" fill-opacity="0" stroke="#757575" stroke-dasharray="2 2"'
    )
    if ran and cell.state is not CellState.COMPLETED:
        rest = 'fill="#757575" stroke="#757575" fill-opacity="1" stroke-width="2"'
    where = f'x="{left:.1f}" y="1" width="{width:.1f}" height="{_HEIGHT}" rx="2"'
    return f'<g class="{css}"><title>{escape(words)}</title><rect {where} {rest}/></g>'


def _pairs(result: StepResult) -> str:
    metrics = [[escape(name), escape(number(value))] for name, value in result.metrics.items()]
    params = [[escape(name), escape(_value(text))] for name, text in result.parameters.items()]
    tables = [_pair("parameter", params), _pair("metric", metrics, numeric=True)]
    inner = "".join(table for table in tables if table)
    return f'<div class="nbship-pair">{inner}</div>' if inner else ""


def _pair(head: str, rows: list[list[str]], *, numeric: bool = False) -> str:
    if not rows:
        return ""
    more = (
        [[tag("span", f"… and {len(rows) - _MOST_ROWS} more", "dim"), ""]] if len(rows) > _MOST_ROWS else []
    )
    return f"<div>{table([head, 'value'], rows[:_MOST_ROWS] + more, frozenset({1} if numeric else ()))}</div>"


def _value(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _LONGEST_VALUE else line[: _LONGEST_VALUE - 1] + "…"


def _failure(failure: StepFailure) -> str:
    where = failed_cell(failure)
    head = f"{failure.message} — {where}" if where else failure.message
    parts = [f'<div class="nbship-FAILED">{escape(head)}</div>']
    parts += [tag("pre", failure.source)] if failure.source else []
    if failure.traceback:
        lines = tag("pre", "\n".join(failure.traceback))
        parts.append(f"<details><summary>traceback</summary>{lines}</details>")
    return "".join(parts)
