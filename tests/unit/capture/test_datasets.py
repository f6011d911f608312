from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import sparse

from nbship.capture import datasets
from nbship.capture.dataflow import analyse
from nbship.capture.files import OpenedFiles
from nbship.capture.ledger import Ledger
from nbship.capture.open_run import OpenRun
from nbship.capture.request import TrackRequest
from nbship.hashing import fingerprint
from nbship.model.cell import CellExecution, CellStatus
from nbship.model.data import DatasetRecord


class Blobs:
    """Keeps blobs in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put_blob(self, data: bytes, suffix: str = "") -> str:
        name = f"{len(self.kept)}{suffix}"
        self.kept[name] = data
        return name


def records_of(namespace) -> list[DatasetRecord]:
    return datasets.fingerprint_variables(sorted(namespace), namespace, Ledger(), None, [])


def snapshot_of(namespace) -> tuple[dict[str, bytes], list[str]]:
    blobs, warnings = Blobs(), []
    made = datasets.snapshot(records_of(namespace), namespace, blobs, warnings)
    return {artifact.path: blobs.kept[artifact.blob] for artifact in made}, warnings


def test_variables_are_fingerprinted_with_their_origin():
    ledger = Ledger()
    source = "df = load()\nparts = {'a': df}"
    ledger.append(CellExecution(0, source, "h", CellStatus.OK), analyse(source))
    frame = pd.DataFrame({"a": [1, 2]})
    namespace = {"df": frame, "parts": {"a": frame}, "given": np.arange(2)}
    found = datasets.fingerprint_variables(namespace, namespace, ledger, None, [])
    assert [(r.name, r.type, r.produced_by) for r in found] == [
        ("df", "pandas.DataFrame", 0),
        ("given", "numpy.ndarray", None),
        ("parts['a']", "pandas.DataFrame", 0),
    ]
    assert found[0].fingerprint == found[2].fingerprint == fingerprint(frame)


def test_what_cannot_be_fingerprinted_is_a_warning_and_the_rest_is_kept():
    class Unpicklable:
        def __reduce__(self):
            raise TypeError("no")

    warnings: list[str] = []
    namespace = {"bad": pd.DataFrame({"a": [Unpicklable()]}), "good": np.arange(2)}
    found = datasets.fingerprint_variables(namespace, namespace, Ledger(), None, warnings)
    assert [record.name for record in found] == ["good"]
    assert len(warnings) == 1
    assert warnings[0].startswith("no fingerprint of bad: ")


def test_a_run_takes_the_same_data_once_and_changed_data_again():
    run = OpenRun(TrackRequest(), "r", "u", None)
    array = np.arange(3)
    first = records_of({"x": array})
    assert datasets.unseen(run, first) == first
    assert datasets.unseen(run, first) == []
    array[0] = 9
    assert len(datasets.unseen(run, records_of({"x": array}))) == 1
    assert len(datasets.unseen(run, records_of({"y": array}))) == 1


def test_files_are_described_relative_to_the_project(tmp_path):
    inside, outside = tmp_path / "p" / "a.csv", tmp_path / "b.csv"
    inside.parent.mkdir()
    for path in (inside, outside):
        path.write_text("1\n")
    opened = OpenedFiles(read=(inside, outside, tmp_path / "gone.csv"))
    found = datasets.file_records(opened, inside.parent)
    assert [(r.path, r.digest, r.size_bytes) for r in found] == [("a.csv", None, 2), (str(outside), None, 2)]
    assert found[0].modified_ms == int(inside.stat().st_mtime * 1000)


def test_files_that_were_written_too_are_results_not_inputs(tmp_path):
    read, both = tmp_path / "a.csv", tmp_path / "b.csv"
    for path in (read, both):
        path.write_text("1\n")
    opened = OpenedFiles(read=(read, both), written=(both,))
    inputs = datasets.with_native_reads(opened, analyse(""), {})
    found = datasets.fingerprint_files(inputs, tmp_path, [])
    assert [(r.name, r.source, r.fingerprint) for r in found] == [("a.csv", "file", fingerprint(read))]


def test_files_that_native_code_reads_are_found_by_literal_and_by_variable(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.parquet", "b.parquet"):
        Path(name).write_bytes(b"x")
    (tmp_path / ".nbship").mkdir()
    (tmp_path / ".nbship" / "own.parquet").write_bytes(b"x")
    source = "pl.read_parquet('a.parquet')\npl.read_parquet(path)\npl.read_parquet('.nbship/own.parquet')"
    namespace = {"path": tmp_path / "b.parquet"}
    opened = datasets.with_native_reads(OpenedFiles(), analyse(source), namespace)
    found = datasets.fingerprint_files(opened, tmp_path, [])
    assert [record.name for record in found] == ["a.parquet", "b.parquet"]


@pytest.mark.parametrize("value", ["a\nb", "x" * 2000, "\0", "~nobody-here/x", 3, None])
def test_odd_values_are_no_paths(tmp_path, value):
    flow = analyse("pl.read_parquet(path)")
    opened = datasets.with_native_reads(OpenedFiles(), flow, {"path": value})
    assert datasets.fingerprint_files(opened, tmp_path, []) == []


def test_a_file_that_an_earlier_cell_read_is_fingerprinted_while_it_is_the_same(tmp_path):
    kept, changed, gone = (tmp_path / name for name in ("kept.csv", "changed.csv", "gone.csv"))
    for path in (kept, changed, gone):
        path.write_text("1\n")
    records = datasets.file_records(OpenedFiles(read=(kept, changed, gone)), tmp_path)
    os.utime(changed, (1, 1))
    gone.unlink()
    warnings: list[str] = []
    found = datasets.fingerprint_earlier_files(records, tmp_path, warnings)
    assert [record.name for record in found] == ["kept.csv"]
    assert [text.split()[0] for text in warnings] == ["changed.csv", "gone.csv"]
    assert "has changed since" in warnings[0]
    assert "is gone" in warnings[1]


def test_numbers_are_taken_by_name_when_they_are_asked_for():
    namespace = {"epoch": 7, "text": "x", "auc": 0.9}
    assert datasets.scalars_by_name(("epoch", "text", "no", "auc"), namespace, {"auc": 0.8}) == {"epoch": 7.0}


def test_a_snapshot_holds_tables_as_parquet_and_arrays_as_npy():
    frame = pd.DataFrame({"a": [1, 2], 3: ["x", None]})
    namespace = {
        "df": frame,
        "s": frame["a"],
        "lake": pl.DataFrame({"a": [1]}),
        "ps": pl.Series("v", [1, 2]),
        "table": pa.table({"a": [1]}),
        "chunk": pa.chunked_array([[1, 2]]),
        "arr": np.arange(3),
        "wide": sparse.random_array((4, 4), density=0.5, rng=np.random.default_rng(0)),
    }
    files, warnings = snapshot_of(namespace)
    assert warnings == []
    assert set(files) == {
        *("data/df.parquet", "data/s.parquet", "data/lake.parquet", "data/ps.parquet"),
        *("data/table.parquet", "data/chunk.parquet", "data/arr.npy", "data/wide.npz"),
    }
    assert pq.read_table(io.BytesIO(files["data/df.parquet"])).to_pydict() == {"a": [1, 2], "3": ["x", None]}
    assert np.load(io.BytesIO(files["data/arr.npy"])).tolist() == [0, 1, 2]
    loaded = sparse.load_npz(io.BytesIO(files["data/wide.npz"]))
    assert (loaded.toarray() == namespace["wide"].toarray()).all()


def test_a_snapshot_leaves_the_data_as_it_is():
    frame = pd.DataFrame({3: [1]})
    snapshot_of({"df": frame})
    assert list(frame.columns) == [3]


def test_what_cannot_be_copied_is_a_warning():
    files, warnings = snapshot_of({"odd": np.array([object(), {}], dtype=object), "ok": np.arange(2)})
    assert set(files) == {"data/ok.npy"}
    assert len(warnings) == 1
    assert warnings[0].startswith("--snapshot: odd could not be copied")


def test_names_that_are_alike_as_file_names_do_not_overwrite_one_another():
    namespace = {"df": np.arange(1), "df_": np.arange(2), "d": {"a b": np.arange(3), "a_b": np.arange(4)}}
    files, _ = snapshot_of(namespace)
    assert {path: len(np.load(io.BytesIO(data))) for path, data in files.items()} == {
        "data/df.npy": 1,
        "data/df_.npy": 2,
        "data/d_a_b.npy": 3,
        "data/d_a_b-2.npy": 4,
    }


def test_no_name_leads_out_of_the_folder():
    files, _ = snapshot_of({"d": {"../../etc/x": np.arange(1), "<b>": np.arange(2)}})
    assert all(Path(path).parent == Path("data") for path in files)
