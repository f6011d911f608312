"""Examples of a tensor signature, validated."""

from __future__ import annotations

from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Any

from nbship.serving.problems import Problems, Reason
from nbship.serving.table import check_count
from nbship.serving.values import MISSING_WORDS, RefusedError, Step, kind_of_dtype, steps_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbship.model.bundle import InputTensor

__all__ = ["Tensor"]


class Tensor:
    """The tensor of a signature: its first dimension counts the examples, the others are those of one example."""

    def __init__(self, signature: InputTensor, max_rows: int) -> None:
        self.name = signature.name
        self.max_rows = max_rows
        self.count = signature.shape[0] if signature.shape else -1
        self.shape = signature.shape[1:]
        self.kind = kind_of_dtype(signature.dtype)
        self._steps: Mapping[type, Step | None] = steps_of(self.kind, nullable=signature.nullable)
        self._clean = frozenset(kind for kind, step in self._steps.items() if step is None)

    def read(self, examples: Any, problems: Problems) -> list[Any]:
        """Return the examples with every number as the dtype has it."""
        check_count(examples, self.max_rows, "a list of examples", problems)
        if self.count >= 0 and len(examples) != self.count:
            problems.add(Reason.SHAPE, f"{self.count} examples are expected")
            problems.check()
        shape = self._shape_of(examples[0])
        checked = [self._example(item, number, shape, problems) for number, item in enumerate(examples)]
        problems.check()
        return checked

    def _shape_of(self, example: Any) -> tuple[int, ...]:
        """Return the shape that all examples must have: dimensions of any length take that of the first."""
        shape = []
        for length in self.shape:
            is_list = type(example) is list
            shape.append(len(example) if length < 0 and is_list else max(length, 0))
            example = example[0] if is_list and example else None
        return tuple(shape)

    def _example(self, example: Any, number: int, shape: tuple[int, ...], problems: Problems) -> Any:
        flat = flatten(example, shape)
        if flat is None:
            problems.add(Reason.SHAPE, f"an example of shape {_in_words(shape)} is expected", number)
            return None
        if self._clean.issuperset(map(type, flat)):
            return example
        steps = {kind: self._steps[kind] for kind in set(map(type, flat))}
        for place, value in enumerate(flat):
            step = steps[type(value)]
            if step is None:
                continue
            try:
                flat[place] = step(value)
            except RefusedError as error:
                problems.add(error.reason, error.message, number, _path(place, shape))
        return nest(flat, shape)

    def split(self, value: Any, problems: Problems) -> list[Any]:
        """Read ``{"data": [[...], ...]}``; columns and index are ignored."""
        if type(value) is not dict or "data" not in value:
            problems.add(Reason.SHAPE, 'an object with "data" is expected')
            problems.check()
        return self._rows(value["data"], problems)

    def records(self, value: Any, problems: Problems) -> list[Any]:
        """Read ``[{"name": value, ...}, ...]``, all with the same names in any order."""
        check_count(value, self.max_rows, "a list of objects", problems)
        names = list(value[0]) if type(value[0]) is dict else []
        rows = []
        for number, record in enumerate(value):
            if type(record) is dict and names and record.keys() == set(names):
                rows.append([record[name] for name in names])
            else:
                problems.add(Reason.SHAPE, "an object with the names of the first one is expected", number)
        problems.check()
        return self._rows(rows, problems)

    def instances(self, value: Any, problems: Problems) -> list[Any]:
        """Read the tensor, or an object that names it."""
        if type(value) is dict:
            return self.read(self._only(value, problems), problems)
        if type(value) is list and value and type(value[0]) is dict:
            examples = [self._only(item, problems) if type(item) is dict else None for item in value]
            return self.read(examples, problems)
        return self.read(value, problems)

    inputs = instances

    def csv(self, _header: list[str], rows: list[list[str]], problems: Problems) -> list[Any]:
        """Read the cells of a CSV file; its header is ignored."""
        return self._rows([[self._cell(text) for text in row] for row in rows], problems)

    def _rows(self, rows: Any, problems: Problems) -> list[Any]:
        """Read the rows of a table: a row is an example, flat; where an example is a number, a row of one."""
        check_count(rows, self.max_rows, "a list of rows", problems)
        if len(self.shape) > 1:
            shape = tuple(max(length, 0) for length in self.shape)
            rows = [_unflattened(row, shape) for row in rows]
        elif not self.shape:
            rows = [row[0] if type(row) is list and len(row) == 1 else row for row in rows]
        return self.read(rows, problems)

    def _only(self, value: dict[str, Any], problems: Problems) -> Any:
        if self.name and self.name not in value:
            problems.add(Reason.MISSING_COLUMN, "the input is required and missing", column=self.name)
        elif not self.name and len(value) != 1:
            problems.add(Reason.SHAPE, "one input is expected")
        problems.check()
        return value[self.name] if self.name else next(iter(value.values()))

    def _cell(self, text: str) -> Any:
        if self.kind.holds_text:
            return text or None
        text = text.strip()
        return None if text.lower() in MISSING_WORDS else self.kind.from_text(text)


def flatten(value: Any, shape: Sequence[int]) -> list[Any] | None:
    """Return the numbers of nested lists in row-major order; None when they are not of `shape`."""
    level = [value]
    for length in shape:
        if any(type(item) is not list or len(item) != length for item in level):
            return None
        level = list(chain.from_iterable(level))
    return level


def nest(flat: list[Any], shape: Sequence[int]) -> Any:
    """Return `flat` as nested lists of `shape`: the inverse of `flatten`."""
    if not shape:
        return flat[0]
    for length in reversed(shape[1:]):
        flat = [flat[start : start + length] for start in _starts(len(flat), length)]
    return flat


def _starts(total: int, length: int) -> Iterator[int]:
    return iter(range(0, total, length)) if length else iter(())


def _unflattened(row: Any, shape: tuple[int, ...]) -> Any:
    """Return an example that a table holds flat, or as the one cell of its row."""
    if type(row) is not list:
        return row
    if len(row) == 1 and type(row[0]) is list:
        row = row[0]
    return nest(row, shape) if len(row) == prod(shape) and list not in set(map(type, row)) else row


def _path(place: int, shape: tuple[int, ...]) -> str | None:
    indices: list[int] = []
    for length in reversed(shape):
        place, index = divmod(place, length)
        indices.append(index)
    return ".".join(str(index) for index in reversed(indices)) or None


def _in_words(shape: tuple[int, ...]) -> str:
    return " x ".join(str(length) for length in shape) if shape else "one number"
