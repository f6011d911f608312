from __future__ import annotations

import math
import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbship.model.profile import INFINITE, ExactMoments
from nbship.profiling import mean, profile, std
from nbship.profiling.moments import add_moments, exact_moments, exact_sum, expansion

DEVIATIONS = st.lists(st.floats(-(2.0**480), 2.0**480), max_size=60)


def exactly(parts):
    return sum(map(Fraction, parts), Fraction(0))


@given(DEVIATIONS)
def test_sums_are_exact_over_the_whole_range_of_doubles(deviations):
    values = np.array(deviations, float)
    moments = exact_moments(values, 0.0)
    assert exactly(moments.first) == exactly(deviations)
    assert exactly(moments.second) == exactly((values * values).tolist())


@given(DEVIATIONS)
def test_the_leading_double_is_what_fsum_gives(deviations):
    first = exact_moments(np.array(deviations, float), 0.0).first
    assert (first[0] if first else 0.0) == math.fsum(deviations)


@pytest.mark.parametrize("rows", [8191, 8192, 8193, 100_000])
@pytest.mark.parametrize("draw", ["standard_normal", "standard_cauchy", "random"])
def test_sums_of_many_values_are_exact(rows, draw):
    values = getattr(np.random.default_rng(rows), draw)(rows)
    moments = exact_moments(values, 0.0)
    assert exactly(moments.first) == exactly(values.tolist())
    assert exactly(moments.second) == exactly((values * values).tolist())


@given(DEVIATIONS, st.integers(0, 60), st.randoms())
def test_the_sums_of_parts_add_up_to_those_of_the_whole(deviations, cut, random):
    whole = exact_moments(np.array(deviations, float), 0.0)
    random.shuffle(deviations)
    parts = [exact_moments(np.array(part, float), 0.0) for part in (deviations[:cut], deviations[cut:])]
    assert add_moments(parts) == whole


def test_values_too_large_for_their_squares_stay_so_in_every_merge():
    huge = exact_moments(np.array([1e200]), 0.0)
    assert huge == ExactMoments(0.0, (INFINITE,), (INFINITE,))
    small = exact_moments(np.array([1.0]), 0.0)
    assert add_moments([small, huge]) == add_moments([huge, small]) == huge


def test_an_expansion_is_the_shortest_that_is_exact():
    assert expansion(0) == ()
    assert expansion(exact_sum(np.array([1.0, 2.0**-60]))) == (1.0, 2.0**-60)
    assert expansion(exact_sum(np.array([5e-324, 5e-324]))) == (1e-323,)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40))
def test_mean_and_std_agree_with_exact_arithmetic(values):
    column = profile(np.array(values)).columns[0]
    assert mean(column) == pytest.approx(statistics.fmean(values), rel=1e-14, abs=1e-12)
    assert std(column) == pytest.approx(statistics.stdev(values), rel=1e-7, abs=1e-9)


def test_digits_do_not_cancel_far_from_zero():
    values = 1e9 + np.array([0.0, 1e-3, 2e-3] * 1000)
    column = profile(values).columns[0]
    assert std(column) == pytest.approx(statistics.stdev(map(Fraction, values.tolist())), rel=1e-12)


def test_moments_of_times_are_nanoseconds_and_seconds():
    values = np.array(["2024-01-01", "2024-01-02", "2024-01-03"], "datetime64[s]")
    column = profile(values).columns[0]
    assert mean(column) == np.datetime64("2024-01-02", "ns").astype(int)
    assert std(column) == 86_400


def test_the_range_of_times_may_exceed_64_bits():
    column = profile(np.array(["1678-01-01", "2262-01-01"], "datetime64[s]")).columns[0]
    assert mean(column) == np.datetime64("1970-01-01T12", "ns").astype(int)


@pytest.mark.parametrize(
    "values", [np.array([]), np.array([np.nan]), np.array([np.inf]), np.array([1e300, -1e300])]
)
def test_what_has_no_mean_is_none(values):
    column = profile(values).columns[0]
    assert mean(column) is None
    assert std(column) is None


def test_one_value_has_a_mean_and_no_spread():
    column = profile(np.array([3.5])).columns[0]
    assert (mean(column), std(column)) == (3.5, None)


def test_levels_have_no_moments():
    assert mean(profile({"a": ["x", "y"]}).columns[0]) is None
