"""A drift report inline and as a document: a headline in plain words, a row a column, windows, notes."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbship.display.drift_rows import STATE_CLASSES, column_table
from nbship.display.drift_style import DRIFT_STYLE
from nbship.display.drift_text import drift_text, selfcheck_text
from nbship.display.drift_values import short, title_name
from nbship.display.drift_windows import window_table
from nbship.display.drift_words import DRIFT_SIGNS, budget, headline, side_words, standing_state, thresholds
from nbship.display.page import number, styled, table
from nbship.display.selfcheck_words import selfcheck_facts, selfcheck_headline, selfcheck_state
from nbship.display.standalone import standalone

if TYPE_CHECKING:
    from nbship.model.drift import DriftReport, DriftSide, SelfCheck

__all__ = ["drift_bundle", "drift_head", "drift_html", "drift_page", "selfcheck_bundle", "selfcheck_page"]

_TEXT_WIDTH = 160
_NAME_WIDTH = 80
_NOTE_WIDTH = 400
_MOST_NOTES = 40
_MOST_COLUMNS = 30


def drift_bundle(report: DriftReport) -> dict[str, str]:
    """Return a drift report as a mimebundle with ``text/plain`` and ``text/html``."""
    return {"text/plain": drift_text(report, width=_TEXT_WIDTH), "text/html": drift_html(report)}


def drift_page(report: DriftReport) -> str:
    """Return a drift report as a whole HTML document, light or dark as the reader's system is."""
    names = f"{_named(report.reference)} → {_named(report.current)}"
    return standalone(f"Drift: {names}", drift_html(report))


def drift_html(report: DriftReport, *, details: bool = True, most: int | None = None) -> str:
    """Return a drift report as inline HTML.

    Without `details` rows cannot be opened and there are no windows; `most` is how many rows there are at most.
    """
    after = window_table(report) + _foot(report) if details else ""
    parts = [drift_head(report), column_table(report, details=details, most=most, taken=len(after)), after]
    return styled(f"<style>{DRIFT_STYLE}</style><div class=nd>{''.join(parts)}</div>")


def drift_head(report: DriftReport) -> str:
    """Return the headline and what stands below it, as HTML in the style of drift reports."""
    state = standing_state(report)
    first, colon, rest = headline(report).partition(":")
    sign = f"<span class=nd-i>{DRIFT_SIGNS[state]}</span>"
    title = f"{sign}<b>{escape(first)}</b><bdi>{escape(colon + rest)}</bdi>"
    lines = [f"{_side('reference', report.reference)} · {_side('current', report.current)}"]
    if report.model:
        method = f" ({escape(short(report.importance_method, 120))})" if report.importance_method else ""
        lines.append(f"importance from <b>{escape(short(report.model, _NAME_WIDTH))}</b>{method}")
    lines.append(escape(budget(report)))
    said = "".join(f"<div class=nd-m>{line}</div>" for line in lines)
    return f"<div class='nd-h {STATE_CLASSES[state]}' role=heading aria-level=2>{title}</div>{said}"


def _side(word: str, side: DriftSide) -> str:
    return f"{word} <b><bdi>{escape(_named(side))}</bdi></b>, {escape(side_words(side))}"


def _named(side: DriftSide) -> str:
    return short(side.name, _NAME_WIDTH) or "data"


def _foot(report: DriftReport) -> str:
    rule = (
        f"A column drifts when its effect is above its threshold and its corrected p-value below {number(report.options.q)}. "
        f"Thresholds: {thresholds(report.options)}; each is raised by what chance gives samples of these sizes."
    )
    return f"{_notes(report.notes)}<div class=nd-f><p>{escape(rule)}</p></div>"


def selfcheck_bundle(check: SelfCheck) -> dict[str, str]:
    """Return a self-check as a mimebundle with ``text/plain`` and ``text/html``."""
    return {"text/plain": selfcheck_text(check), "text/html": _selfcheck_html(check)}


def selfcheck_page(check: SelfCheck) -> str:
    """Return a self-check as a whole HTML document."""
    return standalone(f"False alarms on {short(check.name, _NAME_WIDTH)}", _selfcheck_html(check))


def _selfcheck_html(check: SelfCheck) -> str:
    state = selfcheck_state(check)
    first, colon, rest = selfcheck_headline(check).partition(":")
    sign = f"<span class=nd-i>{DRIFT_SIGNS[state]}</span>"
    name = f"<b><bdi>{escape(short(check.name, _NAME_WIDTH) or 'data')}</bdi></b>"
    said = f"{name} · {escape('; '.join(selfcheck_facts(check)))}"
    parts = [
        f"<div class='nd-h {STATE_CLASSES[state]}' role=heading aria-level=2>{sign}<b>{escape(first)}</b>{colon}{rest}</div>",
        f"<div class=nd-m>{said}</div>",
        _alarms(check),
        _notes(check.notes),
    ]
    return styled(f"<style>{DRIFT_STYLE}</style><div class=nd>{''.join(parts)}</div>")


def _alarms(check: SelfCheck) -> str:
    order = sorted(check.columns.items(), key=lambda item: -item[1])
    shown = order[:_MOST_COLUMNS]
    rows = [
        [
            escape(title_name(name, _NAME_WIDTH)),
            f"{splits:,}",
            f"<span class='nd-e nd-o'><i style=width:{100 * splits / order[0][1]:.0f}%></i></span>",
        ]
        for name, splits in shown
    ]
    more = (
        f"<div class=nd-f>… and {len(order) - len(shown):,} more columns</div>" if order[len(shown) :] else ""
    )
    return table(["column", "false alarms", ""], rows, frozenset({1})) + more if rows else ""


def _notes(notes: tuple[str, ...]) -> str:
    lines = [f"note: {short(note, _NOTE_WIDTH)}" for note in notes[:_MOST_NOTES]]
    if len(notes) > _MOST_NOTES:
        lines.append(f"and {len(notes) - _MOST_NOTES:,} more notes")
    return f"<div class=nd-f>{''.join(f'<p>{escape(line)}</p>' for line in lines)}</div>" if lines else ""
