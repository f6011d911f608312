"""Whether strings are levels or text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["SAMPLE", "read_like_text"]

SAMPLE = 4096
"""How many evenly spaced values are asked for their length and words."""

_WORDS = 4
_LENGTH = 30
_SHORTEST = 2 * _WORDS - 1
_DISTINCT = 20


def read_like_text(sample: Sequence[str], present: int, distinct: Callable[[], int]) -> bool:
    """Return whether strings are to be read, not counted: several words or long ones, and mostly different.

    Parameters
    ----------
    sample
        Some of the present values.
    present
        How many values there are.
    distinct
        Counts the distinct ones of all; asked only where the sample leaves it open.
    """
    if len(sample) < _DISTINCT or not _wordy(sample):
        return False
    if len(sample) < present and 2 * len(set(sample)) <= len(sample):
        return False
    found = distinct()
    return found >= _DISTINCT and 2 * found > present


def _wordy(sample: Sequence[str]) -> bool:
    mean = sum(map(len, sample)) / len(sample)
    if mean < _SHORTEST:
        return False
    return mean >= _LENGTH or sum(len(text.split()) for text in sample) >= _WORDS * len(sample)
