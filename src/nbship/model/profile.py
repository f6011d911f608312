"""Profiles: mergeable statistical summaries of datasets, without any of their rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from nbship.model.shown import Shown

__all__ = ["PROFILE_VERSION", "ColumnKind", "ColumnProfile", "ExactMoments", "Profile", "TokenCounts"]

PROFILE_VERSION = 1
"""Format of a profile's JSON. Adding a field with a default needs no bump; anything else does, with a reader for the
older format in `nbship.profiling.json_form`."""


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
        doubles of decreasing size whose mathematical sum is the exact sum. Empty for zero.
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

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.count - self.missing


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
