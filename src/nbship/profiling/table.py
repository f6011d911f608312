"""Tables of any library as columns that are read one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.profiling.column import Column, Desk
from nbship.profiling.sources import read_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbship.model.profile import ColumnKind

__all__ = ["Column", "Table", "read_table"]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length.

    Attributes
    ----------
    notes
        What the names of the columns do not tell, in plain words.
    """

    rows: int
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> Column | None:
        """Return the column of that name."""
        return next((column for column in self.columns if column.name == name), None)

    def select(self, names: Iterable[str]) -> Table:
        """Return the table of only these columns, in the order of this one; names it lacks are left out."""
        wanted = set(names)
        return Table(self.rows, tuple(column for column in self.columns if column.name in wanted), self.notes)

    def take(self, rows: Any) -> Table:
        """Return the table of the rows that a slice or an int array of positions names."""
        count = len(range(*rows.indices(self.rows))) if isinstance(rows, slice) else len(rows)
        desk = Desk()
        return Table(count, tuple(column.take(rows, desk=desk) for column in self.columns), self.notes)


def read_table(value: Any, *, kinds: Mapping[str, ColumnKind] | None = None) -> Table:
    """Return a dataset as a table whose columns are read when they are looked at.

    Parameters
    ----------
    value
        A pandas or polars DataFrame or Series, a pyarrow Table or RecordBatch, a numpy array of one or two dimensions
        or with fields, or a dict of equally long columns.
    kinds
        What columns are to be read as, by name, where their values allow it.

    Raises
    ------
    UsageError
        When the value is no table.
    """
    wanted = kinds or {}
    if isinstance(value, Table):
        columns = tuple(column.read_as(wanted.get(column.name)) for column in value.columns)
        return Table(value.rows, columns, value.notes)
    found, desk = read_sources(value), Desk()
    names, notes = _unique([source.name for source in found.columns])
    columns = tuple(
        Column(name, found.rows, source.load, source.label, hint=wanted.get(name), desk=desk)
        for name, source in zip(names, found.columns, strict=True)
    )
    return Table(found.rows, columns, (*found.notes, *notes))


def _unique(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Tell equal names apart by a number behind; return the names and what was done."""
    taken, unique = set(names), []
    twice = [name for name, count in Counter(names).items() if count > 1]
    seen = Counter[str]()
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else _numbered(name, seen, taken))
    return unique, [f"several columns are named {name!r}; they are told apart by a number" for name in twice]


def _numbered(name: str, seen: Counter[str], taken: set[str]) -> str:
    while (numbered := f"{name} [{seen[name]}]") in taken:
        seen[name] += 1
    taken.add(numbered)
    return numbered
