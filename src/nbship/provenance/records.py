"""The JSON records of a run as typed data.

Every function raises `TypeError`, `ValueError`, `KeyError` or `AttributeError` for a record of another form: decoding
alone does not look at the types of texts and numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbship.model.codec import decode
from nbship.model.data import DatasetRecord
from nbship.model.profile import Profile
from nbship.model.run_record import SeedCall

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "RandomStates",
    "RunSummary",
    "SeedCall",
    "parse_datasets",
    "parse_importance",
    "parse_object",
    "parse_profile",
    "parse_summary",
]


@dataclass(frozen=True, slots=True)
class RandomStates:
    """Generator name to digest of its state, when the run began and when it ended."""

    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What ``nbship/run.json`` says of chance: `cells` are the run's own, by their ledger index."""

    cells: tuple[int, ...] = ()
    seeds: tuple[SeedCall, ...] = ()
    rng: RandomStates = field(default_factory=RandomStates)
    random_state_used: tuple[str, ...] = ()


def parse_datasets(data: Mapping[str, Any]) -> tuple[DatasetRecord, ...]:
    """Return the datasets of ``nbship/data.json``."""
    return tuple(_checked(decode(DatasetRecord, one)) for one in data["datasets"])


def _checked(record: DatasetRecord) -> DatasetRecord:
    """Return the record if its texts are texts and its numbers numbers."""
    found = record.fingerprint
    texts = [record.name, found.digest, found.kind, found.algorithm]
    texts += [
        text
        for column in (*found.index, *found.columns)
        for text in (column.name, column.dtype, column.digest)
    ]
    numbers = [found.size_bytes, *found.shape, *([] if found.rows is None else [found.rows])]
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(size, int) for size in numbers):
        raise TypeError(f"the fingerprint of {record.name!r} has fields of other types")
    return record


def parse_object(data: Any) -> dict[str, Any]:
    """Return a JSON object as it is."""
    if not isinstance(data, dict):
        raise TypeError(f"expected an object, found {type(data).__name__}")
    return data


def parse_summary(data: Any) -> RunSummary:
    """Return what ``nbship/run.json`` says of chance."""
    return decode(RunSummary, parse_object(data))


def parse_importance(data: Mapping[str, Any]) -> dict[str, float]:
    """Return the shares of ``nbship/importance.json``."""
    return {str(name): float(share) for name, share in data["importance"].items()}


def parse_profile(data: dict[str, Any]) -> Profile:
    """Return a profile of ``nbship/profiles``."""
    profile = Profile.from_dict(data)
    texts: list[Any] = [profile.name, profile.digest]
    counts: list[Any] = [count for column in profile.columns for _, count in column.levels]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("the name of the dataset is no text")
    if not all(isinstance(count, int) and count >= 0 for count in counts):
        raise ValueError("a level has a count that is none")
    return profile
