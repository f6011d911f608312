"""Which datasets of two runs are the same dataset.

Public: ``known_datasets(evidence) -> list[KnownDataset]``, ``match_datasets(left, right) -> list[DatasetPair]``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from nbship.model.data import Fingerprint
    from nbship.model.profile import Profile
    from nbship.provenance.evidence import RunEvidence

__all__ = ["DatasetPair", "KnownDataset", "known_datasets", "match_datasets"]


@dataclass(frozen=True, slots=True)
class KnownDataset:
    """A dataset with all that its run knows of it; `fingerprint` is None where MLflow alone recorded it."""

    name: str
    digest: str
    rows: int | None
    fingerprint: Fingerprint | None = None
    profile: Profile | None = None

    @property
    def kind_of_digest(self) -> str:
        """What the digest can be compared with."""
        return (
            self.fingerprint.algorithm if self.fingerprint else f"MLflow's of {len(self.digest)} characters"
        )


DatasetPair = tuple[KnownDataset | None, KnownDataset | None]


def known_datasets(evidence: RunEvidence) -> list[KnownDataset]:
    """Return the datasets of a run, with fingerprints and profiles where it has them."""
    if evidence.datasets is None:
        return [KnownDataset(one.name, one.digest, one.rows) for one in evidence.run.datasets]
    known = []
    for record in evidence.datasets:
        print_ = record.fingerprint
        profile = evidence.profiles.get((record.name, print_.digest)) or evidence.profiles.get(
            (record.name, "")
        )
        known.append(KnownDataset(record.name, print_.digest, print_.rows, print_, profile))
    return known


def match_datasets(left: list[KnownDataset], right: list[KnownDataset]) -> list[DatasetPair]:
    """Match datasets by name, then by content, then by shape, for those that were renamed.

    The pairs come in the order of the second run; those that only the first has come last.
    """
    keys: list[Callable[[KnownDataset], Hashable]] = [
        lambda one: (one.name, one.digest),
        lambda one: one.name,
        lambda one: one.digest,
        _shape,
    ]
    free = dict(enumerate(left))
    partner: dict[int, int] = {}
    for key in keys:
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        for mine, one in free.items():
            waiting[key(one)].append(mine)
        for theirs, one in enumerate(right):
            wanted = key(one)
            if theirs not in partner and wanted is not None and waiting[wanted]:
                partner[theirs] = waiting[wanted].pop(0)
                del free[partner[theirs]]
    pairs: list[DatasetPair] = [
        (left[partner[theirs]] if theirs in partner else None, one) for theirs, one in enumerate(right)
    ]
    return pairs + [(one, None) for one in free.values()]


def _shape(one: KnownDataset) -> Hashable:
    """Return kind, shape and column names, by which a renamed dataset with other values is known; None for files."""
    found = one.fingerprint
    if found is None or not found.shape:
        return None
    return found.kind, found.shape, tuple(sorted(column.name for column in found.columns))
