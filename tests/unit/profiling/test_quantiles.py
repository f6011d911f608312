from __future__ import annotations

import numpy as np
import pytest

from nbship.profiling import bin_bounds, profile, quantiles

SHARES = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]


@pytest.mark.parametrize("rows", [30, 3000, 100_000])
def test_quantiles_of_continuous_values_are_near_the_exact_ones(rows):
    values = np.random.default_rng(0).normal(size=rows)
    found = quantiles(profile(values).columns[0], SHARES)
    ranks = np.searchsorted(np.sort(values), found, "right") / rows
    assert np.abs(ranks - SHARES).max() <= 1 / rows + 1e-3 + 1e-12
    assert (found[0], found[-1]) == (pytest.approx(values.min()), values.max())


@pytest.mark.parametrize("scale", [1, 10, 100])
def test_quantiles_of_few_values_are_values(scale):
    values = np.random.default_rng(0).poisson(5, 1000) / scale
    exact = np.quantile(values, SHARES, method="inverted_cdf").tolist()
    assert quantiles(profile(values).columns[0], SHARES) == exact


def test_quantiles_of_times_are_whole_nanoseconds_and_days_stay_days():
    days = np.datetime64("2024-01-01") + np.arange(0, 50, 5)
    column = profile(days).columns[0]
    exact = np.quantile(days.astype("M8[ns]").astype(np.int64), SHARES, method="inverted_cdf").tolist()
    assert quantiles(column, SHARES) == exact
    assert all(isinstance(quantile, int) for quantile in quantiles(column, SHARES))


def test_quantiles_of_texts_are_lengths():
    column = profile({"a": [("a word " * 8)[:n] + f" {n:03}" for n in range(30, 60)]}).columns[0]
    assert quantiles(column, [0, 1]) == [34, 60]


def test_infinite_values_count_as_the_extremes():
    column = profile(np.array([-np.inf, 1.0, 2.0, np.inf])).columns[0]
    assert quantiles(column, [0, 0.3, 0.6, 1]) == [1, 1, 2, 2]


@pytest.mark.parametrize("value", [np.array([]), np.array([np.nan]), np.array([np.inf]), {"a": ["x"]}])
def test_without_finite_values_there_is_none(value):
    column = profile(value).columns[0]
    assert quantiles(column, [0.5, 1]) == [None, None]
    assert bin_bounds(column) == []


def test_bins_end_at_the_extremes():
    like = profile(np.array([0.0, 1.0, 2.0])).columns[0]
    assert bin_bounds(like) == [(0, 0), (0, 0), (0, 1), (1, 2), (2, 2)]


def test_the_largest_doubles_do_not_overflow():
    rng = np.random.default_rng(0)
    column = profile(rng.choice([-1.0, 1.0], 5000) * rng.uniform(1e308, 1.7e308, 5000)).columns[0]
    assert all(np.isfinite(quantile) for quantile in quantiles(column, SHARES))
