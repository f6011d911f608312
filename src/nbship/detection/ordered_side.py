"""One side of an ordered column: its values in order, or their counts in the bins of a profile."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any

from nbship.detection.quantile_function import QuantileFunction, of_bins, of_sorted

if TYPE_CHECKING:
    from nbship.model.profile import ColumnProfile

__all__ = ["BinnedSide", "OrderedSide", "SortedSide"]

_NANOSECONDS = 1e9
_ENDS = (0.05, 0.25, 0.5, 0.75, 0.95)


class OrderedSide(ABC):
    """Values on a line; times are seconds since the epoch.

    Attributes
    ----------
    size
        How many values, infinite ones included.
    infinite
        How many of them are infinite.
    """

    size: int
    infinite: int

    @property
    def finite(self) -> int:
        """How many values are finite."""
        return self.size - self.infinite

    @property
    @abstractmethod
    def function(self) -> QuantileFunction:
        """The quantile function of the finite values, of which there is at least one."""

    @property
    @abstractmethod
    def limits(self) -> tuple[float, float]:
        """The smallest and the largest finite value."""

    @property
    @abstractmethod
    def moments(self) -> tuple[float | None, float | None]:
        """Mean and standard deviation (ddof 1) of the finite values; None where undefined."""

    @abstractmethod
    def upto(self, cuts: Any) -> Any:
        """Return how many values are at most as large as each of the cuts."""

    @abstractmethod
    def near_quantiles(self, shares: Any) -> Any:
        """Return values at or near these shares of all values, at which `upto` is exact."""

    @property
    @abstractmethod
    def infinite_by_sign(self) -> tuple[int, int] | None:
        """How many values are minus infinity, and how many plus; None where only their sum is known."""

    def quantiles(self) -> tuple[float, ...]:
        """Return the finite values at 5, 25, 50, 75 and 95 %; empty where they are too large to interpolate."""
        import numpy as np

        with np.errstate(all="ignore"):
            found = tuple(float(value) for value in self.function.at(np.array(_ENDS)))
        return found if all(map(isfinite, found)) else ()


class SortedSide(OrderedSide):
    """All values, ascending.

    Parameters
    ----------
    values
        float64, ascending, not empty, NaN never.
    """

    def __init__(self, values: Any) -> None:
        import numpy as np

        self.values = values
        self.size = len(values)
        self._first = int(np.searchsorted(values, -np.inf, "right"))
        self._last = int(np.searchsorted(values, np.inf, "left"))
        self.infinite = self.size - (self._last - self._first)

    @property
    def infinite_by_sign(self) -> tuple[int, int] | None:
        """How many values are minus infinity, and how many plus."""
        return self._first, self.size - self._last

    @property
    def finite_values(self) -> Any:
        """The finite values, ascending."""
        return self.values[self._first : self._last]

    @cached_property
    def function(self) -> QuantileFunction:
        """The quantile function of the finite values."""
        return of_sorted(self.finite_values)

    @property
    def limits(self) -> tuple[float, float]:
        """The smallest and the largest finite value."""
        return float(self.values[self._first]), float(self.values[self._last - 1])

    @cached_property
    def moments(self) -> tuple[float | None, float | None]:
        """Mean and standard deviation (ddof 1) of the finite values."""
        import numpy as np

        values = self.finite_values
        with np.errstate(all="ignore"):  # numbers near the largest double have no variance
            mean = float(values.mean()) if len(values) else np.nan
            spread = float(values.std(ddof=1)) if len(values) > 1 else np.nan
        return mean if isfinite(mean) else None, spread if isfinite(spread) else None

    def upto(self, cuts: Any) -> Any:
        """Return how many values are at most as large as each of the cuts."""
        import numpy as np

        return np.searchsorted(self.values, cuts, "right")

    def near_quantiles(self, shares: Any) -> Any:
        """Return the values below which these shares of all values are."""
        import numpy as np

        return self.values[np.clip(np.ceil(shares * self.size).astype(np.int64) - 1, 0, self.size - 1)]

    def quantiles(self) -> tuple[float, ...]:
        """Return the finite values at 5, 25, 50, 75 and 95 %, interpolated as numpy does."""
        import numpy as np

        values = self.finite_values
        position = np.array(_ENDS) * (len(values) - 1)
        below = position.astype(np.int64)
        above = np.minimum(below + 1, len(values) - 1)
        part = position - below
        return tuple(float(value) for value in values[below] * (1 - part) + values[above] * part)


class BinnedSide(OrderedSide):
    """The counts of a profile."""

    def __init__(
        self, column: ColumnProfile, moments: tuple[float | None, float | None], unit: float
    ) -> None:
        import numpy as np

        self.size, self.infinite = int(sum(column.counts)), column.infinite
        self.edges = np.asarray(column.edges, dtype=np.float64) / unit
        self.counts = np.asarray(column.counts, dtype=np.int64)
        self._moments = moments
        low, high = column.minimum, column.maximum
        self._limits = (0.0, 0.0) if low is None or high is None else (low / unit, high / unit)

    @cached_property
    def function(self) -> QuantileFunction:
        """The quantile function of the finite values."""
        return of_bins(self.edges, self.counts, *self._limits, self._moments[0])

    @property
    def limits(self) -> tuple[float, float]:
        """The smallest and the largest finite value."""
        return self._limits

    @property
    def moments(self) -> tuple[float | None, float | None]:
        """Mean and standard deviation (ddof 1) of the finite values."""
        return self._moments

    @property
    def infinite_by_sign(self) -> tuple[int, int] | None:
        """How many values are minus infinity, and how many plus: unknown, unless there are none."""
        return None if self.infinite else (0, 0)

    @cached_property
    def cumulated(self) -> Any:
        """How many values are at most as large as each edge."""
        return self.counts.cumsum()[:-1]

    def upto(self, cuts: Any) -> Any:
        """Return how many values are at most as large as each of the cuts: exact at edges, else interpolated."""
        import numpy as np

        position = np.minimum(np.searchsorted(self.edges, cuts), max(len(self.edges) - 1, 0))
        if len(self.edges) and np.array_equal(self.edges[position], cuts):
            return self.cumulated[position]
        return np.interp(cuts, self.function.values, self.function.shares) * self.size

    def near_quantiles(self, shares: Any) -> Any:
        """Return the edges that are nearest to these shares of all values."""
        import numpy as np

        middle = self.cumulated - self.counts[:-1] / 2
        return self.edges[np.minimum(np.searchsorted(middle, shares * self.size), len(self.edges) - 1)]

    def bounds(self, cuts: Any) -> tuple[Any, Any]:
        """Return how many values are at least, and at most, as large as each of the cuts or smaller."""
        import numpy as np

        steps = np.concatenate([[0], self.cumulated, [self.size]])
        low, high = self._limits
        at = np.searchsorted(self.edges, cuts, "right")
        exact = np.isin(cuts, self.edges)
        least = np.where(cuts >= high, self.size, steps[at])
        most = np.where(exact, least, np.where(cuts < low, 0, steps[np.minimum(at + 1, len(steps) - 1)]))
        return least, np.maximum(least, most)
