from __future__ import annotations

import json

import pytest

from nbship.model.data import ColumnFingerprint, DatasetRecord, Fingerprint
from nbship.store.datasets import dataset_inputs


def record(dtype="float64", *, kind="table", source="variable", shape=(3, 1), digest="d" * 32, columns=1):
    prints = tuple(ColumnFingerprint(f"c{number}", dtype, "1") for number in range(columns))
    return DatasetRecord(
        "n", source, "t", Fingerprint(digest, "a", kind, shape[0] if shape else None, shape, prints, 9)
    )


@pytest.mark.parametrize(
    ("dtype", "shown"),
    [
        ("bool", "boolean"),
        ("int8", "integer"),
        ("uint32", "integer"),
        ("int64", "long"),
        ("Int64", "long"),
        ("float32", "float"),
        ("float64", "double"),
        ("decimal128(10, 2)", "double"),
        ("string", "string"),
        ("large_string", "string"),
        ("category", "string"),
        ("binary", "binary"),
        ("datetime64[ns]", "datetime"),
        ("timestamp[ns, UTC]", "datetime"),
        ("list<int64>", "string"),
    ],
)
def test_a_column_is_shown_with_mlflows_nearest_type(dtype, shown):
    (made,) = dataset_inputs([record(dtype)])
    assert json.loads(made.dataset.schema)["mlflow_colspec"][0]["type"] == shown


def test_files_have_a_place_and_no_columns():
    (made,) = dataset_inputs([record(kind="file", source="file", shape=())])
    assert made.dataset.source_type == "local"
    assert json.loads(made.dataset.source) == {"uri": "n"}
    assert made.dataset.schema is None
    assert "num_rows" not in json.loads(made.dataset.profile)


def test_what_is_too_large_for_mlflow_is_left_out_or_cut():
    (made,) = dataset_inputs([record(columns=30_000, digest="d" * 64)])
    assert made.dataset.schema is None
    assert made.dataset.digest == "d" * 36
