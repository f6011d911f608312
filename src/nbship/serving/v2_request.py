"""Requests of the Open Inference Protocol to rows.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from nbship.serving.datatypes import DATATYPES, Datatype, output_names
from nbship.serving.problems import BadRequestError, Problems, Reason
from nbship.serving.request import Request
from nbship.serving.table import check_length
from nbship.serving.tensor import Tensor, flatten, nest
from nbship.serving.values import RefusedError

if TYPE_CHECKING:
    from nbship.model.bundle import Bundle
    from nbship.serving.table_layouts import TableLayouts

__all__ = ["V2Reader"]

_LONGEST_ID = 256
_MOST_DIMENSIONS = 32
_MOST_INPUTS = 10_000


@dataclass(slots=True)
class _Input:
    """One tensor of a request: its values in row-major order."""

    name: str
    shape: tuple[int, ...]
    values: list[Any]


class V2Reader:
    """Reads one tensor of all columns, one tensor a column, or the tensor of the signature."""

    def __init__(self, bundle: Bundle, reader: TableLayouts | Tensor) -> None:
        self._reader = reader
        self._outputs = frozenset(output_names(bundle))

    def read(self, document: Any) -> Request:
        """Return the rows of a decoded body.

        Raises
        ------
        BadRequestError
            With every problem of the request.
        """
        problems = Problems()
        if type(document) is not dict or type(document.get("inputs")) is not list or not document["inputs"]:
            problems.add(Reason.LAYOUT, 'a JSON object with a list of "inputs" is expected')
            problems.check()
        if len(document["inputs"]) > _MOST_INPUTS:
            message = f"the request has more than {_MOST_INPUTS:,} inputs"
            raise BadRequestError.of(Reason.TOO_LARGE, message, status=413)
        request_id = _request_id(document.get("id"), problems)
        outputs = self._requested(document.get("outputs"), problems)
        inputs = [_input(item, place, problems) for place, item in enumerate(document["inputs"])]
        problems.check()
        rows = self._rows([item for item in inputs if item is not None], problems)
        return Request(rows, v2=True, id=request_id, outputs=outputs)

    def _requested(self, outputs: Any, problems: Problems) -> tuple[str, ...]:
        if outputs is None:
            return ()
        if type(outputs) is not list or any(type(item) is not dict for item in outputs):
            problems.add(Reason.OUTPUT, '"outputs" is no list of objects')
            return ()
        names = tuple(item.get("name") for item in outputs)
        if any(type(name) is not str or name not in self._outputs for name in names):
            known = ", ".join(sorted(self._outputs))
            problems.add(Reason.OUTPUT, f'"outputs" names one that is none of {known}')
        return names

    def _rows(self, inputs: list[_Input], problems: Problems) -> list[Any]:
        if isinstance(self._reader, Tensor):
            return self._tensor(self._reader, inputs, problems)
        names = self._reader.table.names
        if len(inputs) == 1 and (inputs[0].name not in names or inputs[0].shape[1:] == (len(names),)):
            return self._matrix(self._reader, inputs[0], problems)
        return self._columns(self._reader, inputs, problems)

    def _tensor(self, tensor: Tensor, inputs: list[_Input], problems: Problems) -> list[Any]:
        if len(inputs) != 1:
            problems.add(Reason.SHAPE, "one input is expected")
        elif len(inputs[0].shape) != len(tensor.shape) + 1:
            problems.add(Reason.SHAPE, f"an input of {len(tensor.shape) + 1} dimensions is expected")
        problems.check()
        check_length(inputs[0].shape[0], tensor.max_rows)
        return tensor.read(nest(inputs[0].values, inputs[0].shape), problems)

    def _matrix(self, reader: TableLayouts, given: _Input, problems: Problems) -> list[Any]:
        width = len(reader.table.names)
        if len(given.shape) != 2 or given.shape[1] != width:  # noqa: PLR2004 - rows and columns
            expected = f"one input of shape [rows, {width}], or one for each column, is expected"
            problems.add(Reason.SHAPE, expected)
            problems.check()
        check_length(given.shape[0], reader.table.max_rows)
        return reader.table.read(nest(given.values, given.shape), width, None, problems)

    def _columns(self, reader: TableLayouts, inputs: list[_Input], problems: Problems) -> list[Any]:
        columns: dict[str, list[Any]] = {}
        if reader.table.positional:
            for given, name in zip(inputs, reader.table.names, strict=False):
                given.name = name
        for given in inputs:
            if given.name not in reader.table.names:
                continue
            if given.name in columns:
                problems.add(Reason.COLUMN_TWICE, "the column is given twice", column=given.name)
            if given.shape[1:] not in {(), (1,)}:
                problems.add(Reason.SHAPE, "a shape of [rows] or [rows, 1] is expected", column=given.name)
            columns[given.name] = given.values
        problems.check()
        return reader.columns(columns, problems)


def _request_id(value: Any, problems: Problems) -> str | None:
    if value is None or (type(value) is str and len(value) <= _LONGEST_ID):
        return value
    problems.add(Reason.LAYOUT, f'"id" is no text of at most {_LONGEST_ID} characters')
    return None


def _input(item: Any, place: int, problems: Problems) -> _Input | None:
    where = f"inputs[{place}]"
    if type(item) is not dict or type(item.get("name")) is not str:
        problems.add(Reason.LAYOUT, f"{where}: an object with a name is expected")
        return None
    shape = _shape(item.get("shape"))
    if shape is None:
        problems.add(Reason.SHAPE, f"{where}: a shape of positive whole numbers is expected")
    datatype = DATATYPES.get(item["datatype"]) if type(item.get("datatype")) is str else None
    if datatype is None:
        problems.add(Reason.DATATYPE, f"{where}: a datatype of {', '.join(DATATYPES)} is expected")
    values = _values(item.get("data"), shape)
    if values is None and shape is not None:
        problems.add(Reason.SHAPE, f"{where}: data of the stated shape is expected, flat or nested")
    if shape is None or datatype is None or values is None:
        return None
    return _Input(item["name"], shape, _checked(values, datatype, where, prod(shape[1:]), problems))


def _shape(value: Any) -> tuple[int, ...] | None:
    if type(value) is not list or not 0 < len(value) <= _MOST_DIMENSIONS:
        return None
    if any(type(length) is not int or length < 1 for length in value):
        return None
    return tuple(value)


def _values(data: Any, shape: tuple[int, ...] | None) -> list[Any] | None:
    if type(data) is not list or not data or shape is None:
        return None
    if type(data[0]) is list:
        return flatten(data, shape)
    return data if len(data) == prod(shape) else None


def _checked(values: list[Any], datatype: Datatype, where: str, width: int, problems: Problems) -> list[Any]:
    """Return the values as their datatype has them; whether the model takes that is for the columns to say."""
    if datatype.clean.issuperset(map(type, values)):
        return values
    steps = {kind: datatype.steps[kind] for kind in set(map(type, values))}
    checked = list(values)
    for place, value in enumerate(values):
        step = steps[type(value)]
        if step is None:
            continue
        try:
            checked[place] = step(value)
        except RefusedError as error:
            problems.add(error.reason, f"{where}: {error.message}", place // width)
    return values if datatype.keeps else checked
