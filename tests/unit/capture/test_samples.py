from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression

from nbship.capture.samples import SampleStore

FRAME = pd.DataFrame({"a": np.arange(20.0), "b": 1.0, "y": 0.0})
MODEL = LinearRegression().fit(FRAME[["a", "b"]], FRAME["y"])


def store(**values) -> SampleStore:
    kept = SampleStore()
    for name, value in values.items():
        kept.add(name, f"digest of {name}", name, value)
    return kept


def names(kept: SampleStore, fit_argument: str | None = None, model=MODEL) -> list[str]:
    return [sample.name for sample, _ in kept.fitting(model, fit_argument)]


def test_a_table_with_the_columns_of_the_model_fits_and_is_cut_to_them():
    kept = store(train=FRAME, other=FRAME[["a"]], array=FRAME.to_numpy())
    ((sample, rows),) = kept.fitting(MODEL, None)

    assert (sample.name, sample.digest, sample.total) == ("train", "digest of train", 20)
    assert list(rows.columns) == ["a", "b"]


def test_frames_of_other_libraries_become_pandas():
    ((_, rows),) = store(train=pl.DataFrame(FRAME.to_dict("list"))).fitting(MODEL, None)
    assert isinstance(rows, pd.DataFrame)
    assert len(rows) == 20


def test_an_array_of_as_many_columns_fits():
    model = LinearRegression().fit(FRAME[["a", "b"]].to_numpy(), FRAME["y"])
    assert names(store(two=np.zeros((5, 2)), three=np.zeros((5, 3))), model=model) == ["two"]


def test_what_the_model_was_fitted_on_comes_first():
    kept = store(train=FRAME, train_2=FRAME, test=FRAME)
    assert names(kept, "train[columns]")[0] == "train"
    assert names(kept, "train_2")[0] == "train_2"
    assert names(kept, None)[0] == "test"


def test_rows_are_those_of_the_moment():
    frame = FRAME.copy()
    kept = store(train=frame)
    frame["a"] = -1.0
    ((_, rows),) = kept.fitting(MODEL, None)
    assert rows["a"].tolist() == FRAME["a"].tolist()


def test_large_tables_are_kept_in_part_and_many_of_them_not_all(monkeypatch):
    kept = store(long=np.zeros((50_000, 2)), wide=np.zeros((3_000, 1_000)))
    assert [sample.rows.shape for sample in kept._samples] == [(10_000, 2), (2_000, 1_000)]
    assert kept._samples[0].total == 50_000

    monkeypatch.setattr("nbship.capture.samples._MOST_CELLS_OF_A_RUN", 100)
    assert names(store(first=FRAME, second=FRAME)) == ["second"]
    assert names(store(only=FRAME)) == ["only"]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_of_rows_that_are_documents_few_are_kept(make):
    document = "x" * 400_000
    kept = store(notes=make({"a": [document] * 200, "n": list(range(200))}))
    assert 50 < kept._samples[0].rows.shape[0] < 100
    assert kept._samples[0].total == 200


def test_categories_that_no_row_has_weigh_nothing():
    names = ["x" * 1_000 + str(n) for n in range(50_000)]
    frame = pd.DataFrame({"a": pd.Categorical.from_codes([0] * 2_000, names)})
    assert store(levels=frame)._samples[0].rows.shape[0] == 2_000
