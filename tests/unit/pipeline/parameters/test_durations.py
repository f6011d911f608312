from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbship.model.parameter_json import iso_duration
from nbship.pipeline.parameters.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("90", 90),
        ("-1.5", -1.5),
        ("10 ms", 0.01),
        ("5us", 0.000005),
        ("2min", 120),
        ("2w", 1_209_600),
        ("P1W", 604_800),
        ("P1DT1M", 86_460),
        ("pt1.25s", 1.25),
        ("+PT1H", 3600),
        ("-P1D", -86_400),
        ("1 day", 86_400),
        ("2 days, 0:00:01", 172_801),
        ("00:00:00.25", 0.25),
    ],
)
def test_durations_are_read_in_the_ways_people_write_them(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1M", "P1Y", "1 month", "x", "1:2", "--1", "1e3", "0.5us", "1" * 30]
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match=r"duration|finer"):
        parse_duration(text)


@given(st.timedeltas())
def test_both_of_our_own_forms_come_back_exactly(value):
    assert parse_duration(iso_duration(value)) == value
    assert parse_duration(str(value)) == value
