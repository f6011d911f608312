"""Tables of pyarrow and polars: encodings, chunks and slices are no content, values are."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather as pf
import pyarrow.parquet as pq
import pytest

from nbship.errors import FingerprintError
from nbship.hashing import fingerprint

DAY = 86_400_000
COLUMNS = {
    "bool": pa.array([True, None, False]),
    "int8": pa.array([1, None, 3], pa.int8()),
    "uint64": pa.array([1, None, 2**64 - 1], pa.uint64()),
    "float16": pa.array([np.float16(1), None, np.float16(2)], pa.float16()),
    "float64": pa.array([1.5, None, float("nan")]),
    "string": pa.array(["a", None, "ü€😀"]),
    "large string": pa.array(["a", None, "ü€😀"], pa.large_string()),
    "string view": pa.array(["a", None, "longer than twelve bytes"], pa.string_view()),
    "binary": pa.array([b"a", None, b""]),
    "fixed binary": pa.array([b"ab", None, b"cd"], pa.binary(2)),
    "dictionary of text": pa.array(["a", None, "b"]).dictionary_encode(),
    "dictionary of numbers": pa.array([7, None, 9]).dictionary_encode(),
    "timestamp s": pa.array([1, None, 3], pa.timestamp("s")),
    "timestamp zone": pa.array([1, None, 3], pa.timestamp("ns", "Europe/Berlin")),
    "date32": pa.array([1, None, 3], pa.date32()),
    "date64": pa.array([DAY, None, 3 * DAY], pa.date64()),
    "time s": pa.array([1, None, 3], pa.time32("s")),
    "duration": pa.array([1, None, 3], pa.duration("s")),
    "decimal": pa.array([decimal.Decimal("1.2"), None, decimal.Decimal("3.4")]),
    "decimal 256": pa.array([decimal.Decimal("1.2"), None, decimal.Decimal("3.4")], pa.decimal256(50, 2)),
    "list": pa.array([[1, None], None, []]),
    "list view": pa.array([[1, None], None, []], pa.list_view(pa.int64())),
    "list of lists of text": pa.array([[["a"], None], None, [["b", None]]]),
    "map": pa.array([[("a", 1)], None, [("b", None), ("c", 2)]], pa.map_(pa.string(), pa.int64())),
    "struct": pa.array([{"a": 1, "b": ["x"]}, None, {"a": None, "b": None}]),
    "null": pa.nulls(3),
}


def parquet(table):
    buffer = io.BytesIO()
    pq.write_table(table, buffer, row_group_size=2)
    return pq.read_table(io.BytesIO(buffer.getvalue()))


def feather(table):
    buffer = io.BytesIO()
    pf.write_feather(table, buffer, chunksize=2)
    return pf.read_table(io.BytesIO(buffer.getvalue()))


TRIPS = {
    "pickle": lambda table: pickle.loads(pickle.dumps(table)),
    "parquet": parquet,
    "feather": feather,
    "chunks": lambda table: pa.concat_tables([table.slice(0, 1), table.slice(1, 0), table.slice(1)]),
    "slice": lambda table: pa.concat_tables([table, table, table]).combine_chunks().slice(3, 3),
    "record batch": lambda table: table.to_batches()[0],
}


@pytest.mark.parametrize("trip", TRIPS)
@pytest.mark.parametrize("kind", COLUMNS)
def test_a_round_trip_is_no_change(kind, trip):
    table = pa.table({"x": COLUMNS[kind]})
    assert fingerprint(TRIPS[trip](table)) == fingerprint(table)


@pytest.mark.parametrize("kind", [kind for kind in COLUMNS if kind not in ("null", "string view")])
def test_values_and_nulls_count(kind):
    column = COLUMNS[kind]
    orders = [
        column,
        column.take(pa.array([2, 1, 0])),
        column.take(pa.array([0, 0, 2])),
        column.take(pa.array([0, 1, 1])),
    ]
    assert len({fingerprint(order).digest for order in orders}) == len(orders)


def test_types_count():
    kinds = [
        pa.int8(),
        pa.uint8(),
        pa.int16(),
        pa.int64(),
        pa.float32(),
        pa.float64(),
        pa.string(),
        pa.binary(),
        pa.bool_(),
    ]
    kinds += [
        pa.timestamp("ms"),
        pa.timestamp("us"),
        pa.timestamp("ms", "UTC"),
        pa.duration("ms"),
        pa.date32(),
        pa.null(),
    ]
    assert len({fingerprint(pa.nulls(2, kind)).digest for kind in kinds}) == len(kinds)


def test_garbage_under_a_null_is_no_content():
    validity = pa.py_buffer(bytes([0b101]))
    numbers = [pa.py_buffer(np.array([1, under, 3], np.int64).tobytes()) for under in (0, 99)]
    left, right = (pa.Array.from_buffers(pa.int64(), 3, [validity, data]) for data in numbers)
    assert fingerprint(left) == fingerprint(right)
    offsets = pa.py_buffer(np.array([0, 1, 5, 6], np.int32).tobytes())
    dirty = pa.Array.from_buffers(pa.string(), 3, [validity, offsets, pa.py_buffer(b"ajunkb")])
    assert fingerprint(dirty) == fingerprint(pa.array(["a", None, "b"]))


def test_encodings_are_no_content():
    plain = pa.array(["a", "a", "b"])
    run_ends = pa.RunEndEncodedArray.from_arrays([2, 3], pa.array(["a", "b"]))
    assert fingerprint(plain) == fingerprint(plain.dictionary_encode()) == fingerprint(run_ends)


def test_unions_are_read_as_mixed_objects():
    union = pa.UnionArray.from_sparse(pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(["a", "b"])])
    assert fingerprint(union).weak


def test_names_and_their_order_count():
    column = pa.array([1])
    tables = [pa.table([column, column], names) for names in (["a", "b"], ["b", "a"], ["a", "a"])]
    assert len({fingerprint(table).digest for table in tables}) == 3


def test_libraries_agree_on_equal_content():
    frame = pd.DataFrame(
        {
            "i": [1, 2, 3],
            "f": [0.5, -1.0, 2.0],
            "t": ["a", None, "ü"],
            "b": [True, False, True],
            "d": pd.date_range("2020", periods=3, unit="us"),
            "s": np.array([1, 2, 3], "uint8"),
        }
    )
    table = pa.Table.from_pandas(frame)
    assert fingerprint(frame) == fingerprint(table) == fingerprint(pl.from_arrow(table))


POLARS = {
    "text": pl.Series("x", ["a", None, "ü€😀"]),
    "float": pl.Series("x", [1.0, None, float("nan")]),
    "categorical": pl.Series("x", ["a", None, "b"], dtype=pl.Categorical),
    "enum": pl.Series("x", ["a", None, "b"], dtype=pl.Enum(["z", "b", "a"])),
    "time": pl.Series("x", [dt.time(1), None, dt.time(2)]),
    "duration": pl.Series("x", [dt.timedelta(1), None, dt.timedelta(2)]),
    "datetime": pl.Series("x", [dt.datetime(2020, 1, 1), None, dt.datetime(2021, 1, 1)]),  # noqa: DTZ001
    "array": pl.Series("x", [[1, 2], None, [3, 4]], dtype=pl.Array(pl.Int64, 2)),
    "list": pl.Series("x", [["a"], None, []], dtype=pl.List(pl.Categorical)),
    "struct": pl.Series("x", [{"a": 1}, None, {"a": None}]),
    "int128": pl.Series("x", [1, None, 2**100], dtype=pl.Int128),
    "decimal": pl.Series("x", [decimal.Decimal("1.2"), None, decimal.Decimal("3.4")]),
}


def polars_trip(write, read):
    def trip(frame):
        buffer = io.BytesIO()
        getattr(frame, write)(buffer)
        return getattr(pl, read)(io.BytesIO(buffer.getvalue()))

    return trip


POLARS_TRIPS = {
    "clone": lambda frame: frame.clone(),
    "pickle": lambda frame: pickle.loads(pickle.dumps(frame)),
    "parquet": polars_trip("write_parquet", "read_parquet"),
    "feather": polars_trip("write_ipc", "read_ipc"),
    "chunks": lambda frame: pl.concat([frame[:1], frame[1:]], rechunk=False),
    "slice": lambda frame: pl.concat([frame, frame], rechunk=True)[3:],
}


@pytest.mark.parametrize("trip", POLARS_TRIPS)
@pytest.mark.parametrize("kind", POLARS)
def test_a_round_trip_of_polars_is_no_change(kind, trip):
    frame = POLARS[kind].to_frame()
    assert fingerprint(POLARS_TRIPS[trip](frame)) == fingerprint(frame)


@pytest.mark.parametrize("kind", POLARS)
def test_the_order_of_polars_rows_counts(kind):
    assert fingerprint(POLARS[kind]).digest != fingerprint(POLARS[kind].reverse()).digest


def test_a_categorical_does_not_depend_on_what_the_process_saw_before():
    first = pl.Series("x", ["b", "a"], dtype=pl.Categorical)
    pl.Series("y", ["q", "a", "b"], dtype=pl.Categorical)
    assert fingerprint(first) == fingerprint(pl.Series("x", ["b", "a"]).cast(pl.Categorical))


def test_text_categorical_and_enum_differ():
    kinds = [pl.String, pl.Categorical, pl.Enum(["a", "b"]), pl.Enum(["b", "a"])]
    assert len({fingerprint(pl.Series("x", ["a"], dtype=kind)).digest for kind in kinds}) == 4


def test_polars_objects_are_read_by_value():
    column = pl.Series("x", [{1, 2}, (1,), None], dtype=pl.Object)
    assert fingerprint(column).weak
    assert fingerprint(column) == fingerprint(pl.Series("x", [{2, 1}, (1,), None], dtype=pl.Object))


def test_a_lazy_frame_is_to_be_collected():
    with pytest.raises(FingerprintError, match="collect"):
        fingerprint(pl.LazyFrame({"a": [1]}))


def test_empty_polars_frames_are_told_apart():
    assert fingerprint(pl.DataFrame()).digest != fingerprint(pl.DataFrame({"a": []})).digest
