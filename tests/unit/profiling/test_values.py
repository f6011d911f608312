"""Every dtype of every library: what it is read as, and what of it is missing."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nbship.hashing import fingerprint
from nbship.model.profile import ColumnKind
from nbship.profiling import profile, read_table

BERLIN = ZoneInfo("Europe/Berlin")
NOON = dt.datetime.fromisoformat("2024-01-01T12:00")
DAY = dt.date(2024, 1, 1)
NEW_YEAR = np.datetime64("2024-01-01", "ns").astype(int).item()
HOUR = 3_600_000_000_000


def objects(*values):
    return pd.Series(values, dtype=object)


def text_of(column):
    match column.kind:
        case ColumnKind.NUMERIC:
            return column.numbers().tolist()
        case ColumnKind.DATETIME:
            return column.instants().tolist()
        case ColumnKind.TEXT:
            return column.texts()
        case ColumnKind.UNSUPPORTED:
            return column.reason
        case _:
            return column.level_counts()


NUMBERS = {
    "float32": (np.array([1.5, np.nan], "f4"), [1.5], 1),
    "float16": (np.array([1.5, np.inf], "f2"), [1.5, np.inf], 0),
    "long double": (np.array([1.5, np.nan], np.longdouble), [1.5], 1),
    "big-endian": (np.array([1, 2], ">i4"), [1, 2], 0),
    "uint64": (np.array([2**64 - 1], "u8"), [2.0**64], 0),
    "strided": (np.arange(6)[::2], [0, 2, 4], 0),
    "masked": (np.ma.masked_array([1.0, 2.0, np.nan], [True, False, False]), [2.0], 2),
    "duration": (np.array([1500, "NaT"], "m8[ms]"), [1.5], 1),
    "pandas Int64": (pd.array([1, None], dtype="Int64"), [1], 1),
    "pandas Float64": (pd.array([1.5, None], dtype="Float64"), [1.5], 1),
    "pandas sparse": (pd.arrays.SparseArray([0.0, np.nan, 2.0]), [0, 2], 1),
    "pandas timedelta": (pd.Series(pd.to_timedelta(["1h", None])), [3600], 1),
    "arrow-backed": (pd.array([1, None], dtype="int8[pyarrow]"), [1], 1),
    "arrow float": (pa.array([1.5, None, float("nan")]), [1.5], 2),
    "arrow half": (pa.array(np.array([1.5], "f2")), [1.5], 0),
    "arrow decimal": (pa.array([Decimal("1.50"), None]), [1.5], 1),
    "arrow chunks": (pa.chunked_array([[1], [None, 3]]), [1, 3], 1),
    "arrow duration": (pa.array([dt.timedelta(seconds=2), None]), [2], 1),
    "arrow time": (pa.array([dt.time(0, 1), None]), [60], 1),
    "polars int": (pl.Series([1, None]), [1], 1),
    "polars int128": (pl.Series([2**100], dtype=pl.Int128), [2.0**100], 0),
    "polars decimal": (pl.Series([Decimal("1.5"), None]), [1.5], 1),
    "polars time": (pl.Series([dt.time(0, 1)]), [60], 0),
    "object ints": (objects(1, None, 2), [1, 2], 1),
    "object huge ints": (objects(2**70, -(10**400)), [2.0**70, -np.inf], 0),
    "object floats": (objects(1.5, np.nan), [1.5], 1),
    "object decimals": (objects(Decimal("1.5"), Decimal("NaN")), [1.5], 1),
    "object times of day": (objects(dt.time(0, 0, 1), None), [1], 1),
    "object timedelta": (objects(dt.timedelta(minutes=1), pd.NaT), [60], 1),
}
TIMES = {
    "numpy days": (np.array(["2024-01-01", "NaT"], "M8[D]"), [NEW_YEAR], 1, ""),
    "numpy years": (np.array(["2024"], "M8[Y]"), [NEW_YEAR], 0, ""),
    "pandas naive": (pd.Series(pd.to_datetime(["2024-01-01", None])), [NEW_YEAR], 1, ""),
    "pandas zoned": (
        pd.Series([NOON, None]).dt.tz_localize("Europe/Berlin"),
        [NEW_YEAR + 11 * HOUR],
        1,
        "Europe/Berlin",
    ),
    "pandas period": (pd.Series(pd.PeriodIndex(["2024-01", None], freq="M")), [NEW_YEAR], 1, ""),
    "arrow date": (pa.array([DAY, None]), [NEW_YEAR], 1, ""),
    "arrow date64": (pa.array([DAY], pa.date64()), [NEW_YEAR], 0, ""),
    "arrow zoned": (pa.array([NOON], pa.timestamp("us", "UTC")), [NEW_YEAR + 12 * HOUR], 0, "UTC"),
    "polars": (pl.Series([NOON, None]), [NEW_YEAR + 12 * HOUR], 1, ""),
    "polars date": (pl.Series([DAY]), [NEW_YEAR], 0, ""),
    "object dates": (objects(DAY, None), [NEW_YEAR], 1, ""),
    "object datetimes": (objects(NOON, None), [NEW_YEAR + 12 * HOUR], 1, ""),
    "object numpy": (objects(np.datetime64("2024-01-01")), [NEW_YEAR], 0, ""),
    "object periods": (objects(pd.Period("2024-01", "M"), None), [NEW_YEAR], 1, ""),
    "object zones": (
        objects(NOON.replace(tzinfo=dt.UTC), NOON.replace(tzinfo=BERLIN)),
        [NEW_YEAR + 12 * HOUR, NEW_YEAR + 11 * HOUR],
        0,
        "UTC",
    ),
}
LEVELS = {
    "str": (pd.Series(["b", "a", None, "b"]), [("b", 2), ("a", 1)], 1),
    "python strings": (pd.array(["a", None], dtype="string[python]"), [("a", 1)], 1),
    "numpy strings": (np.array(["a", "b", "a"]), [("a", 2), ("b", 1)], 0),
    "numpy variable strings": (np.array(["a", "b"], np.dtypes.StringDType()), [("a", 1), ("b", 1)], 0),
    "objects": (objects("a", None, np.nan, pd.NA), [("a", 1)], 3),
    "half an emoji": (objects("\ud83d", "a"), [("a", 1), ("\ud83d", 1)], 0),
    "a NUL": (objects("a\0", "a"), [("a", 1), ("a\0", 1)], 0),
    "mixed": (objects("1", 1, 2.5, None), [("1", 2), ("2.5", 1)], 1),
    "uuid": (objects(uuid.UUID(int=1)), [(str(uuid.UUID(int=1)), 1)], 0),
    "category": (pd.Categorical(["x", None, "x"], ["w", "x"]), [("x", 2)], 1),
    "category of numbers": (pd.Categorical([2, 1, 2]), [("2", 2), ("1", 1)], 0),
    "category of equal text": (pd.Categorical([1, "1", 2], [1, "1", 2]), [("1", 2), ("2", 1)], 0),
    "arrow dictionary": (pa.array(["a", None, "a"]).dictionary_encode(), [("a", 2)], 1),
    "arrow chunked dictionary": (
        pa.chunked_array([pa.array(["a", "b"]).dictionary_encode(), pa.array(["b"]).dictionary_encode()]),
        [("b", 2), ("a", 1)],
        0,
    ),
    "arrow view": (pa.array(["a", None], pa.string_view()), [("a", 1)], 1),
    "polars categorical": (pl.Series(["a", None], dtype=pl.Categorical), [("a", 1)], 1),
    "polars enum": (pl.Series(["a"], dtype=pl.Enum(["z", "a"])), [("a", 1)], 0),
    "polars object": (pl.Series([uuid.UUID(int=1)], dtype=pl.Object), [(str(uuid.UUID(int=1)), 1)], 0),
    "all None": (objects(None, None), [], 2),
    "arrow null": (pa.nulls(2), [], 2),
}
BOOLEANS = {
    "numpy": (np.array([True, False, True]), [("True", 2), ("False", 1)], 0),
    "strided": (np.array([True, False, True, False])[::2], [("True", 2)], 0),
    "pandas boolean": (pd.array([True, None], dtype="boolean"), [("True", 1)], 1),
    "arrow": (pa.array([False, None]), [("False", 1)], 1),
    "polars": (pl.Series([True, None]), [("True", 1)], 1),
    "objects": (objects(True, None, False), [("False", 1), ("True", 1)], 1),
}
OPAQUE = {
    "complex": (np.array([1j, np.nan]), "complex128", 1),
    "lists": (objects([1], None), "list", 1),
    "dicts": (objects({"a": 1}), "dict", 0),
    "bytes": (objects(b"a", None), "bytes", 1),
    "intervals": (pd.Series(pd.interval_range(0, 2)), "Interval", 0),
    "arrow list": (pa.array([[1], None]), "list<", 1),
    "arrow struct": (pa.array([{"a": 1}]), "struct<", 0),
    "polars list": (pl.Series([[1, 2]]), "list<", 0),
    "naive and aware": (objects(NOON, NOON.replace(tzinfo=dt.UTC)), "some of its times", 0),
    "bytes of numpy": (np.array([b"a"]), "bytes8", 0),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers(name):
    value, numbers, missing = NUMBERS[name]
    column = read_table({"a": value}).columns[0]
    assert (column.kind, text_of(column), column.missing) == (ColumnKind.NUMERIC, numbers, missing)
    assert column.numbers().dtype == np.float64


@pytest.mark.parametrize("name", TIMES)
def test_times(name):
    value, instants, missing, zone = TIMES[name]
    column = read_table({"a": value}).columns[0]
    assert (column.kind, text_of(column), column.missing) == (ColumnKind.DATETIME, instants, missing)
    assert column.zone == zone
    assert column.instants().dtype == np.int64


@pytest.mark.parametrize("name", LEVELS)
def test_levels(name):
    value, levels, missing = LEVELS[name]
    column = read_table({"a": value}).columns[0]
    assert (column.kind, text_of(column), column.missing) == (ColumnKind.CATEGORICAL, levels, missing)
    assert (column.zone, column.reason, column.distinct) == (None, "", len(levels))


@pytest.mark.parametrize("name", BOOLEANS)
def test_booleans(name):
    value, levels, missing = BOOLEANS[name]
    column = read_table({"a": value}).columns[0]
    assert (column.kind, text_of(column), column.missing) == (ColumnKind.BOOLEAN, levels, missing)


@pytest.mark.parametrize("name", OPAQUE)
def test_what_has_neither_order_nor_levels_says_why(name):
    value, reason, missing = OPAQUE[name]
    column = read_table({"a": value}).columns[0]
    assert (column.kind, column.missing) == (ColumnKind.UNSUPPORTED, missing)
    assert reason in column.reason


EVERYTHING = {**NUMBERS, **TIMES, **LEVELS, **BOOLEANS, **OPAQUE}


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_type_is_named_as_in_the_fingerprint(name):
    value = EVERYTHING[name][0]
    if isinstance(value, np.ndarray):
        if np.ma.isMaskedArray(value):
            return
        value = np.rec.fromarrays([value], names="a") if value.dtype.kind != "T" else value
    told = fingerprint(value).columns
    assert [read_table({"a": EVERYTHING[name][0]}).columns[0].dtype] == (
        [told[0].dtype] if told else ["string"]
    )


@pytest.mark.parametrize("name", EVERYTHING)
def test_every_column_can_be_taken_from_and_profiled(name):
    column = read_table({"a": EVERYTHING[name][0]}).columns[0]
    for rows in (slice(0, 1), np.array([0]), slice(0, 0), np.array([], int)):
        taken = column.take(rows)
        assert taken.kind is column.kind
        assert (
            len(taken.missing_mask())
            == taken.count
            == len(range(column.count)[rows] if isinstance(rows, slice) else rows)
        )
        text_of(taken)
    found = profile({"a": EVERYTHING[name][0]}).columns[0]
    assert sum(found.counts) + sum(count for _, count in found.levels) == (
        0 if found.kind is ColumnKind.UNSUPPORTED else found.present
    )


@pytest.mark.parametrize(
    "value",
    [
        [f"a text of several words {n}" for n in range(40)],
        pd.array([f"a text of several words {n}" for n in range(40)], dtype="str"),
        pd.array([f"a text of several words {n}" for n in range(40)], dtype="string[python]"),
        pl.Series([f"a text of several words {n}" for n in range(40)]),
    ],
    ids=["list", "str", "string[python]", "polars"],
)
def test_texts(value):
    column = read_table({"a": value}).columns[0]
    assert column.kind is ColumnKind.TEXT
    assert column.lengths().tolist() == [len(text) for text in column.texts()]
    assert column.texts()[0] == "a text of several words 0"


def test_times_beyond_64_bits_become_the_limit():
    far = np.array(["0001-01-01", "9999-12-31", "2024-01-01"], "M8[s]")
    low, high, inside = read_table(far).columns[0].instants().tolist()
    assert low < np.datetime64("1678", "ns").astype(int)
    assert high > np.datetime64("2262", "ns").astype(int)
    assert inside == NEW_YEAR
