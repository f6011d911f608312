from __future__ import annotations

import datetime as dt
import io
import json
import sqlite3
import sys
import threading
import uuid
import zoneinfo
from decimal import Decimal
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse

from nbship.errors import ExecutionError, UsageError
from nbship.hashing import fingerprint
from nbship.pipeline.borders import MANIFEST, VERSION, load, load_bound, save, save_bound, save_kept
from nbship.pipeline.parameters.secrets import Secret


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "artifacts")


def manifest(folder: str, artifact: str) -> dict:
    return json.loads((Path(folder) / artifact / MANIFEST).read_text())


def crossed(folder: str, value: object) -> tuple[object, str]:
    """Return what comes out on the other side, and the format it travelled in."""
    save(folder, "make", value=value)
    return load(folder, "make.value")[0], manifest(folder, "make.value")["format"]


PLAIN = [
    None,
    True,
    3,
    10**5000,
    -(1 << 4000),
    0.1,
    -0.0,
    float("inf"),
    "naïve \ud800",
    b"\x00\xff",
    bytearray(b"ab"),
    2 + 3j,
    range(1, 9, 2),
    Decimal("1.10"),
    uuid.UUID(int=5),
    dt.date(2013, 1, 2),
    dt.datetime(2013, 1, 2, 3, 4, 5, 6),  # noqa: DTZ001 - a naive one is the point
    dt.datetime(2013, 1, 2, tzinfo=dt.UTC),
    dt.datetime(2013, 10, 27, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
    dt.time(1, 2, tzinfo=dt.timezone(dt.timedelta(hours=-3))),
    dt.timedelta(days=-1, microseconds=3),
    Path("data/a.csv"),
    PurePosixPath("a/b"),
    [1, [2, (3, 4)], {"a": {5, 6}}],
    {1: "one", "1": 1.0, (2, 3): None, None: frozenset({"x"})},
    {"$tuple": [1]},
    {"a": {"$b": 1}},
    (),
    set(),
    {},
]


@pytest.mark.parametrize("value", PLAIN, ids=lambda value: type(value).__name__)
def test_plain_values_keep_value_and_type_in_a_readable_file(folder, value):
    again, form = crossed(folder, value)
    assert form == "plain"
    assert repr(again) == repr(value) if not isinstance(value, int) else again == value
    assert type(again) is type(value)


def test_nan_stays_a_float(folder):
    again, form = crossed(folder, [float("nan")])
    assert form == "plain"
    assert again[0] != again[0]


def test_the_file_of_a_set_does_not_depend_on_its_order(folder):
    one, two = {0, 8}, {8, 0}  # 0 and 8 share a slot, the first comes first
    assert list(one) != list(two)
    save(folder, "make", one=one, two=two)
    assert manifest(folder, "make.one")["digest"] == manifest(folder, "make.two")["digest"]


def test_a_list_that_stands_in_two_places_stays_one_list(folder, capsys):
    row = [0]
    again, form = crossed(folder, [row, row])
    assert form == "pickle"
    assert again[0] is again[1]
    assert capsys.readouterr().out == "value: saved by cloudpickle (list)\n"


def test_a_list_that_holds_itself_crosses(folder):
    loop: list = []
    loop.append(loop)
    again, _ = crossed(folder, loop)
    assert again[0] is again


def test_a_value_nested_very_deep_crosses(folder):
    value: list = []
    for _ in range(400):
        value = [value]
    assert crossed(folder, value) == (value, "pickle")


FRAMES = {
    "plain": pd.DataFrame({"a": [1, 2], "b": [0.5, None], "c": ["x", None], "d": [True, False]}),
    "text index": pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="key")),
    "two index levels": pd.DataFrame(
        {"a": [1, 2]}, index=pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["k", None])
    ),
    "stepped range": pd.DataFrame({"a": range(3)}, index=range(2, 8, 2)),
    "daily index": pd.DataFrame({"a": range(3)}, index=pd.date_range("2013-01-01", periods=3, freq="D")),
    "categories": pd.DataFrame({"a": pd.Categorical(["b", "a", "b"], categories=["c", "b", "a"])}),
    "ordered categories": pd.DataFrame(
        {"a": pd.Categorical(["b", "a"], categories=["b", "a"], ordered=True)}
    ),
    "times": pd.DataFrame(
        {
            "utc": pd.to_datetime(["2013-01-01", None], utc=True),
            "local": pd.to_datetime(["2013-01-01", "2013-02-01"]).tz_localize("Europe/Berlin"),
            "naive": pd.to_datetime(["2013-01-01", "2013-02-01"]),
            "span": pd.to_timedelta([1, 2], unit="s"),
        }
    ),
    "small types": pd.DataFrame({"i": np.array([1, 2], "int8"), "f": np.array([1, 2], "float32")}),
    "nullable": pd.DataFrame(
        {"i": pd.array([1, None], "Int64"), "s": pd.array(["a", None], "string"), "b": pd.array([True, None])}
    ),
    "periods": pd.DataFrame({"p": pd.period_range("2013-01", periods=2, freq="M")}),
    "no rows": pd.DataFrame({"a": pd.Series([], dtype="int32"), "b": pd.Series([], dtype="str")}),
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_frames_cross_in_parquet_exactly(folder, frame, capsys):
    frame.attrs = {"unit": "km", "parts": [1, 2]}
    again, form = crossed(folder, frame)
    assert form == "parquet", capsys.readouterr().out
    pd.testing.assert_frame_equal(again, frame, check_freq=True, check_flags=True, check_exact=True)
    assert again.attrs == frame.attrs
    assert fingerprint(again).digest == fingerprint(frame).digest
    assert type(again.index) is type(frame.index)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["delay", None, 3, ("a", 1)])
def test_series_cross_in_parquet_with_any_name(folder, name):
    series = pd.Series([1.5, None], index=["x", "y"], name=name)
    again, form = crossed(folder, series)
    assert form == "parquet"
    pd.testing.assert_series_equal(again, series)
    assert type(again.name) is type(name)


class Table(pd.DataFrame):
    @property
    def _constructor(self):
        return Table


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (pd.DataFrame({"a": [1, "x", None]}, dtype=object), "Parquet cannot hold it"),
        (pd.DataFrame({"a": [{"k": 1}, {"j": 2}]}), "Parquet would change"),
        (pd.DataFrame(index=range(3)), "Parquet would change"),
        (pd.DataFrame([[1, 2]]), "column labels that are no text"),
        (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])), "several levels"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "two columns of one name"),
        (pd.DataFrame({"a": [1 + 2j]}), "Parquet cannot hold it"),
        (pd.DataFrame({"a": pd.arrays.SparseArray([0, 1])}), "Parquet"),
        (Table({"a": [1]}), "plain frame of a Table"),
    ],
)
def test_what_parquet_would_change_is_pickled_and_the_reason_told(folder, frame, reason, capsys):
    again, form = crossed(folder, frame)
    assert form == "pickle"
    pd.testing.assert_frame_equal(again, frame)
    assert type(again) is type(frame)
    printed = capsys.readouterr().out
    assert printed.startswith("value: saved by cloudpickle (")
    assert reason in printed


@pytest.mark.parametrize(("value", "form"), [(dt.date(2013, 1, 1), "parquet"), (slice(1), "pickle")])
def test_attrs_of_any_type_are_kept(folder, value, form):
    frame = pd.DataFrame({"a": [1]})
    frame.attrs["value"] = value
    again, format_used = crossed(folder, frame)
    assert again.attrs == frame.attrs
    assert format_used == form


@pytest.mark.parametrize(
    "value",
    [
        pl.DataFrame({"a": [1, None], "c": ["x", "y"], "l": [[1], [2, 3]]}),
        pl.DataFrame({"a": pl.Series(["x", "y"], dtype=pl.Categorical), "e": [dt.date(2013, 1, 1)] * 2}),
        pl.DataFrame({"a": pl.Series(["x"], dtype=pl.Enum(["y", "x"]))}),
    ],
)
def test_polars_frames_cross_with_their_schema(folder, value):
    again, form = crossed(folder, value)
    assert form == "polars"
    assert again.equals(value)
    assert again.schema == value.schema


def test_a_polars_series_stays_a_series(folder):
    again, form = crossed(folder, pl.Series("s", [1, 2], dtype=pl.Int8))
    assert form == "polars"
    assert (again.name, again.dtype, again.to_list()) == ("s", pl.Int8, [1, 2])


def test_an_arrow_table_crosses_with_its_metadata(folder):
    schema = pa.schema([pa.field("a", pa.int8(), nullable=False)], metadata={"unit": "km"})
    table = pa.table([pa.array([1, 2], pa.int8())], schema=schema)
    again, form = crossed(folder, table)
    assert form == "arrow"
    assert again.equals(table, check_metadata=True)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.array(["2013-01-01"], "datetime64[ns]"),
        np.array([(1, "a")], dtype=[("n", "i4"), ("s", "U3")]),
        np.array([1, 2], ">i2"),
        np.array(5),
        np.empty((0, 3)),
    ],
)
def test_arrays_cross_in_npy(folder, array):
    again, form = crossed(folder, array)
    assert form == "numpy"
    assert again.dtype == array.dtype
    assert again.flags.f_contiguous == array.flags.f_contiguous
    np.testing.assert_array_equal(again, array)


@pytest.mark.parametrize("value", [np.float64(0.1), np.int8(3), np.bool_(False), np.datetime64("2013-01-01")])
def test_scalars_of_numpy_keep_their_type(folder, value):
    again, form = crossed(folder, value)
    assert (again, type(again), form) == (value, type(value), "numpy")


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.array([{}, "x"], dtype=object), "Python objects"),
        (np.ma.masked_array([1, 2], [True, False]), "MaskedArray"),
    ],
)
def test_arrays_that_npy_cannot_hold_are_pickled_and_the_reason_told(folder, array, reason, capsys):
    again, form = crossed(folder, array)
    assert form == "pickle"
    assert type(again) is type(array)
    assert reason in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["csr_matrix", "csc_array", "coo_array", "bsr_array", "dia_array"])
def test_sparse_matrices_cross_in_npz(folder, kind):
    matrix = getattr(scipy.sparse, kind)(np.eye(3, dtype="float32"))
    again, form = crossed(folder, matrix)
    assert form == "sparse"
    assert type(again) is type(matrix)
    assert again.dtype == matrix.dtype
    assert (again.toarray() == matrix.toarray()).all()


def test_a_fitted_estimator_crosses_in_skops(folder, capsys):
    from sklearn.ensemble import RandomForestClassifier

    rows = np.random.default_rng(0).normal(size=(40, 3))
    model = RandomForestClassifier(5, random_state=0).fit(rows, rows[:, 0] > 0)
    again, form = crossed(folder, model)
    assert form == "skops"
    assert (again.predict_proba(rows) == model.predict_proba(rows)).all()
    assert capsys.readouterr().out == ""


def test_an_estimator_with_a_function_is_pickled_and_the_reason_told(folder, capsys):
    from sklearn.preprocessing import FunctionTransformer

    again, form = crossed(folder, FunctionTransformer(lambda rows: rows + 1))
    assert form == "pickle"
    assert again.transform(np.zeros((1, 1))) == 1
    assert capsys.readouterr().out.startswith("value: saved by cloudpickle (sklearn.preprocessing.")


def test_a_lambda_crosses_by_cloudpickle(folder, capsys):
    again, form = crossed(folder, lambda x: x + 1)
    assert (again(1), form) == (2, "pickle")
    assert capsys.readouterr().out == "value: saved by cloudpickle (function)\n"


def test_an_instance_of_a_class_that_every_step_defines_keeps_that_class(folder, monkeypatch):
    main = sys.modules["__main__"]
    exec("class Model:\n    pass", main.__dict__)
    try:
        save(folder, "make", ("Model",), value=[main.Model()])
        assert type(load(folder, "make.value")[0][0]) is main.Model
        save(folder, "make", value=main.Model())
        del main.Model
        assert type(load(folder, "make.value")[0]).__name__ == "Model"
    finally:
        main.__dict__.pop("Model", None)


def unsavable(tmp_path: Path) -> dict[str, object]:
    text = tmp_path / "a.txt"
    text.write_text("x")
    return {
        "file": text.open(),
        "files": [text.open()],
        "lock": threading.Lock(),
        "rows": (row for row in [1]),
        "database": sqlite3.connect(":memory:"),
    }


@pytest.mark.parametrize("name", ["file", "files", "lock", "rows", "database"])
def test_what_lives_in_one_process_is_refused_with_variable_type_step_and_advice(folder, tmp_path, name):
    values = unsavable(tmp_path)
    try:
        with pytest.raises(UsageError, match=rf"step make cannot hand on {name}, a .*above the first step"):
            save(folder, "make", **{name: values[name]})
    finally:
        values["file"].close()
        values["files"][0].close()
        values["database"].close()
    assert list(Path(folder).iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"), [("key", Secret("hunter2")), ("parts", [Secret("hunter2")]), ("api_token", "hunter2")]
)
def test_secrets_are_never_written(folder, name, value):
    with pytest.raises(UsageError, match=f"cannot hand on {name}") as caught:
        save(folder, "make", **{name: value})
    assert "hunter2" not in str(caught.value)
    assert list(Path(folder).rglob("*")) == []


def test_a_number_may_be_named_like_a_secret(folder):
    save(folder, "make", tokens=3, secret=None)
    assert load(folder, "make.tokens") == (3,)


def test_a_file_in_memory_crosses(folder):
    again, _ = crossed(folder, io.StringIO("text"))
    assert again.getvalue() == "text"


def test_a_changed_file_is_not_loaded(folder):
    save(folder, "make", value=lambda: 1)
    file = Path(folder) / "make.value" / "value.pkl"
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(ExecutionError, match=r"is not what step make saved.*Run step make again"):
        load(folder, "make.value")


def test_a_missing_artifact_names_the_step_to_run(folder):
    with pytest.raises(UsageError, match=r"make\.value is missing.*run step make first"):
        load(folder, "make.value")


def test_an_artifact_of_a_later_version_is_refused(folder):
    save(folder, "make", value=1)
    path = Path(folder) / "make.value" / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": VERSION + 1}))
    with pytest.raises(UsageError, match="later version"):
        load(folder, "make.value")


def test_saving_again_replaces_the_artifact_and_leaves_nothing_beside_it(folder):
    save(folder, "make", value=[1])
    save(folder, "make", value=np.zeros(2))
    assert sorted(path.name for path in Path(folder).iterdir()) == ["make.value"]
    assert sorted(path.name for path in (Path(folder) / "make.value").iterdir()) == [MANIFEST, "value.npy"]


def test_a_failed_save_leaves_the_old_artifact(folder):
    save(folder, "make", value=1)
    with pytest.raises(UsageError):
        save(folder, "make", value=threading.Lock())
    assert load(folder, "make.value") == (1,)


def test_variables_named_like_the_arguments_can_be_saved(folder):
    save(folder, "make", folder=1, step=2, known=3)
    assert load(folder, "make.known", "make.folder", "make.step") == (3, 1, 2)


def test_names_without_a_value_stay_without_one(folder):
    save_bound(folder, "make", (), {"i": 4}, "i", "j")
    assert load_bound(folder, "make.j", "make.i") == {"i": 4}


def test_what_every_step_makes_anew_stays_with_each_where_it_cannot_be_saved(folder, capsys):
    save_kept(folder, "make", lock=threading.Lock(), settings={"a": 1})
    assert load_bound(folder, "make.lock", "make.settings") == {"settings": {"a": 1}}
    assert capsys.readouterr().out == "lock: every step keeps its own (lock cannot be saved)\n"


def test_two_names_of_one_object_are_told(folder, capsys):
    rows = [1]
    save(folder, "make", a=rows, b=rows, c="x", d="x")
    assert "a and b are one object in step make" in capsys.readouterr().out
