"""Profiles of a mixed table in CPU time, as they are built, counted against and stored.

``BENCHMARK_SIZE=full pytest tests/benchmarks/test_profiles.py -s`` takes a million rows.
"""

from __future__ import annotations

import json
import os
import time

import numpy as np
import pandas as pd
import pytest

from nbship.capture.profile_cost import COLUMN_SECONDS, column_seconds
from nbship.capture.thinned import plan, thin
from nbship.model.profile import Profile
from nbship.profiling import count_like, merge, profile, read_table

pytestmark = pytest.mark.slow

ROWS = 1_000_000 if os.environ.get("BENCHMARK_SIZE") == "full" else 50_000


def cpu_seconds(function, rounds=3):
    """Return the least CPU time of several rounds, with all threads counted."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        function()
        best = min(best, time.process_time() - started)
    return best


@pytest.fixture(scope="module")
def frame():
    """Return 15 columns of numbers and 5 of levels, as pandas holds them by default and otherwise."""
    rng = np.random.default_rng(0)
    levels = [np.array([f"level {n}" for n in range(size)], object) for size in (3, 16, 100, 1000, 5000)]
    kinds = ["str", object, "category", "str", object]
    return pd.DataFrame(
        {
            **{f"normal {n}": rng.normal(size=ROWS) for n in range(6)},
            **{f"lognormal {n}": rng.lognormal(0, 2, ROWS) for n in range(4)},
            **{f"count {n}": rng.poisson(50, ROWS) for n in range(3)},
            "missing": np.where(rng.random(ROWS) < 0.1, np.nan, rng.random(ROWS)),
            "time": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**7, ROWS), unit="s"),
            **{
                f"level {n}": pd.Series(rng.choice(names, ROWS), dtype=kind)
                for n, (names, kind) in enumerate(zip(levels, kinds, strict=True))
            },
        }
    )


def count_against(frame, reference):
    """Count every column into the bins or levels of a saved profile, as a comparison does."""
    for column in read_table(frame, kinds={column.name: column.kind for column in reference.columns}).columns:
        assert column.missing >= 0
        like = reference.column(column.name)
        if column.kind.ordered:
            count_like(column, like)
        else:
            column.level_counts()


def test_profiles_are_cheap(frame):
    reference = profile(frame)
    text = json.dumps(reference.to_dict())
    whole = profile(frame, like=reference)
    parts = [profile(frame[start : start + ROWS // 4], like=reference) for start in range(0, ROWS, ROWS // 4)]
    measured = {
        "profile": cpu_seconds(lambda: profile(frame)),
        "profile, edges given": cpu_seconds(lambda: profile(frame, like=reference)),
        "count against a profile": cpu_seconds(lambda: count_against(frame, reference)),
        "merge of 4 parts": cpu_seconds(lambda: merge(parts)),
        "to JSON": cpu_seconds(lambda: json.dumps(reference.to_dict())),
        "from JSON": cpu_seconds(lambda: Profile.from_dict(json.loads(text))),
        "pandas describe": cpu_seconds(lambda: frame.describe(include="all"), 1),
    }
    print(f"\n{ROWS:,} x {frame.shape[1]} mixed, CPU seconds")
    for name, seconds in measured.items():
        print(f"  {name:26}{seconds:8.3f}{seconds / measured['profile']:8.2f}x")
    print(f"  JSON {len(text) / 1000:.0f} kB, {len(text) / 1000 / frame.shape[1]:.1f} kB a column")
    assert merge(parts) == whole
    assert Profile.from_dict(json.loads(text)) == reference
    assert len(text) < 200_000
    assert measured["count against a profile"] < 1.2 * measured["profile"]


def test_texts_are_profiled_at_a_steady_pace():
    rng = np.random.default_rng(0)
    words = np.array([f"word{n}" for n in range(20_000)], object)
    texts = [" ".join(row) for row in rng.choice(words, (ROWS // 5, 10))]
    seconds = cpu_seconds(lambda: profile({"text": texts}), 1)
    print(
        f"\n{len(texts):,} texts of 10 words: {seconds:.2f} CPU seconds, {seconds / len(texts) * 1e6:.1f} us each"
    )


def test_what_a_profile_costs_is_foreseen(frame):
    rng = np.random.default_rng(0)
    words = np.array([f"word{n}" for n in range(20_000)], object)
    texts = [" ".join(row) for row in rng.choice(words, (ROWS // 10, 10))]
    tables = {
        "mixed": frame,
        "texts": pd.DataFrame({"text": texts}),
        "long texts": pd.DataFrame({"text": [" ".join(texts[n : n + 40]) for n in range(0, len(texts), 40)]}),
        "identifiers": pd.DataFrame({"id": [f"id{n}" for n in range(ROWS)]}),
        "identifiers, category": pd.DataFrame({"id": pd.Categorical([f"id{n}" for n in range(ROWS)])}),
    }
    print(f"\n{'':24}{'foreseen':>10}{'real':>8}{'ratio':>8}{'kept now':>10}")
    for name, table in tables.items():
        foreseen = sum(column_seconds(table)) + COLUMN_SECONDS * table.shape[1]
        real = cpu_seconds(lambda table=table: profile(table), 1)
        kept = cpu_seconds(lambda table=table: profile(thin(table, plan(table), copy=False).table), 1)
        print(f"{name:24}{foreseen:10.3f}{real:8.3f}{real / foreseen:8.2f}{kept:10.3f}")
