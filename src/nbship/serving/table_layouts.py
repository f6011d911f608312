"""The layouts of a request to a model with columns: MLflow's, a list of rows, CSV and columns of tensors."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from nbship.serving.problems import Problems, Reason
from nbship.serving.table import Pick, Table, check_count, check_length
from nbship.serving.values import MISSING_WORDS, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["TableLayouts"]


class TableLayouts:
    """Reads each layout into rows in the order of the signature."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._names = table.names
        self._width = len(table.names)
        self._positions = {name: position for position, name in enumerate(table.names)}
        self._take_all = itemgetter(*table.names) if self._width > 1 else None
        self._known_header: list[Any] = table.names
        self._known_pick: Pick | None = None

    def split(self, value: Any, problems: Problems) -> list[Any]:
        """Read ``{"columns": [...], "data": [[...], ...]}``; an index is ignored."""
        if type(value) is not dict or "data" not in value:
            problems.add(Reason.SHAPE, 'an object with "columns" and "data" is expected')
            problems.check()
        rows = value["data"]
        if self.table.positional:
            return self._by_position(rows, problems)
        header = value.get("columns")
        if header is None:
            problems.add(Reason.MISSING_COLUMN, '"columns" is missing: the model tells its inputs by name')
            problems.check()
        return self._with_header(header, rows, problems)

    def records(self, value: Any, problems: Problems) -> list[Any]:
        """Read ``[{"name": value, ...}, ...]``."""
        check_count(value, self.table.max_rows, "a list of objects", problems)
        rows = [self._record(record, number, problems) for number, record in enumerate(value)]
        problems.check()
        return self.table.read(rows, self._width, None, problems)

    def instances(self, value: Any, problems: Problems) -> list[Any]:
        """Read records, rows in the order of the signature, or, with one column, its values."""
        if type(value) is dict:
            return self.inputs(value, problems)
        check_count(value, self.table.max_rows, "a list", problems)
        first = type(value[0])
        if first is dict:
            return self.records(value, problems)
        if self._width == 1 and first is not list:
            return self.table.read([[item] for item in value], 1, None, problems)
        return self.table.read(value, self._width, None, problems)

    def inputs(self, value: Any, problems: Problems) -> list[Any]:
        """Read columns, one row of scalars by name, or what `instances` reads."""
        if type(value) is list:
            return self.instances(value, problems)
        if type(value) is not dict:
            value = [value]
            return self.instances(value, problems)
        if not any(type(value.get(name)) is list for name in self._names):
            return self.records([value], problems)
        return self.columns(value, problems)

    def columns(self, value: dict[str, Any], problems: Problems) -> list[Any]:
        """Read ``{"name": [value, ...], ...}``."""
        given: dict[int, list[Any]] = {}
        for position, name in enumerate(self._names):
            if name not in value:
                self._note_missing(position, None, problems)
            elif type(value[name]) is not list:
                problems.add(Reason.SHAPE, "a list of values is expected", column=name)
            else:
                given[position] = value[name]
        lengths = {len(column) for column in given.values()}
        if len(lengths) > 1:
            problems.add(Reason.SHAPE, "the columns differ in length")
        problems.check()
        return self._transposed(given, lengths.pop(), problems)

    def csv(self, header: list[str], rows: list[list[str]], problems: Problems) -> list[Any]:
        """Read the cells of a CSV file."""
        if self.table.positional:
            parsed = [self._cells(row[: self._width], range(len(row[: self._width]))) for row in rows]
            return self.table.read(parsed, self._width, None, problems)
        columns = [self._positions.get(name.strip(), -1) for name in header]
        for number, row in enumerate(rows):
            if len(row) != len(header):
                problems.add(Reason.SHAPE, f"{len(header)} cells are expected", number)
        problems.check()
        names = [self._names[position] if position >= 0 else None for position in columns]
        return self._with_header(names, [self._cells(row, columns) for row in rows], problems)

    def _transposed(self, given: dict[int, list[Any]], length: int, problems: Problems) -> list[Any]:
        check_length(length, self.table.max_rows)
        nothing = [None] * length
        columns = [given.get(position, nothing) for position in range(self._width)]
        rows = list(map(list, zip(*columns, strict=True)))
        return self.table.read(rows, self._width, None, problems)

    def _with_header(self, header: Any, rows: Any, problems: Problems) -> list[Any]:
        if header == self._known_header:
            return self.table.read(rows, len(header), self._known_pick, problems)
        if type(header) is not list:
            problems.add(Reason.SHAPE, '"columns" is no list of names')
            problems.check()
        pick = _picker(self._locate(header, problems))
        if len(header) == self._width and not problems.count:  # only names of the signature, so it is bounded
            self._known_pick, self._known_header = pick, list(header)
        return self.table.read(rows, len(header), pick, problems)

    def _locate(self, header: list[Any], problems: Problems) -> list[int]:
        """Return where each column of the signature is in the request; -1 for an optional one that is absent."""
        found = [-1] * self._width
        for place, name in enumerate(header):
            position = self._positions.get(name) if type(name) is str else None
            if position is None:
                continue
            if found[position] >= 0:
                problems.add(Reason.COLUMN_TWICE, "the column is given twice", column=self._names[position])
            found[position] = place
        for position, place in enumerate(found):
            if place < 0:
                self._note_missing(position, None, problems)
        problems.check()
        return found

    def _note_missing(self, position: int, row: int | None, problems: Problems) -> None:
        if position not in self.table.optional:
            message = "the column is required and missing"
            problems.add(Reason.MISSING_COLUMN, message, row, self._names[position])

    def _record(self, record: Any, number: int, problems: Problems) -> list[Any]:
        if type(record) is not dict:
            problems.add(Reason.SHAPE, "an object is expected", number)
            return []
        if self.table.positional:
            return list(record.values())[: self._width]
        try:
            return list(self._take_all(record)) if self._take_all else [record[self._names[0]]]
        except KeyError:
            for position, name in enumerate(self._names):
                if name not in record:
                    self._note_missing(position, number, problems)
            return [record.get(name) for name in self._names]

    def _by_position(self, rows: Any, problems: Problems) -> list[Any]:
        check_count(rows, self.table.max_rows, "a list of rows", problems)
        rows = [row[: self._width] if type(row) is list else row for row in rows]
        return self.table.read(rows, self._width, None, problems)

    def _cells(self, row: list[str], columns: Sequence[int]) -> list[Any]:
        kinds = self.table.kinds
        return [
            _cell(text, kinds[position]) if position >= 0 else None
            for text, position in zip(row, columns, strict=True)
        ]


def _cell(text: str, kind: Kind) -> Any:
    if kind.holds_text:
        return text or None
    text = text.strip()
    return None if text.lower() in MISSING_WORDS else kind.from_text(text)


def _picker(found: list[int]) -> Pick:
    if min(found) < 0:
        return lambda row: [row[place] if place >= 0 else None for place in found]
    if len(found) == 1:
        only = found[0]
        return lambda row: [row[only]]
    return itemgetter(*found)
