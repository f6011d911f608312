"""Drift beside scipy column by column, in one run and in CPU time.

::

    BENCHMARK_SIZE=full pytest tests/benchmarks/test_drift.py -s
"""

from __future__ import annotations

import os
import time
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from nbship.detection.report import detect
from nbship.detection.selfcheck import selfcheck
from nbship.profiling.build import profile
from nbship.profiling.table import read_table

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

FULL = os.environ.get("BENCHMARK_SIZE") == "full"
ROWS = 1_000_000 if FULL else 50_000
LEVELS = (2, 20, 50, 200, 1000)


def frame(rows, columns, seed):
    """Return a table of which a quarter of the columns are levels, the others normal, lognormal and gamma."""
    rng, made = np.random.default_rng(seed), {}
    draws = (rng.standard_normal, lambda n: rng.lognormal(size=n), lambda n: rng.gamma(2, size=n))
    for column in range(columns):
        if column % 4 == 3:
            names = np.array([f"level {i}" for i in range(LEVELS[column // 4 % 5])], dtype=object)
            made[f"c{column}"] = pd.Series(names[rng.integers(0, len(names), rows)], dtype="str")
        else:
            made[f"c{column}"] = draws[column % 3](rows)
    return pd.DataFrame(made)


def cpu_seconds(function, rounds=2):
    """Return the least CPU time of several rounds, with all threads counted."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        function()
        best = min(best, time.process_time() - started)
    return best


def peak_megabytes(function):
    """Return the memory that was held at most beyond what was there before."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def ours(reference, current):
    left = reference if hasattr(reference, "sampled_from") else read_table(reference)
    return detect(left, read_table(current), reference_name="reference", current_name="current")


def scipys(reference, current):
    """Compute the same statistics with scipy and pandas."""
    for name in reference.columns:
        left, right = reference[name], current[name]
        if left.dtype == np.float64:
            stats.ks_2samp(left, right, method="asymp")
            stats.wasserstein_distance(left, right)
            edges = np.quantile(left, np.arange(1, 20) / 20)
            p, q = (
                np.bincount(np.searchsorted(edges, side), minlength=20) / len(side) for side in (left, right)
            )
            ((p - q) * np.log(p / q)).sum()
        else:
            counts = pd.concat([left.value_counts(), right.value_counts()], axis=1).fillna(0).to_numpy().T
            stats.chi2_contingency(counts, correction=False)
            p, q = counts / counts.sum(axis=1, keepdims=True)
        jensenshannon(p, q, 2)


def test_a_large_table_is_compared_faster_than_by_scipy():
    reference, current = frame(ROWS, 20, 0), frame(ROWS, 20, 1)
    ours(reference[:1000], current[:1000])
    kept = profile(reference)
    times = {
        "nbship, rows against rows": cpu_seconds(lambda: ours(reference, current)),
        "nbship, rows against a profile": cpu_seconds(lambda: ours(kept, current)),
        "scipy, column by column": cpu_seconds(lambda: scipys(reference, current), 1),
    }
    memory = {
        "nbship, rows against rows": peak_megabytes(lambda: ours(reference, current)),
        "nbship, rows against a profile": peak_megabytes(lambda: ours(kept, current)),
        "scipy, column by column": peak_megabytes(lambda: scipys(reference, current)),
    }
    exact = times["nbship, rows against rows"]
    print(f"\n{ROWS:,} x 20 against {ROWS:,} x 20: CPU seconds, ratio, extra memory at the peak")
    for name, seconds in times.items():
        print(f"  {name:32}{seconds:8.2f} s{seconds / exact:7.1f}x{memory[name]:8.0f} MB")
    assert memory["nbship, rows against rows"] < 100
    if FULL:  # a small table is over before the shares of both are told apart
        assert times["scipy, column by column"] > 2 * exact
        assert times["nbship, rows against a profile"] < exact


def test_a_wide_table_is_compared_quickly():
    columns = 300 if FULL else 60
    reference, current = frame(2000, columns, 0), frame(2000, columns, 1)
    ours(reference[:100], current[:100])
    exact = cpu_seconds(lambda: ours(reference, current))
    peer = cpu_seconds(lambda: scipys(reference, current))
    print(f"\n2,000 x {columns}: nbship {exact:.2f} s, with summaries and distributions; scipy {peer:.2f} s")
    assert exact < 3 * peer


def test_a_self_check_takes_seconds():
    rows, splits = (336_776, 200) if FULL else (20_000, 10)
    table = read_table(frame(rows, 10, 0))
    seconds = cpu_seconds(lambda: selfcheck(table, name="reference", splits=splits), 1)
    check = selfcheck(table, name="reference", splits=5)
    print(f"\nself-check of {rows:,} x 10, {splits} splits in halves of {check.rows:,} rows: {seconds:.1f} s")
    assert check.splits == 5
