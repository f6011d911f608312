"""What is wrong with a request, all of it, in words that hold none of its data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = ["SHOWN_PROBLEMS", "BadRequestError", "Problem", "Problems", "Reason"]

SHOWN_PROBLEMS = 100
"""How many problems an answer lists; the others are counted."""


class Reason(StrEnum):
    """Why a request was refused: a closed list, so that it can label a metric."""

    COLUMN_TWICE = "column_twice"
    CSV = "csv"
    DATATYPE = "datatype"
    EMPTY = "empty"
    ENCODING = "encoding"
    JSON = "json"
    LAYOUT = "layout"
    MEDIA_TYPE = "media_type"
    MISSING_COLUMN = "missing_column"
    MISSING_VALUE = "missing_value"
    MODEL = "model"
    OUTPUT = "output"
    RANGE = "range"
    SHAPE = "shape"
    TOO_LARGE = "too_large"
    TYPE = "type"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes
    ----------
    reason
        A word of `Reason`.
    message
        What was expected. It never quotes the request.
    row
        Position of the row in the request, from 0.
    column
        Name of the column in the signature; for a tensor the indices within the example, joined by dots.
    """

    reason: str
    message: str
    row: int | None = None
    column: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form, without what does not apply."""
        data: dict[str, Any] = {"reason": str(self.reason), "message": self.message}
        if self.row is not None:
            data["row"] = self.row
        if self.column is not None:
            data["column"] = self.column
        return data


class BadRequestError(Exception):
    """A request that cannot be answered, through its own fault.

    Attributes
    ----------
    problems
        The first `SHOWN_PROBLEMS`.
    problem_count
        How many there are.
    status
        The HTTP status that says so: 400, 413 or 415.
    """

    def __init__(self, problems: list[Problem], problem_count: int | None = None, status: int = 400) -> None:
        self.problems = problems[:SHOWN_PROBLEMS]
        self.problem_count = len(problems) if problem_count is None else problem_count
        self.status = status
        super().__init__(self._message())

    @classmethod
    def of(
        cls,
        reason: Reason,
        message: str,
        *,
        row: int | None = None,
        column: str | None = None,
        status: int = 400,
    ) -> BadRequestError:
        """Return the error of one problem."""
        return cls([Problem(reason, message, row, column)], status=status)

    def to_dict(self, request_id: str) -> dict[str, Any]:
        """Return the body of the answer."""
        return {
            "error_code": "BAD_REQUEST",
            "message": str(self),
            "problems": [problem.to_dict() for problem in self.problems],
            "problem_count": self.problem_count,
            "request_id": request_id,
        }

    def _message(self) -> str:
        if not self.problems:
            return "the request cannot be answered"
        first = _in_words(self.problems[0])
        return first if self.problem_count == 1 else f"{self.problem_count} problems; the first: {first}"


def _in_words(problem: Problem) -> str:
    row = "" if problem.row is None else f"row {problem.row}"
    column = "" if problem.column is None else f"column {problem.column!r}"
    where = ", ".join(part for part in (row, column) if part)
    return f"{where}: {problem.message}" if where else problem.message


class Problems:
    """Collects what is wrong with one request: all of it is counted, the first `SHOWN_PROBLEMS` are kept."""

    __slots__ = ("_shown", "count")

    def __init__(self) -> None:
        self._shown: list[Problem] = []
        self.count = 0

    def add(self, reason: Reason, message: str, row: int | None = None, column: str | None = None) -> None:
        """Note one problem."""
        self.count += 1
        if len(self._shown) < SHOWN_PROBLEMS:
            self._shown.append(Problem(reason, message, row, column))

    def check(self) -> None:
        """Raise `BadRequestError` when anything was noted."""
        if self.count:
            raise BadRequestError(self._shown, self.count)
