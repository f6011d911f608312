"""Ordered columns: rows against rows, rows against profiles, profiles against profiles."""

import numpy as np
import pytest
from scipy import stats

from nbship.detection.ordered import binned_measures, ks_between, moved, spread_of
from nbship.detection.ordered_evidence import ordered_finding
from nbship.detection.ordered_side import SortedSide
from nbship.detection.quantile_function import of_bins, of_sorted, robust_spread
from nbship.detection.sides import side_of
from nbship.model.drift import DriftOptions
from nbship.profiling.build import profile
from nbship.profiling.table import read_table

DRAWS = {
    "normal": lambda rng, size: rng.standard_normal(size),
    "heavy": lambda rng, size: rng.lognormal(0, 2, size),
    "zeros": lambda rng, size: np.where(rng.random(size) < 0.4, 0.0, rng.lognormal(size=size)),
    "whole": lambda rng, size: rng.poisson(3, size).astype(float),
    "flags": lambda rng, size: (rng.random(size) < 0.1).astype(float),
}


def profiled(values, like=None):
    return side_of(profile({"x": values}, like=like).columns[0])


def both(name, n=30_000, m=20_000):
    rng = np.random.default_rng(3)
    left, right = DRAWS[name](rng, n), DRAWS[name](rng, m)
    if name in ("whole", "flags"):
        return left, np.where(rng.random(m) < 0.1, 1.0, right)
    return left, right * 1.1 + 0.05


@pytest.mark.parametrize("name", DRAWS)
def test_distances_from_a_profile_are_near_the_exact_ones(name):
    left, right = both(name)
    exact = SortedSide(np.sort(left)), SortedSide(np.sort(right))
    like = profile({"x": left})
    statistic = ks_between(*exact)
    spread = spread_of(*exact).value
    distance, _ = moved(*exact, spread)
    for sides in (
        (profiled(left), exact[1]),
        (profiled(left), profiled(right, like)),
        (exact[0], profiled(right)),
    ):
        assert ks_between(*sides) == pytest.approx(statistic, abs=1e-3)
        assert spread_of(*sides).value == pytest.approx(spread, rel=0.02)
        assert moved(*sides, spread)[0] == pytest.approx(distance, rel=0.1, abs=0.01)


@pytest.mark.parametrize("name", DRAWS)
def test_profiles_of_other_edges_never_look_farther_apart_than_they_are(name):
    left, right = both(name)
    exact = ks_between(SortedSide(np.sort(left)), SortedSide(np.sort(right)))
    assert exact - 0.004 <= ks_between(profiled(left), profiled(right)) <= exact + 1e-12


def test_the_same_profile_is_at_no_distance_from_itself():
    left, _ = both("normal")
    side = profiled(left)
    assert ks_between(side, side) == 0
    assert moved(side, side, 1.0)[0] == pytest.approx(0, abs=1e-12)
    assert all(measure.value == 0 for measure in binned_measures(side, side))


def test_the_stability_index_is_that_of_reference_quantiles():
    left, right = both("normal", 4000, 4000)
    found = {m.name: m.value for m in binned_measures(SortedSide(np.sort(left)), SortedSide(np.sort(right)))}
    edges = np.quantile(left, np.arange(1, 20) / 20, method="inverted_cdf")
    p, q = (np.bincount(np.searchsorted(edges, side), minlength=20) / 4000 for side in (left, right))
    assert found["psi"] == pytest.approx(float(((p - q) * np.log(p / q)).sum()), rel=1e-9)


def test_the_spread_is_that_of_the_middle_half_and_falls_back_where_it_is_constant():
    rng = np.random.default_rng(0)
    normal = np.sort(rng.normal(5, 2, 100_000))
    normal[-5:] = 1e12
    assert robust_spread(of_sorted(normal)) == pytest.approx(2, rel=0.02)
    tenth = np.sort(np.where(rng.random(10_000) < 0.8, 0.0, rng.random(10_000)))
    assert robust_spread(of_sorted(tenth)) == pytest.approx(0.75 / 3.29, rel=0.1)
    rare = np.sort((rng.random(10_000) < 0.01).astype(float))
    assert robust_spread(of_sorted(rare)) == pytest.approx(rare.std(), rel=0.02)
    assert robust_spread(of_sorted(np.ones(9))) == 0


@pytest.mark.parametrize("value", [5.0, 0.1, 1e9 / 7, -3e20])
def test_a_constant_has_no_spread_at_all(value):
    assert robust_spread(of_sorted(np.full(200, value))) == 0


def test_a_heavy_last_bin_keeps_its_mean():
    values = np.sort(np.random.default_rng(0).standard_normal(400))
    sentinel = np.append(values[:-20], np.full(20, 1e6))
    function = profiled(sentinel, profile({"x": values})).function
    area = np.diff(function.shares) @ (function.values[1:] + function.values[:-1]) / 2
    assert area == pytest.approx(5e4, rel=0.01)


def finding(left, right):
    sides = (SortedSide(np.sort(np.asarray(side, float))) for side in (left, right))
    return ordered_finding(*sides, DriftOptions()).evidence


def test_a_wider_spread_around_the_same_mean_is_told_as_such():
    values = np.random.default_rng(0).standard_normal(500)
    assert "(standard deviation 1.0" in finding(values, 2 * values)[0].finding
    assert "(mean -0.0" in finding(values, values + 1)[0].finding


def test_infinite_values_that_changed_their_sign_are_told_as_such():
    (sign,) = finding([np.inf] * 30, [-np.inf] * 30)
    assert sign.finding == "values of -inf went from 0 % to 100 %"
    assert (
        finding([0.0] * 30, [0.0] * 20 + [np.inf] * 10)[-1].finding
        == "infinite values went from 0 % to 33.3 %"
    )


def test_a_constant_reference_is_measured_by_both_sides():
    spread = spread_of(SortedSide(np.full(10, 5.0)), SortedSide(np.full(20, 6.0)))
    assert (spread.value, spread.own) == (0.5, False)
    assert spread_of(SortedSide(np.full(10, 5.0)), SortedSide(np.full(20, 5.0))).value == 0


def test_numbers_near_the_largest_double_have_a_row_like_others():
    from nbship.detection.columns import compare_columns

    values = np.array([-1.7e308, -1e308, 0.0, 1e308, 1.7e308] * 10)
    left, right = (read_table({"x": part}).columns[0] for part in (values, values[:40] * 0.5))
    row = compare_columns(left, right, DriftOptions())
    assert row.reason


def test_heavy_tails_of_a_profile_keep_their_mean():
    values = np.sort(np.random.default_rng(0).lognormal(0, 3, 50_000))
    side = profiled(values)
    function = side.function
    area = np.diff(function.shares) @ (function.values[1:] + function.values[:-1]) / 2
    assert area == pytest.approx(values.mean(), rel=0.05)
    mirrored = profiled(-values).function
    area = np.diff(mirrored.shares) @ (mirrored.values[1:] + mirrored.values[:-1]) / 2
    assert area == pytest.approx(-values.mean(), rel=0.05)


def test_bins_without_a_mean_are_straight():
    function = of_bins(np.array([1.0, 2.0, 2.25]), np.array([10, 10, 0, 20]), 0.0, 4.25, None)
    assert function.at(np.array([0.0, 0.25, 0.375, 0.75, 1.0])).tolist() == [0, 1, 1.5, 3.25, 4.25]


def test_a_repeated_value_stands_at_the_upper_edge_of_its_narrow_bin():
    function = of_bins(np.array([-1.0, 0.0, 1.0]), np.array([0, 70, 30, 0]), 0.0, 1.0, 0.3)
    assert function.at(np.array([0.1, 0.69, 0.71, 0.9])).tolist() == [0, 0, 1, 1]


def test_moments_are_numpys():
    values = np.random.default_rng(0).gamma(2, size=1000)
    mean, std = SortedSide(np.sort(values)).moments
    assert (mean, std) == (pytest.approx(values.mean()), pytest.approx(values.std(ddof=1)))
    assert SortedSide(np.array([1.0])).moments == (1.0, None)
    assert SortedSide(np.array([-np.inf, np.inf])).moments == (None, None)
    quantiles = SortedSide(np.sort(values)).quantiles()
    assert quantiles == pytest.approx(np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95]).tolist())
    assert stats.iqr(values) == pytest.approx(quantiles[3] - quantiles[1])
