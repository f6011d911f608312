"""The drift of a dataset: one row for every column of either side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nbship.detection.columns import draft_of, only_current, only_reference
from nbship.detection.decision import count_tests, decide, ranked
from nbship.detection.window_cuts import Cuts, cut_rows
from nbship.detection.windows import CellDraft, cells_of, windows_of
from nbship.errors import UsageError
from nbship.model.drift import DriftOptions, DriftReport, DriftSide, DriftState
from nbship.model.profile import ColumnProfile, Profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbship.detection.evidence import Draft
    from nbship.detection.sides import Side
    from nbship.profiling.table import Column, Table

__all__ = ["detect"]


def detect(
    reference: Table | Profile,
    current: Table | Profile,
    *,
    reference_name: str,
    current_name: str,
    options: DriftOptions | None = None,
    importance: Mapping[str, float] | None = None,
    model: str = "",
    importance_method: str = "",
    roles: Mapping[str, str] | None = None,
) -> DriftReport:
    """Compare two datasets column by column, and decide which columns drifted.

    Parameters
    ----------
    reference, current
        Rows or profiles. Rows against rows are compared exactly; profiles up to the width of their bins.
    reference_name, current_name
        How the report calls them.
    importance
        Column to its share of a model's importance: it weighs the rows, and makes drift of columns that the model
        hardly looks at harmless. Columns that it does not name are never harmless.
    model, importance_method
        Where the importances come from, in plain words.
    roles
        Column to ``target`` or ``prediction``; profiles may bring their own.

    Returns
    -------
    DriftReport
        With a row for every column of either side. A column whose values cannot be compared has a row that says why.

    Raises
    ------
    UsageError
        When the options ask for windows that cannot be cut.
    """
    chosen = options or DriftOptions()
    cuts = _cuts(current, chosen)
    found = list(_visit(reference, current, chosen, cuts))
    drafts = [_with_role(visited.draft, roles or {}) for visited in found]
    rows = decide(drafts, chosen)
    windows, window_tests = windows_of(cuts, [v.cells for v in found if v.cells], chosen) if cuts else ((), 0)
    return DriftReport(
        _side(reference, reference_name),
        _side(current, current_name),
        ranked(rows, chosen, importance),
        chosen,
        tests=count_tests(drafts) + window_tests,
        windows=windows,
        model=model,
        importance_method=importance_method,
        notes=_notes(reference, current, cuts),
    )


@dataclass(frozen=True, slots=True)
class _Visited:
    """One column: its undecided row, and its windows where there are any."""

    draft: Draft
    cells: list[CellDraft | None]


def _visit(
    reference: Table | Profile, current: Table | Profile, options: DriftOptions, cuts: Cuts | None
) -> Iterator[_Visited]:
    """Compare column by column, so that no more than one is in memory."""
    ours, theirs = _chosen(reference, options), _chosen(current, options)
    for name, column in ours.items():
        other = theirs.get(name)
        if other is None:
            yield _Visited(only_reference(column), [])
            continue
        compared = draft_of(column, other, options)
        if cuts is not None and name == cuts.time:
            yield _Visited(_undecided(compared.draft), [])
            continue
        yield _Visited(compared.draft, _cells(compared.reference, column, other, options, cuts))
    for name, column in theirs.items():
        if name not in ours:
            yield _Visited(only_current(column), [])


def _undecided(draft: Draft) -> Draft:
    """Return the row of the column that windows are cut by: later times differ from earlier ones by their nature."""
    row = replace(draft.row, state=DriftState.SKIPPED, reason="the windows are cut by it")
    return replace(draft, row=row, evidence=())


def _chosen(side: Table | Profile, options: DriftOptions) -> dict[str, Column | ColumnProfile]:
    return {
        column.name: column
        for column in side.columns
        if not options.columns or column.name in options.columns
    }


def _cells(
    side: Side | None,
    reference: Column | ColumnProfile,
    current: Column | ColumnProfile,
    options: DriftOptions,
    cuts: Cuts | None,
) -> list[CellDraft | None]:
    """Return the column's windows."""
    if cuts is None or side is None or isinstance(current, ColumnProfile):
        return []
    return cells_of(side, (reference.missing, reference.count), current, cuts, options)


def _cuts(current: Table | Profile, options: DriftOptions) -> Cuts | None:
    if options.by is None:
        return None
    if isinstance(current, Profile):
        raise UsageError(
            f"by = {options.by!r} cuts rows into windows, and the current side is a profile without rows"
        )
    return cut_rows(current, options.by, options.time)


def _with_role(draft: Draft, roles: Mapping[str, str]) -> Draft:
    role = roles.get(draft.row.name)
    return draft if role is None else replace(draft, row=replace(draft.row, role=role))


def _side(side: Table | Profile, name: str) -> DriftSide:
    sampled = side.sampled_from if isinstance(side, Profile) else None
    return DriftSide(
        name, side.rows, len(side.columns), exact=not isinstance(side, Profile), sampled_from=sampled
    )


def _notes(reference: Table | Profile, current: Table | Profile, cuts: Cuts | None) -> tuple[str, ...]:
    notes = [f"reference: {note}" for note in reference.notes] + [
        f"current: {note}" for note in current.notes
    ]
    if cuts is not None:
        notes += cuts.notes
        notes.append(
            "windows: the tests of all columns and windows are corrected as one family of their own; "
            "distances are those of thinned values"
        )
    return tuple(notes)
