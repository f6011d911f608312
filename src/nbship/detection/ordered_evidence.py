"""Evidence about ordered values: numbers, times, and the lengths of texts."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from nbship.detection.contingency import homogeneity
from nbship.detection.cut import telling_cut
from nbship.detection.evidence import Evidence
from nbship.detection.instants import iso
from nbship.detection.ks import ks_p_value
from nbship.detection.levels import jensen_shannon_effect
from nbship.detection.ordered import ks_between, ks_measure, moved, spread_of
from nbship.detection.wording import change, number, percent
from nbship.model.drift import Effect, Measure, SignificanceTest
from nbship.model.profile import ColumnKind

if TYPE_CHECKING:
    from nbship.detection.ordered_side import OrderedSide
    from nbship.model.drift import DriftOptions

__all__ = ["OrderedFinding", "ordered_finding"]

_NOUNS = {ColumnKind.DATETIME: "times", ColumnKind.TEXT: "lengths"}
_UNITS = {ColumnKind.TEXT: " characters"}


@dataclass(frozen=True, slots=True)
class OrderedFinding:
    """Evidence and distances of one ordered column."""

    evidence: tuple[Evidence, ...]
    measures: tuple[Measure, ...]
    notes: tuple[str, ...] = ()


def ordered_finding(
    reference: OrderedSide,
    current: OrderedSide,
    options: DriftOptions,
    kind: ColumnKind = ColumnKind.NUMERIC,
    *,
    thin: bool = False,
) -> OrderedFinding:
    """Compare two sides that both have values.

    The tests are Kolmogorov and Smirnov's, of all values, and for values with gaps or ties that of the shares at
    one cut (see `telling_cut`).
    The effect is the Wasserstein-1 distance of the finite ones in robust spreads of the reference, against the
    practical threshold raised by the distance that chance gives on average. The share of infinite values has a test of
    its own.
    """
    statistic = ks_between(reference, current)
    test = SignificanceTest("ks", statistic, ks_p_value(statistic, reference.size, current.size))
    measures: tuple[Measure, ...] = (ks_measure(statistic, reference, current),)
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()
    if reference.finite and current.finite:
        spread = spread_of(reference, current)
        distance, chance = moved(reference, current, spread.value, thin=thin)
        threshold = sqrt(options.wasserstein**2 + chance.mean**2)
        effect = Effect("wasserstein", distance, threshold)
        finding = _moved_words(reference, current, distance, kind)
        evidence = (Evidence(effect, test, finding), *_at_cut(reference, current, effect, finding, kind))
        measures += (Measure("wasserstein", distance, chance.upper),)
        if not spread.own and distance:
            notes = (
                "the reference is constant, so distances are in standard deviations of both sides together",
            )
    return OrderedFinding(evidence + _infinite(reference, current, options), measures, notes)


def _moved_words(reference: OrderedSide, current: OrderedSide, distance: float, kind: ColumnKind) -> str:
    noun = _NOUNS.get(kind, "values")
    moved_by = f"{noun} moved by {number(distance)} of their usual spread"
    before, after = reference.moments[0], current.moments[0]
    if before is None or after is None:
        return moved_by
    if kind is ColumnKind.DATETIME:
        return f"{moved_by} (mean {iso(before, seconds=False)} -> {iso(after, seconds=False)})"
    spread, other = reference.moments[1], current.moments[1]
    if spread is not None and other is not None and abs(other - spread) > 2 * abs(after - before):
        return f"{moved_by} (standard deviation {change(spread, other)}{_UNITS.get(kind, '')})"
    return f"{moved_by} (mean {change(before, after)}{_UNITS.get(kind, '')})"


def _at_cut(
    reference: OrderedSide, current: OrderedSide, effect: Effect, moved_words: str, kind: ColumnKind
) -> tuple[Evidence, ...]:
    """Return the evidence of the shares at the cut that tells most; none where there is no such cut."""
    cut = telling_cut(reference, current)
    if cut is None:
        return ()
    value = iso(cut.value) if kind is ColumnKind.DATETIME else number(cut.value)
    those = f"those {'above' if cut.above else 'up to'} {value}{_UNITS.get(kind, '')}"
    shares = f"{percent(cut.reference)} -> {percent(cut.current)}"
    test = SignificanceTest(cut.test.name, cut.test.statistic, cut.test.p_value)
    return (Evidence(effect, test, f"{moved_words}, most of all {those}: {shares}"),)


def _infinite(reference: OrderedSide, current: OrderedSide, options: DriftOptions) -> tuple[Evidence, ...]:
    """Return the evidence of infinite values, whose distance is not a number: their share, as that of a level."""
    if not reference.infinite and not current.infinite:
        return ()
    found = homogeneity(*_infinite_counts(reference, current))
    if found is None:
        return ()
    test = SignificanceTest(found.name, found.statistic, found.p_value)
    effect = jensen_shannon_effect(found.left, found.right, options)
    return (Evidence(effect, test, _infinite_words(reference, current), "infinite"),)


def _infinite_words(reference: OrderedSide, current: OrderedSide) -> str:
    """Return how the share of infinite values changed: of one sign where that tells more than both together."""
    parts = {"infinite values": (reference.infinite, current.infinite)}
    before, after = reference.infinite_by_sign, current.infinite_by_sign
    if before is not None and after is not None:
        parts |= {"values of -inf": (before[0], after[0]), "values of inf": (before[1], after[1])}
    shares = {what: (left / reference.size, right / current.size) for what, (left, right) in parts.items()}
    what = max(shares, key=lambda name: abs(shares[name][1] - shares[name][0]))
    return f"{what} went from {' to '.join(map(percent, shares[what]))}"


def _infinite_counts(reference: OrderedSide, current: OrderedSide) -> tuple[Any, Any]:
    """Return the counts of finite values and of infinite ones, by their sign where both sides know it."""
    import numpy as np

    signs = [side.infinite_by_sign for side in (reference, current)]
    counts = [
        [side.finite, side.infinite] if None in signs or sign is None else [side.finite, *sign]
        for side, sign in zip((reference, current), signs, strict=True)
    ]
    return np.array(counts[0], dtype=np.int64), np.array(counts[1], dtype=np.int64)
