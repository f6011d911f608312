# ruff: noqa: RUF001 - signs are typeset on purpose
from __future__ import annotations

import pytest

from nbship.display.drift_values import chances, percent, times, title_name, typeset, value_words
from nbship.model.drift import Effect


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0, "0 %"),
        (0.0004, "< 0.1 %"),
        (-0.0004, "> -0.1 %"),
        (0.00234, "0.23 %"),
        (0.003, "0.3 %"),
        (0.0246, "2.5 %"),
        (0.05, "5 %"),
        (0.123, "12 %"),
        (0.999, "> 99 %"),
        (1, "100 %"),
    ],
)
def test_shares_read_at_a_glance(share, said):
    assert percent(share) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.42, "4.2×"),
        (0.101, "1.01×"),
        (0.10001, "> 1×"),
        (0.09999, "< 1×"),
        (0.1, "1.0×"),
        (0.0, "0.0×"),
        (1.234, "12×"),
        (1e9, "≥ 1,000×"),
    ],
)
def test_an_effect_is_never_rounded_onto_its_threshold(value, said):
    assert times(Effect("wasserstein", value, 0.1)) == said


def test_an_effect_without_a_threshold_is_large_if_there_is_any():
    assert times(Effect("wasserstein", 1.0, 0.0)) == "≥ 1,000×"
    assert times(Effect("wasserstein", 0.0, 0.0)) == "0.0×"
    assert times(None) == ""


def test_small_p_values_are_bounded():
    assert chances(0.0) == "p < 0.001"
    assert chances(0.0123) == "p = 0.012"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "—"),
        (12.3456, "12.35"),
        (1351.27, "1,351"),
        (-14920.6, "-14,921"),
        (0.000123456, "0.0001235"),
        (1.5e20, "1.5e+20"),
        ("2013-01-31T12:00:00", "2013-01-31 12:00"),
        ("2013-01-31T00:00:00", "2013-01-31"),
        ("2013-01-31", "2013-01-31"),
        ("2013-01-31T12:00:07.123456789+00:00", "2013-01-31 12:00:07+00:00"),
        ("no\ntime", "no time"),
    ],
)
def test_statistics_are_short(value, said):
    assert value_words(value) == said


def test_names_are_one_line_and_never_empty():
    assert title_name("a\nb\x1b[31m") == "a b [31m"
    assert title_name(" \n ") == "(no name)"
    assert len(title_name("x" * 10_000)) == 40


def test_a_number_and_its_sign_stay_on_one_line():
    assert typeset("<b> 5 %") == "&lt;b&gt; 5\u00a0%"
