"""What changed in a column, in words, from the comparison of its profiles.

Public: ``column_words(drift) -> str``; e.g. ``mean 12.6 -> 15.1, missing 2.1 % -> 3.4 %``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.provenance.number_words import change_text, share_change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbship.model.drift import ColumnDrift, ColumnSummary, LevelChange

__all__ = ["column_words"]

_MOST_PARTS = 3
_SHOWN_LEVELS = 3
_LONGEST_LEVEL = 40
_MOVED_SHARE = 0.005
_CLEARLY_MOVED = 0.05


def column_words(drift: ColumnDrift) -> str:
    """Return up to three changes, those of the values first; empty where the summaries read alike."""
    parts = [*_values(drift), *_missing(drift)]
    return ", ".join(parts[:_MOST_PARTS])


def _values(drift: ColumnDrift) -> Iterator[str]:
    left, right = drift.reference, drift.current
    if left is None or right is None:
        return
    if drift.kind.levelled:
        yield from _levels("new level", drift.new_levels, drift.new_count)
        yield from _levels("vanished level", drift.vanished_levels, drift.vanished_count)
        came_or_went = bool(drift.new_levels or drift.vanished_levels)
        yield from _largest_share(drift, _CLEARLY_MOVED if came_or_went else _MOVED_SHARE)
    else:
        prefix = "length " if drift.kind.value == "text" else ""
        yield from _summaries(left, right, prefix)


def _summaries(left: ColumnSummary, right: ColumnSummary, prefix: str) -> Iterator[str]:
    """Yield the first of mean, spread, median and range that reads differently, and infinities."""
    pairs = [
        ("mean", left.mean, right.mean),
        ("standard deviation", left.std, right.std),
        *_quantile_pairs(left.quantiles, right.quantiles),
        ("minimum", left.minimum, right.minimum),
        ("maximum", left.maximum, right.maximum),
    ]
    said = (f"{prefix}{word} {text}" for word, old, new in pairs if (text := _pair_text(old, new)))
    yield from list(said)[:1]
    if left.infinite != right.infinite:
        yield f"infinite values {left.infinite:,} -> {right.infinite:,}"


def _quantile_pairs(
    left: Sequence[float | str], right: Sequence[float | str]
) -> list[tuple[str, float | str, float | str]]:
    words = ("5 % quantile", "25 % quantile", "median", "75 % quantile", "95 % quantile")
    return list(zip(words, left, right, strict=False))


def _pair_text(old: float | str | None, new: float | str | None) -> str | None:
    if old is None or new is None or old == new:
        return None
    if isinstance(old, str) or isinstance(new, str):
        return f"{_moment(old)} -> {_moment(new)}" if _moment(old) != _moment(new) else None
    return change_text(old, new)


def _moment(value: float | str) -> str:
    """Return an ISO 8601 time to the second."""
    return str(value).partition(".")[0].replace("T", " ").removesuffix(" 00:00:00")


def _levels(word: str, changes: Sequence[LevelChange], count: int) -> Iterator[str]:
    if not changes:
        return
    names = ", ".join(_clipped(change.level) for change in changes[:_SHOWN_LEVELS])
    rest = max(count, len(changes)) - min(len(changes), _SHOWN_LEVELS)
    yield f"{word}{'s' * (max(count, len(changes)) != 1)} {names}" + (f" and {rest:,} more" if rest else "")


def _largest_share(drift: ColumnDrift, least: float) -> Iterator[str]:
    """Yield the level that both sides have and whose share moved most, if by `least`."""
    found = drift.distribution
    if found is None:
        return
    known = range(min(len(found.levels) - found.has_other, len(found.reference), len(found.current)))
    gone = {change.level for change in (*drift.new_levels, *drift.vanished_levels)}
    moves = [
        (abs(found.current[at] - found.reference[at]), at) for at in known if found.levels[at] not in gone
    ]
    size, at = max(moves, default=(0.0, 0))
    text = share_change(found.reference[at], found.current[at]) if size >= least else None
    if text:
        yield f"{_clipped(found.levels[at])} {text}"


def _clipped(level: str) -> str:
    shown = level if len(level) <= _LONGEST_LEVEL else f"{level[:_LONGEST_LEVEL]}…"
    return repr(shown)


def _missing(drift: ColumnDrift) -> Iterator[str]:
    if drift.missing is not None:
        text = share_change(drift.missing.reference, drift.missing.current)
        if text:
            yield f"missing {text}"
