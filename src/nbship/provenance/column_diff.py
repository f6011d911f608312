"""The columns of a dataset that differ."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nbship.model.comparison import ColumnChange
from nbship.model.drift import DriftOptions, DriftState
from nbship.provenance.alignment import rising
from nbship.provenance.column_words import column_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbship.model.data import ColumnFingerprint, Fingerprint
    from nbship.model.drift import ColumnDrift
    from nbship.model.profile import Profile

__all__ = ["ColumnsDiff", "diff_columns"]

_MOST_COLUMNS = 200
_MOST_DRIFTS = 20
_STABLE = (DriftState.STABLE, DriftState.SKIPPED)


@dataclass(frozen=True, slots=True)
class ColumnsDiff:
    """The columns that differ, those that matter most first.

    `alike` counts those whose values changed without a trace in their distribution, because rows came or went.
    `unlisted` counts those beyond the most that are listed.
    """

    columns: tuple[ColumnChange, ...]
    alike: int = 0
    unlisted: int = 0


def diff_columns(
    left: Fingerprint,
    right: Fingerprint,
    profiles: tuple[Profile, Profile] | None = None,
    importance: Mapping[str, float] | None = None,
) -> ColumnsDiff:
    """Compare two tables column by column, in words where there are profiles of both.

    Where the numbers of rows differ, the digest of every column does; without profiles, only columns that are new,
    gone or of another type are listed then.
    """
    old, new = _named(left), _named(right)
    changed = [name for name in new if name in old and old[name].digest != new[name].digest]
    typed = [name for name in changed if old[name].dtype != new[name].dtype]
    drifts = _drifts(profiles, changed, importance) if profiles and changed else {}
    same_rows = left.rows == right.rows
    values = [name for name in changed if name not in typed]
    shown, alike = _changed_values(values, old, new, drifts, same_rows=same_rows)
    found = [
        *(ColumnChange(name, "new", new[name].dtype) for name in new if name not in old),
        *(ColumnChange(name, "gone", old[name].dtype) for name in old if name not in new),
        *(_typed(old[name], new[name], drifts.get(name)) for name in typed),
        *shown,
        *_moved(list(old), list(new)),
    ]
    return ColumnsDiff(tuple(_light(found[:_MOST_COLUMNS])), alike, max(0, len(found) - _MOST_COLUMNS))


def _named(fingerprint: Fingerprint) -> dict[str, ColumnFingerprint]:
    """Return the columns by name, repeated ones as ``name [2]``, levels of the index as ``index name``."""
    seen: Counter[str] = Counter()
    named = {}
    levels = [replace(level, name=f"index {level.name}".rstrip()) for level in fingerprint.index]
    for column in (*levels, *fingerprint.columns):
        seen[column.name] += 1
        again = f" [{seen[column.name]}]" if seen[column.name] > 1 else ""
        named[column.name + again] = column
    return named


def _drifts(
    profiles: tuple[Profile, Profile], names: list[str], importance: Mapping[str, float] | None
) -> dict[str, ColumnDrift]:
    """Compare the profiles of the columns that changed; their p-values are corrected together."""
    from nbship.detection.report import detect  # noqa: PLC0415 - most comparisons have no use for it

    both = [name for name in names if all(profile.column(name) is not None for profile in profiles)]
    if not both:
        return {}
    report = detect(
        *profiles,
        reference_name="left",
        current_name="right",
        options=DriftOptions(columns=tuple(both)),
        importance=importance,
    )
    return {column.name: column for column in report.columns}


def _changed_values(
    names: list[str],
    old: Mapping[str, ColumnFingerprint],
    new: Mapping[str, ColumnFingerprint],
    drifts: Mapping[str, ColumnDrift],
    *,
    same_rows: bool,
) -> tuple[list[ColumnChange], int]:
    shown, alike = [], 0
    rank = {name: place for place, name in enumerate(drifts)}
    for name in sorted(names, key=lambda name: rank.get(name, len(rank))):
        drift = drifts.get(name)
        if not same_rows and (drift is None or drift.state in _STABLE):
            alike += drift is not None
            continue
        weak = old[name].weak or new[name].weak
        shown.append(ColumnChange(name, "changed", _words(drift, weak=weak), drift))
    return shown, alike


def _words(drift: ColumnDrift | None, *, weak: bool) -> str:
    if weak:
        return "values changed, or only the way they are pickled"
    if drift is None:
        return "values changed"
    said = column_words(drift)
    if not said:
        return "values changed, their summary did not"
    return f"{said} (no more than chance)" if drift.state is DriftState.STABLE else said


def _typed(old: ColumnFingerprint, new: ColumnFingerprint, drift: ColumnDrift | None) -> ColumnChange:
    return ColumnChange(new.name, "type", f"{old.dtype} -> {new.dtype}", drift)


def _moved(old: list[str], new: list[str]) -> Iterator[ColumnChange]:
    """Yield the fewest columns that stand elsewhere among those that both tables have."""
    kept = set(old) & set(new)
    common = [name for name in old if name in kept]
    place = {name: at for at, name in enumerate(name for name in new if name in kept)}
    in_order = rising([place[name] for name in common])
    for at, name in enumerate(common):
        if place[name] not in in_order:
            yield ColumnChange(name, "moved", f"column {at + 1} -> {place[name] + 1} of those in both")


def _light(columns: Iterable[ColumnChange]) -> Iterator[ColumnChange]:
    """Keep the full comparison of the first columns only: a table may have thousands."""
    for at, column in enumerate(columns):
        yield column if at < _MOST_DRIFTS else replace(column, drift=None)
