"""Rows of a signature with columns, validated by plans that are compiled once for each combination of types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from nbship.serving.problems import BadRequestError, Problems, Reason
from nbship.serving.values import RefusedError, Step, kind_of_column, steps_of

if TYPE_CHECKING:
    from nbship.model.bundle import InputColumn

__all__ = ["Pick", "Table", "check_count", "check_length"]

Pick = Callable[[list[Any]], Sequence[Any]]
"""Takes the values of the signature, in its order, out of a row of the request."""

_Plan = tuple[tuple[int, Step], ...]

_FEW = 16
"""Rows up to which plans are faster than a look at whole columns."""

_MAX_PLANS = 256
"""Combinations of types that are remembered; requests choose them, so their number must be bounded."""


class Table:
    """The columns of a signature.

    Attributes
    ----------
    names
        Names in order; positions in words where the signature has no names.
    positional
        Whether the signature has no names, so that only positions count.
    optional
        Positions of the columns that a request may leave out.
    """

    def __init__(self, columns: Sequence[InputColumn], max_rows: int) -> None:
        self.positional = not any(column.name for column in columns)
        self.names = [column.name or str(position) for position, column in enumerate(columns)]
        self.optional = frozenset(position for position, column in enumerate(columns) if not column.required)
        self.kinds = [kind_of_column(column.type) for column in columns]
        self.max_rows = max_rows
        self._steps = [
            steps_of(kind, nullable=column.nullable or not column.required)
            for kind, column in zip(self.kinds, columns, strict=True)
        ]
        clean = [{given for given, step in steps.items() if step is None} for steps in self._steps]
        self._clean = set.intersection(*clean)
        self._plans: dict[tuple[type, ...], _Plan] = {}

    def read(self, rows: Any, width: int, pick: Pick | None, problems: Problems) -> list[Any]:
        """Return validated rows in the order of the signature.

        Parameters
        ----------
        rows
            What should be a list of lists of `width` JSON values; it is changed in place.
        pick
            None where the rows are in the order of the signature already.
        """
        check_count(rows, self.max_rows, "a list of rows", problems)
        if len(rows) > _FEW and pick is None and self._is_clean(rows, width):
            clean: list[Any] = rows
            return clean
        plans = self._plans
        for number, row in enumerate(rows):
            if type(row) is not list or len(row) != width:
                problems.add(Reason.SHAPE, f"a list of {width} values is expected", number)
                continue
            if pick is not None:
                row = rows[number] = list(pick(row))  # noqa: PLW2901 - the rest of the loop is about what was picked
            types = tuple(map(type, row))
            plan = plans.get(types)
            if plan is None:
                plan = self._plan(types)
            if plan:
                self._convert(row, number, plan, problems)
        problems.check()
        checked: list[Any] = rows
        return checked

    def _is_clean(self, rows: list[Any], width: int) -> bool:
        """Return whether all rows can stay as they are; for many rows one look at all types is faster."""
        if set(map(type, rows)) != {list} or set(map(len, rows)) != {width}:
            return False
        return self._clean.issuperset(map(type, chain.from_iterable(rows)))

    def _plan(self, types: tuple[type, ...]) -> _Plan:
        steps = [self._steps[position][given] for position, given in enumerate(types)]
        plan = tuple((position, step) for position, step in enumerate(steps) if step is not None)
        if all(given in self._steps[position] for position, given in enumerate(types)):
            self._remember(types, plan)
        return plan

    def _remember(self, types: tuple[type, ...], plan: _Plan) -> None:
        if len(self._plans) >= _MAX_PLANS:
            self._plans.clear()
        self._plans[types] = plan

    def _convert(self, row: list[Any], number: int, plan: _Plan, problems: Problems) -> None:
        for position, step in plan:
            try:
                row[position] = step(row[position])
            except RefusedError as error:
                problems.add(error.reason, error.message, number, self.names[position])


def check_count(rows: Any, max_rows: int, expected: str, problems: Problems) -> None:
    """Refuse what is no list, an empty one, and one that is too long."""
    if type(rows) is not list:
        problems.add(Reason.SHAPE, f"{expected} is expected")
    elif not rows:
        problems.add(Reason.EMPTY, "the request has no rows")
    else:
        check_length(len(rows), max_rows)
    problems.check()


def check_length(length: int, max_rows: int) -> None:
    """Refuse too many rows; before they are made where a request has columns."""
    if length > max_rows:
        message = f"the request has more than {max_rows:,} rows"
        raise BadRequestError.of(Reason.TOO_LARGE, message, status=413)
