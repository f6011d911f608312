"""Columns of pandas: every dtype survives its round trips, and no edit goes unseen."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from nbship.hashing import fingerprint

ROWS = 5
COLUMNS = {
    "bool": pd.Series([True, False, True, True, False]),
    "uint8": pd.Series(range(ROWS), dtype="uint8"),
    "float16": pd.Series(range(ROWS), dtype="float16"),
    "float64 with NaN": pd.Series([1.5, np.nan, -0.0, np.inf, 2]),
    "object strings": pd.Series(["a", "b", None, "ü€😀", np.nan], dtype=object),
    "object without values": pd.Series([None] * ROWS, dtype=object),
    "object bools": pd.Series([True, None, False, True, None], dtype=object),
    "object bytes": pd.Series([b"a", None, b"b", b"", b"c"], dtype=object),
    "object dates": pd.Series([dt.date(2020, 1, 1), None, *[dt.date(2021, 1, 1)] * 3], dtype=object),
    "object decimals": pd.Series(
        [decimal.Decimal("1.10"), None, *[decimal.Decimal("2.345")] * 3], dtype=object
    ),
    "object lists": pd.Series([[1, 2], None, [], [3], [4]], dtype=object),
    "datetime s": pd.Series(pd.date_range("2020", periods=ROWS, unit="s")),
    "datetime ms": pd.Series(pd.date_range("2020", periods=ROWS, unit="ms")),
    "datetime ns": pd.Series(
        [pd.Timestamp("2020-01-01 00:00:00.000000001"), *[pd.NaT] * 4], dtype="datetime64[ns]"
    ),
    "datetime zone": pd.Series(pd.date_range("2020", periods=ROWS, tz="Europe/Berlin")),
    "datetime offset": pd.Series(pd.date_range("2020", periods=ROWS, tz=dt.timezone(dt.timedelta(hours=-2)))),
    "datetime utc": pd.Series(pd.date_range("2020", periods=ROWS, tz=dt.UTC)),
    "timedelta s": pd.Series(range(ROWS), dtype="timedelta64[s]"),
    "timedelta ns": pd.Series(range(ROWS), dtype="timedelta64[ns]"),
    "period": pd.Series(pd.period_range("2020-01", periods=ROWS, freq="M")),
    "interval": pd.Series(pd.interval_range(0, ROWS)),
    "category": pd.Series(pd.Categorical(["b", "a", None, "b", "a"], categories=["z", "b", "a"])),
    "ordered category": pd.Series(pd.Categorical(["b", "a", None, "b", "a"], ["z", "b", "a"], ordered=True)),
    "category without values": pd.Series(pd.Categorical([None] * ROWS, pd.Index([], dtype="str"))),
    "Int64": pd.Series([1, None, 3, 4, 5], dtype="Int64"),
    "Float64": pd.Series([1, None, 3, 4, 5], dtype="Float64"),
    "boolean": pd.Series([True, None, False, True, False], dtype="boolean"),
    "str": pd.Series(["a", None, "b", "c", "d"], dtype="str"),
    "string": pd.Series(["a", None, "b", "c", "d"], dtype="string"),
    "string[python]": pd.Series(["a", None, "b", "c", "d"], dtype=pd.StringDtype("python")),
    "int64[pyarrow]": pd.Series([1, None, 3, 4, 5], dtype="int64[pyarrow]"),
    "timestamp[s][pyarrow]": pd.Series([1, None, 3, 4, 5], dtype="timestamp[s][pyarrow]"),
}


def parquet(frame, rows=2):
    buffer = io.BytesIO()
    frame.to_parquet(buffer, row_group_size=rows)
    return pd.read_parquet(io.BytesIO(buffer.getvalue()))


def feather(frame):
    buffer = io.BytesIO()
    frame.to_feather(buffer, chunksize=2)
    return pd.read_feather(io.BytesIO(buffer.getvalue()))


TRIPS = {
    "copy": lambda frame: frame.copy(),
    "pickle": lambda frame: pickle.loads(pickle.dumps(frame)),
    "parquet": parquet,
    "feather": feather,
    "two parts": lambda frame: pd.concat([frame[:2], frame[2:]]),
    "slice of a larger frame": lambda frame: pd.concat([frame, frame])[:ROWS],
    "strided": lambda frame: frame.loc[np.repeat(frame.index, 2)].iloc[::2],
}


@pytest.mark.parametrize("trip", TRIPS)
@pytest.mark.parametrize("kind", COLUMNS)
def test_a_round_trip_is_no_change(kind, trip):
    frame = COLUMNS[kind].to_frame("x")
    assert fingerprint(TRIPS[trip](frame)) == fingerprint(frame)


@pytest.mark.parametrize("kind", [kind for kind in COLUMNS if "without values" not in kind])
def test_any_one_value_and_the_order_of_rows_matter(kind):
    frame = COLUMNS[kind].to_frame("x")
    digests = {fingerprint(frame).digest}
    for row in range(ROWS):
        kept = frame.iloc[[other if other != row else (0 if row else 3) for other in range(ROWS)]]
        digests.add(fingerprint(kept.reset_index(drop=True)).digest)
    reverse = fingerprint(frame[::-1].reset_index(drop=True)).digest
    assert fingerprint(frame).digest != reverse
    assert len(digests) >= len({str(value) for value in COLUMNS[kind]})


def test_strings_are_one_type_in_every_representation():
    values = ["a", None, "bc", "ü€😀", ""]
    dtypes = [
        object,
        "str",
        "string",
        pd.StringDtype("python"),
        "string[pyarrow]",
        pd.StringDtype("python", np.nan),
    ]
    digests = {fingerprint(pd.Series(values, dtype=dtype)).digest for dtype in dtypes}
    assert len(digests) == 1


def test_the_missing_values_of_an_object_column_are_alike():
    columns = [pd.Series(["a", missing], dtype=object) for missing in (None, np.nan, pd.NA, pd.NaT)]
    assert len({fingerprint(column).digest for column in columns}) == 1


def test_a_missing_text_is_not_an_empty_text():
    assert fingerprint(pd.Series(["a", None])).digest != fingerprint(pd.Series(["a", ""])).digest


def test_texts_are_not_run_together():
    left, right = pd.Series(["ab", "c"], dtype=object), pd.Series(["a", "bc"], dtype=object)
    assert fingerprint(left).digest != fingerprint(right).digest


@pytest.mark.parametrize("texts", [["a\0b", "c"], ["a", "b\0c"], ["\0", ""], ["", "\0"], ["\ud800", "x"]])
def test_texts_with_nul_or_half_an_emoji_differ_from_their_neighbours(texts):
    shifted = pd.Series(["a", "\0b\0c"], dtype=object)
    column = pd.Series(texts, dtype=object)
    assert fingerprint(column).columns[0].dtype == "string"
    assert fingerprint(column).digest != fingerprint(shifted).digest
    assert fingerprint(column).digest == fingerprint(column.copy()).digest


def test_texts_with_nul_are_equal_in_arrow_storage():
    texts = ["a\0b", "", None, "\0"]
    assert fingerprint(pd.Series(texts, dtype=object)) == fingerprint(
        pd.Series(texts, dtype="string[pyarrow]")
    )


def test_texts_are_equal_over_block_borders_in_both_storages():
    texts = [None if row % 7 == 0 else f"text {row}" for row in range(40_000)]
    assert fingerprint(pd.Series(texts, dtype=object)) == fingerprint(
        pd.Series(texts, dtype="string[pyarrow]")
    )


@pytest.mark.parametrize("letter", ["x", "ü"])
def test_long_texts_are_equal_in_both_storages(letter):
    texts = [letter * 300, None, letter * 299 + "\0", ""]
    assert fingerprint(pd.Series(texts, dtype=object)) == fingerprint(
        pd.Series(texts, dtype="string[pyarrow]")
    )


def test_mixed_values_are_weak_and_still_told_apart():
    mixed = fingerprint(pd.Series([1, "a", None, 2.5], dtype=object))
    assert mixed.weak
    assert mixed.columns[0].weak
    assert mixed.digest != fingerprint(pd.Series([1, "a", None, 2.6], dtype=object)).digest
    assert mixed.digest != fingerprint(pd.Series(["1", "a", None, 2.5], dtype=object)).digest


def test_objects_of_one_plain_type_are_not_weak():
    assert not fingerprint(COLUMNS["object dates"].to_frame()).weak


def test_nullable_and_plain_numbers_are_different_types():
    plain = pd.Series([1, 2, 3])
    assert fingerprint(plain).digest != fingerprint(plain.astype("Int64")).digest


def test_what_lies_under_a_mask_is_no_content():
    mask = np.array([False, True])
    left = pd.Series(pd.arrays.IntegerArray(np.array([1, 2]), mask))
    right = pd.Series(pd.arrays.IntegerArray(np.array([1, 9]), mask))
    assert fingerprint(left) == fingerprint(right)


def test_categories_count_with_their_order_used_or_not():
    values = ["a", "b", "a"]
    lists = [["a", "b"], ["b", "a"], ["a", "b", "unused"]]
    digests = {fingerprint(pd.Series(pd.Categorical(values, names))).digest for names in lists}
    digests.add(fingerprint(pd.Series(pd.Categorical(values, ["a", "b"], ordered=True))).digest)
    digests.add(fingerprint(pd.Series(values)).digest)
    assert len(digests) == 5


def test_the_width_of_category_codes_does_not_count():
    few = pd.Series(pd.Categorical(["a", "b"]))
    many = few.cat.add_categories([str(number) for number in range(300)])
    assert many.cat.codes.dtype != few.cat.codes.dtype
    assert fingerprint(many.cat.remove_categories([str(number) for number in range(300)])) == fingerprint(few)


def test_many_categories_survive_parquet():
    names = [f"category {number:06d}" for number in np.random.default_rng(0).permutation(60_000)]
    frame = pd.DataFrame({"c": pd.Categorical.from_codes(np.arange(30_000), names)})
    assert fingerprint(parquet(frame, rows=10_000)) == fingerprint(frame)


def test_zones_of_equal_instants_differ():
    berlin = pd.Series(pd.date_range("2020", periods=3, tz="Europe/Berlin"))
    assert fingerprint(berlin).digest != fingerprint(berlin.dt.tz_convert("UTC")).digest


@pytest.mark.parametrize("dtype", [pd.SparseDtype("float64", 0.0), pd.SparseDtype("int64", 0)], ids=str)
def test_sparse_columns_are_read_densely(dtype):
    frame = pd.DataFrame({"x": pd.Series([0, 1, 1], dtype=dtype)})
    assert fingerprint(frame) == fingerprint(frame.copy())
    assert fingerprint(frame).digest != fingerprint(frame[::-1].reset_index(drop=True)).digest


WITHOUT_PYARROW = """
import sys
if {blocked}: sys.modules["pyarrow"] = None
import numpy as np, pandas as pd
from nbship.hashing import fingerprint
frame = pd.DataFrame({{"o": pd.Series(["a", None, "ü", "x\\0"], dtype=object), "s": pd.Series(["b", None, "", "c"], dtype="str"),
    "t": pd.Series(["b", pd.NA, "", "c"], dtype="string"), "c": pd.Categorical(["x", None, "y", "x"]), "n": [1.5, np.nan, 2, 3],
    "d": pd.date_range("2020", periods=4, tz="UTC"), "m": pd.Series([1, "a", None, [1, 2]], dtype=object)}})
print(fingerprint(frame))
"""


@pytest.mark.slow
def test_digests_are_the_same_without_pyarrow():
    outputs = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", WITHOUT_PYARROW.format(blocked=blocked)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for blocked in (True, False)
    ]
    assert outputs[0] == outputs[1] != ""
