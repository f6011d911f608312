"""The Kolmogorov-Smirnov test against scipy's."""

import numpy as np
import pytest
from scipy import stats

from nbship.detection.ks import ks_critical, ks_p_value, ks_statistic


def samples(n, m, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    return np.sort(rng.standard_normal(n)), np.sort(rng.standard_normal(m) + shift)


@pytest.mark.parametrize(("n", "m"), [(1, 9), (7, 5), (100, 100), (3, 200), (999, 1000), (300_000, 250_001)])
@pytest.mark.parametrize("shift", [0.0, 0.3, 20.0])
def test_the_statistic_is_that_of_scipy(n, m, shift):
    left, right = samples(n, m, shift)
    expected = stats.ks_2samp(left, right, method="asymp").statistic
    assert ks_statistic(left, right) == pytest.approx(expected, abs=1e-14)
    assert ks_statistic(right, left) == ks_statistic(left, right)


@pytest.mark.parametrize("levels", [1, 2, 5, 50])
def test_ties_and_infinities_count_as_scipy_counts_them(levels):
    rng = np.random.default_rng(levels)
    left, right = (np.sort(rng.integers(0, levels, size)).astype(float) for size in (400, 300))
    left[-7:], right[:3] = np.inf, -np.inf
    expected = stats.ks_2samp(left, right, method="asymp").statistic
    assert ks_statistic(left, right) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize(
    ("n", "m"), [(1, 1), (7, 5), (50, 51), (3, 200), (200, 300), (100, 100), (1000, 1000), (10_000, 10_000)]
)
@pytest.mark.parametrize("shift", [0.0, 0.1, 0.5])
def test_the_p_value_of_small_samples_is_exact(n, m, shift):
    left, right = samples(n, m, shift, seed=n)
    statistic = ks_statistic(left, right)
    expected = stats.ks_2samp(left, right, method="exact").pvalue
    assert ks_p_value(statistic, n, m) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("n", "m"), [(400, 500), (2000, 1999), (100, 10_000), (1000, 3000), (9999, 10_000)])
@pytest.mark.parametrize("shift", [0.0, 0.03, 0.06, 0.1])
def test_the_p_value_of_large_samples_is_within_three_percent_of_the_exact_one(n, m, shift):
    left, right = samples(n, m, shift, seed=n)
    expected = stats.ks_2samp(left, right, method="exact").pvalue
    if expected > 0.001:
        assert ks_p_value(ks_statistic(left, right), n, m) == pytest.approx(expected, rel=0.03)


def test_the_p_value_goes_from_one_to_zero():
    assert ks_p_value(0.0, 10, 20) == 1.0
    assert ks_p_value(1.0, 10_000, 10_000) == pytest.approx(0.0, abs=1e-300)
    assert 0 <= ks_p_value(1.0, 10**6, 10**6) < 1e-300
    assert ks_p_value(1.0, 3, 3) == pytest.approx(0.1)


@pytest.mark.parametrize(("n", "m"), [(298, 250), (99, 100), (5, 7)])
def test_distances_smaller_than_any_of_distinct_values_have_p_value_one(n, m):
    assert all(ks_p_value(step / (n * m), n, m) == 1.0 for step in range(min(n, m)))


@pytest.mark.parametrize(("n", "m"), [(100, 100), (100, 10_000), (5000, 4000)])
def test_the_critical_distance_has_the_p_value_it_was_asked_for(n, m):
    assert ks_p_value(ks_critical(n, m), n, m) == pytest.approx(0.05, rel=0.35)


def test_the_critical_distance_of_tiny_samples_is_at_most_one():
    assert ks_critical(1, 2) == 1.0
