"""Compare the values of two sides of one kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.detection.level_side import LevelSide, side_by_side
from nbship.detection.levels import LevelFinding, level_finding
from nbship.detection.ordered_evidence import OrderedFinding, ordered_finding
from nbship.detection.ordered_side import BinnedSide, OrderedSide
from nbship.detection.text_side import TextSide
from nbship.detection.texts import text_finding

if TYPE_CHECKING:
    from nbship.detection.sides import Side
    from nbship.model.drift import DriftOptions
    from nbship.model.profile import ColumnKind

__all__ = ["compare_values", "incomparable"]


_LARGEST = 1e144
"""The square of a larger number might not fit into a double."""


def incomparable(reference: Side, current: Side) -> str:
    """Return why the values of two sides of one kind cannot be compared all the same; empty when they can."""
    sides = reference, current
    if all(isinstance(side, LevelSide) and side.identifies for side in sides):
        return "nearly every value on both sides is another one, as those of an identifier are"
    if (
        isinstance(reference, LevelSide)
        and isinstance(current, LevelSide)
        and _nothing_in_common(reference, current)
    ):
        return (
            "a profile does not list all its levels, and none that it lists is frequent enough to be compared"
        )
    ordered = [side for side in sides if isinstance(side, OrderedSide) and side.finite]
    if any(max(map(abs, side.limits)) > _LARGEST for side in ordered):
        return "there are numbers beyond 1e144, too large for distances"
    if any(isinstance(side, BinnedSide) and not side.finite for side in sides):
        return "a profile has infinite numbers only"
    return ""


def _nothing_in_common(reference: LevelSide, current: LevelSide) -> bool:
    return bool(reference.other or current.other) and not side_by_side(reference, current).names


def compare_values(
    reference: Side, current: Side, options: DriftOptions, kind: ColumnKind, *, thin: bool = False
) -> OrderedFinding | LevelFinding:
    """Return the evidence and the distances of two sides of one kind that both have values."""
    if isinstance(reference, LevelSide) and isinstance(current, LevelSide):
        return level_finding(reference, current, options)
    if isinstance(reference, TextSide) and isinstance(current, TextSide):
        return text_finding(reference, current, options, thin=thin)
    if isinstance(reference, OrderedSide) and isinstance(current, OrderedSide):
        return ordered_finding(reference, current, options, kind, thin=thin)
    raise TypeError(f"{type(reference).__name__} and {type(current).__name__} cannot be compared")
