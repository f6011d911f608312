# ruff: noqa: RUF001 - signs are typeset on purpose
from __future__ import annotations

import json
from dataclasses import replace

import pytest

import drift_reports as made
from markup import Markup
from nbship.display.plain_line import columns
from nbship.display.profile_page import profile_bundle, profile_page, profile_text
from nbship.display.profile_words import (
    drawn_profile,
    profile_mean,
    profile_missing,
    profile_span,
    profile_words,
)
from nbship.model.profile import ColumnKind, ColumnProfile, ExactMoments, Profile

SECOND = 10**9
DELAY = ColumnProfile(
    "dep_delay",
    ColumnKind.NUMERIC,
    "float64",
    count=110,
    missing=10,
    minimum=-5.0,
    maximum=95.0,
    edges=(0.0, 10.0, 20.0, 40.0),
    counts=(20, 40, 20, 15, 5),
    moments=ExactMoments(10.0, (250.0, 0.5), (9.0,)),
)
CARRIER = ColumnProfile(
    "carrier",
    ColumnKind.CATEGORICAL,
    "str",
    count=100,
    levels=(("UA", 50), ("B6", 30), ("DL", 10), ("AA", 5), ("MQ", 3)),
    other=2,
    other_levels=2,
    withheld=2,
)
HOUR = ColumnProfile(
    "time_hour",
    ColumnKind.DATETIME,
    "datetime64[ns]",
    count=3,
    minimum=1_356_998_400 * SECOND,
    maximum=1_356_998_402 * SECOND,
    edges=(1_356_998_400 * SECOND, 1_356_998_401 * SECOND),
    counts=(1, 1, 1),
    moments=ExactMoments(0.0, (3.0,), (5.0,)),
)
LISTS = ColumnProfile("lists", ColumnKind.UNSUPPORTED, "list", count=3, role="prediction")
PROFILE = Profile(
    110, (DELAY, CARRIER, HOUR, LISTS), "flights", "abc123", notes=("lists: values without an order",)
)


def test_statistics_are_read_from_sums_and_edges():
    assert profile_mean(DELAY) == "12.5"  # 10 + 250.5 / 100
    assert profile_span(DELAY) == ("-5", "95")
    assert profile_missing(DELAY) == "9.1 %"
    assert profile_mean(HOUR) == "2013-01-01 00:00:01"
    assert profile_span(HOUR) == ("2013-01-01", "2013-01-01 00:00:02")
    assert profile_mean(LISTS) == profile_mean(replace(DELAY, missing=110)) == ""
    assert profile_span(CARRIER) == ("", "")


def test_levels_are_told_with_their_shares():
    assert profile_words(CARRIER) == "7 levels: UA 50 %, B6 30 %, DL 10 %, AA 5 %, …; 2 rare levels withheld"
    assert profile_words(replace(CARRIER, other_levels=None)).startswith("at least 5 levels: UA")
    assert profile_words(replace(DELAY, infinite=3)) == "3 infinite"


def test_the_drawing_follows_the_counts():
    drawn = drawn_profile(DELAY)
    assert sum(drawn.current) == pytest.approx(1)
    assert drawn.edges[0] == -5
    assert drawn.edges[-1] == 95
    below = sum(share for share, edge in zip(drawn.current, drawn.edges[1:], strict=True) if edge <= 20.001)
    assert 0.7 < below <= 0.8
    assert drawn_profile(CARRIER).levels == ("UA", "B6", "DL", "AA", "MQ")


def test_a_far_value_does_not_flatten_the_drawing():
    far = replace(DELAY, maximum=1e9, edges=(*DELAY.edges, 1e8), counts=(200, 400, 200, 150, 48, 2))
    assert drawn_profile(far).edges[-1] <= 1e8


@pytest.mark.parametrize(
    "column",
    [
        LISTS,
        replace(DELAY, missing=110, minimum=None, maximum=None, counts=(0,) * 5),
        replace(DELAY, minimum=None, maximum=None, edges=(), counts=()),
        replace(CARRIER, levels=()),
    ],
)
def test_a_column_without_values_is_not_drawn(column):
    assert drawn_profile(column) is None
    assert profile_text(Profile(1, (column,)))


def test_a_constant_is_drawn_as_one_bar():
    constant = replace(DELAY, minimum=3.0, maximum=3.0, edges=(3.0,), counts=(100, 0))
    assert drawn_profile(constant).current == (1.0,)


def test_a_profile_has_text_and_html():
    bundle = profile_bundle(PROFILE)
    assert set(bundle) == {"text/plain", "text/html"}
    words = Markup(bundle["text/html"]).words
    assert "110 rows × 4 columns · digest abc123" in words
    for said in ("dep_delay", "9.1 %", "12.5", "7 levels: UA 50 %", "note: lists: values", "prediction"):
        assert said in words
        assert said in bundle["text/plain"]


def test_a_page_stands_alone():
    assert "<title>Profile of flights</title>" in profile_page(PROFILE)


@pytest.mark.parametrize("width", [30, 60, 100])
def test_no_line_is_wider_than_the_terminal(width):
    assert all(columns(line) <= width for line in profile_text(PROFILE, width=width).splitlines())


def test_hostile_strings_stay_text():
    rows = tuple(
        replace(CARRIER, name=name, dtype=name, role=name, levels=((name, 3),)) for name in made.HOSTILE_NAMES
    )
    page = profile_page(Profile(3, rows, made.HOSTILE, made.HOSTILE, notes=made.HOSTILE_NAMES))
    assert not Markup(page).strange
    assert "<script>alert(1)</script>" in Markup(page).words


def test_of_very_many_columns_the_rest_is_counted():
    profile = Profile(3, tuple(replace(DELAY, name=f"c{i}") for i in range(2000)))
    bundle = profile_bundle(profile)
    assert "… and 1,600 more columns" in bundle["text/plain"]
    assert "… and 1,600 more columns" in bundle["text/html"]
    assert len(json.dumps(bundle)) < 500_000
