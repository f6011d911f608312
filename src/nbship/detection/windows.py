"""Windows over time: every part of the current side against the whole reference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from nbship.detection.evidence import strongest
from nbship.detection.level_side import LevelSide
from nbship.detection.missingness import compare_missing
from nbship.detection.multiplicity import corrected
from nbship.detection.ordered_side import OrderedSide
from nbship.detection.sides import Side, side_of
from nbship.detection.text_side import TextSide
from nbship.detection.values import compare_values
from nbship.model.drift import DriftWindow, MissingDrift, WindowCell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbship.detection.evidence import Evidence
    from nbship.detection.window_cuts import Cut, Cuts
    from nbship.model.drift import DriftOptions
    from nbship.profiling.table import Column

__all__ = ["CellDraft", "cells_of", "windows_of"]


@dataclass(frozen=True, slots=True)
class CellDraft:
    """One column in one window before its p-values are corrected."""

    name: str
    evidence: tuple[Evidence, ...]
    missing: MissingDrift | None
    value: float | None

    def p_values(self) -> Iterator[float]:
        """Yield the p-values in the order in which `_decided` takes the corrected ones."""
        yield from (item.test.p_value for item in self.evidence)
        if self.missing is not None and self.missing.test is not None:
            yield self.missing.test.p_value


def cells_of(
    reference: Side, missing: tuple[int, int], current: Column, cuts: Cuts, options: DriftOptions
) -> list[CellDraft | None]:
    """Compare each window of a column with the whole reference; None for a window without rows.

    Parameters
    ----------
    reference
        The values of the whole reference.
    missing
        Missing values and rows of the reference.
    """
    return [_cell(reference, missing, current, cut, options) if cut.count else None for cut in cuts.windows]


def _cell(
    reference: Side, missing: tuple[int, int], current: Column, cut: Cut, options: DriftOptions
) -> CellDraft:
    part = current.take(cut.rows)
    lost = compare_missing(missing, (part.missing, part.count))
    if part.missing == part.count:
        return CellDraft(current.name, (), lost, None)
    side = side_of(part)
    evidence = compare_values(reference, side, options, current.kind, thin=True).evidence
    return CellDraft(current.name, evidence, lost, _value(reference, side))


def _value(reference: Side, side: Side) -> float | None:
    """Return the mean of ordered values, or the share of the reference's most frequent level."""
    if isinstance(reference, LevelSide) and isinstance(side, LevelSide):
        return None if reference.top is None else side.counts.get(reference.top, 0) / side.size
    ordered = side.lengths if isinstance(side, TextSide) else side
    return ordered.moments[0] if isinstance(ordered, OrderedSide) and ordered.finite else None


def windows_of(
    cuts: Cuts, columns: Sequence[list[CellDraft | None]], options: DriftOptions
) -> tuple[tuple[DriftWindow, ...], int]:
    """Correct the p-values of all columns and windows as one family; return the windows and how many there were."""
    p_values = [p for cells in columns for cell in cells if cell is not None for p in cell.p_values()]
    stream = iter(corrected(p_values, options.correction))
    decided = [
        [None if cell is None else _decided(cell, options, stream) for cell in cells] for cells in columns
    ]
    windows = tuple(
        DriftWindow(cut.label, cut.count, tuple(c for c in cells if c is not None), cut.start, cut.end)
        for cut, *cells in zip(cuts.windows, *decided, strict=True)
    )
    return windows, len(p_values)


def _decided(cell: CellDraft, options: DriftOptions, p_corrected: Iterator[float]) -> WindowCell:
    own = list(islice(p_corrected, len(cell.evidence)))
    evidence = [
        replace(item, test=replace(item.test, p_corrected=p))
        for item, p in zip(cell.evidence, own, strict=True)
    ]
    alarms = [item for item in evidence if item.large and item.test.p_corrected < options.q]
    lost = _lost(cell.missing, options, p_corrected)
    shown = strongest(alarms or evidence, options)
    if shown is None or (lost is not None and not alarms):
        effect, p = lost or (None, None)
        return WindowCell(
            cell.name, lost is not None, effect, None if lost is None else options.missing, p, cell.value
        )
    return WindowCell(
        cell.name,
        bool(alarms),
        shown.effect.value,
        shown.effect.threshold,
        shown.test.p_corrected,
        cell.value,
    )


def _lost(
    missing: MissingDrift | None, options: DriftOptions, p_corrected: Iterator[float]
) -> tuple[float, float] | None:
    """Return the change of what is missing and its corrected p-value where that is an alarm."""
    if missing is None or missing.test is None:
        return None
    p, change = next(p_corrected), abs(missing.current - missing.reference)
    return (change, p) if change >= options.missing and p < options.q else None
