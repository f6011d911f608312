"""Compare one column on both sides, whatever is known of each: rows or a profile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nbship.detection.decision import decide
from nbship.detection.distributions import level_shares, ordered_shares
from nbship.detection.evidence import Draft
from nbship.detection.level_side import LevelSide
from nbship.detection.levels import level_changes
from nbship.detection.missingness import compare_missing
from nbship.detection.ordered import binned_measures
from nbship.detection.ordered_side import OrderedSide
from nbship.detection.sides import Side, column_zone, side_of
from nbship.detection.summaries import summary_of
from nbship.detection.text_side import TextSide
from nbship.detection.values import compare_values, incomparable
from nbship.model.drift import ColumnDrift, DriftOptions, DriftState
from nbship.model.profile import ColumnKind, ColumnProfile

if TYPE_CHECKING:
    from nbship.profiling.table import Column

__all__ = ["Compared", "compare_columns", "compare_profiles", "draft_of", "only_current", "only_reference"]


@dataclass(frozen=True, slots=True)
class Compared:
    """A row with the reference's side, for windows to be held against it; None where there is nothing to compare."""

    draft: Draft
    reference: Side | None = None


def compare_profiles(reference: ColumnProfile, current: ColumnProfile, options: DriftOptions) -> ColumnDrift:
    """Return the drift between two profiles of one column, its own tests corrected together.

    Parameters
    ----------
    reference, current
        Profiles; distances are exact where both share their edges, and cautious otherwise.
    """
    return compare_columns(reference, current, options)


def compare_columns(
    reference: Column | ColumnProfile, current: Column | ColumnProfile, options: DriftOptions
) -> ColumnDrift:
    """Return the drift of one column between rows or profiles, its own tests corrected together."""
    return decide([draft_of(reference, current, options).draft], options)[0]


def draft_of(
    reference: Column | ColumnProfile, current: Column | ColumnProfile, options: DriftOptions
) -> Compared:
    """Return the undecided row of a column that both sides have; it never raises."""
    try:
        return _draft(reference, current, options)
    except Exception as error:  # noqa: BLE001 - odd values of one column must not cost the report of all others
        reason = f"could not be compared: {type(error).__name__}: {error}"
        return Compared(Draft(_row(reference, current, DriftState.SKIPPED, reason)))


def _draft(
    reference: Column | ColumnProfile, current: Column | ColumnProfile, options: DriftOptions
) -> Compared:
    missing = compare_missing((reference.missing, reference.count), (current.missing, current.count))
    state, reason = _obstacle(reference, current)
    if state is not None:
        row = replace(_row(reference, current, state, reason), missing=missing)
        return Compared(Draft(row))
    left, right = side_of(reference), side_of(current)
    row = replace(
        _row(reference, current, DriftState.STABLE, ""),
        missing=missing,
        reference=summary_of(reference, left),
        current=summary_of(current, right),
    )
    if reason := incomparable(left, right):
        return Compared(
            Draft(replace(row, state=DriftState.SKIPPED, reason=f"{reason}; only missing ones count"))
        )
    return Compared(_with_values(row, left, right, options), left)


def _with_values(row: ColumnDrift, left: Side, right: Side, options: DriftOptions) -> Draft:
    found = compare_values(left, right, options, row.kind)
    row = replace(row, measures=found.measures, notes=(*row.notes, *found.notes))
    if isinstance(left, LevelSide) and isinstance(right, LevelSide):
        new, new_count = level_changes(left, right)
        vanished, vanished_count = level_changes(right, left)
        row = replace(
            row,
            new_levels=new,
            new_count=new_count,
            vanished_levels=vanished,
            vanished_count=vanished_count,
            distribution=level_shares(left, right),
        )
    elif isinstance(left, OrderedSide) and isinstance(right, OrderedSide):
        row = replace(row, measures=(*row.measures, *binned_measures(left, right)))
    lengths, other = _ordered(left), _ordered(right)
    if lengths is not None and other is not None:
        whole = _whole(row)
        row = replace(row, distribution=ordered_shares(lengths, other, whole=whole))
    return Draft(row, found.evidence)


def _ordered(side: Side) -> OrderedSide | None:
    if isinstance(side, TextSide):
        return side.lengths
    return side if isinstance(side, OrderedSide) else None


def _whole(row: ColumnDrift) -> bool:
    """Whether the values are whole numbers, whose bins should not cut between them."""
    if row.kind is ColumnKind.TEXT:
        return True
    return row.kind is ColumnKind.NUMERIC and all(
        side is not None and side.dtype.removeprefix("u").startswith("int")
        for side in (row.reference, row.current)
    )


def _obstacle(
    reference: Column | ColumnProfile, current: Column | ColumnProfile
) -> tuple[DriftState | None, str]:
    """Return the state and the reason of a column whose values cannot be compared; None for one whose can."""
    for side, name in ((reference, "reference"), (current, "current data")):
        if not side.count:
            return DriftState.SKIPPED, f"the {name} has no rows"
    empty = [
        name
        for side, name in ((reference, "reference"), (current, "current data"))
        if side.count == side.missing
    ]
    if empty:
        return (
            DriftState.SKIPPED,
            f"the {' and the '.join(empty)} ha{'s' if len(empty) == 1 else 've'} no values",
        )
    zones = {column_zone(reference), column_zone(current)} - {None}
    if reference.kind is not current.kind or len(zones) > 1:
        return DriftState.TYPE_CHANGED, _type_words(reference, current)
    if reference.kind is ColumnKind.UNSUPPORTED:
        return DriftState.SKIPPED, getattr(current, "reason", "") or _unsupported(current.dtype)
    return None, ""


def _unsupported(dtype: str) -> str:
    return f"values of type {dtype} have neither order nor levels; only missing ones count"


_KIND_WORDS = {
    ColumnKind.NUMERIC: "numbers",
    ColumnKind.DATETIME: "times",
    ColumnKind.BOOLEAN: "true or false",
    ColumnKind.CATEGORICAL: "levels",
    ColumnKind.TEXT: "free text",
    ColumnKind.UNSUPPORTED: "values without order and levels",
}


def _type_words(reference: Column | ColumnProfile, current: Column | ColumnProfile) -> str:
    zones = [column_zone(side) for side in (reference, current)]
    if reference.kind is current.kind and None not in zones:
        was, now = ("with a time zone" if zone else "without time zone" for zone in zones)
        return f"was {was}, is {now}: {reference.dtype}, {current.dtype}"
    if reference.dtype != current.dtype:
        return f"was {reference.dtype}, is {current.dtype}"
    return f"was {_KIND_WORDS[reference.kind]}, is {_KIND_WORDS[current.kind]} (both {current.dtype})"


def _row(
    reference: Column | ColumnProfile, current: Column | ColumnProfile, state: DriftState, reason: str
) -> ColumnDrift:
    return ColumnDrift(
        current.name,
        _kind_or_unsupported(reference),
        state,
        drifted=False,
        reason=reason,
        role=_role(reference, current),
        reference=_summary_or_none(reference),
        current=_summary_or_none(current),
    )


def _kind_or_unsupported(column: Column | ColumnProfile) -> ColumnKind:
    try:
        return column.kind
    except Exception:  # noqa: BLE001 - a column that cannot even be read has a row that says so
        return ColumnKind.UNSUPPORTED


def _summary_or_none(column: Column | ColumnProfile) -> Any:
    try:
        return summary_of(column, None)
    except Exception:  # noqa: BLE001 - a column that cannot even be read has a row that says so
        return None


def _role(*columns: Column | ColumnProfile) -> str:
    roles = [getattr(column, "role", "feature") for column in columns]
    return next((role for role in roles if role != "feature"), "feature")


def only_reference(column: Column | ColumnProfile) -> Draft:
    """Return the row of a column that the current side lacks."""
    return Draft(_lone(column, DriftState.MISSING, "only in the reference", in_reference=True))


def only_current(column: Column | ColumnProfile) -> Draft:
    """Return the row of a column that the reference lacks."""
    return Draft(_lone(column, DriftState.NEW, "only in the current data", in_reference=False))


def _lone(
    column: Column | ColumnProfile, state: DriftState, reason: str, *, in_reference: bool
) -> ColumnDrift:
    summary = _summary_or_none(column)
    return ColumnDrift(
        column.name,
        _kind_or_unsupported(column),
        state,
        drifted=False,
        reason=reason,
        role=_role(column),
        reference=summary if in_reference else None,
        current=None if in_reference else summary,
    )
