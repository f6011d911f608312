"""Many runs in a terminal: a line a run, with what varies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.display.comparison_words import cut_line, wrapped
from nbship.display.page import ID_DIGITS, counted
from nbship.display.plain_line import clip, columns, fit
from nbship.display.runs_comparison_order import ranked
from nbship.display.runs_comparison_view import (
    RunsColumn,
    constant_words,
    legend_of,
    run_name,
    runs_columns,
    runs_headline,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.comparison import RunsComparison

__all__ = ["runs_comparison_text"]

_NARROWEST = 40
_HEAD_WIDTH = 18
_MOST_ROWS = 1000
_MOST_NOTES = 10


def runs_comparison_text(comparison: RunsComparison, *, width: int = 100, most_rows: int = _MOST_ROWS) -> str:
    """Return many runs as a table of text: the best first where that is sure, as many columns as `width` holds.

    Parameters
    ----------
    width
        Columns of the terminal; no line is longer.
    most_rows
        Runs beyond are counted.
    """
    width = max(width, _NARROWEST)
    order, metric = ranked(comparison)
    shown = order[:most_rows]
    lines = [*wrapped(runs_headline(comparison), width), *_table(comparison, shown, width)]
    more = len(order) - len(shown)
    lines += [f"… and {counted(more, 'more run')}: --json has all"] if more else []
    lines += [clip(f"sorted by {metric[:200]}, best first", width)] if metric else []
    lines += [clip(said, width)] if (said := constant_words(comparison)) else []
    notes = comparison.lacks[:_MOST_NOTES]
    lines += [clip(f"note: {note[: 4 * width]}", width) for note in notes]
    rest = len(comparison.lacks) - len(notes)
    return "\n".join([*lines, *([f"… and {counted(rest, 'further note')}"] if rest else [])])


def _table(comparison: RunsComparison, shown: Sequence[int], width: int) -> list[str]:
    every = runs_columns(comparison)
    base = [
        RunsColumn("", "#", tuple(str(at + 1) for at in range(len(comparison.runs))), numeric=True),
        RunsColumn("", "run", tuple(run_name(run) for run in comparison.runs)),
        RunsColumn("", "id", tuple(run.id[:ID_DIGITS] for run in comparison.runs)),
    ]
    chosen = [*base, *_that_fit(every, base, shown, width)]
    # As read from left to right: what came out, then what went in, then which versions.
    kinds = {"": 0, "metrics": 1, "parameters": 2, "versions": 3}
    chosen[3:] = sorted(chosen[3:], key=lambda one: kinds[one.kind] or len(kinds))
    sizes = [_size(column, shown) for column in chosen]
    rows = [[column.name[:200] for column in chosen]] + [
        [column.texts[at] for column in chosen] for at in shown
    ]
    lines = [
        cut_line(
            "  ".join(fit(cell, sizes[i], right=chosen[i].numeric) for i, cell in enumerate(row)).rstrip(),
            width,
        )
        for row in rows
    ]
    left = len(every) - (len(chosen) - len(base))
    legend = legend_of("\n".join(lines))
    foot = [legend] if legend else []
    foot += (
        [f"{counted(left, 'further column')} left out; a wider terminal or --json has them"] if left else []
    )
    return [*lines, *(clip(line, width) for line in foot)]


def _that_fit(
    every: Sequence[RunsColumn], base: Sequence[RunsColumn], shown: Sequence[int], width: int
) -> list[RunsColumn]:
    taken = sum(_size(column, shown) + 2 for column in base) - 2
    chosen = []
    for column in every:
        size = _size(column, shown) + 2
        if taken + size <= width:
            chosen.append(column)
            taken += size
    return chosen


def _size(column: RunsColumn, shown: Sequence[int]) -> int:
    cells = [columns(column.texts[at]) for at in shown]
    return max([min(columns(clip(column.name[:200], _HEAD_WIDTH)), _HEAD_WIDTH), *cells])
