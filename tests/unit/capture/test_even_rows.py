from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nbship.capture.even_rows import column_names, column_rows, even_places, even_rows, is_table

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
def test_rows_are_one_out_of_each_equal_stretch(kind):
    assert [row // 2 for row in first_column(even_rows(TABLES[kind], 5))] == [0, 1, 2, 3, 4]
    assert first_column(even_rows(TABLES[kind], 10)) == list(range(10))
    assert first_column(even_rows(TABLES[kind], 99)) == list(range(10))


@pytest.mark.parametrize(
    ("period", "most"), [(2, 30_000), (5, 30_000), (7, 14_000), (24, 10_000), (1000, 50_000)]
)
def test_data_that_repeats_itself_is_seen_in_all_its_parts(period, most):
    counts = np.bincount(even_places(100_000, most) % period, minlength=period)
    expected = most / period
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected)


def test_the_same_rows_are_chosen_again_and_each_once():
    first, again = even_places(1_000_000, 9_999), even_places(1_000_000, 9_999)
    assert (first == again).all()
    assert (np.diff(first) > 0).all()
    assert 0 <= first[0] <= first[-1] < 1_000_000


@pytest.mark.parametrize("kind", TABLES)
def test_a_column_can_be_taken_alone(kind):
    values = column_rows(TABLES[kind], 0, np.array([1, 4, 9]))
    assert first_column({"a": values} if kind != "numpy" else values[:, None]) == [1, 4, 9]


def test_categories_that_no_row_has_are_left_behind():
    names = [f"id{n}" for n in range(1000)]
    tables = [
        pd.DataFrame({"a": pd.Categorical(names)}),
        pa.table({"a": pa.array(names).dictionary_encode()}),
        pa.record_batch({"a": pa.array(names).dictionary_encode()}),
    ]
    taken = [column_rows(table, 0, np.arange(10) * 100) for table in tables]
    assert len(taken[0].cat.categories) == 10
    assert [len(column.dictionary) for column in taken[1:]] == [10, 10]


def test_a_later_change_does_not_reach_the_rows():
    frame, array = FRAME.copy(), np.arange(20).reshape(10, 2)
    kept = [even_rows(frame, 99), even_rows(frame, 3), even_rows(array, 99), even_rows(array, 3)]
    frame.loc[:, "a"] = -1
    array[:] = -1

    assert all(min(first_column(rows)) >= 0 and max(first_column(rows)) >= 6 for rows in kept)


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
