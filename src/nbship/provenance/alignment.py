"""Which cells of two runs are the same cell.

Public: ``align(left, right) -> Alignment``, ``rising(values) -> set[int]``.

Cells are matched by the front end's id first, then by equal source, then by similarity. Similar cells have to keep
the order of what is matched already, unless they are nearly equal.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from nbship.store.needed_code import CodeCell

__all__ = ["Alignment", "align", "rising"]

_WORD = re.compile(r"\w+")
_ALIKE = 0.5
_NEARLY_EQUAL = 0.8
_CANDIDATES = 4
_COMMON = 40
_EXACT_WORDS = 400


@dataclass(frozen=True, slots=True)
class Alignment:
    """Matched cells as pairs of positions from 0, by the left one; `moved` are those that left the common order."""

    pairs: tuple[tuple[int, int], ...]
    moved: frozenset[tuple[int, int]]


def align(left: Sequence[CodeCell], right: Sequence[CodeCell]) -> Alignment:
    """Match the cells of two runs; each is matched at most once."""
    matching = _Matching(left, right)
    matching.by(lambda cell: (cell.cell_id, cell.source) if cell.cell_id else None)
    matching.by(lambda cell: cell.cell_id or None)
    matching.by(lambda cell: cell.source)
    matching.by_similarity()
    pairs = sorted(matching.pairs.items())
    in_order = rising([position for _, position in pairs])
    return Alignment(tuple(pairs), frozenset(pair for pair in pairs if pair[1] not in in_order))


def rising(values: Sequence[int]) -> set[int]:
    """Return a longest rising subsequence of different numbers.

    Source: Fredman (1975), On computing the length of longest increasing subsequences.
    """
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for value in values:
        place = bisect_left(ends, value)
        before[value] = ends[place - 1] if place else None
        ends[place : place + 1] = [value]
    chosen: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        chosen.add(last)
        last = before[last]
    return chosen


@dataclass(slots=True)
class _Matching:
    left: Sequence[CodeCell]
    right: Sequence[CodeCell]
    pairs: dict[int, int] = field(default_factory=dict)

    def by(self, key: Callable[[CodeCell], Hashable]) -> None:
        """Match cells with equal keys in their order; cells without a key are left alone."""
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        for position in reversed(self.free_right()):
            waiting[key(self.right[position])].append(position)
        for position in self.free_left():
            found = key(self.left[position])
            if found is not None and waiting[found]:
                self.pairs[position] = waiting[found].pop()

    def by_similarity(self) -> None:
        """Match what is left by how alike it is, the most similar first."""
        candidates = sorted(_candidates(self), key=lambda one: (-one[0], abs(one[1] - one[2]), one[1]))
        ordered = self._ordered()
        taken = set(self.pairs.values())
        for keeps_order in (True, False):
            for ratio, mine, theirs in candidates:
                if mine in self.pairs or theirs in taken:
                    continue
                if _fits(ordered, mine, theirs) if keeps_order else ratio >= _NEARLY_EQUAL:
                    self.pairs[mine] = theirs
                    taken.add(theirs)
                    if keeps_order:
                        insort(ordered, (mine, theirs))

    def free_left(self) -> list[int]:
        return [position for position in range(len(self.left)) if position not in self.pairs]

    def free_right(self) -> list[int]:
        taken = set(self.pairs.values())
        return [position for position in range(len(self.right)) if position not in taken]

    def _ordered(self) -> list[tuple[int, int]]:
        pairs = sorted(self.pairs.items())
        in_order = rising([position for _, position in pairs])
        return [pair for pair in pairs if pair[1] in in_order]


def _fits(ordered: list[tuple[int, int]], mine: int, theirs: int) -> bool:
    place = bisect_left(ordered, (mine, theirs))
    after = place == len(ordered) or ordered[place][1] > theirs
    return after and (place == 0 or ordered[place - 1][1] < theirs)


def _candidates(matching: _Matching) -> Iterator[tuple[float, int, int]]:
    """Yield the ratio of each pair worth a look: an index of words finds the few cells that share most of them."""
    right = {position: _words(matching.right[position]) for position in matching.free_right()}
    index: dict[str, list[int]] = defaultdict(list)
    for position, words in right.items():
        for word in set(words):
            index[word].append(position)
    usual = max(_COMMON, len(right) // 4)
    for mine in matching.free_left():
        words = _words(matching.left[mine])
        shared = Counter(
            position
            for word in set(words)
            if len(index.get(word, ())) <= usual
            for position in index.get(word, ())
        )
        for theirs, _ in shared.most_common(_CANDIDATES):
            ratio = _ratio(words, right[theirs])
            if ratio >= _ALIKE:
                yield ratio, mine, theirs


def _words(cell: CodeCell) -> list[str]:
    return _WORD.findall(cell.source)


def _ratio(left: list[str], right: list[str]) -> float:
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if matcher.real_quick_ratio() < _ALIKE:
        return 0.0
    quick = matcher.quick_ratio()
    if quick < _ALIKE or len(left) + len(right) > _EXACT_WORDS:
        return quick  # exact ratios of long cells cost milliseconds each
    return matcher.ratio()
