"""Windows over time."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nbship.detection.report import detect
from nbship.errors import UsageError
from nbship.model.drift import DriftOptions, DriftState
from nbship.model.profile import ColumnKind
from nbship.profiling.build import profile
from nbship.profiling.table import read_table


def frame(rows, seed=0, zone=None):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "when": pd.date_range("2024-01-01", periods=rows, freq="h", tz=zone),
            "x": rng.standard_normal(rows),
            "kind": rng.choice(["a", "b", "c"], rows, p=[0.5, 0.3, 0.2]),
            "holes": np.where(rng.random(rows) < 0.1, np.nan, 1.0),
        }
    )


def windows(reference, current, by, time=None):
    left = reference if hasattr(reference, "sampled_from") else read_table(reference)
    options = DriftOptions(by=by, time=time)
    found = detect(left, read_table(current), reference_name="r", current_name="c", options=options)
    json.dumps(found.to_dict(), allow_nan=False)
    return found


@pytest.mark.parametrize(
    ("by", "rows"), [("300", [300, 300, 300, 100]), ("/4", [250] * 4), ("/3", [334, 334, 332])]
)
def test_windows_by_count_hold_all_rows_in_order(by, rows):
    found = windows(frame(2000), frame(1000, 1), by)
    assert [window.rows for window in found.windows] == rows
    assert found.windows[0].label == f"rows 1-{rows[0]}"
    assert found.windows[0].start is None
    assert {cell.name for cell in found.windows[0].cells} == {"when", "x", "kind", "holes"}


@pytest.mark.parametrize(
    ("by", "labels", "rows"),
    [
        ("D", ["2024-01-01", "2024-01-02", "2024-01-03"], [24, 24, 12]),
        ("MS", ["2024-01-01"], [60]),
        ("W", ["2024-01-01"], [60]),
        ("36h", ["2024-01-01", "2024-01-02T12:00:00"], [36, 24]),
    ],
)
def test_windows_by_period_start_where_the_calendar_says(by, labels, rows):
    found = windows(frame(2000), frame(60, 1), by)
    assert [window.label for window in found.windows] == labels
    assert [window.rows for window in found.windows] == rows
    assert {cell.name for cell in found.windows[0].cells} == {"x", "kind", "holes"}


def test_months_and_gaps_are_windows_too():
    current = frame(24 * 100, 1).iloc[list(range(48)) + list(range(24 * 70, 24 * 100))]
    found = windows(frame(2000), current, "MS")
    assert [window.start for window in found.windows] == [
        "2024-01-01",
        "2024-02-01",
        "2024-03-01",
        "2024-04-01",
    ]
    assert [window.end for window in found.windows][-1] == "2024-05-01"
    assert found.windows[1].rows == 0
    assert found.windows[1].cells == ()
    assert sum(window.rows for window in found.windows) == len(current)


def test_days_are_those_of_the_time_zone():
    found = windows(frame(2000, zone="Asia/Tokyo"), frame(48, 1, zone="Asia/Tokyo"), "D")
    assert [(window.label, window.rows) for window in found.windows] == [
        ("2024-01-01", 24),
        ("2024-01-02", 24),
    ]


def test_the_window_that_drifted_is_found_in_its_column_only():
    current = frame(1200, 1)
    current.loc[800:999, "x"] += 1
    current.loc[0:199, "kind"] = "a"
    current.loc[400:599, "holes"] = np.nan
    for reference in (frame(3000), profile(frame(3000))):
        found = windows(reference, current, "200")
        drifted = {
            (index, cell.name)
            for index, window in enumerate(found.windows)
            for cell in window.cells
            if cell.drifted
        }
        assert {place for place in drifted if place[1] != "when"} == {(4, "x"), (0, "kind"), (2, "holes")}
        (moved,) = [cell for cell in found.windows[4].cells if cell.name == "x"]
        assert moved.value == pytest.approx(1, abs=0.2)
        assert moved.effect > moved.threshold
        assert any("family of their own" in note for note in found.notes)
        assert found.tests > 7 * 4


def test_rows_without_a_time_are_told():
    current = frame(100, 1)
    current.loc[:9, "when"] = pd.NaT
    found = windows(frame(500), current, "D")
    assert sum(window.rows for window in found.windows) == 90
    assert any("10 rows without a time" in note for note in found.notes)


def test_rows_need_not_be_in_order():
    current = frame(200, 1)
    shuffled = current.sample(frac=1, random_state=0)
    assert windows(frame(500), current, "D").windows == windows(frame(500), shuffled, "D").windows


@pytest.mark.parametrize(
    ("by", "time", "message"),
    [
        ("fortnight", None, "neither a number of rows"),
        ("0", None, "at least one row"),
        ("/0", None, "at least one row"),
        ("s", None, "windows; at most 1,000"),
        ("D", "x", "no column of times"),
        ("D", "nothing", "no column of times"),
        ("-1D", None, "longer than nothing"),
        ("1", None, "at most 1,000"),
    ],
)
def test_windows_that_cannot_be_cut_are_one_clear_error(by, time, message):
    with pytest.raises(UsageError, match=message):
        windows(frame(100), frame(1500, 1), by, time)


def test_the_column_that_windows_are_cut_by_is_not_compared():
    found = windows(frame(1000), frame(1500, 5), "D")
    (row,) = [column for column in found.columns if column.kind is ColumnKind.DATETIME]
    assert row.state is DriftState.SKIPPED
    assert row.reason == "the windows are cut by it"
    assert row.reference is not None
    assert all(cell.name != row.name for window in found.windows for cell in window.cells)


def test_several_columns_of_times_want_a_name():
    current = frame(50, 1).assign(other=pd.Timestamp("2024-05-05"))
    with pytest.raises(UsageError, match="'when', 'other'"):
        windows(frame(100), current, "D")
    assert windows(frame(100), current, "D", "when").windows
    with pytest.raises(UsageError, match="none"):
        windows(frame(100), current[["x"]], "D")


def test_a_profile_has_no_rows_to_cut():
    with pytest.raises(UsageError, match="profile"):
        detect(
            read_table(frame(100)),
            profile(frame(100)),
            reference_name="r",
            current_name="c",
            options=DriftOptions(by="10"),
        )
