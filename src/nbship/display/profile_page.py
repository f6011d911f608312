"""A profile inline, as a document and in a terminal: a row a column."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbship.display.drift_spark import spark
from nbship.display.drift_style import DRIFT_STYLE
from nbship.display.drift_values import short, title_name
from nbship.display.page import styled, table
from nbship.display.plain_line import clip, columns, fit
from nbship.display.profile_words import (
    drawn_profile,
    profile_facts,
    profile_mean,
    profile_missing,
    profile_span,
    profile_words,
)
from nbship.display.standalone import standalone

if TYPE_CHECKING:
    from nbship.model.profile import ColumnProfile, Profile

__all__ = ["profile_bundle", "profile_page", "profile_text"]

_TEXT_WIDTH = 160
_NAME_WIDTH = 40
_CELL_WIDTH = 22
_WORDS_WIDTH = 120
_NOTE_WIDTH = 400
_MOST_ROWS = 400
_HEAD = ("column", "kind", "distribution", "missing", "minimum", "mean", "maximum", "")
_NUMERIC = frozenset({3, 4, 5, 6})


def profile_bundle(profile: Profile) -> dict[str, str]:
    """Return a profile as a mimebundle with ``text/plain`` and ``text/html``."""
    return {"text/plain": profile_text(profile, width=_TEXT_WIDTH), "text/html": _html(profile)}


def profile_page(profile: Profile) -> str:
    """Return a profile as a whole HTML document, light or dark as the reader's system is."""
    return standalone(f"Profile of {_named(profile)}", _html(profile))


def _named(profile: Profile) -> str:
    return short(profile.name, 80) or "data"


def _html(profile: Profile) -> str:
    head = f"<div class=nd-h role=heading aria-level=2><b><bdi>{escape(_named(profile))}</bdi></b></div>"
    facts = f"<div class=nd-m>{escape(profile_facts(profile))}</div>"
    rows = [_html_row(column) for column in profile.columns[:_MOST_ROWS]]
    body = table(list(_HEAD), rows, _NUMERIC, frozenset({1})) if rows else ""
    rest = len(profile.columns) - len(rows)
    more = f"<div class=nd-f>… and {rest:,} more columns; the profile’s JSON has them</div>" if rest else ""
    notes = "".join(f"<p>note: {escape(short(note, _NOTE_WIDTH))}</p>" for note in profile.notes)
    foot = f"<div class=nd-f>{notes}</div>" if notes else ""
    inside = (
        f"{head}{facts}<div class=nd-x role=region tabindex=0 aria-label='columns'>{body}</div>{more}{foot}"
    )
    return styled(f"<style>{DRIFT_STYLE}</style><div class=nd>{inside}</div>")


def _html_row(column: ColumnProfile) -> list[str]:
    low, high = profile_span(column)
    return [
        f"<b title='{escape(short(column.name, 300))}'>{escape(title_name(column.name, _NAME_WIDTH))}</b>",
        f"{column.kind.value}<br><span class=nd-z>{escape(_type(column))}</span>",
        spark(drawn_profile(column)),
        profile_missing(column) or "<span class=nd-z>0 %</span>",
        low,
        profile_mean(column),
        high,
        f"<span class=nd-z>{escape(short(profile_words(column), _WORDS_WIDTH))}</span>",
    ]


def _type(column: ColumnProfile) -> str:
    role = "" if column.role == "feature" else f" · {short(column.role, _CELL_WIDTH)}"
    return f"{short(column.dtype, _CELL_WIDTH)}{role}"


def profile_text(profile: Profile, *, width: int = 100) -> str:
    """Return a profile as text in lines of at most `width` columns."""
    lines = [clip(f"{_named(profile)} · {profile_facts(profile)}", width)]
    head = ["column", "kind", "type", "missing", "minimum", "mean", "maximum", ""]
    rows = [_text_row(column) for column in profile.columns[:_MOST_ROWS]]
    used = [max(columns(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows] if rows else []:
        parts = (fit(cell, used[i], right=i in _NUMERIC) for i, cell in enumerate(row))
        lines.append(f"  {clip('  '.join(parts), max(width - 2, 1))}")
    rest = len(profile.columns) - len(rows)
    lines += [f"  … and {rest:,} more columns"] if rest else []
    return "\n".join([*lines, *(clip(f"note: {note[:_NOTE_WIDTH]}", width) for note in profile.notes)])


def _text_row(column: ColumnProfile) -> list[str]:
    low, high = profile_span(column)
    return [
        title_name(column.name, _NAME_WIDTH),
        column.kind.value,
        _type(column),
        profile_missing(column),
        low,
        profile_mean(column),
        high,
        short(profile_words(column), _WORDS_WIDTH),
    ]
