"""What lies behind one row of a drift report: the large drawing, both sides in numbers, all distances, levels."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

from nbship.display.drift_plot import plot
from nbship.display.drift_values import percent, rounded, short, typeset, value_words
from nbship.display.drift_words import MEASURE_NAMES, decision, missing_decision
from nbship.display.page import seconds
from nbship.model.profile import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbship.model.drift import ColumnDrift, ColumnSummary, DriftOptions, LevelChange

__all__ = ["detail", "table_of"]

_VALUE_WIDTH = 25
_LEVEL_WIDTH = 48
_NOTE_WIDTH = 400
_MOST_LEVELS = 10

_DAY = 86_400.0
_QUANTILES = ("5 %", "25 %", "median", "75 %", "95 %")


def detail(column: ColumnDrift, options: DriftOptions) -> str:
    """Return the inside of a row's ``<details>``; empty where there is nothing more to say."""
    drawn, said = plot(column), _remarks(column, options)
    tables = _summaries(column) + _measures(column)
    if not drawn:
        return f"<div class=nd-d><div>{tables}{said}</div></div>" if tables or said else ""
    right = f"<div>{tables}</div>" if tables else ""
    return f"<div class=nd-d><figure>{drawn}{_caption(column)}{said}</figure>{right}</div>"


def table_of(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a small table of texts, which are escaped here; closing tags that HTML does not need are left out."""
    if not rows:
        return ""
    top = "".join(f"<th scope=col>{escape(text)}" for text in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(text)}" for text in row) for row in rows)
    return f"<table class=nd-k><tr>{top}{body}</table>"


def _caption(column: ColumnDrift) -> str:
    words = [] if column.kind.levelled else ["line: reference, filled: current, triangles: medians"]
    if column.kind.levelled:
        words.append("outlined: reference, filled: current")
    if column.kind is ColumnKind.TEXT:
        words.append("lengths in characters")
    if column.distribution is not None and column.distribution.clipped:
        words.append("the outermost bins also hold what lies beyond")
    return f"<figcaption>{escape('; '.join(words))}</figcaption>"


def _summaries(column: ColumnDrift) -> str:
    sides = (column.reference, column.current)
    if sides == (None, None):
        return ""
    spread = _time_spread if column.kind is ColumnKind.DATETIME else _spread
    statistics = (*_STATISTICS[:_SPREAD_AT], ("std. deviation", spread), *_STATISTICS[_SPREAD_AT:])
    rows = [_row(label, sides, take) for label, take in statistics]
    quantiles = [_row(label, sides, partial(_quantile, at)) for at, label in enumerate(_QUANTILES)]
    shown = [*rows[:_QUANTILES_AT], *quantiles, *rows[_QUANTILES_AT:]]
    return table_of(("", "reference", "current"), [row for row in shown if set(row[1:]) != {"—"}])


def _row(
    label: str,
    sides: tuple[ColumnSummary | None, ColumnSummary | None],
    take: Callable[[ColumnSummary], str],
) -> tuple[str, ...]:
    texts = ("—" if side is None else short(take(side), _VALUE_WIDTH) or "—" for side in sides)
    return (label, *texts)


def _quantile(at: int, side: ColumnSummary) -> str:
    return value_words(side.quantiles[at]) if at < len(side.quantiles) else "—"


def _spread(side: ColumnSummary) -> str:
    return value_words(side.std)


def _time_spread(side: ColumnSummary) -> str:
    """Return the spread of times, which is in seconds, in days where it is long."""
    days = (side.std or 0.0) / _DAY
    return f"{days:.3g} days" if days >= 2 else seconds(side.std)  # noqa: PLR2004 - two of them are days


def _missing(side: ColumnSummary) -> str:
    return f"{side.missing:,} ({percent(side.missing / side.count)})" if side.missing and side.count else "—"


_STATISTICS: tuple[tuple[str, Callable[[ColumnSummary], str]], ...] = (
    ("rows", lambda side: f"{side.count:,}"),
    ("missing", _missing),
    ("infinite", lambda side: f"{side.infinite:,}" if side.infinite else "—"),
    ("type", lambda side: side.dtype),
    ("mean", lambda side: value_words(side.mean)),
    ("minimum", lambda side: value_words(side.minimum)),
    ("maximum", lambda side: value_words(side.maximum)),
    ("levels", lambda side: value_words(side.levels)),
    ("most frequent", lambda side: side.top or "—"),
)
_SPREAD_AT = 5
_QUANTILES_AT = 7
"""Quantiles stand between minimum and maximum."""


def _measures(column: ColumnDrift) -> str:
    rows = [
        (
            short(MEASURE_NAMES.get(measure.name, measure.name), _VALUE_WIDTH),
            rounded(measure.value),
            "—" if measure.chance is None else rounded(measure.chance),
            _beyond(measure.value, measure.chance),
        )
        for measure in column.measures
    ]
    return table_of(("distance", "value", "by chance", ""), rows)


def _beyond(value: float, chance: float | None) -> str:
    return "" if chance is None else "▲ beyond" if value > chance else "within"


def _remarks(column: ColumnDrift, options: DriftOptions) -> str:
    lines = []
    if column.effect is not None:
        lines.append(_line(decision(column.effect, column.test, options)))
    if column.missing is not None and column.missing.test is not None:
        lines.append(_line(missing_decision(column.missing, options)))
    lines += _levels("+ new", column.new_levels, column.new_count)
    lines += _levels("− vanished", column.vanished_levels, column.vanished_count)
    lines += [_line(note) for note in column.notes]
    return f"<ul class=nd-q>{''.join(f'<li>{line}' for line in lines)}</ul>" if lines else ""


def _line(text: str) -> str:
    return typeset(short(text, _NOTE_WIDTH))


def _levels(word: str, levels: tuple[LevelChange, ...], count: int) -> list[str]:
    if not count:
        return []
    shown = levels[:_MOST_LEVELS]
    named = [f"{_level(level.level)} ({level.count:,}, {typeset(percent(level.share))})" for level in shown]
    more = [f"{count - len(shown):,} more"] if count > len(shown) else []
    return [f"{word}: {', '.join([*named, *more])}"]


def _level(level: str) -> str:
    """Return a level that does not turn the order of what follows it, should it be written from right to left."""
    text = short(level, _LEVEL_WIDTH)
    return escape(text) if text.isascii() else f"<bdi>{escape(text)}</bdi>"
