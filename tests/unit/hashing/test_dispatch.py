"""What is a dataset, what it is called, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp

from nbship.errors import FingerprintError
from nbship.hashing import fingerprint, is_dataset, type_name


class OwnFrame(pd.DataFrame):
    """A subclass, as geopandas has one."""


DATASETS = {
    "pandas.DataFrame": pd.DataFrame({"a": [1]}),
    "pandas.Series": pd.Series([1]),
    "pandas.RangeIndex": pd.RangeIndex(2),
    "polars.DataFrame": pl.DataFrame({"a": [1]}),
    "polars.Series": pl.Series([1]),
    "pyarrow.Table": pa.table({"a": [1]}),
    "pyarrow.RecordBatch": pa.record_batch({"a": [1]}),
    "pyarrow.Int64Array": pa.array([1]),
    "pyarrow.ChunkedArray": pa.chunked_array([[1]]),
    "numpy.ndarray": np.zeros(2),
    "scipy.sparse.csr_matrix": sp.csr_matrix((2, 2)),
    "scipy.sparse.coo_array": sp.coo_array((2, 2)),
}


@pytest.mark.parametrize("name", DATASETS)
def test_tables_and_arrays_are_datasets_with_a_name(name):
    assert is_dataset(DATASETS[name])
    assert type_name(DATASETS[name]) == name
    assert fingerprint(DATASETS[name]).digest


def test_subclasses_are_datasets():
    frame = OwnFrame({"a": [1]})
    assert is_dataset(frame)
    assert fingerprint(frame) == fingerprint(pd.DataFrame({"a": [1]}))


@pytest.mark.parametrize(
    "value",
    [1, "text", None, [1, 2], {"a": 1}, np.float64(1), np.array(1.0), pd.DataFrame, pa.scalar(1), pd.NA],
)
def test_other_values_are_no_datasets(value):
    assert not is_dataset(value)


def test_a_lazy_frame_is_no_dataset():
    assert not is_dataset(pl.LazyFrame())


def test_tensors_are_datasets_on_the_cpu_only():
    torch = pytest.importorskip("torch")
    assert is_dataset(torch.zeros(2))
    assert type_name(torch.zeros(2)) == "torch.Tensor"
    assert not is_dataset(torch.tensor(1.0))
    assert not is_dataset(torch.zeros(2, device="meta"))
    assert not is_dataset(torch.eye(2).to_sparse())


@pytest.mark.parametrize(
    ("value", "name"), [({}, "dict"), (lambda: 0, "function"), (os.environ, "os._Environ")]
)
def test_other_types_are_refused_by_name(value, name):
    assert type_name(value) == name
    with pytest.raises(FingerprintError, match=f"cannot fingerprint a {name}; supported are pandas"):
        fingerprint(value)


@pytest.mark.slow
def test_nothing_heavy_is_imported_to_tell():
    code = """
import sys
from nbship.hashing import fingerprint, is_dataset, type_name
assert not is_dataset({}) and type_name(1) == "int"
print(sorted({"numpy", "pandas", "pyarrow", "polars", "torch", "scipy"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_a_forked_child_can_hash_after_its_parent_used_threads():
    code = """
import os, numpy as np
from nbship.hashing import fingerprint
array = np.zeros(8 << 20)
expected = fingerprint(array)
child = os.fork()
if not child:
    os._exit(0 if fingerprint(array) == expected else 1)
print(os.waitpid(child, 0)[1])
"""
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "0"
