from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nbship.capture.profile_cost import column_seconds
from nbship.capture.profiles import build_profile
from nbship.capture.secrets import Masker
from nbship.capture.thinned import plan, thin
from nbship.model.profile import ColumnKind

ROWS = 200_000
WORDS = np.array([f"word{n}" for n in range(5000)], object)
GENERATOR = np.random.default_rng(0)
TEXTS = [" ".join(row) for row in GENERATOR.choice(WORDS, (ROWS, 8))]
NUMBERS = np.arange(ROWS) * 1.0


def profile_of(value, **options):
    return build_profile(thin(value, plan(value, **options), copy=False), "d", Masker())


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"n": NUMBERS, "text": pd.Series(TEXTS, dtype=object)}),
        pd.DataFrame({"n": NUMBERS, "text": TEXTS}),
        pl.DataFrame({"n": NUMBERS, "text": TEXTS}),
        pa.table({"n": NUMBERS, "text": TEXTS}),
        pa.record_batch({"n": NUMBERS, "text": TEXTS}),
    ],
    ids=["object", "str", "polars", "arrow", "batch"],
)
def test_texts_are_read_in_part_and_numbers_in_full(table):
    profile = profile_of(table)
    numbers, texts = profile.columns

    assert (profile.rows, profile.sampled_from, numbers.count) == (ROWS, None, ROWS)
    assert (texts.kind, texts.dtype) == (ColumnKind.TEXT, "string")
    assert 10_000 < texts.count < 60_000
    assert profile.notes == (f"text: only {texts.count:,} evenly spread rows of 200,000 are summarised",)


def test_a_table_of_texts_alone_is_a_sample():
    profile = profile_of(pd.DataFrame({"text": TEXTS}))
    assert profile.rows == profile.columns[0].count < ROWS
    assert (profile.sampled_from, profile.notes) == (ROWS, ())


def test_what_one_costly_column_does_not_need_others_have():
    short = [str(n) for n in range(ROWS)]
    alone = plan(pd.DataFrame({"text": TEXTS})).counts[0]
    both = plan(pd.DataFrame({"text": TEXTS, "again": TEXTS})).counts
    mixed = plan(pd.DataFrame({"text": TEXTS, "id": pd.Series(short[:40_000] * 5)})).counts

    assert both[0] == both[1] == pytest.approx(alone / 2, rel=0.01)
    assert both[0] < mixed[0] < alone


@pytest.mark.parametrize(
    ("column", "cheap"),
    [
        (NUMBERS, True),
        (pd.Series(NUMBERS, dtype="Float64"), True),
        (pd.Series(NUMBERS, dtype="double[pyarrow]"), True),
        (pd.Series(NUMBERS > 5), True),
        (pd.date_range("2024", periods=ROWS, freq="s", tz="UTC"), True),
        (pd.Series(WORDS[np.arange(ROWS) % 5000], dtype=object), True),
        (pd.Series(WORDS[np.arange(ROWS) % 5000]), True),
        (pd.Series(TEXTS[:300] * (ROWS // 300) + TEXTS[: ROWS % 300]), True),  # wordy, but few
        (pd.Series(TEXTS), False),
        (pd.Series([f"id{n}" for n in range(ROWS)], dtype=object), False),
        (pd.Series([f"id{n}" for n in range(ROWS)], dtype="category"), False),
        (pd.Series(["a"] * ROWS, dtype=pd.CategoricalDtype([f"id{n}" for n in range(ROWS)] + ["a"])), False),
        (pd.Series(pd.date_range("2024", periods=ROWS, freq="s").date, dtype=object), False),
    ],
    ids=lambda value: "" if isinstance(value, bool) else None,
)
def test_the_cost_of_a_column_is_told_from_a_few_values(column, cheap):
    (seconds,) = column_seconds(pd.DataFrame({"a": column}))
    assert (seconds < 0.25e-6 * ROWS) == cheap


def test_a_long_text_costs_more_than_a_short_one():
    short, long = pd.DataFrame({"a": TEXTS[:1000]}), pd.DataFrame({"a": [text * 50 for text in TEXTS[:1000]]})
    assert column_seconds(long)[0] > 20 * column_seconds(short)[0]


def test_few_huge_texts_are_read():
    frame = pd.DataFrame({"n": range(50), "a": [f"{n} " * 500_000 for n in range(50)]})
    intended = plan(frame)
    assert intended.counts[0] == 50
    assert 1 <= intended.counts[1] <= 5


def test_of_a_large_table_evenly_spread_rows_are_summarised():
    frame = pd.DataFrame({"delay": np.arange(200.0), "carrier": ["AA", "UA"] * 100})
    profile = profile_of(frame, most_cells=100)
    assert (profile.rows, profile.sampled_from) == (50, 200)
    assert profile.column("delay").minimum < 4
    assert profile.column("delay").maximum >= 196


def test_equal_data_gets_an_equal_profile():
    assert profile_of(pd.DataFrame({"a": TEXTS})) == profile_of(pd.DataFrame({"a": TEXTS}))


def test_columns_of_the_same_name_stay_apart():
    frame = pd.DataFrame([[1.0, text] for text in TEXTS[:100]])
    frame.columns = ["a", "a"]
    table = thin(frame, plan(frame).at_most(10), copy=True).table
    assert [(column.name, column.count) for column in table.columns] == [("a", 10), ("a [2]", 10)]


@pytest.mark.parametrize("most", [10, 100])
def test_a_copy_does_not_change_with_the_frame(most):
    frame = pd.DataFrame({"a": np.zeros(100), "b": ["x"] * 100})
    kept = thin(frame, plan(frame).at_most(most), copy=True)
    frame["a"] = 1.0
    frame.loc[:, "b"] = "y"
    numbers, levels = build_profile(kept, "d", Masker()).columns
    assert (numbers.maximum, levels.levels) == (0, (("x", most),))


def test_a_column_of_strings_and_others_keeps_its_type():
    values = [*TEXTS, 1]
    frame = pd.DataFrame({"n": np.arange(len(values)), "a": pd.Series(values, dtype=object)})
    assert profile_of(frame).column("a").dtype == "object"


@pytest.mark.parametrize(
    "value", [pd.DataFrame(), pd.DataFrame({"a": []}), np.zeros((0, 2)), np.zeros((3, 0))]
)
def test_empty_tables_have_a_plan(value):
    assert plan(value).whole
    assert plan(value).cells == 0
