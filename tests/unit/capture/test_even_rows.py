from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nbship.capture.even_rows import column_names, even_rows, is_table

FRAME = pd.DataFrame({"a": range(10), "b": list("abcdefghij")}, index=range(100, 110))
TABLES = {
    "pandas": FRAME,
    "polars": pl.DataFrame({"a": range(10), "b": list("abcdefghij")}),
    "arrow": pa.table({"a": list(range(10)), "b": list("abcdefghij")}),
    "batch": pa.record_batch({"a": list(range(10)), "b": list("abcdefghij")}),
    "numpy": np.arange(20).reshape(10, 2),
}


def first_column(table) -> list[int]:
    if isinstance(table, np.ndarray):
        return (table[:, 0] // 2).tolist()
    column = table["a"]
    return column.to_pylist() if hasattr(column, "to_pylist") else list(column)


@pytest.mark.parametrize("kind", TABLES)
def test_rows_are_evenly_spaced_and_start_with_the_first(kind):
    assert first_column(even_rows(TABLES[kind], 4)) == [0, 2, 5, 7]
    assert first_column(even_rows(TABLES[kind], 10)) == list(range(10))
    assert first_column(even_rows(TABLES[kind], 99)) == list(range(10))


def test_a_later_change_does_not_reach_the_rows():
    frame, array = FRAME.copy(), np.arange(20).reshape(10, 2)
    kept = [even_rows(frame, 99), even_rows(frame, 3), even_rows(array, 99), even_rows(array, 3)]
    frame.loc[:, "a"] = -1
    array[:] = -1

    assert all((first_column(rows)[0], first_column(rows)[-1]) >= (0, 6) for rows in kept)


@pytest.mark.parametrize("kind", TABLES)
def test_frames_and_arrays_of_two_dimensions_are_tables(kind):
    assert is_table(TABLES[kind])


@pytest.mark.parametrize(
    "value",
    [
        np.arange(3),
        np.zeros((2, 2, 2)),
        np.zeros((2, 2), dtype=[("x", "f8")]),
        FRAME["a"],
        pa.array([1]),
        [[1, 2]],
        None,
    ],
)
def test_anything_else_is_none(value):
    assert not is_table(value)


@pytest.mark.parametrize("kind", TABLES)
def test_columns_have_the_names_of_the_table(kind):
    assert column_names(TABLES[kind]) == (() if kind == "numpy" else ("a", "b"))
