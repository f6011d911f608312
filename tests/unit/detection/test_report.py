"""Whole reports: a row for every column, decisions, order, and input that is not nice."""

from __future__ import annotations

import json
import random

import numpy as np
import pandas as pd
import pytest

from nbship.detection.columns import compare_profiles
from nbship.detection.report import detect
from nbship.model.drift import DriftOptions, DriftState
from nbship.model.profile import ColumnKind
from nbship.profiling.build import profile
from nbship.profiling.table import read_table


def report(reference, current, **options):
    parts = {key: options.pop(key) for key in ("importance", "roles") if key in options}
    left, right = (
        side if hasattr(side, "sampled_from") else read_table(side) for side in (reference, current)
    )
    found = detect(
        left, right, reference_name="ref", current_name="cur", options=DriftOptions(**options), **parts
    )
    json.dumps(found.to_dict(), allow_nan=False)
    assert len({column.name for column in found.columns}) == len(found.columns)
    assert all(column.reason for column in found.columns)
    return found


def frame(rows=1000, seed=0, shift=0.0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "number": rng.normal(10 + 3 * shift, 3, rows),
            "whole": rng.poisson(4 + 2 * shift, rows),
            "level": rng.choice(list("abcd"), rows, p=[0.4 - shift / 4, 0.3, 0.2, 0.1 + shift / 4]),
            "flag": rng.random(rows) < 0.2 + shift / 4,
            "time": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.integers(0, 10**6, rows) + 10**6 * shift, "s"),
            "holes": np.where(rng.random(rows) < 0.05 + shift / 4, np.nan, rng.random(rows)),
        }
    )


@pytest.mark.parametrize("forms", ["rows", "against profile", "profiles", "profile and rows"])
def test_every_kind_of_drift_is_found_in_every_form(forms):
    reference, current = frame(), frame(800, 1, 0.8)
    if forms != "rows":
        kept = profile(reference)
        if forms == "profile and rows":
            found = report(reference, profile(current))
        else:
            found = report(kept, profile(current, like=kept) if forms == "profiles" else current)
    else:
        found = report(reference, current)
    assert found.drifted
    assert {c.name for c in found.columns if c.drifted} == set(reference.columns)
    holes = found.column("holes")
    assert holes.missing.drifted
    assert "missing values went from" in holes.reason
    assert "far beyond chance (p < 0.001)" in found.column("number").reason
    assert 7 <= found.tests <= 12


def test_nothing_changed_is_said_in_every_row():
    found = report(frame(), frame(700, 1))
    assert not found.drifted
    assert {column.state for column in found.columns} == {DriftState.STABLE}
    assert found.column("number").effect.threshold > 0.1
    assert "no more than chance" in found.column("number").reason


def test_a_certain_but_tiny_difference_is_no_drift():
    rng = np.random.default_rng(0)
    found = report({"x": rng.standard_normal(200_000)}, {"x": rng.standard_normal(200_000) + 0.03})
    (row,) = found.columns
    assert row.test.p_corrected < 1e-6
    assert row.state is DriftState.STABLE
    assert "statistically certain but too small to matter" in row.reason


def test_means_in_the_reason_are_those_of_the_data():
    reference = {"dep_delay": np.linspace(2.6, 22.6, 1000)}
    current = {"dep_delay": np.linspace(15.1, 35.1, 1000)}
    assert "(mean 12.6 -> 25.1)" in report(reference, current).columns[0].reason


def test_every_column_of_either_side_has_a_row():
    left = pd.DataFrame({"same": range(50), "gone": range(50), "turned": range(50)})
    right = pd.DataFrame({"same": range(50), "turned": ["x", "y"] * 25, "fresh": range(50)})
    found = report(left, right)
    states = {column.name: column.state for column in found.columns}
    assert states == {
        "same": DriftState.STABLE,
        "gone": DriftState.MISSING,
        "turned": DriftState.TYPE_CHANGED,
        "fresh": DriftState.NEW,
    }
    assert found.column("turned").reason == "was int64, is string"
    assert found.drifted
    assert [column.name for column in found.columns][-1] == "same"
    assert found.column("gone").reference.count == 50
    assert found.column("fresh").current.count == 50


def test_only_chosen_columns_are_looked_at():
    found = report(frame(), frame(), columns=("flag", "whole"))
    assert {column.name for column in found.columns} == {"flag", "whole"}
    assert found.reference.columns == 6


def test_importances_weigh_and_excuse():
    importance = {"number": 0.9, "whole": 0.099, "level": 0.001}
    found = report(frame(), frame(1000, 1, 0.9), importance=importance, roles={"flag": "target"})
    assert found.columns[0].name == "flag"
    assert found.column("level").state is DriftState.HARMLESS
    assert found.column("level").drifted
    assert "hardly looks at it" in found.column("level").reason
    assert found.column("time").state is DriftState.DRIFTED
    assert found.column("time").importance is None
    assert found.column("number").importance == 0.9
    names = [column.name for column in found.columns]
    assert names[-1] == "level"


def test_new_and_vanished_levels_are_told():
    found = report({"x": ["a"] * 90 + ["old"] * 10}, {"x": ["a"] * 80 + ["new"] * 20})
    (row,) = found.columns
    assert [(c.level, c.count) for c in row.new_levels] == [("new", 20)]
    assert [c.level for c in row.vanished_levels] == ["old"]
    assert row.distribution.levels == ("a", "new", "old")
    assert row.distribution.current == (0.8, 0.2, 0.0)


def test_identifiers_are_skipped_with_the_reason():
    found = report({"id": [f"u{i}" for i in range(500)]}, {"id": [f"v{i}" for i in range(400)]})
    assert found.columns[0].state is DriftState.SKIPPED
    assert "identifier" in found.columns[0].reason


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([], []),
        ([1.0, 2.0], []),
        ([], [1.0]),
        ([np.nan] * 9, [np.nan] * 9),
        ([np.nan] * 9, [1.0] * 9),
        ([1.0] * 9, [np.nan] * 9),
        ([np.inf] * 9, [-np.inf] * 9),
        ([np.inf, -np.inf, np.nan] * 9, [1.0, 2.0, 3.0] * 9),
        ([5.0] * 9, [5.0] * 8),
        ([5.0] * 90, [6.0] * 80),
        ([5.0], [6.0]),
        ([1e-320, 2e-320] * 9, [1e-320] * 9),
        ([1.7e308, -1.7e308] * 9, [1e308] * 9),
        ([None, [1, 2]] * 9, [[3], None] * 9),
        (["a", 1, None] * 9, [2.5, "b", True] * 9),
        ([1 + 2j] * 5, [2j] * 4),
    ],
)
@pytest.mark.parametrize("forms", ["rows", "profile"])
def test_odd_columns_are_rows_and_never_exceptions(left, right, forms):
    reference, current = ({"x": np.array(side, dtype=_dtype(side))} for side in (left, right))
    found = report(profile(reference) if forms == "profile" else reference, current)
    assert [column.name for column in found.columns] == ["x"]
    assert "could not be compared" not in found.columns[0].reason


def _dtype(values):
    return (
        float if all(isinstance(value, float) for value in values) else None if _complex(values) else object
    )


def _complex(values):
    return bool(values) and isinstance(values[0], complex)


def test_what_is_missing_counts_even_where_values_cannot_be_compared():
    found = report({"x": [[1], [2]] * 100}, {"x": [[1], None] * 100})
    (row,) = found.columns
    assert row.drifted
    assert "missing values went from 0 % to 50 %" in row.reason
    emptied = report({"x": [1.0] * 100}, {"x": [np.nan] * 100}).columns[0]
    assert emptied.drifted
    assert "no values" in emptied.reason


def test_infinite_values_are_counted():
    rng = np.random.default_rng(0)
    values = rng.standard_normal(1000)
    found = report({"x": values}, {"x": np.where(rng.random(1000) < 0.2, np.inf, values)}).columns[0]
    assert found.drifted
    assert "infinite values went from 0 %" in found.reason
    assert found.current.infinite > 100


def test_naive_and_aware_times_are_of_another_type_and_zones_are_instants():
    naive = pd.DataFrame({"t": pd.date_range("2024-01-01", periods=500, freq="h")})
    berlin = pd.DataFrame({"t": naive["t"].dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin")})
    tokyo = pd.DataFrame({"t": naive["t"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")})
    for left in (naive, profile(naive)):
        changed = report(left, berlin).columns[0]
        assert changed.state is DriftState.TYPE_CHANGED
        assert "time zone" in changed.reason
    for left in (tokyo, profile(tokyo)):
        same = report(left, berlin).columns[0]
        assert same.state is DriftState.STABLE
        assert same.effect.value == pytest.approx(0, abs=1e-9)
    assert report(berlin, berlin).columns[0].reference.minimum == "2024-01-01T00:00:00"


def test_equal_and_odd_names_are_told_apart():
    left = pd.DataFrame(np.zeros((30, 3)), columns=["a", "a", 7])
    found = report(left, left)
    assert {column.name for column in found.columns} == {"a", "a [2]", "7"}
    assert any("reference:" in note for note in found.notes)


def test_two_thousand_columns_have_two_thousand_rows():
    rng = np.random.default_rng(0)
    left, right = (pd.DataFrame(rng.standard_normal((60, 2000))) for _ in range(2))
    found = report(left, right)
    assert len(found.columns) == 2000
    assert found.tests >= 2000
    assert not found.drifted


def test_no_global_random_state_is_touched():
    np.random.seed(1)
    random.seed(1)
    numbers, states = np.random.get_state()[1].tolist(), random.getstate()
    report(frame(), frame(500, 1))
    assert np.random.get_state()[1].tolist() == numbers
    assert random.getstate() == states


def test_one_broken_column_does_not_cost_the_others():
    class Broken:
        name, count, role = "broken", 3, "feature"

        def __getattr__(self, name):
            raise RuntimeError(f"no {name} here")

    left, right = read_table({"fine": [1.0, 2.0]}), read_table({"fine": [1.0, 2.0]})
    left, right = (type(side)(side.rows, (*side.columns, Broken())) for side in (left, right))
    found = detect(left, right, reference_name="a", current_name="b")
    assert found.column("fine").state is DriftState.STABLE
    assert "could not be compared: RuntimeError" in found.column("broken").reason


def test_distributions_are_shares_over_the_middle_of_the_values():
    rng = np.random.default_rng(0)
    left = np.append(rng.standard_normal(5000), 1e9)
    row = report({"x": left}, {"x": rng.standard_normal(4000) + 1}).columns[0]
    drawn = row.distribution
    assert len(drawn.edges) == len(drawn.reference) + 1 == 31
    assert drawn.clipped
    assert drawn.edges[-1] < 10
    assert sum(drawn.reference) == pytest.approx(1, abs=1e-4)
    assert sum(drawn.current) == pytest.approx(1, abs=1e-4)


def test_bins_of_whole_numbers_do_not_cut_between_them():
    row = report({"x": np.arange(200) % 7}, {"x": np.arange(300) % 6}).columns[0]
    assert row.distribution.edges == tuple(i - 0.5 for i in range(8))
    assert row.distribution.current[-1] == 0


def test_profiles_of_one_column_are_compared_on_their_own():
    left, right = (profile(frame(1000, seed, shift)).column("number") for seed, shift in ((0, 0), (1, 1)))
    row = compare_profiles(left, right, DriftOptions())
    assert row.kind is ColumnKind.NUMERIC
    assert row.drifted
    assert row.test.p_corrected < 1e-6


def test_holm_and_no_correction_are_there_on_request():
    left, right = frame(300), frame(300, 1)
    p = {
        name: [
            c.test.p_corrected
            for c in sorted(report(left, right, correction=name).columns, key=lambda c: c.name)
        ]
        for name in ("none", "bh", "holm")
    }
    assert all(a <= b <= c for a, b, c in zip(*p.values(), strict=True))
