"""Evidence about levels: booleans, categories."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from nbship.detection.bins import jensen_shannon, psi
from nbship.detection.chance import cramers_v_chance, divergence_mean, jensen_shannon_chance, psi_chance
from nbship.detection.contingency import TableTest, chi_square, homogeneity
from nbship.detection.evidence import Evidence
from nbship.detection.level_side import LevelSide, LevelTable, side_by_side
from nbship.detection.lone_level import lone_level
from nbship.detection.wording import number, percent, quoted
from nbship.model.drift import Effect, LevelChange, Measure, SignificanceTest

if TYPE_CHECKING:
    from nbship.model.drift import DriftOptions

__all__ = ["LevelFinding", "jensen_shannon_effect", "level_changes", "level_finding"]

_LISTED = 20


@dataclass(frozen=True, slots=True)
class LevelFinding:
    """Evidence and distances of one column of levels."""

    evidence: tuple[Evidence, ...]
    measures: tuple[Measure, ...]
    notes: tuple[str, ...] = ()


def level_finding(reference: LevelSide, current: LevelSide, options: DriftOptions) -> LevelFinding:
    """Compare two sides that both have values.

    The test is Pearson's of homogeneity, with rare levels pooled and exact moments. The effect is the Jensen-Shannon
    distance (base 2) of the pooled table, against the practical threshold raised by what chance gives on average: for
    unpooled rare levels the distance would be large for no reason. The level that changed most, against all others,
    is evidence of its own.
    """
    table = side_by_side(reference, current)
    test = homogeneity(table.reference, table.current)
    if test is None:
        return LevelFinding(_one_level(), (), _notes(reference, current, None))
    effect = jensen_shannon_effect(test.left, test.right, options)
    most = _most_changed(table, reference, current)
    finding = f"the mix of levels differs by {number(effect.value)} (Jensen-Shannon distance){most}"
    tested = SignificanceTest(test.name, test.statistic, test.p_value)
    return LevelFinding(
        (Evidence(effect, tested, finding), *_lone(table, reference, current, options)),
        _measures(test, effect.value),
        _notes(reference, current, test),
    )


def _lone(
    table: LevelTable, reference: LevelSide, current: LevelSide, options: DriftOptions
) -> tuple[Evidence, ...]:
    """Return the evidence of the level that changed most; none where there are only two, or it has no name."""
    found = lone_level(table.reference, table.current)
    if found is None or found.place >= len(table.names):
        return ()
    test = SignificanceTest(found.test.name, found.test.statistic, found.test.p_value)
    effect = jensen_shannon_effect(found.test.left, found.test.right, options)
    before, after = _shares(table, found.place, reference, current)
    said = f"level {quoted(table.names[found.place])} went from {before} to {after}"
    return (Evidence(effect, test, said),)


def _one_level() -> tuple[Evidence, ...]:
    """Return the evidence of two constants, which have no table: they are one level, or put together for want of more."""
    return (
        Evidence(
            Effect("jensen_shannon", 0.0, 0.0), SignificanceTest("chi_square", None, 1.0), "the same level"
        ),
    )


def jensen_shannon_effect(left: Any, right: Any, options: DriftOptions) -> Effect:
    """Return the Jensen-Shannon distance of two rows of counts with the threshold for samples of their sizes."""
    chance = divergence_mean(int(left.sum()), int(right.sum())) * (len(left) - 1)
    return Effect("jensen_shannon", jensen_shannon(left, right), sqrt(options.jensen_shannon**2 + chance))


def _measures(test: TableTest, distance: float) -> tuple[Measure, ...]:
    bins, sizes = len(test.left), (int(test.left.sum()), int(test.right.sum()))
    statistic = chi_square(test.left, test.right) if test.statistic is None else test.statistic
    from scipy.special import chdtri

    return (
        Measure("jensen_shannon", distance, jensen_shannon_chance(bins, *sizes).upper),
        Measure("psi", psi(test.left, test.right), psi_chance(bins, *sizes).upper),
        Measure("chi_square", statistic, float(chdtri(bins - 1, 0.05))),
        Measure("cramers_v", sqrt(statistic / sum(sizes)), cramers_v_chance(bins, *sizes).upper),
    )


def _most_changed(table: LevelTable, reference: LevelSide, current: LevelSide) -> str:
    """Return the level whose share changed most, in words; empty where it has no name."""
    import numpy as np

    before, after = table.reference / table.reference.sum(), table.current / table.current.sum()
    most = int(np.abs(after - before).argmax())
    if most >= len(table.names) or before[most] == after[most]:
        return ""
    shares = " -> ".join(_shares(table, most, reference, current))
    return f", most of all {quoted(table.names[most])}: {shares}"


def _shares(table: LevelTable, place: int, reference: LevelSide, current: LevelSide) -> tuple[str, str]:
    """Return both shares of a level; of a side that does not list it the largest that it may have."""

    def share(side: LevelSide, counts: Any) -> str:
        unsure = "at most " if table.names[place] not in side.counts and side.other else ""
        return unsure + percent(float(counts[place] / side.size))

    return share(reference, table.reference), share(current, table.current)


def _notes(reference: LevelSide, current: LevelSide, test: TableTest | None) -> tuple[str, ...]:
    notes = []
    known = len(reference.counts.keys() | current.counts.keys())
    if test is not None and len(test.left) < known:
        notes.append(f"rare levels are pooled: {known:,} levels in {len(test.left):,} groups")
    if reference.other or current.other:
        side = "reference" if reference.other else "current"
        notes.append(
            f"the profile of the {side} does not list all its levels; rare ones and those not listed are put together"
        )
    return tuple(notes)


def level_changes(reference: LevelSide, current: LevelSide) -> tuple[tuple[LevelChange, ...], int]:
    """Return the most frequent levels that only `current` has, and how many there are.

    Nothing is said where the reference does not list all its levels.
    """
    if reference.other:
        return (), 0
    only = [level for level in current.counts if level not in reference.counts]
    only.sort(key=lambda level: (-current.counts[level], level))
    listed = (
        LevelChange(level, current.counts[level], current.counts[level] / current.size)
        for level in only[:_LISTED]
    )
    return tuple(listed), len(only)
