"""One column of a table: what it is at once, its values when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from nbship.profiling.values import LevelValues, NumberValues, OpaqueValues, TextValues, TimeValues, Values

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.model.profile import ColumnKind

__all__ = ["Column", "Desk"]

Form = TypeVar("Form", bound=Values)

_DESK_BYTES = 24 << 20


class Desk:
    """Where the columns of a table keep values that had to be converted: not more than fit."""

    def __init__(self) -> None:
        self._kept: dict[int, Values] = {}
        self._bytes = 0

    def fetch(self, column: Column, load: Callable[[], Values]) -> Values:
        """Return the values of a column, from here or else loaded."""
        kept = self._take_off(id(column))
        values = load() if kept is None else kept
        self._take_off(id(column))  # loading may have looked at the column itself
        self._kept[id(column)] = values
        self._bytes += values.owned_bytes
        self._make_room(values)
        return values

    def _take_off(self, key: int) -> Values | None:
        values = self._kept.pop(key, None)
        self._bytes -= 0 if values is None else values.owned_bytes
        return values

    def _make_room(self, newest: Values) -> None:
        while self._bytes > _DESK_BYTES:
            oldest = next(iter(self._kept))
            if self._kept[oldest] is newest:
                return
            self._take_off(oldest)


class Column:
    """A column that is read when it is looked at.

    Attributes
    ----------
    name
        As text, without equals in its table.
    count
        Rows, missing ones included.
    """

    def __init__(
        self,
        name: str,
        count: int,
        load: Callable[[ColumnKind | None], Values],
        label: Callable[[], str],
        *,
        hint: ColumnKind | None = None,
        desk: Desk | None = None,
    ) -> None:
        self.name, self.count = name, count
        self._load, self._label, self._hint = load, label, hint
        self._desk = desk or Desk()

    def __repr__(self) -> str:
        return f"Column({self.name!r}, {self.kind.value}, {self.dtype}, {self.count} rows)"

    @cached_property
    def dtype(self) -> str:
        """The logical type, as in `nbship.model.data.ColumnFingerprint`."""
        return self._label()

    @property
    def kind(self) -> ColumnKind:
        """What the values are compared as."""
        return self._head.kind

    @property
    def reason(self) -> str:
        """Why the values are unsupported; empty when they are not."""
        return self._head.reason

    @property
    def zone(self) -> str | None:
        """Name of the time zone, empty for naive times; None when the column holds no times."""
        return self._head.zone

    @cached_property
    def missing(self) -> int:
        """Rows without a value."""
        return self._values().missing()

    def numbers(self) -> Any:
        """Return the present values of a NUMERIC column.

        Returns
        -------
        ndarray of float64, shape (present,)
            Infinities included, NaN never. It may be a view of the user's data: not to be changed.
        """
        return self._as(NumberValues).numbers()

    def instants(self) -> Any:
        """Return the present values of a DATETIME column.

        Returns
        -------
        ndarray of int64, shape (present,)
            Nanoseconds since the epoch, UTC where there is a zone. It may be a view of the user's data.
        """
        return self._as(TimeValues).instants()

    def level_counts(self, limit: int | None = None) -> list[tuple[str, int]]:
        """Return the levels of a BOOLEAN or CATEGORICAL column and how often they occur.

        Most frequent first, then by name; not more than `limit`, which spares sorting a million names.
        """
        return self._as(LevelValues).frequent(limit)

    @cached_property
    def distinct(self) -> int:
        """How many levels of a BOOLEAN or CATEGORICAL column occur."""
        return int((self._as(LevelValues).counts() > 0).sum())

    def codes(self) -> tuple[Any, list[str]]:
        """Return each row's position in a list of levels, and that list, for BOOLEAN or CATEGORICAL.

        Returns
        -------
        ndarray of int32, shape (count,)
            -1 where missing.
        list of str
            The levels, used or not, in no particular order.
        """
        return self._as(LevelValues).codes()

    def lengths(self) -> Any:
        """Return the lengths of the present values of a TEXT column in characters, int64, shape (present,)."""
        return self._as(TextValues).lengths()

    def texts(self) -> list[str]:
        """Return the present values of a TEXT column."""
        return self._as(TextValues).texts()

    def missing_mask(self) -> Any:
        """Return a bool array of shape (count,), True where a row has no value."""
        return self._values().missing_mask()

    def read_as(self, kind: ColumnKind | None) -> Column:
        """Return the same column, read as another kind where its values allow it."""
        if kind is None or kind is self._hint or (self._hint is None and kind is self.kind):
            return self
        return Column(self.name, self.count, self._load, self._label, hint=kind, desk=self._desk)

    def take(self, rows: Any, *, desk: Desk | None = None) -> Column:
        """Return the column of the rows that a slice or an int array of positions names; of the same kind."""
        count = len(range(*rows.indices(self.count))) if isinstance(rows, slice) else len(rows)

        def load(kind: ColumnKind | None) -> Values:
            return self.read_as(kind)._values().take(rows)  # noqa: SLF001 - of the same class

        return Column(self.name, count, load, lambda: self.dtype, hint=self.kind, desk=desk)

    def _as(self, form: type[Form]) -> Form:
        values = self._values()
        if not isinstance(values, form):
            raise TypeError(f"column {self.name!r} is {self.kind}: it has no {form.__name__}")
        return values

    @cached_property
    def _head(self) -> _Head:
        return _Head.of(self._desk.fetch(self, lambda: self._load(self._hint)))

    def _values(self) -> Values:
        kind = self._head.kind
        return self._desk.fetch(self, lambda: self._load(kind))


@dataclass(frozen=True, slots=True)
class _Head:
    """What the first look at the values has shown, so that later ones need not search for it."""

    kind: ColumnKind
    reason: str
    zone: str | None

    @classmethod
    def of(cls, values: Values) -> _Head:
        reason = values.reason if isinstance(values, OpaqueValues) else ""
        return cls(values.kind, reason, values.zone if isinstance(values, TimeValues) else None)
