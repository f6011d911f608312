"""The datasets that differ."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbship.model.comparison import DatasetDiff
from nbship.provenance.column_diff import ColumnsDiff, diff_columns
from nbship.provenance.dataset_matching import known_datasets, match_datasets
from nbship.provenance.number_words import bytes_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbship.model.profile import Profile
    from nbship.provenance.dataset_matching import DatasetPair, KnownDataset
    from nbship.provenance.evidence import RunEvidence

__all__ = ["DataDiff", "diff_data"]

_PHRASES = {"changed": "changed", "type": "of another type", "new": "new", "gone": "gone", "moved": "moved"}
_TABULAR = frozenset({"table", "array", "sparse", "folder"})


@dataclass(frozen=True, slots=True)
class DataDiff:
    """The datasets that differ, how many are equal, and those that could be told apart better with profiles."""

    datasets: tuple[DatasetDiff, ...]
    equal: int = 0
    unprofiled: tuple[str, ...] = ()


def diff_data(left: RunEvidence, right: RunEvidence) -> DataDiff:
    """Compare the datasets of two runs, by content; a new name for the same content is no difference."""
    pairs = match_datasets(known_datasets(left), known_datasets(right))
    importance = right.importance or left.importance
    differing = [pair for pair in pairs if not _is_equal(pair)]
    unprofiled = [new.name for old, new in differing if old and new and _wants_profiles(old, new)]
    datasets = tuple(_diff(pair, importance) for pair in differing)
    return DataDiff(datasets, len(pairs) - len(differing), tuple(unprofiled))


def _is_equal(pair: DatasetPair) -> bool:
    old, new = pair
    return old is not None and new is not None and old.digest == new.digest


def _wants_profiles(old: KnownDataset, new: KnownDataset) -> bool:
    """Say whether profiles are missed; single columns such as a Series have none in any case."""
    both = (old.fingerprint, new.fingerprint)
    tables = all(one is not None and one.kind == "table" and len(one.columns) > 1 for one in both)
    return tables and _profiles(old, new) is None


def _profiles(old: KnownDataset, new: KnownDataset) -> tuple[Profile, Profile] | None:
    return (old.profile, new.profile) if old.profile is not None and new.profile is not None else None


def _diff(pair: DatasetPair, importance: Mapping[str, float] | None) -> DatasetDiff:
    old, new = pair
    if old is None or new is None:
        return _one_sided(old, new)
    renamed = f"was called {old.name}; " if old.name != new.name else ""
    columns = ColumnsDiff(())
    if _has_columns(old, new) and old.fingerprint and new.fingerprint:
        columns = diff_columns(old.fingerprint, new.fingerprint, _profiles(old, new), importance)
    text = renamed + "; ".join(_sentences(old, new, columns))
    return DatasetDiff(new.name, "changed", text, columns.columns, old.rows, new.rows)


def _one_sided(old: KnownDataset | None, new: KnownDataset | None) -> DatasetDiff:
    one = new or old
    assert one is not None  # a pair holds at least one dataset
    if new is None:
        return DatasetDiff(one.name, "gone", _size(one), left_rows=one.rows)
    return DatasetDiff(one.name, "new", _size(one), right_rows=one.rows)


def _size(one: KnownDataset) -> str:
    found = one.fingerprint
    if found is not None and found.kind == "file":
        return f"file of {bytes_text(found.size_bytes)}"
    columns = f", {len(found.columns):,} columns" if found is not None and found.kind == "table" else ""
    return f"{one.rows:,} rows{columns}" if one.rows is not None else "of unknown size"


def _has_columns(old: KnownDataset, new: KnownDataset) -> bool:
    return old.kind_of_digest == new.kind_of_digest and all(
        one.fingerprint is not None and one.fingerprint.kind in _TABULAR for one in (old, new)
    )


def _sentences(old: KnownDataset, new: KnownDataset, columns: ColumnsDiff) -> Iterator[str]:
    yield _rows(old, new)
    if old.kind_of_digest != new.kind_of_digest:
        yield f"contents cannot be compared: the digests are of two kinds ({old.kind_of_digest}; {new.kind_of_digest})"
    elif columns.columns or columns.alike:
        yield _counted(new, columns)
    elif old.rows == new.rows:
        yield "content changed"


def _rows(old: KnownDataset, new: KnownDataset) -> str:
    if old.rows is None or new.rows is None:
        return _bytes(old, new)
    word = "files" if new.fingerprint is not None and new.fingerprint.kind == "folder" else "rows"
    return f"{old.rows:,} {word}" if old.rows == new.rows else f"{old.rows:,} -> {new.rows:,} {word}"


def _bytes(old: KnownDataset, new: KnownDataset) -> str:
    if old.fingerprint is None or new.fingerprint is None:
        return "of unknown size"
    sizes = bytes_text(old.fingerprint.size_bytes), bytes_text(new.fingerprint.size_bytes)
    return sizes[0] if sizes[0] == sizes[1] else " -> ".join(sizes)


def _counted(new: KnownDataset, columns: ColumnsDiff) -> str:
    """Return e.g. ``3 of 19 columns changed, 1 is new``."""
    counts = Counter(column.change for column in columns.columns)
    total = len(new.fingerprint.columns) if new.fingerprint else 0
    said = [f"{counts[change]:,} {phrase}" for change, phrase in _PHRASES.items() if counts[change]]
    if said:
        first, rest = said[0].split(" ", 1)
        said[0] = f"{first} of {total:,} columns {rest}"
    others = "other" if columns.alike == 1 else "others"
    said += [f"{columns.alike:,} {others} alike in distribution"] if columns.alike else []
    said += [f"{columns.unlisted:,} more differ"] if columns.unlisted else []
    return ", ".join(said)
