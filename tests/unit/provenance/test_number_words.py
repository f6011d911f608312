from __future__ import annotations

import pytest

from nbship.provenance.number_words import bytes_text, change_text, duration_text, number_text, share_change


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.6391, "12.6"),
        (336776, "336,776"),
        (0.00012, "0.00012"),
        (1e-7, "1e-07"),
        (123456.7, "123,000"),
        (-0.0, "0"),
        (1e300, "1e+300"),
    ],
)
def test_numbers_have_three_significant_digits(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("left", "right", "text"),
    [
        (12.6391, 15.1082, "12.6 -> 15.1"),
        (0.98251, 0.98249, "0.98251 -> 0.98249"),
        (3, 4, "3 -> 4"),
        (1.0, 1.0 + 1e-12, None),
    ],
)
def test_a_change_has_the_digits_that_tell_its_sides_apart(left, right, text):
    assert change_text(left, right) == text


def test_shares_are_percent():
    assert share_change(0.021, 0.0341) == "2.1 % -> 3.4 %"
    assert share_change(0, 0.5) == "0 % -> 50 %"
    assert share_change(0.3101, 0.3102) is None


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (13500, "13.5 kB"), (2_000_000, "2 MB"), (5e15, "5,000 TB")],
)
def test_sizes_are_decimal(size, text):
    assert bytes_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2249, "0.22 s"),
        (9.94, "9.9 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (192, "3 min 12 s"),
        (3600 * 5 + 119, "5 h 1 min"),
        (0, "0 s"),
    ],
)
def test_durations_read_like_speech(seconds, text):
    assert duration_text(seconds) == text
