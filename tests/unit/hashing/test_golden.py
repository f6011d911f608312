"""Digests that must never change by accident: runs of years are compared by them.

When one of these fails, either undo what changed the canonical form, or raise the number in `ALGORITHM`, say so
in the changelog, and renew the digests by what the failure prints.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import scipy.sparse as sp

from nbship.hashing import ALGORITHM, fingerprint


def frame():
    return pd.DataFrame(
        {
            "number": [1.5, np.nan, -0.0],
            "text": pd.Series(["a", None, "ü€😀"], dtype=object),
            "flag": [True, False, True],
            "time": pd.to_datetime(["2020-01-01", None, "2021-06-01"])
            .astype("datetime64[ns]")
            .tz_localize("UTC"),
            "kind": pd.Categorical(["b", None, "a"], ["b", "a", "c"], ordered=True),
            "maybe": pd.array([1, None, 3], dtype="Int64"),
        },
        index=pd.MultiIndex.from_tuples([("x", 1), ("x", 2), ("y", 1)], names=["k", None]),
    )


VALUES = {
    "pandas": frame,
    "pandas mixed": lambda: pd.Series([1, "a", None, [1.5, {"k": b"v"}]], dtype=object, name="m"),
    "arrow": lambda: pa.table(
        {"l": [["a"], None, []], "s": [{"x": 1}, None, {"x": None}], "d": pa.array([1, 2, 3], pa.date32())}
    ),
    "numpy": lambda: np.arange(6, dtype="f4").reshape(2, 3),
    "numpy structured": lambda: np.array([(1, b"x")], [("a", "i4"), ("b", "S2")]),
    "sparse": lambda: sp.csc_array(np.array([[0, 1.5], [2, 0]])),
}
DIGESTS = {
    "pandas": "6dba97a4118ff0eeba37dca86c6baefb",
    "pandas mixed": "9d883ddc15dc40f7e6e1b4f6e4552e97",
    "arrow": "d928ddbb8bd4a82a3ed9f6ae17a33cbc",
    "numpy": "09aa0c03b8dec20a9a7b5e7a7b459928",
    "numpy structured": "88ab026592c4fe34a329f044bd6d68eb",
    "sparse": "d019b636f986aa084221e569804f937f",
    "folder": "9146b41d2ec5338f7036c2ce441d0ba6",
}


@pytest.mark.parametrize("kind", VALUES)
def test_the_canonical_form_has_not_changed(kind):
    assert ALGORITHM == "nbship-blake3-1"
    assert fingerprint(VALUES[kind]()).digest == DIGESTS[kind]


def test_the_canonical_form_of_a_folder_has_not_changed(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    assert fingerprint(tmp_path).digest == DIGESTS["folder"]
