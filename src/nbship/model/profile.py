"""Profiles: mergeable statistical summaries of datasets, without any of their rows."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nbship.model.codec import decode, encode
from nbship.model.packed import pack_counts, pack_edges, unpack_counts, unpack_edges
from nbship.model.shown import Shown

__all__ = [
    "INFINITE",
    "PROFILE_VERSION",
    "ColumnKind",
    "ColumnProfile",
    "ExactMoments",
    "Profile",
    "TokenCounts",
]

PROFILE_VERSION = 1
"""Format of a profile's JSON. Adding a field with a default needs no bump; anything else does, with a reader for the
older format in `Profile.from_dict`."""


INFINITE = float("inf")
"""The sums in `ExactMoments` of values that are too large to be summed."""


class ColumnKind(StrEnum):
    """What the values of a column are, which decides how two samples of it are compared."""

    NUMERIC = "numeric"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    CATEGORICAL = "categorical"
    TEXT = "text"
    UNSUPPORTED = "unsupported"
    """Values that have no order and no levels, such as lists; only missing ones are counted."""

    @property
    def ordered(self) -> bool:
        """Whether the values lie on a line."""
        return self in (ColumnKind.NUMERIC, ColumnKind.DATETIME)

    @property
    def levelled(self) -> bool:
        """Whether the values are levels that are counted."""
        return self in (ColumnKind.BOOLEAN, ColumnKind.CATEGORICAL)


@dataclass(frozen=True, slots=True)
class ExactMoments:
    """Sums that are exact, so that those of parts add up to those of the whole whatever the order.

    Attributes
    ----------
    origin
        What is subtracted from every value first, so that squares of large values keep their digits.
    first, second
        Sum of the deviations from `origin` and of their squares (each square rounded to a double), as an expansion:
        doubles of decreasing size whose mathematical sum is the exact sum. Empty for zero; infinity when a value is
        too large for its square to be summed.
    """

    origin: float
    first: tuple[float, ...] = ()
    second: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """How many texts contain a word, by the hash of the word: no word itself is kept.

    Attributes
    ----------
    texts
        For each of a fixed number of buckets, how many texts contain a word of that bucket.
    words
        Total number of words, each counted once a text.
    """

    texts: tuple[int, ...]
    words: int


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """The summary of one column.

    Attributes
    ----------
    name
        The column's name as text; a name that occurs again gets `` [2]``, `` [3]`` behind it.
    dtype
        The logical type, as in `nbship.model.data.ColumnFingerprint`.
    count
        Rows, missing ones included.
    missing
        Rows without a value (None, NaN, NaT).
    infinite
        Rows with an infinite number; they stand in the outermost bins, and in no moment.
    role
        ``feature``, ``target`` or ``prediction``.
    minimum, maximum
        Of the finite values. For datetimes whole nanoseconds since the epoch (UTC where there is a time zone), for
        texts their lengths in characters; None without values.
    edges, counts
        Ascending bin edges, and the number of values in each of the ``len(edges) + 1`` bins: up to and including the
        first edge, …, above the last. Same units as `minimum`. Empty for levels.
    moments
        Of the finite values; for datetimes in seconds from the first edge; for texts of their lengths.
    levels
        Level and count of the most frequent levels, most frequent first, then by name. Booleans are
        ``False`` and ``True``.
    other
        Values of levels that are not listed.
    other_levels
        How many levels are not listed; None when a merge made it unknown.
    withheld
        How many levels are not listed because fewer than `min_count` rows have them.
    tokens
        For texts.
    added
        Those among `levels` that the profile it was made like does not list, by name; at most a thousand, chosen by
        the hash of the name, so that the choice of the whole follows from those of the parts.
    """

    name: str
    kind: ColumnKind
    dtype: str
    count: int
    missing: int = 0
    infinite: int = 0
    role: str = "feature"
    minimum: float | int | None = None
    maximum: float | int | None = None
    edges: tuple[float | int, ...] = ()
    counts: tuple[int, ...] = ()
    moments: ExactMoments | None = None
    levels: tuple[tuple[str, int], ...] = ()
    other: int = 0
    other_levels: int | None = 0
    withheld: int = 0
    tokens: TokenCounts | None = None
    added: tuple[str, ...] = ()

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.count - self.missing

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form: fields at their default are left out, long rows of numbers packed."""
        changed = {
            field.name: encode(value)
            for field in dataclasses.fields(self)
            if field.name not in _PACKED and (value := getattr(self, field.name)) != field.default
        }
        if self.counts:
            changed |= {"edges": pack_edges(self.edges), "counts": pack_counts(self.counts)}
        if self.tokens:
            changed["tokens"] = {"texts": pack_counts(self.tokens.texts), "words": self.tokens.words}
        if self.moments and INFINITE in self.moments.first:
            changed["moments"] = {"origin": self.moments.origin, "infinite": True}
        return changed

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ColumnProfile:
        """Build the column that `to_dict` described."""
        packed: dict[str, Any] = {}
        if "counts" in data:
            packed = {"edges": unpack_edges(data["edges"]), "counts": unpack_counts(data["counts"])}
        if "tokens" in data:
            packed["tokens"] = TokenCounts(unpack_counts(data["tokens"]["texts"]), data["tokens"]["words"])
        if data.get("moments", {}).get("infinite"):
            packed["moments"] = ExactMoments(data["moments"]["origin"], (INFINITE,), (INFINITE,))
        plain = {key: value for key, value in data.items() if key not in packed}
        return dataclasses.replace(decode(cls, plain), **packed)


_PACKED = ("edges", "counts", "tokens")


@dataclass(frozen=True, slots=True)
class Profile(Shown):
    """The summary of a dataset.

    Attributes
    ----------
    rows
        Number of rows that were summarised.
    name
        What the dataset was called.
    digest
        Digest of its fingerprint, where one was taken.
    sampled_from
        Rows of the dataset, when only evenly spaced ones of them were summarised; None when all were.
    notes
        What could not be summarised, in plain words.
    """

    rows: int
    columns: tuple[ColumnProfile, ...]
    name: str = ""
    digest: str = ""
    sampled_from: int | None = None
    notes: tuple[str, ...] = ()
    version: int = PROFILE_VERSION

    def column(self, name: str) -> ColumnProfile | None:
        """Return the column of that name."""
        return next((column for column in self.columns if column.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form; `from_dict` gives an equal profile back, to the last bit."""
        columns = [column.to_dict() for column in self.columns]
        return {**encode(dataclasses.replace(self, columns=())), "columns": columns}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Profile:
        """Build the profile that `to_dict` described.

        Raises
        ------
        ValueError
            When the JSON is no profile, or one of a version that this nbship does not know.
        """
        if not isinstance(data.get("version"), int):
            raise ValueError("this is no profile of nbship: it has no format version")  # noqa: TRY004 - its content
        if (version := data["version"]) > PROFILE_VERSION:
            raise ValueError(
                f"the profile has format {version}, this nbship reads up to {PROFILE_VERSION}: update nbship"
            )
        try:
            columns = tuple(ColumnProfile.from_dict(column) for column in data["columns"])
            return dataclasses.replace(decode(cls, {**data, "columns": []}), columns=columns)
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"the profile is damaged: {error!r}") from error
