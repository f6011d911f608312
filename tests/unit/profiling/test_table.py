from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nbship.errors import UsageError
from nbship.model.profile import ColumnKind
from nbship.profiling import profile, read_table

FRAME = pd.DataFrame({"a": [1.5, None, 3.0], "b": ["x", "y", "x"]})


@pytest.mark.parametrize(
    "value",
    [
        FRAME,
        pl.from_pandas(FRAME),
        pa.Table.from_pandas(FRAME),
        pa.RecordBatch.from_pandas(FRAME),
        dict(FRAME),
    ],
    ids=["pandas", "polars", "arrow", "batch", "dict"],
)
def test_tables_of_every_library_read_alike(value):
    table = read_table(value)
    assert table.rows == 3
    assert [(column.name, column.kind, column.missing) for column in table.columns] == [
        ("a", ColumnKind.NUMERIC, 1),
        ("b", ColumnKind.CATEGORICAL, 0),
    ]
    assert table.columns[0].numbers().tolist() == [1.5, 3.0]
    assert table.columns[1].level_counts() == [("x", 2), ("y", 1)]


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (np.zeros(3), ["value"]),
        (np.zeros((3, 2)), ["0", "1"]),
        (np.zeros((3, 2), order="F"), ["0", "1"]),
        (np.zeros(3, [("a", float), ("b", "M8[s]")]), ["a", "b"]),
        (pd.Series([1, 2, 3]), ["value"]),
        (pd.Series([1, 2, 3], name="s"), ["s"]),
        (pd.Index([1, 2, 3], name="i"), ["i"]),
        (pl.Series("p", [1, 2, 3]), ["p"]),
        (pa.chunked_array([[1], [2, 3]]), ["value"]),
        ({"a": [1, 2, 3], 7: np.zeros(3), "c": pl.Series([1, 2, 3]), "d": range(3)}, ["a", "7", "c", "d"]),
    ],
)
def test_columns_of_every_shape_have_names(value, names):
    table = read_table(value)
    assert [column.name for column in table.columns] == names
    assert table.rows == 3
    assert [column.count for column in table.columns] == [3] * len(names)


def test_equal_names_are_told_apart():
    frame = pd.DataFrame([[1, 2, 3, 4]], columns=["a", "a", "a [2]", "a"])
    table = read_table(frame)
    assert [column.name for column in table.columns] == ["a", "a [3]", "a [2]", "a [4]"]
    assert [column.numbers().tolist() for column in table.columns] == [[1], [2], [3], [4]]
    assert table.notes == ("several columns are named 'a'; they are told apart by a number",)


def test_names_that_are_no_text_become_text():
    frame = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]))
    assert [column.name for column in read_table(frame).columns] == ["('a', 1)", "('b', 2)"]
    twice = pd.DataFrame([[1, 2]], columns=[1, "1"])
    assert [column.name for column in read_table(twice).columns] == ["1", "1 [2]"]


def test_an_index_with_a_name_is_mentioned():
    assert "reset_index" in read_table(FRAME.set_index("a")).notes[0]
    assert read_table(FRAME).notes == ()


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (5, "int is no table"),
        ("file.csv", "str is no table"),
        (None, "NoneType is no table"),
        ([1, 2], "list is no table"),
        (np.zeros((2, 2, 2)), "3 dimensions"),
        (np.array(1.0), "0 dimensions"),
        (pl.LazyFrame({"a": [1]}), "collect"),
        ({"a": [1, 2], "b": [1]}, "several: {'a': 2, 'b': 1}"),
        ({"a": FRAME}, "'a' is a pandas.DataFrame"),
        ({"a": 5}, "'a' is a int"),
    ],
)
def test_what_is_no_table_is_refused(value, reason):
    with pytest.raises(UsageError, match=reason):
        read_table(value)


def test_no_rows_and_no_columns_are_a_table():
    assert read_table(FRAME[:0]).rows == 0
    assert read_table(pd.DataFrame()).columns == ()
    assert read_table(pd.DataFrame(index=range(3))).rows == 3


@pytest.mark.parametrize(
    "value", [FRAME, pl.from_pandas(FRAME), pa.Table.from_pandas(FRAME)], ids=lambda it: type(it).__module__
)
@pytest.mark.parametrize("rows", [slice(1, None), np.array([1, 2])], ids=["slice", "positions"])
def test_rows_can_be_taken(value, rows):
    table = read_table(value).take(rows)
    assert table.rows == 2
    assert table.columns[0].numbers().tolist() == [3.0]
    assert table.columns[0].missing_mask().tolist() == [True, False]
    assert table.columns[1].level_counts() == [("x", 1), ("y", 1)]
    assert table.columns[1].dtype == "string"


def test_what_is_taken_keeps_its_kind():
    texts = [f"a text of some words {n}" for n in range(50)]
    column = read_table({"t": texts}).columns[0]
    assert column.kind is ColumnKind.TEXT
    assert column.take(slice(0, 3)).texts() == texts[:3]
    assert column.take(slice(0, 3)).take(np.array([2])).texts() == [texts[2]]
    assert column.take(slice(0, 0)).kind is ColumnKind.TEXT


def test_codes_are_the_rows_of_the_levels():
    codes, names = read_table({"a": ["x", None, "y", "x"]}).columns[0].codes()
    assert codes.dtype == np.int32
    assert [names[code] if code >= 0 else None for code in codes] == ["x", None, "y", "x"]


def test_columns_are_picked_by_name():
    table = read_table(FRAME)
    assert table.column("b").name == "b"
    assert table.column("zz") is None
    assert [column.name for column in table.select(["b", "zz"]).columns] == ["b"]


def test_kinds_of_the_other_side_are_taken_over_where_values_allow_it():
    texts = [f"a text of some words {n}" for n in range(50)]
    kinds = {
        "t": ColumnKind.CATEGORICAL,
        "s": ColumnKind.TEXT,
        "n": ColumnKind.CATEGORICAL,
        "e": ColumnKind.DATETIME,
    }
    value = {"t": texts, "s": ["x"] * 50, "n": [1] * 50, "e": [None] * 50}
    for table in (read_table(value, kinds=kinds), read_table(read_table(value), kinds=kinds)):
        assert {column.name: column.kind for column in table.columns} == {**kinds, "n": ColumnKind.NUMERIC}
    assert read_table(table).column("t") is table.column("t")


def test_numbers_in_categories_can_be_read_as_numbers():
    column = read_table(
        pd.Series([2, 1, None, 2], dtype="category", name="c"), kinds={"c": ColumnKind.NUMERIC}
    ).columns[0]
    assert column.kind is ColumnKind.NUMERIC
    assert column.numbers().tolist() == [2, 1, 2]


def test_asking_for_values_of_another_kind_is_a_mistake():
    with pytest.raises(TypeError, match="'b' is categorical"):
        read_table(FRAME).column("b").numbers()


def test_the_users_data_is_viewed_and_never_changed():
    values = np.arange(5.0)
    assert np.shares_memory(read_table(values).columns[0].numbers(), values)
    frame = pd.DataFrame({"a": [3.0, 1.0, None], "b": ["x", None, "y"], "c": [True, None, False]})
    before = frame.copy(deep=True)
    profile(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_a_column_says_what_it_is():
    assert repr(read_table(FRAME).columns[0]) == "Column('a', numeric, float64, 3 rows)"


def test_converted_values_are_kept_only_while_they_fit():
    rows = 2_000_000
    table = read_table({name: pa.array(np.arange(rows), mask=np.arange(rows) == 0) for name in "abcd"})
    assert [column.numbers().sum() for column in table.columns] == [rows * (rows - 1) / 2] * 4
    assert sum(values.owned_bytes for values in table.columns[0]._desk._kept.values()) <= 24 << 20
