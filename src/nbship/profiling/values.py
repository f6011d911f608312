"""The values of one column in the few forms that statistics need, whatever library they came from."""

from __future__ import annotations

import heapq
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from nbship.model.profile import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LevelValues", "NumberValues", "OpaqueValues", "TextValues", "TimeValues", "Values", "no_values"]

_NANOSECONDS = {
    "D": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}
_LAST = (1 << 63) - 1


class Values(ABC):
    """The values of one column.

    Attributes
    ----------
    kind
        What they are compared as.
    owned_bytes
        Memory that exists only because of this object; 0 for a view of the user's own data.
    """

    kind: ColumnKind
    owned_bytes: int = 0

    @abstractmethod
    def missing_mask(self) -> Any:
        """Return a bool array, True where a row has no value."""

    @abstractmethod
    def take(self, rows: Any) -> Values:
        """Return the values of the rows that a slice or an array of positions names."""

    def missing(self) -> int:
        """Return how many rows have no value."""
        return int(self.missing_mask().sum())


class NumberValues(Values):
    """Real numbers of any numpy dtype; NaN and what the mask covers are missing.

    `unit` is what one of them stands for, as a numerator and a denominator: seconds of a duration.
    """

    kind = ColumnKind.NUMERIC

    def __init__(
        self, array: Any, mask: Any = None, *, unit: tuple[int, int] = (1, 1), owned: bool = False
    ) -> None:
        self._array, self._mask, self._unit = array, mask, unit
        self.owned_bytes = array.nbytes if owned else 0

    def missing_mask(self) -> Any:
        """Return a bool array, True where a row has no value."""
        import numpy as np

        if self._array.dtype.kind == "f":
            lost = np.isnan(self._array)
            return lost if self._mask is None else lost | self._mask
        return np.zeros(len(self._array), bool) if self._mask is None else self._mask

    def numbers(self) -> Any:
        """Return the present values as float64, infinities included; a view of the user's data where possible."""
        import numpy as np

        lost = self.missing_mask()
        present = self._array[~lost] if lost.any() else self._array
        with np.errstate(over="ignore"):  # a long double beyond the range of a double is infinite as one
            numbers = present.astype(np.float64, copy=False)
        factor, divisor = self._unit
        return numbers if factor == divisor else numbers * factor / divisor

    def take(self, rows: Any) -> Values:
        """Return the values of the rows that a slice or an array of positions names."""
        mask = None if self._mask is None else self._mask[rows]
        return NumberValues(self._array[rows], mask, unit=self._unit)


class TimeValues(Values):
    """Points in time as counts of a unit since the epoch.

    Parameters
    ----------
    counts
        int64.
    unit
        As numpy writes it, ``D`` to ``ns``.
    mask
        True where missing; None for none.
    zone
        Empty for naive times, else the name of the time zone; the counts are UTC then.
    """

    kind = ColumnKind.DATETIME

    def __init__(self, counts: Any, unit: str, mask: Any, zone: str, *, owned: bool = False) -> None:
        self._counts, self._unit, self._mask, self.zone = counts, unit, mask, zone
        self.owned_bytes = counts.nbytes if owned else 0

    def missing_mask(self) -> Any:
        """Return a bool array, True where a row has no value."""
        import numpy as np

        return np.zeros(len(self._counts), bool) if self._mask is None else self._mask

    def instants(self) -> Any:
        """Return nanoseconds since the epoch, int64; times before 1677 or after 2262 become the limit of int64."""
        present = self._counts if self._mask is None else self._counts[~self._mask]
        factor = _NANOSECONDS[self._unit]
        return present if factor == 1 else present.clip(-_LAST // factor + 1, _LAST // factor) * factor

    def take(self, rows: Any) -> Values:
        """Return the values of the rows that a slice or an array of positions names."""
        mask = None if self._mask is None else self._mask[rows]
        return TimeValues(self._counts[rows], self._unit, mask, self.zone)


class LevelValues(Values):
    """Levels as positions in a list of names, -1 where missing; names may be unused, but none occurs twice."""

    def __init__(self, codes: Any, names: Sequence[str], kind: ColumnKind, *, owned: bool = True) -> None:
        self._codes, self._names, self.kind = codes, names, kind
        self.owned_bytes = codes.nbytes if owned else 0

    def missing_mask(self) -> Any:
        """Return a bool array, True where a row has no value."""
        return self._codes < 0

    def codes(self) -> tuple[Any, list[str]]:
        """Return the position of each row's level as int32, and the names of the levels."""
        import numpy as np

        return self._codes.astype(np.int32, copy=False), list(self._names)

    def counts(self) -> Any:
        """Return how often each of the named levels occurs, int64."""
        import numpy as np

        return np.bincount(self._codes[self._codes >= 0], minlength=len(self._names))

    def frequent(self, limit: int | None = None) -> list[tuple[str, int]]:
        """Return the levels that occur and how often, most frequent first, then by name; at most `limit` of them."""
        import numpy as np

        counts = self.counts()
        used = np.flatnonzero(counts)
        if limit is None or len(used) <= limit:
            return sorted(self._named(used, counts), key=_rank)
        if not limit:
            return []
        least = np.partition(counts[used], len(used) - limit)[len(used) - limit]
        certain = self._named(used[counts[used] > least], counts)
        level = self._named(used[counts[used] == least], counts)
        return sorted(certain, key=_rank) + heapq.nsmallest(limit - len(certain), level, key=_rank)

    def _named(self, places: Any, counts: Any) -> list[tuple[str, int]]:
        names = self._names
        return [
            (names[place], count)
            for place, count in zip(places.tolist(), counts[places].tolist(), strict=True)
        ]

    def take(self, rows: Any) -> Values:
        """Return the values of the rows that a slice or an array of positions names."""
        return LevelValues(self._codes[rows], self._names, self.kind)


class TextValues(Values):
    """Texts that are read, not counted: a numpy array of objects, or a pyarrow array of strings."""

    kind = ColumnKind.TEXT

    def __init__(self, values: Any, mask: Any) -> None:
        self._values, self._mask = values, mask

    def missing_mask(self) -> Any:
        """Return a bool array, True where a row has no value."""
        return self._mask

    def texts(self) -> list[str]:
        """Return the present texts."""
        if hasattr(self._values, "drop_null"):
            texts: list[str] = self._values.drop_null().to_pylist()
            return texts
        return [str(text) for text in self._values[~self._mask].tolist()]

    def lengths(self) -> Any:
        """Return the lengths of the present texts in characters, int64."""
        import numpy as np

        if hasattr(self._values, "drop_null"):
            import pyarrow.compute as pc

            lengths = pc.utf8_length(self._values.drop_null())
            return lengths.to_numpy().astype(np.int64, copy=False)
        texts = self.texts()
        return np.fromiter(map(len, texts), np.int64, len(texts))

    def take(self, rows: Any) -> Values:
        """Return the values of the rows that a slice or an array of positions names."""
        if not hasattr(self._values, "drop_null"):
            return TextValues(self._values[rows], self._mask[rows])
        import numpy as np

        picked = np.arange(len(self._mask))[rows] if isinstance(rows, slice) else rows
        return TextValues(self._values.take(picked), self._mask[rows])


def _rank(level: tuple[str, int]) -> tuple[int, str]:
    return -level[1], level[0]


class OpaqueValues(Values):
    """Values that nothing is known about but whether they are there, and why."""

    kind = ColumnKind.UNSUPPORTED

    def __init__(self, mask: Any, reason: str) -> None:
        self._mask, self.reason = mask, reason
        self.owned_bytes = mask.nbytes

    def missing_mask(self) -> Any:
        """Return a bool array, True where a row has no value."""
        return self._mask

    def take(self, rows: Any) -> Values:
        """Return the values of the rows that a slice or an array of positions names."""
        return OpaqueValues(self._mask[rows], self.reason)


def no_values(rows: int, kind: ColumnKind) -> Values:
    """Return a column of `rows` missing values of a kind."""
    import numpy as np

    mask = np.ones(rows, bool)
    match kind:
        case ColumnKind.NUMERIC:
            return NumberValues(np.full(rows, np.nan), owned=True)
        case ColumnKind.DATETIME:
            return TimeValues(np.zeros(rows, np.int64), "ns", mask, "", owned=True)
        case ColumnKind.TEXT:
            return TextValues(np.full(rows, "", object), mask)
        case ColumnKind.UNSUPPORTED:
            return OpaqueValues(mask, "it has no value")
        case _:
            return LevelValues(np.full(rows, -1, np.int32), [], kind)
