"""Two runs in a terminal, to answer why the score changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.display.comparison_code import omitted_words
from nbship.display.comparison_metrics import delta_text, metric_texts, relative_text, verdict
from nbship.display.comparison_words import (
    CHANGE_SIGNS,
    cell_words,
    code_words,
    columns_by_weight,
    counts_of,
    cut_line,
    data_words,
    equal_words,
    fitting,
    headline,
    line_counts,
    metrics_by_interest,
    moves_words,
    only_moved,
    side_by_side,
    visible,
    with_arrows,
    wrapped,
)
from nbship.display.page import ID_DIGITS, STATUS_SIGNS, counted, moment, seconds
from nbship.display.plain_line import clip, columns, fit
from nbship.display.state_look import painted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbship.model.comparison import CellDiff, Comparison, DatasetDiff, MetricDiff
    from nbship.model.run import Run

__all__ = ["comparison_text"]

_MOST_BYTES = 200_000
_NARROWEST = 30
_NAME_WIDTH = 32
_MOST_VALUE = 60
_MOST_COLUMNS = 20
_MOST_ROWS = 60
_LOOKS = {"+": "completed", "-": "failed", "@": "dim", " ": "dim"}


def comparison_text(
    comparison: Comparison, *, width: int = 100, colour: bool = False, most_bytes: int = _MOST_BYTES
) -> str:
    """Return two runs as text: the answer, both runs, and what differs in the order of likely cause.

    Parameters
    ----------
    width
        Columns of the terminal; no line is longer.
    colour
        Whether to use the colours of a terminal.
    most_bytes
        Diffs of code that would make the text longer are counted instead.
    """
    width = max(width, _NARROWEST)
    start = [
        painted(clip(line, width), "bold", colour=colour) for line in wrapped(headline(comparison), width)
    ]
    start += [_run(side, run, width) for side, run in (("A", comparison.left), ("B", comparison.right))]
    start += _section(
        "metrics",
        _metrics(comparison.metrics, width, colour=colour),
        len(comparison.metrics),
        width,
        colour=colour,
    )
    rest = _bounded(_rest(comparison, width, colour=colour), most_bytes // 2)
    taken = sum(len(line.encode("utf-8", "surrogatepass")) + 1 for line in (*start, *rest))
    code = _code(comparison.code, width, max(most_bytes - taken, most_bytes // 4), colour=colour)
    return "\n".join([*start, *code, *rest])


def _rest(comparison: Comparison, width: int, *, colour: bool) -> list[str]:
    pairs = [
        ("parameters", [(one.name, one.left, one.right) for one in comparison.params], "not set"),
        ("environment", [(one.name, one.left, one.right) for one in comparison.packages], "not installed"),
        ("seeds", [(one.name, one.left, one.right) for one in comparison.seeds], "unknown"),
        ("git", [(one.name, one.left, one.right) for one in comparison.git], "unknown"),
        ("other", [(one.name, one.left, one.right) for one in comparison.facts], "unknown"),
    ]
    parts = [
        _section(title, _pairs(rows, width, missing), len(rows), width, colour=colour)
        for title, rows, missing in pairs
    ]
    parts.insert(1, _data(comparison.data, width, colour=colour))
    equal = equal_words(comparison)
    notes = [clip(f"note: {text[: 4 * width]}", width) for text in comparison.lacks[:_MOST_ROWS]]
    quiet = [painted(clip(equal, width), "dim", colour=colour)] if equal else []
    more = len(comparison.lacks) - len(notes)
    quiet += [*notes, *([f"… and {counted(more, 'further note')}"] if more else [])]
    return [line for part in parts for line in part] + (["", *quiet] if quiet else [])


def _bounded(lines: list[str], most: int) -> list[str]:
    kept = fitting(lines, most)
    return [*lines[:kept], *_more(len(lines) - kept, "line")]


def _run(side: str, run: Run, width: int) -> str:
    facts = [
        run.id[:ID_DIGITS],
        moment(run.started_ms),
        f"{STATUS_SIGNS[run.status]} {run.status.value}",
        f"took {seconds(run.duration_seconds)}",
    ]
    said = "  ".join(facts)
    name = clip(run.name[:1000], max(width - len(said) - 7, 8))
    return "  " + clip(f"{side}  {name}  {said}", width - 2)


def _section(
    title: str, lines: Sequence[str], number: int, width: int, *, colour: bool, said: str = ""
) -> list[str]:
    if not lines:
        return []
    short = clip(said or counted(number, "difference"), width - len(title) - 2)
    return ["", f"{painted(title, 'bold', colour=colour)}  {painted(short, 'dim', colour=colour)}", *lines]


def _metrics(metrics: Sequence[MetricDiff], width: int, *, colour: bool) -> list[str]:
    shown = metrics_by_interest(metrics)[:_MOST_ROWS]
    rows = [
        [clip(m.name[:200], _NAME_WIDTH), *metric_texts(m), delta_text(m), relative_text(m), verdict(m)]
        for m in shown
    ]
    widths = _widths(rows)
    looks = {"better": "completed", "worse": "failed"}
    lines = []
    for row in rows:
        name, left, right, delta, relative, said = (
            fit(cell, size, right=at in (1, 2, 3, 4))
            for at, (cell, size) in enumerate(zip(row, widths, strict=True))
        )
        line = f"  {clip(f'{name}  {left} → {right}  {delta}  {relative}  {said}', width - 2)}"
        lines.append(painted(line, looks[row[5]], colour=colour) if row[5] else line)
    return lines + _more(len(metrics) - len(shown), "metric")


def _pairs(rows: Sequence[tuple[str, str | None, str | None]], width: int, missing: str) -> list[str]:
    shown = rows[:_MOST_ROWS]
    names = [clip(name[:200], min(_NAME_WIDTH, width // 3)) for name, _, _ in shown]
    size = max((columns(name) for name in names), default=0)
    room = min(max((width - size - 7) // 2, 6), _MOST_VALUE)
    values = [side_by_side(left, right, room, missing) for _, left, right in shown]
    left_size = max((columns(left) for left, _ in values), default=0)
    lines = [
        "  " + clip(f"{fit(name, size)}  {fit(left, left_size)} → {right}", width - 2)
        for name, (left, right) in zip(names, values, strict=True)
    ]
    return lines + _more(len(rows) - len(shown), "row")


def _widths(rows: Iterable[Sequence[str]]) -> list[int]:
    return [max(columns(cell) for cell in cells) for cells in zip(*rows, strict=True)]


def _more(number: int, noun: str) -> list[str]:
    return [f"  … and {counted(number, f'further {noun}')}: --json has all"] if number else []


def _code(code: Sequence[CellDiff], width: int, most: int, *, colour: bool) -> list[str]:
    moves = moves_words(code)
    blocks = [[f"  {CHANGE_SIGNS['moved']} {clip(move, width - 4)}"] for move in moves]
    cells = [one for one in code if not only_moved(one)]
    blocks += [_cell(one, width, colour=colour) for one in cells]
    kept = fitting(["\n".join(block) for block in blocks], most)
    lines = [line for block in blocks[:kept] for line in block]
    left = cells[len(cells) - (len(blocks) - kept) :] if kept < len(blocks) else []
    lines += (
        [f"  … and {counted(len(left), 'further cell')} ({counts_of(c.change for c in left)})"]
        if left
        else []
    )
    return _section("code", lines, len(code), width, colour=colour, said=code_words(code))


def _cell(cell: CellDiff, width: int, *, colour: bool) -> list[str]:
    added, removed = line_counts(cell)
    head = f"  {CHANGE_SIGNS[cell.change]} {cell_words(cell)}  +{added:,} −{removed:,}"
    lines = []
    for line in cell.lines:
        text = omitted_words(line.text) if line.sign == "@" else visible(line.text, 4 * width)
        # The blanks in front are the code's own, so only the end is cut.
        shown = f"{' ' if line.sign == '@' else line.sign} {text}"
        lines.append(
            painted(f"      {cut_line(shown, width - 6)}", _LOOKS.get(line.sign, "dim"), colour=colour)
        )
    return [head, *lines]


def _data(data: Sequence[DatasetDiff], width: int, *, colour: bool) -> list[str]:
    lines = [line for one in data[:_MOST_ROWS] for line in _dataset(one, width)]
    lines += _more(max(len(data) - _MOST_ROWS, 0), "dataset")
    return _section(
        "data", lines, len(data), width, colour=colour, said=counts_of(one.change for one in data)
    )


def _dataset(dataset: DatasetDiff, width: int) -> list[str]:
    sign = CHANGE_SIGNS.get(dataset.change, "~")
    head = f"  {sign} {clip(f'{clip(dataset.name[:200], _NAME_WIDTH)} {dataset.change}: {data_words(dataset)}', width - 4)}"
    shown = columns_by_weight(dataset.columns)[:_MOST_COLUMNS]
    size = max((columns(clip(one.name[:200], _NAME_WIDTH)) for one in shown), default=0)
    lines = [head]
    for one in shown:
        drift = "drifted: " if one.drift and one.drift.drifted else ""
        name, text = fit(one.name[:200], size), with_arrows(one.text)
        said = f"{CHANGE_SIGNS.get(one.change, '~')} {name}  {one.change:<7}  {drift}{text}"
        lines.append(f"      {clip(said, width - 6)}")
    more = len(dataset.columns) - len(shown)
    return [*lines, *([f"      … and {counted(more, 'further column')}"] if more else [])]
