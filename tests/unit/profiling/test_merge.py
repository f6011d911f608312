from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from nbship.errors import UsageError
from nbship.profiling import merge, profile

UTC = dt.UTC
PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
CUTS = st.lists(st.integers(0, 25), max_size=4)
TIMES = st.datetimes(dt.datetime.fromisoformat("1700-01-01"), dt.datetime.fromisoformat("2200-01-01"))
CELLS = {
    "float": (st.floats(width=64), "float64"),
    "small": (st.floats(-5, 5).map(lambda value: round(value, 1)), "float64"),
    "int": (st.integers(-(2**62), 2**62), "int64"),
    "Int": (st.integers(-9, 9) | st.none(), "Int64"),
    "bool": (st.booleans(), "bool"),
    "boolean": (st.booleans() | st.none(), "boolean"),
    "str": (st.sampled_from(["a", "b", "", "zz", "é"]) | st.none(), "str"),
    "wide": (st.text(max_size=3) | st.none(), "str"),
    "object": (st.sampled_from(["a", "b", None]), object),
    "mixed": (st.sampled_from(["a", 1, 2.5, True, None]), object),
    "decimal": (st.decimals(-9, 9, places=2) | st.none(), object),
    "flags": (st.booleans() | st.none(), object),
    "text": (st.sampled_from(["four words or more", "a b c d e f", "some other words here"]), "str"),
    "time": (TIMES | st.none(), "datetime64[us]"),
    "zoned": (TIMES.map(lambda value: value.replace(tzinfo=UTC)) | st.none(), "datetime64[us, UTC]"),
    "duration": (st.timedeltas(dt.timedelta(-999), dt.timedelta(999)) | st.none(), "timedelta64[us]"),
    "arrow": (st.integers(-9, 9) | st.none(), "int64[pyarrow]"),
    "empty": (st.none(), object),
    "lists": (st.sampled_from([[1], [2, 3], None]), object),
}


def columns_of(name):
    if name == "level":
        return st.lists(st.sampled_from("xyz"), max_size=25).map(
            lambda cells: pd.DataFrame({"level": pd.Categorical(cells, list("wxyz"))})
        )
    cells, dtype = CELLS[name]
    return st.lists(cells, max_size=25).map(
        lambda values: pd.DataFrame({name: pd.Series(values, dtype=dtype)})
    )


def parts_of(frame, cuts):
    edges = [0, *sorted(min(cut, len(frame)) for cut in cuts), len(frame)]
    return [frame.iloc[start:end] for start, end in pairwise(edges)]


@pytest.mark.parametrize("name", [*CELLS, "level"])
@settings(max_examples=30, deadline=None, phases=PHASES)
@given(st.data())
def test_the_merge_of_parts_is_the_profile_of_the_whole(name, data):
    frame = data.draw(columns_of(name))
    like = profile(frame)
    parts = [profile(part, like=like) for part in parts_of(frame, data.draw(CUTS))]
    whole = profile(frame, like=like)
    assert merge(data.draw(st.permutations(parts))) == whole
    split = data.draw(st.integers(0, len(parts)))
    assert merge([merge(group) for group in (parts[:split], parts[split:]) if group]) == whole


@pytest.mark.parametrize("name", [name for name in (*CELLS, "level") if name not in ("mixed", "empty")])
@settings(max_examples=20, deadline=None, phases=PHASES)
@given(st.data())
def test_parts_may_be_profiled_like_another_dataset(name, data):
    like, frame = profile(data.draw(columns_of(name))), data.draw(columns_of(name))
    parts = [profile(part, like=like) for part in parts_of(frame, data.draw(CUTS))]
    assert merge(parts) == profile(frame, like=like)


def test_parts_of_many_rows_merge_exactly():
    rng = np.random.default_rng(0)
    rows = 50_000
    frame = pl.DataFrame(
        {
            "normal": rng.normal(size=rows),
            "cauchy": rng.standard_cauchy(rows),
            "level": rng.choice([f"k{n}" for n in range(3000)], rows),
        }
    )
    like = profile(frame[:5000])
    parts = [profile(frame[start : start + 7001], like=like) for start in range(0, rows, 7001)]
    assert merge(parts[::-1]) == profile(frame, like=like)


def test_more_new_levels_than_are_listed_merge_exactly():
    like = profile({"id": ["known"]})
    ids = [f"id {n % 1700}" for n in range(4000)] + ["known"] * 3
    whole = profile({"id": ids}, like=like)
    column = whole.columns[0]
    assert len(column.added) == 1000
    assert len(column.levels) == 1001
    assert column.other_levels is None
    parts = [profile({"id": ids[start : start + 500]}, like=like) for start in range(0, len(ids), 500)]
    assert merge(parts) == whole
    assert merge([merge(parts[:3]), merge(parts[3:])]) == whole


def test_levels_of_profiles_that_share_nothing_merge_by_name():
    merged = merge([profile({"a": ["x", "y"]}), profile({"a": ["y", None]})])
    assert merged == profile({"a": ["x", "y", "y", None]})


def test_levels_that_one_part_does_not_list_make_their_number_unknown():
    parts = [profile({"a": ["x", "x", "y"]}, max_levels=1), profile({"a": ["x"]})]
    column = merge(parts).columns[0]
    assert column.levels == (("x", 3),)
    assert (column.other, column.other_levels) == (1, None)


def test_levels_of_which_parts_may_hide_many_are_not_listed():
    rng = np.random.default_rng(0)
    shares = np.append([500, 400], np.ones(3000))
    draws = rng.choice(3002, (40, 2000), p=shares / shares.sum()).astype(str).astype(object)
    column = merge([profile({"a": draw}) for draw in draws]).columns[0]
    whole = {name: int((draws == name).sum()) for name in ("0", "1")}
    assert dict(column.levels) == whole
    assert column.other == 80_000 - sum(whole.values())


def test_withheld_levels_stay_withheld():
    parts = [profile({"a": ["x", "x", "y"]}, min_count=2), profile({"a": ["x", "x", "z"]}, min_count=2)]
    column = merge(parts).columns[0]
    assert column.levels == (("x", 4),)
    assert (column.other, column.withheld) == (2, 1)


def test_different_edges_are_refused_with_a_way_out():
    with pytest.raises(UsageError, match=r"'a' has other bin edges.*like="):
        merge([profile({"a": [1, 2]}), profile({"a": [1, 3]})])


def test_different_kinds_are_refused():
    with pytest.raises(UsageError, match="'a' is categorical and numeric"):
        merge([profile({"a": [1, 2]}), profile({"a": ["x"]})])


def test_different_columns_are_refused():
    with pytest.raises(UsageError, match="only some of the profiles have the columns b"):
        merge([profile({"a": [1]}), profile({"a": [1], "b": [2]})])


def test_nothing_cannot_be_merged():
    with pytest.raises(UsageError, match="no profile"):
        merge([])


def test_a_part_without_values_agrees_with_everything():
    values = profile({"a": [1.5, 2.5], "b": ["x", "y"]})
    nothing = profile(pd.DataFrame({"a": pd.Series([None, None], dtype=object), "b": [np.nan, np.nan]}))
    merged = merge([nothing, values])
    assert [column.missing for column in merged.columns] == [2, 2]
    assert merged.columns[0].edges == values.columns[0].edges
    assert merged.columns[1].levels == values.columns[1].levels
    assert [column.dtype for column in merged.columns] == ["float64", "string"]


def test_types_that_differ_are_all_named():
    like = profile({"a": np.array([1, 2, 3])})
    merged = merge([profile({"a": np.array(part)}, like=like) for part in ([1, 2], [3.0])])
    assert merged.columns[0].dtype == "float64 or int64"


def test_names_and_samples_survive_where_they_agree():
    parts = [profile({"a": ["x"]}, name="flights"), profile({"a": ["y"]}, name="flights")]
    assert merge(parts).name == "flights"
    assert merge([parts[0], profile({"a": ["y"]}, name="other")]).name == ""
    assert merge(parts).sampled_from is None


def test_decimals_merge_like_floats():
    like = profile({"a": [Decimal("0.1"), Decimal("0.2")]})
    assert merge(
        [profile({"a": [Decimal("0.1")]}, like=like), profile({"a": [Decimal("0.2")]}, like=like)]
    ) == profile({"a": [Decimal("0.1"), Decimal("0.2")]}, like=like)
