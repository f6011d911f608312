from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from nbship.hashing import fingerprint
from nbship.profiling.build import profile
from nbship.provenance.column_diff import diff_columns

ROWS = 2000


def frame(seed=0, rows=ROWS, shift=0.0, carriers=("AA", "B6")):
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "delay": random.normal(12.6 + shift, 4, rows),
            "distance": random.exponential(size=rows),
            "carrier": random.choice(carriers, rows),
            "at": pd.Timestamp("2013-01-01") + pd.to_timedelta(random.integers(0, 90 * 24, rows), "h"),
        }
    )


def diffed(left, right, **options):
    return diff_columns(fingerprint(left), fingerprint(right), (profile(left), profile(right)), **options)


def told(found):
    return {column.name: column.text for column in found.columns}


def test_what_drifted_comes_first_in_words():
    left = frame()
    found = diffed(left, left.assign(delay=left["delay"] + 2.6, distance=left["distance"] + 1e-9))
    assert [column.name for column in found.columns] == ["delay", "distance"]
    assert told(found)["delay"].startswith("mean 12.")
    assert " -> 15." in told(found)["delay"]
    assert found.columns[0].drift.drifted


def test_a_change_that_the_summary_does_not_show_is_said_so():
    left = frame()
    right = left.assign(delay=np.roll(left["delay"], 1))
    assert told(diffed(left, right)) == {"delay": "values changed, their summary did not"}


def test_a_change_within_chance_is_said_so():
    left = frame()
    text = told(diffed(left, left.assign(distance=frame(seed=5)["distance"])))["distance"]
    assert text.startswith("mean ")
    assert text.endswith(" (no more than chance)")


def test_levels_that_came_and_went_are_named():
    left = frame()
    right = left.assign(carrier=left["carrier"].replace("AA", "<b>UA"))
    assert told(diffed(left, right)) == {"carrier": "new level '<b>UA', vanished level 'AA'"}


def test_missing_values_are_told():
    left = frame()
    text = told(diffed(left, left.assign(delay=left["delay"].mask(np.arange(ROWS) < 200))))["delay"]
    assert text.endswith("missing 0 % -> 10 %")


def test_times_are_told_as_times():
    left = frame()
    text = told(diffed(left, left.assign(at=left["at"] + pd.Timedelta(days=180))))["at"]
    assert text.startswith("mean 2013-02-")
    assert " -> 2013-08-" in text


def test_columns_without_a_trace_of_rows_that_went_are_counted():
    left = frame()
    right = left.iloc[:-6].assign(delay=left["delay"] + 3)
    found = diffed(left, right)
    assert list(told(found)) == ["delay"]
    assert found.alike == 3


def test_drift_in_what_the_model_hardly_uses_is_harmless():
    left = frame()
    right = left.assign(delay=left["delay"] + 2.5)
    (column,) = diffed(left, right, importance={"delay": 0.001, "distance": 0.9}).columns
    assert column.drift.state == "drifted but harmless"


def test_a_profile_without_the_column_leaves_its_digest():
    left = frame()
    right = left.assign(delay=0.0)
    profiles = [replace(profile(one), columns=profile(one[["at"]]).columns) for one in (left, right)]
    found = diff_columns(fingerprint(left), fingerprint(right), (profiles[0], profiles[1]))
    assert told(found) == {"delay": "values changed"}


def test_values_known_by_their_pickle_are_told_with_care():
    prints = [fingerprint(pd.DataFrame({"a": [value]})) for value in (1, 2)]
    left, right = (
        replace(one, columns=tuple(replace(column, weak=True) for column in one.columns)) for one in prints
    )
    assert told(diff_columns(left, right)) == {"a": "values changed, or only the way they are pickled"}


@pytest.mark.parametrize("left", [pd.DataFrame(), frame(rows=0), frame(rows=1)])
def test_empty_tables_are_compared(left):
    assert diffed(left, frame(shift=1)).columns is not None
