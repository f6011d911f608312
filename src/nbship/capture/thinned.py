"""As many rows of a table as its profile can afford, column by column.

Public: `Plan`, `Thinned`, `plan`, `thin`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.capture.even_rows import column_rows, even_places, even_rows
from nbship.capture.profile_cost import COLUMN_SECONDS, column_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.profiling.column import Column
    from nbship.profiling.table import Table

__all__ = ["Plan", "Thinned", "plan", "thin"]

_MOST_CELLS = 20_000_000
_CHEAP_VALUE_SECONDS = 250e-9
_CHEAP_SECONDS = 0.6
"""Of all numbers, times and levels of a table together."""
_COSTLY_SECONDS = 0.3
"""Of all its texts, identifiers and objects together."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many rows of each column are looked at, and what that is expected to cost.

    Attributes
    ----------
    rows
        Of the table.
    counts
        For each column.
    seconds
        CPU time that the profile takes.
    """

    rows: int
    counts: tuple[int, ...]
    seconds: float

    @property
    def cells(self) -> int:
        """How many values are looked at."""
        return sum(self.counts)

    @property
    def whole(self) -> bool:
        """Whether every value is looked at."""
        return all(count == self.rows for count in self.counts)

    def at_most(self, rows: int) -> Plan:
        """Return the plan that looks at no more rows than this."""
        counts = tuple(min(count, rows) for count in self.counts)
        fixed = COLUMN_SECONDS * len(counts)
        return Plan(self.rows, counts, fixed + (self.seconds - fixed) * sum(counts) / max(1, self.cells))


@dataclass(frozen=True, slots=True)
class Thinned:
    """Columns of a table, some or all with fewer rows.

    Attributes
    ----------
    table
        Its `rows` are those of the longest column.
    total
        Rows of the table it was made of.
    """

    table: Table
    total: int

    @property
    def sampled_from(self) -> int | None:
        """Rows of the whole table, where no column was looked at in full."""
        return self.total if self.table.rows < self.total else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to say of columns that have fewer rows than others."""
        return tuple(
            f"{column.name}: only {column.count:,} evenly spread rows of {self.total:,} are summarised"
            for column in self.table.columns
            if column.count < self.table.rows
        )


def plan(value: Any, *, most_cells: int = _MOST_CELLS) -> Plan:
    """Return how many rows of each column a profile can afford.

    Cheap columns have equally many, so that they can be looked at together; of costly ones each gets the same time,
    and what one does not need the others have.

    Parameters
    ----------
    value
        A frame, a table of Arrow, or an array of two dimensions.
    most_cells
        How many values are looked at in any case.
    """
    rows, columns = value.shape
    if not rows or not columns:
        return Plan(rows, (rows,) * columns, COLUMN_SECONDS * columns)
    costs = column_seconds(value)
    cheap = [cost for cost in costs if cost <= rows * _CHEAP_VALUE_SECONDS]
    share = min(1.0, _CHEAP_SECONDS / max(sum(cheap), 1e-9), most_cells / (rows * columns))
    limit = _limit([cost for cost in costs if cost > rows * _CHEAP_VALUE_SECONDS], _COSTLY_SECONDS)
    shares = [share if cost <= rows * _CHEAP_VALUE_SECONDS else min(share, limit / cost) for cost in costs]
    counts = tuple(min(rows, max(1, int(rows * part))) for part in shares)
    spent = sum(cost * count / rows for cost, count in zip(costs, counts, strict=True))
    return Plan(rows, counts, spent + COLUMN_SECONDS * columns)


def _limit(costs: Sequence[float], seconds: float) -> float:
    """Return the cost that each may have at most so that together they have no more than `seconds`."""
    left, level = seconds, 0.0
    for position, cost in enumerate(sorted(costs)):
        level = left / (len(costs) - position)
        if cost > level:
            return level
        left -= cost
    return max(costs, default=0.0)


def thin(value: Any, plan: Plan, *, copy: bool) -> Thinned:
    """Return the rows of a table that a plan names.

    Parameters
    ----------
    copy
        Whether nothing may be shared that the kernel may change.
    """
    from nbship.profiling.table import Table, read_table  # noqa: PLC0415 - only a kernel that tracks a table needs it

    if plan.whole:
        return Thinned(read_table(even_rows(value, plan.rows) if copy else value), plan.rows)
    table = read_table(value)
    chosen = {count: even_places(plan.rows, count) for count in set(plan.counts)}
    columns = tuple(
        column if count == plan.rows and not copy else _thin_column(value, place, column, chosen[count])
        for place, (column, count) in enumerate(zip(table.columns, plan.counts, strict=True))
    )
    return Thinned(Table(max(plan.counts), columns, table.notes), plan.rows)


def _thin_column(value: Any, place: int, column: Column, chosen: Any) -> Column:
    """Return some rows of a column under its name in the table."""
    from nbship.profiling.table import read_table  # noqa: PLC0415 - as above

    (thinned,) = read_table(column_rows(value, place, chosen)).columns
    thinned.name, thinned.dtype = column.name, column.dtype
    return thinned
