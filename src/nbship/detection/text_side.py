"""One side of a column of texts: lengths, and how many texts have which words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.detection.novelty import Novelty, novelty
from nbship.profiling.tokens import count_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.detection.ordered_side import OrderedSide
    from nbship.model.profile import TokenCounts

__all__ = ["TextSide", "compare_words", "counted_words", "words_of"]

_GROUPS = 40


@dataclass(frozen=True, slots=True)
class TextSide:
    """The texts of one side.

    Attributes
    ----------
    lengths
        In characters.
    words
        Texts that have a word of each bucket; int64.
    groups
        The same for each of some groups of texts, shape (groups, buckets); None where only a profile is known.
    """

    lengths: OrderedSide
    words: Any
    groups: Any = None


def words_of(texts: Sequence[str]) -> tuple[Any, Any]:
    """Return how many texts have a word of each bucket, of all texts and of each of up to 40 groups of them."""
    import numpy as np

    number = min(_GROUPS, len(texts))
    groups = np.array([count_tokens(texts[group::number]).texts for group in range(number)], dtype=np.int64)
    return groups.sum(axis=0), groups


def counted_words(tokens: TokenCounts) -> Any:
    """Return how many texts have a word of each bucket."""
    import numpy as np

    return np.array(tokens.texts, dtype=np.int64)


def compare_words(reference: TextSide, current: TextSide) -> Novelty | None:
    """Return how new the words of the current side are; None where a side has no words."""
    if not reference.words.sum() or not current.words.sum():
        return None
    return novelty(reference.words, current.words, _clumping(reference, current))


def _clumping(reference: TextSide, current: TextSide) -> float:
    """Return how much unknown words come together in texts: the variance between groups of texts over its mean.

    Where only profiles are known, all unknown words of a text are taken to come together, the worst case.
    """
    parts = [
        _variation(side.groups, side.groups[:, pick].sum(axis=1))
        for side, pick in ((reference, reference.words == 1), (current, reference.words == 0))
        if side.groups is not None
    ]
    if not parts:
        return float(reference.words.sum()) / max(1, reference.lengths.size)
    expected = sum(part[1] for part in parts)
    return max(1.0, sum(part[0] for part in parts) / expected) if expected else 1.0


def _variation(groups: Any, unknown: Any) -> tuple[float, float]:
    """Return the sum of squared deviations of groups from their share of unknown words, and what independence gives."""
    words = groups.sum(axis=1)
    usual = unknown.sum() * words / max(1, words.sum())
    return float(((unknown - usual) ** 2).sum()), float(unknown.sum()) * (1 - 1 / len(groups))
