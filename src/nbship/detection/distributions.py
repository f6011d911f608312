"""Both sides of a column as shares, to be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.model.drift import Distribution

if TYPE_CHECKING:
    from nbship.detection.level_side import LevelSide
    from nbship.detection.ordered_side import OrderedSide

__all__ = ["level_shares", "ordered_shares"]

_BINS = 30
_LEVELS = 12
_DIGITS = 6
_OTHER = "other"
_TAIL = 0.01


def ordered_shares(reference: OrderedSide, current: OrderedSide, *, whole: bool) -> Distribution | None:
    """Return the shares in 30 bins of equal width over the middle 98 % of each side; None without finite values.

    `whole` asks for bins that hold equally many whole numbers each.
    """
    import numpy as np

    sides = [side for side in (reference, current) if side.finite]
    if not sides:
        return None
    ends = np.array([side.function.at(np.array([_TAIL, 1 - _TAIL])) for side in sides])
    edges = _edges(float(ends[:, 0].min()), float(ends[:, 1].max()), whole=whole)
    lowest, highest = min(side.limits[0] for side in sides), max(side.limits[1] for side in sides)
    beyond = lowest < edges[0] or highest > edges[-1] or any(side.infinite for side in (reference, current))
    return Distribution(
        _shares(reference, edges),
        _shares(current, edges),
        edges=tuple(float(edge) for edge in edges),
        clipped=bool(beyond),
    )


def _edges(low: float, high: float, *, whole: bool) -> Any:
    import numpy as np

    if whole and high - low < 2.0**50:
        step = max(1, -(-int(high - low + 1) // _BINS))
        return np.floor(low) - 0.5 + step * np.arange(int(high - np.floor(low)) // step + 2)
    if not high > low:
        room = max(0.5, abs(low) / 1000)
        return np.array([low - room, low + room])
    return low + (high / _BINS - low / _BINS) * np.arange(_BINS + 1)


def _shares(side: OrderedSide, edges: Any) -> tuple[float, ...]:
    """Return the share in each bin; the outermost bins also hold what lies beyond."""
    import numpy as np

    counts = np.diff(side.upto(edges[1:-1]), prepend=0, append=side.size)
    return tuple(np.round(counts / side.size, _DIGITS).tolist())


def level_shares(reference: LevelSide, current: LevelSide) -> Distribution:
    """Return the shares of the 12 most frequent levels of both sides together, and of all others."""
    both = {
        level: reference.counts.get(level, 0) / reference.size + current.counts.get(level, 0) / current.size
        for level in sorted(reference.counts.keys() | current.counts.keys())
    }
    shown = sorted(both, key=lambda level: -both[level])[:_LEVELS]
    has_other = len(both) > len(shown) or bool(reference.other or current.other)
    return Distribution(
        _level_side(reference, shown, has_other=has_other),
        _level_side(current, shown, has_other=has_other),
        levels=(*shown, _OTHER) if has_other else tuple(shown),
        has_other=has_other,
    )


def _level_side(side: LevelSide, shown: list[str], *, has_other: bool) -> tuple[float, ...]:
    counts = [side.counts.get(level, 0) for level in shown]
    if has_other:
        counts.append(side.size - sum(counts))
    return tuple(round(count / side.size, _DIGITS) for count in counts)
