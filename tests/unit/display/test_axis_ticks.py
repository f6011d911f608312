# ruff: noqa: RUF001 - signs are typeset on purpose
from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nbship.display.axis_ticks import number_ticks, time_ticks


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0, 1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0, 10, ["0", "2", "4", "6", "8", "10"]),
        (0, 12, ["0.0", "2.5", "5.0", "7.5", "10.0"]),
        (-12, 12, ["−10", "−5", "0", "5", "10"]),
        (0, 0.0213, ["0.000", "0.005", "0.010", "0.015", "0.020"]),
        (1_000, 50_000, ["10,000", "20,000", "30,000", "40,000", "50,000"]),
        (0, 5e7, ["0", "1e7", "2e7", "3e7", "4e7", "5e7"]),
    ],
)
def test_ticks_are_round_numbers(low, high, texts):
    assert [text for _, text in number_ticks(low, high, 6)] == texts


@given(some.floats(-1e12, 1e12), some.floats(1e-9, 1e12), some.integers(1, 10))
def test_ticks_lie_inside_and_are_not_too_many(low, span, most):
    high = low + span
    ticks = number_ticks(low, high, most)
    assert len(ticks) <= most
    slack = 1e-6 * (high - low) + 1e-9 * max(abs(low), abs(high))
    assert all(low - slack <= value <= high + slack for value, _ in ticks)


@pytest.mark.parametrize(
    ("low", "high"), [(1, 1), (2, 1), (math.nan, 1), (0, math.inf), (-math.inf, math.inf)]
)
def test_where_there_is_no_span_there_are_no_ticks(low, high):
    assert number_ticks(low, high, 5) == []


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        ("2013-01-01", "2013-12-31", ["2013-01", "2013-04", "2013-07", "2013-10"]),
        ("2013-01-15", "2013-06-30", ["2013-02", "2013-03", "2013-04", "2013-05", "2013-06"]),
        ("2001-03-01", "2023-03-01", ["2005", "2010", "2015", "2020"]),
        ("2013-01-01", "2013-01-04", ["2013-01-01", "2013-01-02", "2013-01-03", "2013-01-04"]),
        ("2013-01-01T22:00", "2013-01-02T02:00", ["22:00", "23:00", "01-02", "01:00", "02:00"]),
        ("2013-01-01T22:00:00", "2013-01-01T22:00:10", ["22:00:00", "22:00:02", "22:00:04", "22:00:06", "22:00:08", "22:00:10"]),
    ],
)  # fmt: skip
def test_ticks_of_times_are_round_moments(low, high, texts):
    assert [text for _, text in time_ticks(seconds(low), seconds(high), 6)] == texts


@given(some.floats(-6e10, 2e11), some.floats(1e-3, 1e11), some.integers(2, 8))
def test_ticks_of_times_lie_inside_and_are_not_too_many(low, span, most):
    ticks = time_ticks(low, low + span, most)
    assert len(ticks) <= most
    assert all(low - 1 <= value <= low + span + 1 for value, _ in ticks)


@pytest.mark.parametrize(("low", "high"), [(0, 0), (-1e15, 0), (0, 1e15), (5, 4)])
def test_times_beyond_the_calendar_have_no_ticks(low, high):
    assert time_ticks(low, high, 5) == []
