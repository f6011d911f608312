"""Tests of equal shares against scipy's, and what pooling does."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import chdtrc

from nbship.detection.contingency import (
    chi_square,
    chi_square_p_value,
    fisher_p_value,
    fourfold,
    homogeneity,
    pooled,
)


@pytest.mark.parametrize("levels", [2, 3, 50, 1000])
def test_the_statistic_is_that_of_scipy(levels):
    rng = np.random.default_rng(levels)
    left, right = rng.multinomial(5000, np.full(levels, 1 / levels)), rng.integers(1, 90, levels)
    expected = stats.chi2_contingency([left, right], correction=False).statistic
    assert chi_square(left, right) == pytest.approx(expected, rel=1e-12)


def test_with_many_values_the_p_value_is_that_of_scipy():
    rng = np.random.default_rng(0)
    left, right = rng.multinomial(400_000, np.full(6, 1 / 6)), rng.multinomial(300_000, np.full(6, 1 / 6))
    expected = stats.chi2_contingency([left, right], correction=False).pvalue
    assert homogeneity(left, right).p_value == pytest.approx(expected, rel=1e-4)


def test_mean_and_variance_of_the_statistic_are_exact_given_the_margins():
    left, right = np.array([3, 1, 0, 4, 2, 1, 1]), np.array([5, 1, 2, 9, 0, 0, 1])
    both = left + right
    drawn = np.random.default_rng(0).multivariate_hypergeometric(both, left.sum(), 40_000)
    statistics = np.array([chi_square(row, both - row) for row in drawn])
    # The gamma distribution that gives the p-values has this mean and variance.
    grid = np.linspace(0, 60, 20_001)
    beyond = np.array([chi_square_p_value(value, left, right) for value in grid])
    mean = beyond.sum() * grid[1]
    variance = 2 * (beyond * grid).sum() * grid[1] - mean**2
    assert mean == pytest.approx(statistics.mean(), rel=0.01)
    assert variance == pytest.approx(statistics.var(), rel=0.03)


def test_pooling_loses_no_value_and_does_not_depend_on_the_side():
    rng = np.random.default_rng(1)
    shares = 1 / np.arange(1, 801)
    left, right = rng.multinomial(300, shares / shares.sum()), rng.multinomial(5000, shares / shares.sum())
    first, second = pooled(left, right)
    assert (first.sum(), second.sum()) == (300, 5000)
    assert 10 < len(first) < 200
    swapped = pooled(right, left)
    assert np.array_equal(swapped[0], second)
    assert np.array_equal(swapped[1], first)
    assert (((first + second) * 300 / 5300) >= 2 - 1e-6).all()


def test_frequent_levels_are_not_pooled():
    left, right = np.array([50, 60, 70]), np.array([70, 60, 50])
    first, second = pooled(left, right)
    assert sorted(zip(first.tolist(), second.tolist(), strict=True)) == [(50, 70), (60, 60), (70, 50)]


def test_several_rare_new_levels_are_found():
    left = np.array([500, 480, *[0] * 12])
    right = np.array([440, 420, *[10] * 12])
    assert homogeneity(left, right).p_value < 1e-10


def test_a_rare_level_beside_a_common_one_is_tested_exactly():
    found = homogeneity(np.array([100, 0]), np.array([97, 3]))
    assert found.name == "fisher"
    assert 0.05 < found.p_value < stats.fisher_exact([[100, 0], [97, 3]]).pvalue


def test_one_level_is_no_table():
    assert homogeneity(np.array([5, 0]), np.array([9, 0])) is None


@pytest.mark.parametrize(
    "table",
    [(1, 50, 6, 60), (0, 10, 3, 10), (2, 100, 9, 100_000), (0, 5, 5, 5), (30, 30, 1, 40), (0, 7, 0, 9)],
)
def test_mid_p_values_are_those_of_the_hypergeometric_distribution(table):
    hits, size, other_hits, other_size = table
    drawn = stats.hypergeom(size + other_size, hits + other_hits, size)
    half = drawn.pmf(hits) / 2
    expected = min(1, 2 * min(drawn.cdf(hits) - half, drawn.sf(hits) + half))
    assert fisher_p_value(*table) == pytest.approx(expected, rel=1e-8)


def test_p_values_of_fisher_count_the_table_seen_in_full_when_asked_to():
    assert fisher_p_value(0, 10, 3, 10, mid=False) == pytest.approx(2 * stats.hypergeom(20, 3, 10).pmf(0))
    assert fourfold(0, 10, 3, 10, mid=False).p_value == pytest.approx(2 * fourfold(0, 10, 3, 10).p_value)


def test_fourfold_tables_are_chi_square_where_every_cell_is_expected():
    found = fourfold(200, 1000, 350, 1200)
    expected = stats.chi2_contingency([[200, 800], [350, 850]], correction=False)
    assert (found.name, found.statistic) == ("chi_square", pytest.approx(expected.statistic, rel=1e-12))
    assert found.p_value == pytest.approx(chdtrc(1, expected.statistic))
    assert fourfold(20, 100, 35, 120).name == "fisher"


@pytest.mark.parametrize("table", [(0, 10, 0, 20), (10, 10, 20, 20), (0, 0, 5, 20)])
def test_fourfold_tables_without_a_question_have_no_test(table):
    assert fourfold(*table) is None
