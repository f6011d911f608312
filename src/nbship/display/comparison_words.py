"""What is said of two runs: the headline, what differs and how much, and values side by side."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from nbship.display.comparison_metrics import by_interest, direction, metric_texts, relative_text, verdict
from nbship.display.page import counted
from nbship.display.plain_line import clip, columns, one_line
from nbship.model.comparison import CellChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbship.model.comparison import CellDiff, ColumnChange, Comparison, DatasetDiff, MetricDiff

__all__ = [
    "CHANGE_SIGNS",
    "cell_words",
    "code_words",
    "columns_by_weight",
    "counts_of",
    "cut_line",
    "data_words",
    "equal_words",
    "fitting",
    "headline",
    "line_counts",
    "metrics_by_interest",
    "moves_words",
    "only_moved",
    "opening",
    "side_by_side",
    "visible",
    "with_arrows",
    "wrapped",
]

CHANGE_SIGNS = {
    "changed": "~",
    "added": "+",
    "new": "+",
    "removed": "−",
    "gone": "−",
    "moved": "↕",
    "type": "≠",
    "same": "=",
}
"""A sign beside each kind of change, so that colour is never the only signal."""

_CONTEXT = 12  # characters kept before the place where two long values begin to differ
_NAME_WIDTH = 60
_LONGEST_WORDS = 1000  # characters
_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_HASH_DIGITS = 12
_MOVES_SAID = 6
_MOVES_LISTED = 20
_OPENING_WIDTH = 56


def headline(comparison: Comparison) -> str:
    """Return the answer in one line: what the score did, and what differs."""
    score, causes = _score(comparison), _causes(comparison)
    if not comparison.differs:
        return "No differences between the two runs."
    if not causes and comparison.lacks:
        return f"{score} Nothing else that was recorded differs, but not everything was recorded."
    if not causes:
        return f"{score} Nothing else that was recorded differs: chance alone may explain it."
    return f"{score} What differs: {', '.join(causes)}.".strip()


def _score(comparison: Comparison) -> str:
    """Return what became of the metric that says most; nothing where no metric differs."""
    metrics = metrics_by_interest(comparison.metrics)
    if not metrics:
        return "No metric differs." if (comparison.equal or {}).get("metrics") else ""
    metric = metrics[0]
    left, right = metric_texts(metric)
    percent = f" ({relative_text(metric)})" if relative_text(metric) else ""
    said = verdict(metric) or "differs"
    verb = f"is {said}" if verdict(metric) else said
    return f"{clip(metric.name, _NAME_WIDTH)} {verb}: {clip(left, 30)} → {clip(right, 30)}{percent}."


def _causes(comparison: Comparison) -> list[str]:
    parts = [
        (len(comparison.code), "cell"),
        (len(comparison.params), "parameter"),
        (len(comparison.data), "dataset"),
        (len(comparison.packages), "package"),
        (len(comparison.seeds), "seed"),
    ]
    said = [counted(number, word) for number, word in parts if number]
    return [*said, "git state"] if comparison.git else said


def metrics_by_interest(metrics: Sequence[MetricDiff]) -> list[MetricDiff]:
    """Return the metrics, those first that say most about the score."""
    order = {name: at for at, name in enumerate(by_interest(metric.name for metric in metrics))}
    return sorted(metrics, key=lambda metric: (not _told(metric), order[metric.name]))


def _told(metric: MetricDiff) -> bool:
    """Whether it is sure which run has the better value."""
    return bool(direction(metric.name) and metric.delta)


def equal_words(comparison: Comparison) -> str:
    """Return how many things are equal: ``equal: 14 parameters, 12 cells``; empty where nothing is known to be."""
    said = [
        f"{number:,} {clip(name[:-1] if number == 1 and name.endswith('s') else name, _NAME_WIDTH)}"
        for name, number in (comparison.equal or {}).items()
        if number
    ]
    return f"equal: {', '.join(said)}" if said else ""


def counts_of(changes: Iterable[str]) -> str:
    """Return how many there are of each kind of change: ``2 changed, 1 new``."""
    return ", ".join(f"{number:,} {name}" for name, number in Counter(changes).items())


def code_words(code: Sequence[CellDiff]) -> str:
    """Return the changes of cells and lines in numbers: ``2 changed, 1 moved``."""
    added, removed = (sum(one) for one in zip(*map(line_counts, code), strict=True)) if code else (0, 0)
    lines = f" · +{added:,} −{removed:,} lines" if added or removed else ""
    return f"{counts_of(cell.change.value for cell in code)}{lines}"


def line_counts(cell: CellDiff) -> tuple[int, int]:
    """Return how many lines were added and removed."""
    signs = Counter(line.sign for line in cell.lines)
    return signs["+"], signs["-"]


def cell_words(cell: CellDiff) -> str:
    """Return which cell it is and what became of it: ``cell 3 → 4 changed``."""
    if cell.left is None or cell.right is None:
        at = cell.left if cell.right is None else cell.right
        return f"cell {at} {cell.change.value}" if at is not None else f"cell {cell.change.value}"
    at_both = f"{cell.left}" if cell.left == cell.right else f"{cell.left} → {cell.right}"
    return f"cell {at_both} {cell.change.value}"


def only_moved(cell: CellDiff) -> bool:
    """Whether the cell moved and its text is the same; its lines, if any, are those by which it is recognised."""
    return cell.change is CellChange.MOVED and not any(line_counts(cell))


def moves_words(code: Sequence[CellDiff]) -> list[str]:
    """Return the cells that only moved, one a line where they are few: ``cell 5 → 3 moved, text unchanged: import os``."""
    moves = [one for one in code if only_moved(one)]
    if len(moves) <= _MOVES_SAID:
        return [f"{cell_words(one)}, text unchanged{_opening(one)}" for one in moves]
    pairs = ", ".join(f"{one.left} → {one.right}" for one in moves[:_MOVES_LISTED])
    more = len(moves) - _MOVES_LISTED
    return [f"cells moved, text unchanged: {pairs}{f' and {more:,} more' if more > 0 else ''}"]


def _opening(cell: CellDiff) -> str:
    first = opening(cell)
    return f": {first}" if first else ""


def opening(cell: CellDiff) -> str:
    """Return the first line of the cell that is known, by which it is recognised."""
    first = next((line.text for line in cell.lines if line.sign != "@" and line.text.strip()), "")
    return clip(visible(first, 4 * _OPENING_WIDTH), _OPENING_WIDTH)


def data_words(dataset: DatasetDiff) -> str:
    """Return what became of a dataset; its change is said first where the text does not say it."""
    return with_arrows(dataset.text) or dataset.change


def with_arrows(text: str) -> str:
    """Return words of the comparison, which are plain ASCII, with the arrows of the page."""
    return text[:_LONGEST_WORDS].replace(" -> ", " → ")


def columns_by_weight(columns: Sequence[ColumnChange]) -> list[ColumnChange]:
    """Return the columns, those whose values drifted first, the most first."""
    return sorted(columns, key=lambda one: -one.drift.score if one.drift and one.drift.drifted else 0.0)


def side_by_side(left: str | None, right: str | None, width: int, missing: str = "—") -> tuple[str, str]:
    """Return both values on one line of at most `width` columns each, so that their difference can be seen.

    Long values begin shortly before the place where they differ; signs that cannot be seen are written out.
    """
    if left is None or right is None:
        return _shown(left, width, missing), _shown(right, width, missing)
    if _HASH.fullmatch(left) and _HASH.fullmatch(right) and left[:_HASH_DIGITS] != right[:_HASH_DIGITS]:
        left, right = left[:_HASH_DIGITS], right[:_HASH_DIGITS]
    if max(len(left), len(right)) > width:
        start = _first_difference(left, right)
        cut = start - min(_CONTEXT, width // 4)
        left, right = (f"…{one[cut:]}" if start > width // 2 else one for one in (left, right))
    left, right = left[: 4 * width], right[: 4 * width]
    if one_line(left) == one_line(right) or not (left.strip() and right.strip()):
        left, right = repr(left), repr(right)
    return clip(left, width), clip(right, width)


def _shown(value: str | None, width: int, missing: str) -> str:
    if value is None:
        return missing
    return clip(value[: 4 * width] if value.strip() else repr(value[:width]), width)


def _first_difference(left: str, right: str) -> int:
    return next(
        (at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right))
    )


def visible(line: str, width: int) -> str:
    """Return a line of source with what cannot be seen written out, and cut where it is longer than `width`.

    Marks that turn the direction of writing can make code read other than it runs: https://trojansource.codes
    """
    cut = line[:width].expandtabs(4)
    text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in cut)
    return f"{text}… ({len(line) - width:,} more characters)" if len(line) > width else text


def fitting(parts: Sequence[str], most: int) -> int:
    """Return how many of the parts, from the first, take at most `most` bytes together."""
    taken = 0
    for number, part in enumerate(parts):
        taken += len(part.encode("utf-8", "surrogatepass"))
        if taken > most:
            return number
    return len(parts)


def wrapped(text: str, width: int) -> list[str]:
    """Return the text on as many lines as it takes, broken between words."""
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}".strip()
        if line and columns(longer) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line]


def cut_line(line: str, width: int) -> str:
    """Return the line cut to a width, with the blanks that it begins with."""
    indent = len(line) - len(line.lstrip())
    return " " * min(indent, width) + clip(line, max(width - indent, 1))
