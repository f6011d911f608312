"""Frames, series and indexes of pandas."""

from __future__ import annotations

import io
import pickle
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbship.hashing import fingerprint


def parquet(frame):
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return pd.read_parquet(io.BytesIO(buffer.getvalue()))


def big_frame():
    rows = 12_000
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "number": rng.standard_normal(rows),
            "time": pd.date_range("2020", periods=rows, freq="h"),
            "flag": rng.integers(0, 2, rows).astype(bool),
            "text": pd.Series([None if row == 5 else f"t{row}" for row in range(rows)], dtype=object),
            "kind": pd.Categorical.from_codes(rng.integers(0, 3, rows), ["a", "b", "c"]),
            "maybe": pd.Series(rng.integers(0, 9, rows)).astype("Int64"),
        }
    )


def set_value(column, row, value):
    def edit(frame):
        frame.loc[row, column] = value
        return frame

    return edit


EDITS = {
    "row beyond 10,000": set_value("number", 11_111, 0.5),
    "datetime": set_value("time", 3, pd.Timestamp("1999-01-01")),
    "bool": lambda frame: frame.assign(flag=~frame["flag"]),
    "string beside None": set_value("text", 7, "changed"),
    "row order": lambda frame: frame.sample(frac=1, random_state=1).reset_index(drop=True),
    "category": lambda frame: frame.assign(kind=frame["kind"].cat.rename_categories({"a": "A"})),
    "dtype": lambda frame: frame.assign(number=frame["number"].astype("float32")),
    "index": lambda frame: frame.set_index(frame.index[::-1]),
    "nullable value": set_value("maybe", 9, pd.NA),
    "nullable type": lambda frame: frame.assign(maybe=frame["maybe"].astype("int64")),
    "column order": lambda frame: frame[frame.columns[::-1]],
    "column name": lambda frame: frame.rename(columns={"flag": "flags"}),
    "index name": lambda frame: frame.rename_axis("row"),
    "row dropped": lambda frame: frame[:-1],
    "NaN for a number": set_value("number", 11_111, np.nan),
    "negative zero": lambda frame: frame.assign(number=-0.0),
}


@pytest.mark.parametrize("edit", EDITS)
def test_every_edit_is_caught(edit):
    assert fingerprint(EDITS[edit](big_frame())).digest != fingerprint(big_frame()).digest


def test_zeros_of_either_sign_differ():
    assert fingerprint(pd.Series([0.0])).digest != fingerprint(pd.Series([-0.0])).digest


@pytest.mark.parametrize(
    "edit", ["row beyond 10,000", "datetime", "bool", "string beside None", "category", "dtype"]
)
def test_the_digests_of_columns_tell_which_one_changed(edit):
    before, after = fingerprint(big_frame()), fingerprint(EDITS[edit](big_frame()))
    changed = [old.name for old, new in zip(before.columns, after.columns, strict=True) if old != new]
    expected = {"row": "number", "datetime": "time", "bool": "flag", "string": "text", "category": "kind"}
    assert changed == [expected.get(edit.split()[0], "number")]


def test_a_changed_index_is_told_apart_from_changed_columns():
    before, after = fingerprint(big_frame()), fingerprint(big_frame().set_index(np.arange(12_000) + 1))
    assert before.columns == after.columns
    assert before.index == ()
    assert [level.dtype for level in after.index] == ["int64"]


def test_a_renamed_column_changes_only_itself():
    before = fingerprint(pd.DataFrame({"a": [1], "b": [2]}))
    after = fingerprint(pd.DataFrame({"a": [1], "c": [2]}))
    assert before.columns[0] == after.columns[0]
    assert before.columns[1].digest != after.columns[1].digest


def test_the_description_is_complete():
    found = fingerprint(pd.DataFrame({"a": [1, 2], "b": ["x", None]}))
    assert (found.kind, found.rows, found.shape, found.algorithm) == ("table", 2, (2, 2), "nbship-blake3-1")
    assert [(column.name, column.dtype) for column in found.columns] == [("a", "int64"), ("b", "string")]
    assert len(found.digest) == len(found.columns[0].digest) == 32
    assert found.size_bytes > 16
    assert not found.weak


def test_names_of_columns_keep_their_type():
    assert fingerprint(pd.DataFrame({1: [0]})).digest != fingerprint(pd.DataFrame({"1": [0]})).digest


def test_columns_of_one_name_are_kept_apart():
    frame = pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"])
    swapped = pd.DataFrame([[2, 1], [4, 3]], columns=["a", "a"])
    assert len(fingerprint(frame).columns) == 2
    assert fingerprint(frame).digest != fingerprint(swapped).digest


INDEXES = {
    "range": pd.RangeIndex(3),
    "named range": pd.RangeIndex(3, name="n"),
    "stepped range": pd.RangeIndex(5, 11, 2),
    "text": pd.Index(["a", "b", "ü"], name="key"),
    "time": pd.date_range("2020", periods=3, freq="D"),
    "levels": pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["x", None]),
    "category": pd.CategoricalIndex(["a", "b", "a"]),
}


@pytest.mark.parametrize("kind", INDEXES)
def test_an_index_survives_copy_pickle_and_parquet(kind):
    frame = pd.DataFrame({"x": [1.0, 2, 3]}, index=INDEXES[kind])
    expected = fingerprint(frame)
    assert fingerprint(frame.copy()) == expected
    assert fingerprint(pickle.loads(pickle.dumps(frame))) == expected
    assert fingerprint(parquet(frame)) == expected


def test_indexes_differ_from_one_another():
    digests = {
        fingerprint(pd.DataFrame({"x": [1.0, 2, 3]}, index=index)).digest for index in INDEXES.values()
    }
    assert len(digests) == len(INDEXES)


@pytest.mark.parametrize("index", [pd.RangeIndex(3), pd.RangeIndex(5, 11, 2), pd.RangeIndex(3, name="n")])
def test_a_range_equals_its_materialised_self(index):
    whole = pd.Index(index.to_numpy(), name=index.name)
    assert fingerprint(pd.DataFrame({"x": [1, 2, 3]}, whole)) == fingerprint(
        pd.DataFrame({"x": [1, 2, 3]}, index)
    )


def test_columns_with_levels_are_read():
    frame = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)]))
    assert [column.name for column in fingerprint(frame).columns] == ["('a', 1)", "('a', 2)"]
    assert fingerprint(parquet(frame)) == fingerprint(frame)


def test_frames_without_rows_or_columns_are_told_apart():
    frames = [
        pd.DataFrame(),
        pd.DataFrame(index=range(3)),
        pd.DataFrame({"a": []}),
        pd.DataFrame({"a": pd.Series([], dtype="int64")}),
        pd.DataFrame({"a": pd.Series([], dtype="str")}),
        pd.DataFrame({"a": pd.Series([], dtype="float64"), "b": pd.Series([], dtype="float64")}),
    ]
    assert len({fingerprint(frame).digest for frame in frames}) == len(frames)


def test_a_series_is_the_table_of_its_column():
    frame = pd.DataFrame({"x": [1, 2]})
    assert fingerprint(frame["x"]) == fingerprint(frame)


def test_an_index_and_an_extension_array_have_fingerprints():
    assert fingerprint(pd.Index([3, 1], name="k")).columns[0].name == "k"
    assert fingerprint(pd.array([1, None])).columns[0].dtype == "Int64"
    assert len(fingerprint(INDEXES["levels"]).columns) == 2


def test_row_major_and_column_major_frames_are_equal():
    values = np.random.default_rng(0).standard_normal((50, 4))
    left = pd.DataFrame(values, copy=False)
    right = pd.DataFrame(np.asfortranarray(values), copy=False)
    assert fingerprint(left) == fingerprint(right)


def test_a_wide_frame_is_quick():
    frame = pd.DataFrame(np.zeros((10, 2_000)))
    started = time.process_time()
    fingerprint(frame)
    reading = time.process_time() - started
    started = time.process_time()
    pd.util.hash_pandas_object(frame)
    assert reading < 10 * (time.process_time() - started)


CELLS = st.lists(
    st.tuples(st.floats(width=64), st.text(max_size=6) | st.none(), st.integers(-(2**63), 2**63 - 1)),
    max_size=30,
)


def frame_of(rows):
    return pd.DataFrame(
        {
            "f": pd.Series([row[0] for row in rows], dtype="float64"),
            "t": pd.Series([row[1] for row in rows], dtype=object),
            "i": pd.Series([row[2] for row in rows], dtype="int64"),
        }
    )


@settings(max_examples=60, deadline=None)
@given(rows=CELLS, cut=st.integers(0, 30))
def test_cutting_and_joining_is_no_change(rows, cut):
    frame = frame_of(rows)
    assert fingerprint(pd.concat([frame[:cut], frame[cut:]])) == fingerprint(frame)
    assert fingerprint(pickle.loads(pickle.dumps(frame))) == fingerprint(frame)


@settings(max_examples=60, deadline=None)
@given(left=CELLS, right=CELLS)
def test_digests_are_equal_exactly_when_frames_are(left, right):
    same = [tuple(map(repr, row)) for row in left] == [tuple(map(repr, row)) for row in right]
    assert (fingerprint(frame_of(left)).digest == fingerprint(frame_of(right)).digest) == same
