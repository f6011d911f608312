"""Long histories, cut to what a chart can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["thinned"]

T = TypeVar("T")


def thinned(values: Sequence[T], most: int) -> list[T]:
    """Return at most `most` (two or more) evenly spaced values, the first and the last among them."""
    if len(values) <= most:
        return list(values)
    last = len(values) - 1
    return [values[place * last // (most - 1)] for place in range(most)]
