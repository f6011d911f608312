"""What became of each cell from one run to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbship.model.comparison import CellChange, CellDiff
from nbship.provenance.alignment import align
from nbship.provenance.line_diff import diff_lines, opening_lines, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.store.needed_code import CodeCell

__all__ = ["diff_cells"]


def diff_cells(left: Sequence[CodeCell], right: Sequence[CodeCell]) -> tuple[CellDiff, ...]:
    """Return one entry for each cell of either run, equal ones included.

    Parameters
    ----------
    left, right
        The cells that the runs depend on, as `nbship.store.needed_code.needed_code` gives them.

    Returns
    -------
    tuple of CellDiff
        In the order of the second run; a removed cell stands behind the cell that it followed. Changed cells come with
        their diff, moved ones with the lines by which they are recognised, equal ones without any.
    """
    alignment = align(left, right)
    partner = {theirs: mine for mine, theirs in alignment.pairs}
    moved = {theirs for _, theirs in alignment.moved}
    rows = [
        ((theirs, -1), _kept_or_new(left, partner.get(theirs), cell, theirs, moved=theirs in moved))
        for theirs, cell in enumerate(right)
    ]
    removed = set(range(len(left))) - set(partner.values())
    places = _places(len(left), dict(set(alignment.pairs) - alignment.moved))
    rows += [((places[mine], mine), _removed(left[mine], mine)) for mine in removed]
    return tuple(row for _, row in sorted(rows, key=lambda row: row[0]))


def _places(count: int, in_order: dict[int, int]) -> list[int]:
    """Return for each left cell the right position of the last cell up to it that kept its order; -1 before the first."""
    places, last = [], -1
    for mine in range(count):
        last = in_order.get(mine, last)
        places.append(last)
    return places


def _kept_or_new(
    left: Sequence[CodeCell], mine: int | None, cell: CodeCell, theirs: int, *, moved: bool
) -> CellDiff:
    if mine is None:
        return CellDiff(CellChange.ADDED, None, theirs + 1, whole(cell.source, "+"), cell.cell_id)
    before = left[mine]
    if before.source != cell.source:
        lines = diff_lines(before.source, cell.source)
        return CellDiff(CellChange.CHANGED, mine + 1, theirs + 1, lines, cell.cell_id)
    if moved:
        return CellDiff(CellChange.MOVED, mine + 1, theirs + 1, opening_lines(cell.source), cell.cell_id)
    return CellDiff(CellChange.SAME, mine + 1, theirs + 1, cell_id=cell.cell_id)


def _removed(cell: CodeCell, mine: int) -> CellDiff:
    return CellDiff(CellChange.REMOVED, mine + 1, None, whole(cell.source, "-"), cell.cell_id)
