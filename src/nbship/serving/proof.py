"""Whether two ways of asking a model give the same answers.

Public: `Reference`, `difference`, `same`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.serving.edge_rows import Rows

__all__ = ["Reference", "difference", "same"]

_MOST_REFUSED = 96
"""Rows that are singled out because the model refuses them; after that, a block with such a row is left out."""

_MANY = 12
"""Rows of a block that is asked again: an answer that changes from call to call shows in the large ones."""


@dataclass(slots=True)
class Reference:
    """What the plain path answered, block by block; a block of None was refused.

    Attributes
    ----------
    blocks
        Rows that were asked together, and the answers.
    refused
        Rows that the model refuses, one block each, are counted here.
    """

    blocks: list[tuple[Rows, list[Any] | None]] = field(default_factory=list)
    refused: int = 0

    @classmethod
    def of(cls, predict: Callable[[Rows], list[Any]], blocks: list[Rows]) -> Reference:
        """Ask block by block; of a block that is refused the halves are asked, down to single rows."""
        reference = cls()
        reference.extend(predict, blocks)
        return reference

    def extend(self, predict: Callable[[Rows], list[Any]], blocks: list[Rows]) -> None:
        """Ask for more blocks."""
        for block in filter(None, blocks):
            self._ask(predict, block)

    def _ask(self, predict: Callable[[Rows], list[Any]], rows: Rows) -> None:
        answers = answers_or_none(predict, rows)
        if answers is not None:
            self.blocks.append((rows, answers))
        elif len(rows) == 1:
            self.blocks.append((rows, None))
            self.refused += 1
        elif self.refused < _MOST_REFUSED:
            half = len(rows) // 2
            self._ask(predict, rows[:half])
            self._ask(predict, rows[half:])

    @property
    def answered(self) -> int:
        """How many rows were answered."""
        return sum(len(rows) for rows, answers in self.blocks if answers is not None)

    def answered_rows(self) -> set[int]:
        """Return the identities of the rows that were answered."""
        return {id(row) for rows, answers in self.blocks if answers is not None for row in rows}

    def repeats(self, predict: Callable[[Rows], list[Any]]) -> bool:
        """Whether the plain path answers the same when it is asked again; small blocks are not."""
        return all(_agrees(predict, rows, answers) for rows, answers in self.blocks if len(rows) >= _MANY)

    def agrees(self, predict: Callable[[Rows], list[Any]]) -> bool:
        """Whether another way gives the same answers to the last bit, and refuses what was refused."""
        return all(_agrees(predict, rows, answers) for rows, answers in self.blocks)


def answers_or_none(predict: Callable[[Rows], list[Any]], rows: Rows) -> list[Any] | None:
    """Return the answers, or None where the model refuses."""
    try:
        return predict(rows)
    except Exception:  # noqa: BLE001 - a model may raise anything at all
        return None


def _agrees(predict: Callable[[Rows], list[Any]], rows: Rows, answers: list[Any] | None) -> bool:
    given = answers_or_none(predict, rows)
    if given is None or answers is None:
        return given is answers
    return same(given, answers)


def same(left: Any, right: Any) -> bool:
    """Whether two answers are equal, to the last bit of numbers; NaN equals NaN."""
    if type(left) is not type(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right) or (left != left and right != right)  # noqa: PLR0124 - NaN


def difference(left: Any, right: Any) -> float:
    """Return the largest relative difference of the numbers of two answers; infinite where anything else differs."""
    if isinstance(left, bool) or isinstance(right, bool):
        return 0.0 if left is right else math.inf
    if isinstance(left, int | float) and isinstance(right, int | float):
        return _relative(left, right)
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return max(map(difference, left, right), default=0.0)
    if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
        return max((difference(left[key], right[key]) for key in left), default=0.0)
    return 0.0 if left == right else math.inf


def _relative(left: float, right: float) -> float:
    if left == right or (left != left and right != right):  # noqa: PLR0124 - NaN
        return 0.0
    largest = max(abs(left), abs(right))
    gap = abs(left - right) / largest if math.isfinite(largest) else math.inf
    return gap if math.isfinite(gap) else math.inf
