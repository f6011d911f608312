"""Profiles of columns that have levels."""

from __future__ import annotations

import heapq
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbship.model.profile import ColumnProfile
    from nbship.profiling.column import Column

__all__ = ["ADDED_LEVELS", "add_levels", "profile_levels"]

ADDED_LEVELS = 1000
"""How many levels are listed that a shared profile does not list; stored profiles depend on it."""

_LEAST_KNOWN = 10
"""A merged profile lists a level when what its parts may hide is at most one part in ten of its count."""


def profile_levels(
    base: ColumnProfile, column: Column, like: ColumnProfile | None, *, min_count: int, max_levels: int
) -> ColumnProfile:
    """Return the profile of a column of levels."""
    if like is not None:
        return _like(base, dict(column.level_counts()), {name for name, _ in like.levels}, min_count)
    frequent = column.level_counts(None if min_count else max_levels)
    listed = [(name, count) for name, count in frequent[:max_levels] if count >= min_count]
    return replace(
        base,
        levels=tuple(listed),
        other=base.present - sum(count for _, count in listed),
        other_levels=column.distinct - len(listed),
        withheld=sum(count < min_count for _, count in frequent),
    )


def _like(base: ColumnProfile, counts: Mapping[str, int], known: set[str], min_count: int) -> ColumnProfile:
    """List the known levels and some others; a merge could not tell how many the rest are, so nobody does."""
    shown = {name: count for name, count in counts.items() if count >= min_count}
    profile = _listed(base, shown, _chosen(shown.keys() - known), known)
    return replace(profile, withheld=len(counts) - len(shown))


def add_levels(base: ColumnProfile, parts: Iterable[ColumnProfile]) -> ColumnProfile:
    """Return `base`, which has the rows of all parts, with their levels."""
    found, counts = list(parts), dict[str, int]()
    for name, count in (level for part in found for level in part.levels):
        counts[name] = counts.get(name, 0) + count
    counts = _certain(counts, [part for part in found if part.other and not part.added])
    known: set[str] = set()
    for part in found:
        known |= {name for name, _ in part.levels} - set(part.added)
    whole = _listed(base, counts, _chosen(counts.keys() - known), known)
    return replace(whole, withheld=max(part.withheld for part in found))


def _certain(counts: dict[str, int], cut_off: Sequence[ColumnProfile]) -> dict[str, int]:
    """Return the levels whose count is nearly complete, and which are more frequent than any other.

    Parts that list their most frequent levels only may hide as many values of another one as the rarest listed has.
    """
    if not cut_off:
        return counts
    names = [{name for name, _ in part.levels} for part in cut_off]
    hides = [part.levels[-1][1] if part.levels else part.other for part in cut_off]
    hidden = {
        name: sum(most for listed, most in zip(names, hides, strict=True) if name not in listed)
        for name in counts
    }
    doubtful = {name for name, count in counts.items() if _LEAST_KNOWN * hidden[name] > count}
    least = max([sum(hides), *(counts[name] + hidden[name] for name in doubtful)])
    return {name: count for name, count in counts.items() if count >= least and name not in doubtful}


def _listed(
    base: ColumnProfile, counts: Mapping[str, int], added: set[str], known: set[str]
) -> ColumnProfile:
    levels = [(name, count) for name, count in counts.items() if name in known or name in added]
    other = base.present - sum(count for _, count in levels)
    return replace(
        base,
        levels=tuple(sorted(levels, key=lambda level: (-level[1], level[0]))),
        other=other,
        other_levels=None if other else 0,
        added=tuple(sorted(added)),
    )


def _chosen(names: Iterable[str]) -> set[str]:
    """Return not more names than are listed: those with the smallest hashes.

    A name among the smallest of the whole is so in every part that has it, so its count is complete.
    Source: bottom-k sketches, E. Cohen, H. Kaplan, "Summarizing data using bottom-k sketches", PODC 2007.
    """
    some = list(names)
    return set(some if len(some) <= ADDED_LEVELS else heapq.nsmallest(ADDED_LEVELS, some, key=_hash))


def _hash(name: str) -> tuple[int, str]:
    return zlib.crc32(name.encode("utf-8", "surrogatepass")), name
