"""Fingerprints beside their peers, in one run and in CPU time: ``pytest tests/benchmarks/test_fingerprint.py -s``."""

from __future__ import annotations

import hashlib
import time

import numpy as np
import pandas as pd
import polars as pl
import pytest

from nbship.hashing import fingerprint

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # the peers warn in ways of their own

ROWS = 1_000_000


def cpu_seconds(function, rounds):
    """Return the least CPU time of several rounds, with all threads counted."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        function()
        best = min(best, time.process_time() - started)
    return best


def pandas_hash(frame):
    return hashlib.sha256(pd.util.hash_pandas_object(frame).to_numpy()).hexdigest()


def mlflow_digest(value):
    from mlflow.data import digest_utils
    from mlflow.data.polars_dataset import PolarsDataset

    if isinstance(value, np.ndarray):
        return digest_utils.compute_numpy_digest(value)
    if isinstance(value, pl.DataFrame):
        return PolarsDataset._compute_digest(type("Only", (), {"_df": value})())
    return digest_utils.compute_pandas_digest(value)


def test_floats_are_fast():
    frame = pd.DataFrame(
        np.random.default_rng(0).standard_normal((ROWS, 20)), columns=[f"c{n}" for n in range(20)]
    )
    ours = cpu_seconds(lambda: fingerprint(frame), 7)
    peers = {
        "hash_pandas_object + sha256": cpu_seconds(lambda: pandas_hash(frame), 3),
        "MLflow (10,000 rows)": cpu_seconds(lambda: mlflow_digest(frame), 2),
    }
    print(
        f"\n1M x 20 float64, 160 MB, CPU seconds\n  {'nbship':30}{ours:8.3f}   1.0x   {0.16 / ours:.1f} GB/s"
    )
    for name, seconds in peers.items():
        print(f"  {name:30}{seconds:8.3f}{seconds / ours:6.1f}x")
    # The goals are 2x and 50x; a shared machine varies by a third, so less is asserted.
    assert peers["hash_pandas_object + sha256"] > 1.5 * ours
    assert peers["MLflow (10,000 rows)"] > 30 * ours


@pytest.mark.parametrize("width", [18, 60, 200])
def test_texts_are_fast(width):
    letters = np.random.default_rng(0).integers(97, 123, (ROWS // 2, width), dtype="u1")
    texts = letters.view(f"S{width}").ravel().astype(str).astype(object)
    frame = pd.DataFrame({"t": pd.Series(texts, dtype=object)})
    assert frame["t"].dtype == object  # pandas 3 makes `str` of it unless told, and that is another path
    text, memory = width * len(frame) / 1e9, frame.memory_usage(deep=True).sum() / 1e9
    arrow = frame.astype("str")
    times = {
        "nbship, object": cpu_seconds(lambda: fingerprint(frame), 5),
        "nbship, str (Arrow)": cpu_seconds(lambda: fingerprint(arrow), 5),
        "hash_pandas_object + sha256": cpu_seconds(lambda: pandas_hash(frame), 1),
    }
    print(f"\n500k texts of {width} letters: {text:.3f} GB of text, {memory:.3f} GB in memory")
    for name, seconds in times.items():
        print(
            f"  {name:30}{seconds:8.3f} s   {text / seconds:5.2f} GB/s of text   {memory / seconds:5.2f} GB/s of memory"
        )
    assert times["hash_pandas_object + sha256"] > 2 * times["nbship, object"]


def table():
    rows = 12_000
    rng = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "number": rng.standard_normal(rows),
            "time": pd.date_range("2020", periods=rows, freq="h"),
            "flag": rng.integers(0, 2, rows).astype(bool),
            "text": pd.Series([None if row == 5 else f"t{row}" for row in range(rows)], dtype=object),
            "kind": pd.Categorical.from_codes(rng.integers(0, 3, rows), ["a", "b", "c"]),
            "count": rng.integers(0, 9, rows),
            "maybe": pd.Series([None, True, False] * (rows // 3), dtype="boolean"),
        }
    )


def changed(column, row, value):
    frame = table()
    frame.loc[row, column] = value
    return frame


def edits():
    """Return pairs of before and after, by the kind of edit."""
    before, images = table(), np.zeros((10, 100, 200))
    edited = images.copy()
    edited[1:] = 1
    rows = pl.from_pandas(before[["number", "count"]])
    return {
        "row beyond 10,000": (before, changed("number", 11_111, 0.5)),
        "datetime": (before, changed("time", 3, pd.Timestamp("1999-01-01"))),
        "bool": (before, before.assign(flag=~before["flag"])),
        "string with None": (before, changed("text", 7, "changed")),
        "arrays": (images, edited),
        "row order (polars)": (rows, rows.reverse()),
        "category": (before, changed("kind", 3, "a" if before["kind"][3] != "a" else "b")),
        "dtype": (before, before.assign(number=before["number"].astype("float32"))),
        "index": (before, before.set_index(before.index[::-1])),
        "nullable": (before, changed("maybe", 0, True)),
    }


def test_edits_are_caught():
    caught = {"nbship": 0, "MLflow": 0}
    print(f"\n{'edit':22}{'nbship':>8}{'MLflow':>8}")
    for name, (before, after) in edits().items():
        ours = fingerprint(before).digest != fingerprint(after).digest
        theirs = mlflow_digest(before) != mlflow_digest(after)
        caught["nbship"] += ours
        caught["MLflow"] += theirs
        print(f"{name:22}{'yes' if ours else 'NO':>8}{'yes' if theirs else 'NO':>8}")
    print(f"{'':22}{caught['nbship']:>5}/10{caught['MLflow']:>5}/10")
    assert caught["nbship"] == 10
