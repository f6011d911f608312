from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nbship.errors import UsageError
from nbship.model.profile import ColumnKind, ColumnProfile
from nbship.profiling import count_like, profile, profile_column, read_table

FRAME = pd.DataFrame(
    {
        "delay": [1.5, np.nan, -np.inf, 4.0],
        "carrier": ["UA", "AA", "UA", None],
        "late": [True, False, True, True],
        "day": pd.to_datetime(["2024-01-01", "2024-01-02", None, "2024-01-02"]),
    }
)


def test_a_profile_counts_what_is_there():
    found = profile(FRAME, name="flights")
    assert (found.rows, found.name, found.notes) == (4, "flights", ())
    delay, carrier, late, day = found.columns
    assert (delay.count, delay.missing, delay.present, delay.infinite) == (4, 1, 3, 1)
    assert (delay.minimum, delay.maximum) == (1.5, 4.0)
    assert sum(delay.counts) == 3
    assert delay.counts[0] == 1
    assert carrier.levels == (("UA", 2), ("AA", 1))
    assert (carrier.other, carrier.other_levels, carrier.withheld, carrier.missing) == (0, 0, 0, 1)
    assert late.levels == (("True", 3), ("False", 1))
    assert (day.kind, day.missing, sum(day.counts)) == (ColumnKind.DATETIME, 1, 3)
    assert day.maximum == pd.Timestamp("2024-01-02").value


def test_rare_levels_are_withheld():
    column = profile({"a": ["x"] * 5 + ["y"] * 2 + ["z"]}, min_count=3).columns[0]
    assert column.levels == (("x", 5),)
    assert (column.other, column.other_levels, column.withheld) == (3, 2, 2)
    assert "z" not in json.dumps(
        profile({"a": ["x"] * 5 + ["zz"]}, min_count=3).to_dict()["columns"][0]["levels"]
    )


def test_rare_levels_are_withheld_from_a_shared_profile_too():
    column = profile({"a": ["x", "y", "y", "n"]}, like=profile({"a": ["x", "y"]}), min_count=2).columns[0]
    assert column.levels == (("y", 2),)
    assert (column.other, column.withheld, column.added) == (2, 2, ())


def test_only_the_most_frequent_levels_are_listed():
    values = [f"k{n}" for n in range(30) for _ in range(30 - n)]
    column = profile({"a": values}, max_levels=3).columns[0]
    assert column.levels == (("k0", 30), ("k1", 29), ("k2", 28))
    assert (column.other, column.other_levels) == (len(values) - 87, 27)


def test_of_equally_frequent_levels_the_first_by_name_are_listed():
    column = profile({"a": [f"k{n}" for n in range(5000)] + ["top"] * 2}).columns[0]
    names = [name for name, _ in column.levels]
    assert names == ["top", *sorted(f"k{n}" for n in range(5000))[:999]]
    assert profile({"a": ["x", "y"]}, max_levels=0).columns[0].other_levels == 2


def test_new_levels_of_a_shared_profile_are_named():
    column = profile({"a": ["x", "new", "new"]}, like=profile({"a": ["x", "y"]})).columns[0]
    assert column.levels == (("new", 2), ("x", 1))
    assert column.added == ("new",)


def test_edges_kinds_and_roles_are_shared():
    like = profile(FRAME, roles={"late": "target"})
    other = profile(FRAME.iloc[:1].assign(delay=9.0), like=like)
    assert other.column("delay").edges == like.column("delay").edges
    assert other.column("delay").counts[-1] == 1
    assert other.column("late").role == "target"
    assert other.column("day").moments.origin == like.column("day").moments.origin


def test_a_column_of_another_kind_keeps_its_own():
    column = profile({"a": ["x"]}, like=profile({"a": [1.0]})).columns[0]
    assert (column.kind, column.levels) == (ColumnKind.CATEGORICAL, (("x", 1),))


def test_columns_can_be_chosen():
    assert [column.name for column in profile(FRAME, columns=["late", "delay"]).columns] == ["delay", "late"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"columns": ["dely"]}, "no column 'dely'; it has delay"),
        ({"roles": {"x": "target"}}, "no column 'x'"),
        ({"roles": {"late": "label"}}, "'label' is no role"),
    ],
)
def test_wrong_options_are_refused(options, reason):
    with pytest.raises(UsageError, match=reason):
        profile(FRAME, **options)


def test_what_is_not_summarised_is_said():
    found = profile({"a": [[1], [2]], "b": [1, 2]})
    assert found.notes == ("'a' is not summarised: object values with neither order nor levels",)
    assert found.columns[0] == ColumnProfile("a", ColumnKind.UNSUPPORTED, "object", 2)


@pytest.mark.parametrize(
    "value",
    [
        np.full(50, np.nan),
        np.full(50, np.inf),
        np.array([np.inf, -np.inf, np.nan]),
        np.full(50, 7.0),
        np.array([]),
        np.array([], "M8[s]"),
        np.array(["NaT"], "M8[s]"),
        np.array([], object),
        np.array([5e-324, -5e-324, 1.7e308, -1.7e308]),
    ],
)
def test_empty_constant_and_extreme_columns_have_a_profile(value):
    column = profile(value).columns[0]
    assert len(column.counts) == len(column.edges) + 1 or not column.kind.ordered
    assert sum(column.counts) + sum(count for _, count in column.levels) == column.present


def test_no_rows_have_a_profile():
    assert [column.count for column in profile(FRAME[:0]).columns] == [0] * 4


def test_wide_tables_and_many_levels_have_a_profile():
    assert len(profile(np.zeros((2, 2000))).columns) == 2000
    column = profile({"a": [f"level {n}" for n in range(10_000)]}).columns[0]
    assert (len(column.levels), column.other, column.other_levels) == (1000, 9000, 9000)


def test_counting_against_a_profile_gives_its_counts():
    texts = [f"a text of some words {n}" for n in range(50)]
    table = read_table(FRAME.iloc[[0, 1, 2, 3] * 13][:50].assign(text=texts))
    for column in table.columns:
        like = profile_column(column)
        if column.kind.ordered or column.kind is ColumnKind.TEXT:
            assert count_like(column, like).tolist() == list(like.counts)
    with pytest.raises(TypeError, match="is numeric, its profile categorical"):
        count_like(table.column("delay"), profile_column(table.column("carrier")))


def test_a_profile_is_about_eight_kilobytes_a_column():
    rng = np.random.default_rng(0)
    found = profile(rng.normal(size=(100_000, 3)))
    assert len(json.dumps(found.to_dict())) / 3 < 9000


def test_no_random_state_is_touched():
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    profile(FRAME)
    assert (np.random.get_state()[1] == before).all()
