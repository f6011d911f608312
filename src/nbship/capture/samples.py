"""Rows of a run's datasets as they were when they were fingerprinted, for the run's model to answer to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbship.capture.even_rows import column_names, column_rows, even_places, even_rows
from nbship.capture.first_rows import as_pandas
from nbship.capture.model_input import input_rows
from nbship.capture.table_kinds import is_array, is_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Sample", "SampleStore", "row_bytes"]

_MOST_ROWS = 10_000
_MOST_CELLS = 2_000_000
_MOST_CELLS_OF_A_RUN = 8_000_000
_MOST_BYTES = 32_000_000
_WEIGHED_ROWS = 16
_NUMBER_BYTES = 8.0


@dataclass(frozen=True, slots=True)
class Sample:
    """Evenly spaced rows of a dataset.

    Attributes
    ----------
    name, digest
        Of the dataset.
    file
        Under which its profile is kept, without folder and suffix.
    total
        How many rows the dataset had.
    rows
        The rows, a copy of the kernel's or a value that cannot change.
    """

    name: str
    digest: str
    file: str
    total: int
    rows: Any


@dataclass(slots=True)
class SampleStore:
    """The samples of one run; where they become too many cells, the oldest are given up."""

    _samples: list[Sample] = field(default_factory=list)

    def add(self, name: str, digest: str, file: str, value: Any) -> None:
        """Take rows of a dataset now: the cell that comes may change it."""
        total, columns = value.shape
        most = max(1, min(_MOST_ROWS, _MOST_CELLS // max(1, columns), int(_MOST_BYTES / row_bytes(value))))
        self._samples.append(Sample(name, digest, file, total, even_rows(value, most)))
        while len(self._samples) > 1 and self._cells() > _MOST_CELLS_OF_A_RUN:
            del self._samples[0]

    def columns(self) -> frozenset[str]:
        """Return the names of all columns of the samples."""
        return frozenset(str(name) for sample in self._samples for name in column_names(sample.rows))

    def _cells(self) -> int:
        return sum(sample.rows.shape[0] * sample.rows.shape[1] for sample in self._samples)

    def fitting(self, model: Any, trained_on: str | None) -> Iterator[tuple[Sample, Any]]:
        """Yield each sample whose columns are those of the model, with the rows as the model takes them.

        The data that `trained_on`, the source of the first argument of ``fit``, names comes first, the newest first.
        """
        newest_first = self._samples[::-1]
        ranked = sorted(newest_first, key=lambda sample: -_match(sample.name, trained_on))
        for sample in ranked:
            native = is_frame(sample.rows) or is_array(sample.rows)
            table = sample.rows if native else as_pandas(sample.rows)
            rows = None if table is None else input_rows(model, table)
            if rows is not None:
                yield sample, rows


def row_bytes(value: Any) -> float:
    """Return about how much memory a row of a table takes, the strings in it included; at least 1."""
    columns = value.shape[1]
    if is_array(value):
        return max(1.0, float(columns * value.dtype.itemsize))
    dtypes = value.dtypes if is_frame(value) else [None] * columns
    plain = [getattr(dtype, "kind", "O") not in "OV" for dtype in dtypes]
    return max(1.0, sum(_NUMBER_BYTES if known else _bytes(value, at) for at, known in enumerate(plain)))


def _bytes(value: Any, place: int) -> float:
    """Return how much memory a value of a column takes, without names of categories, which are shared."""
    column = column_rows(value, place, even_places(value.shape[0], _WEIGHED_ROWS))
    if hasattr(column, "estimated_size"):
        size = column.estimated_size()
    else:
        size = (
            column.memory_usage(index=False, deep=True) if hasattr(column, "memory_usage") else column.nbytes
        )
    return float(size) / max(1, len(column))


def _match(name: str, trained_on: str | None) -> int:
    """Return how much of the argument is the dataset's name: of ``splits['train'][columns]`` all of ``splits['train']``."""
    argument = trained_on or ""
    rest = argument[len(name) :]
    return len(name) if argument.startswith(name) and not rest[:1].isidentifier() else 0
