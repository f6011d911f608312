"""How the states of steps look, in HTML and in a terminal, and how many there are of each, in words."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from nbship.display.page import ID_DIGITS, tag
from nbship.display.step_text import STATE_SIGNS
from nbship.model.step import StepState

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["STATE_STYLE", "counts", "head_line", "painted", "standing", "state_class", "state_html"]

_COLOURS = {
    "completed": "var(--jp-success-color1,#2e7d32)",
    "cached": "var(--jp-success-color1,#2e7d32)",
    "failed": "var(--jp-error-color1,#c62828)",
    "timed out": "var(--jp-error-color1,#c62828)",
    "killed": "var(--jp-warn-color0,#b26a00)",
    "running": "var(--jp-brand-color1,#1976d2)",
    "waiting": "var(--jp-ui-font-color2,#757575)",
    "not run": "var(--jp-ui-font-color2,#757575)",
}

_ANSI = {
    "completed": "32",
    "cached": "36",
    "failed": "1;31",
    "timed out": "1;31",
    "killed": "33",
    "running": "1;34",
    "waiting": "2",
    "not run": "2",
    "dim": "2",
    "bold": "1",
}


def state_class(state: StepState) -> str:
    """Return the CSS class that sets the colour ``--nbship-state``."""
    return f"nbship-is-{state.value.replace(' ', '-')}"


STATE_STYLE = "".join(
    f".nbship .{state_class(state)}{{--nbship-state:{_COLOURS[state]}}}" for state in StepState
)
"""The colour of each state; `.nbship-state` is text in it."""
STATE_STYLE += ".nbship .nbship-state{color:var(--nbship-state);white-space:nowrap}"


def state_html(state: StepState) -> str:
    """Return sign and word of a state in its colour."""
    return (
        f'<span class="nbship-state {state_class(state)}">{STATE_SIGNS[state]} {escape(state.value)}</span>'
    )


def head_line(
    name: str, state: StepState, word: str, facts: list[str], run: str | None, *, title: str = ""
) -> str:
    """Return the line above an inline result: sign, name and how it stands, facts as HTML, how to open the run."""
    look = f'class="nbship-state {state_class(state)}"'
    sign = f"<span {look}>{STATE_SIGNS[state]}</span>"
    bold = tag("b", name, title=title)
    parts = [f"{sign} {bold} <span {look}>{escape(word)}</span>", *facts]
    if run:
        command = f"nbship show {run[:ID_DIGITS]}"
        parts.append(f'<span class="nbship-dim">open: <code>{escape(command)}</code></span>')
    separator = '<span class="nbship-dim"> · </span>'
    return f'<div role="status">{separator.join(parts)}</div>'


def painted(text: str, look: str, *, colour: bool) -> str:
    """Return the text in the terminal's colour of a state, or ``dim`` or ``bold``; as it is without `colour`."""
    return f"\x1b[{_ANSI[look]}m{text}\x1b[0m" if colour and text else text


def counts(states: Iterable[StepState]) -> str:
    """Return how many there are of each state: ``3 completed, 1 failed``."""
    numbers = Counter(states)
    return ", ".join(f"{numbers[state]:,} {state.value}" for state in _ORDER if numbers[state])


_ORDER = (
    StepState.COMPLETED,
    StepState.CACHED,
    StepState.FAILED,
    StepState.TIMED_OUT,
    StepState.KILLED,
    StepState.RUNNING,
    StepState.WAITING,
    StepState.NOT_RUN,
)


def standing(states: Iterable[StepState], *, interrupted: bool = False) -> tuple[StepState, str]:
    """Return how the whole stands, as a state for its sign and colour, and as a word."""
    found = set(states)
    broken = found & {StepState.FAILED, StepState.TIMED_OUT, StepState.KILLED}
    if interrupted:
        return StepState.KILLED, "interrupted"
    if found <= {StepState.WAITING}:
        return StepState.WAITING, "not run yet"
    if any(not state.ended for state in found):
        return _unfinished(found, broken)
    if broken or StepState.NOT_RUN in found:
        return StepState.FAILED, "failed"
    return StepState.COMPLETED, "completed"


def _unfinished(found: set[StepState], broken: set[StepState]) -> tuple[StepState, str]:
    if broken:
        return StepState.FAILED, "failing"
    if found <= {StepState.WAITING, StepState.CACHED}:
        return StepState.WAITING, "to run"
    return StepState.RUNNING, "running"
