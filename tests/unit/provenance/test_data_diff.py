from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbship.hashing import fingerprint
from nbship.hashing.files import fingerprint_path
from nbship.model.data import DatasetRecord
from nbship.model.run import DatasetSummary
from nbship.provenance.data_diff import diff_data
from nbship.provenance.evidence import RunEvidence


@pytest.fixture
def evidence(make_run):
    """Return a function that makes the evidence of a run with datasets, given as name to value."""
    names = iter(["one", "two"])

    def make(**values):
        records = [
            DatasetRecord(name, "file" if isinstance(value, str) else "variable", "t", fingerprint(value))
            for name, value in values.items()
        ]
        return RunEvidence(make_run(next(names)), datasets=tuple(records))

    return make


def frame(rows=4, **columns):
    return pd.DataFrame({"a": range(rows), "b": [1.5] * rows, **columns})


def test_equal_data_is_counted_only(evidence):
    found = diff_data(evidence(df=frame(), gone=frame(9)), evidence(renamed=frame(9), df=frame()))
    assert (found.datasets, found.equal) == ((), 2)


def test_changed_new_and_gone_columns_are_told(evidence):
    (found,) = diff_data(
        evidence(df=frame(old=["x"] * 4, same=1)),
        evidence(df=frame(gate=["y"] * 4, same=1).assign(b=[1.5, 2, 1.5, 1.5])),
    ).datasets
    assert (found.change, found.text) == ("changed", "4 rows; 1 of 4 columns changed, 1 new, 1 gone")
    assert [(column.name, column.change, column.text) for column in found.columns] == [
        ("gate", "new", "string"),
        ("old", "gone", "string"),
        ("b", "changed", "values changed"),
    ]


def test_another_type_is_told(evidence):
    (found,) = diff_data(evidence(df=frame()), evidence(df=frame().astype({"a": "float64"}))).datasets
    assert [(column.change, column.text) for column in found.columns] == [("type", "int64 -> float64")]


def test_rows_that_went_are_told_once_and_not_for_each_column(evidence):
    found = diff_data(evidence(df=frame(336776)), evidence(df=frame(336770)))
    (dataset,) = found.datasets
    assert dataset.text == "336,776 -> 336,770 rows"
    assert (dataset.left_rows, dataset.right_rows, dataset.columns) == (336776, 336770, ())
    assert found.unprofiled == ("df",)


def test_columns_in_another_order_are_told(evidence):
    (found,) = diff_data(evidence(df=frame(c=1)), evidence(df=frame(c=1)[["c", "a", "b"]])).datasets
    assert [(column.name, column.text) for column in found.columns] == [
        ("c", "column 3 -> 1 of those in both")
    ]


def test_an_index_is_a_column_of_its_own(evidence):
    left, right = frame().set_index("a"), frame().assign(a=range(4, 8)).set_index("a")
    (found,) = diff_data(evidence(df=left), evidence(df=right)).datasets
    assert [column.name for column in found.columns] == ["index a"]


def test_arrays_are_compared_by_shape_and_content(evidence):
    found = diff_data(
        evidence(x=np.zeros((3, 2)), y=np.zeros(3)), evidence(x=np.ones((3, 2)), y=np.zeros(4))
    ).datasets
    assert [one.name for one in found] == ["x", "y"]
    assert found[0].text.startswith("3 rows; ")
    assert found[1].text.startswith("3 -> 4 rows")


def test_new_and_gone_datasets_are_told_with_their_size(evidence):
    new, gone = diff_data(evidence(old=np.zeros(3)), evidence(df=frame())).datasets
    assert (new.name, new.change, new.text, new.right_rows) == ("df", "new", "4 rows, 2 columns", 4)
    assert (gone.name, gone.change, gone.text, gone.left_rows) == ("old", "gone", "3 rows", 3)


def test_files_are_compared_by_content(make_run, tmp_path):
    sides = []
    for name, content in (("one", b"a" * 17_300), ("two", b"b" * 13_500)):
        (tmp_path / f"{name}.csv").write_bytes(content)
        record = DatasetRecord("in.csv", "file", "file", fingerprint_path(tmp_path / f"{name}.csv"))
        sides.append(RunEvidence(make_run(name), datasets=(record,)))
    (found,) = diff_data(*sides).datasets
    assert found.text == "17.3 kB -> 13.5 kB; content changed"


def test_digests_of_two_kinds_are_not_compared(make_run, evidence):
    plain = RunEvidence(make_run("plain", plain=True, datasets=(DatasetSummary("df", "12345678", 4),)))
    (found,) = diff_data(plain, evidence(df=frame())).datasets
    assert found.text.startswith(
        "4 rows; contents cannot be compared: the digests are of two kinds (MLflow's of 8"
    )


def test_runs_of_plain_mlflow_are_compared_by_its_digests(make_run):
    sides = [
        RunEvidence(
            make_run(
                name,
                plain=True,
                datasets=(DatasetSummary("df", digest, rows), DatasetSummary("e", "x", None)),
            )
        )
        for name, digest, rows in (("one", "aaaa", 4), ("two", "bbbb", 5))
    ]
    found = diff_data(*sides)
    assert [(one.name, one.text) for one in found.datasets] == [("df", "4 -> 5 rows")]
    assert found.equal == 1


def test_thousands_of_columns_are_counted_beyond_the_first(evidence):
    left = pd.DataFrame(np.zeros((2, 500)), columns=[f"c{k}" for k in range(500)])
    (found,) = diff_data(evidence(df=left), evidence(df=left + 1)).datasets
    assert len(found.columns) == 200
    assert found.text == "2 rows; 200 of 500 columns changed, 300 more differ"


def test_columns_of_one_name_are_told_apart(evidence):
    left = pd.DataFrame(np.zeros((2, 2)), columns=["a", "a"])
    right = pd.DataFrame([[0.0, 1.0], [0.0, 1.0]], columns=["a", "a"])
    (found,) = diff_data(evidence(df=left), evidence(df=right)).datasets
    assert [column.name for column in found.columns] == ["a [2]"]
