from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nbship.profiling.edges import bins_of_ordered, count_bins, instant_edges, number_edges

DAY = 86_400_000_000_000


def zero_inflated(rng, rows, shift):
    return np.where(rng.random(rows) < 0.4 + shift, 0.0, rng.lognormal(0, 1, rows))


def spiked(rng, rows, shift):
    spikes = np.random.default_rng(9).normal(size=500)
    return np.where(rng.random(rows) < 0.5, rng.choice(spikes, rows), rng.normal(shift, 1, rows))


DRAWS = {
    "normal": lambda rng, rows, shift: rng.normal(shift, 1, rows),
    "lognormal": lambda rng, rows, shift: rng.lognormal(shift, 2, rows),
    "uniform": lambda rng, rows, shift: rng.random(rows) + shift,
    "t2": lambda rng, rows, shift: rng.standard_t(2, rows) + shift,
    "cauchy": lambda rng, rows, shift: rng.standard_cauchy(rows) + shift,
    "zero-inflated": zero_inflated,
    "spiked": spiked,
    "float32": lambda rng, rows, shift: rng.normal(shift, 1, rows).astype("f4").astype(float),
    "far from zero": lambda rng, rows, shift: 1e9 + rng.normal(shift, 1e-3, rows),
    "cents": lambda rng, rows, shift: np.round(rng.lognormal(3, 1 + shift, rows), 2),
    "counts": lambda rng, rows, shift: rng.poisson(5 + 9 * shift, rows).astype(float),
}


def ks_of_counts(reference, current):
    shares = [np.cumsum(counts) / counts.sum() for counts in (reference, current)]
    return np.abs(shares[0] - shares[1]).max()


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize(("rows", "others"), [(300, 5000), (1500, 1000), (40_000, 3000), (200_000, 200_000)])
def test_ks_from_counts_is_within_a_thousandth_of_the_exact_one(name, rows, others):
    rng = np.random.default_rng(rows)
    reference, current = DRAWS[name](rng, rows, 0.0), DRAWS[name](rng, others, 0.05)
    edges = number_edges(np.sort(reference))
    exact = stats.ks_2samp(reference, current, method="asymp").statistic
    found = ks_of_counts(count_bins(reference, edges), count_bins(current, edges))
    assert abs(found - exact) <= 1e-3


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("rows", [1, 2, 999, 1000, 2047, 40_000, 200_000])
def test_a_bin_holds_a_thousandth_or_one_repeated_value(name, rows):
    values = np.sort(DRAWS[name](np.random.default_rng(rows), rows, 0.0))
    edges = number_edges(values)
    assert (np.diff(edges) > 0).all()
    counts = bins_of_ordered(values, edges)
    assert counts.sum() == rows
    assert counts[0] == counts[-1] == 0
    starts = np.cumsum(counts) - counts
    for start, count in zip(starts, counts, strict=True):
        assert count <= rows / 1000 or values[start] == values[start + count - 1]


@pytest.mark.parametrize("name", ["normal", "lognormal", "cauchy", "uniform"])
def test_edges_of_continuous_values_fit_into_four_bytes(name):
    edges = number_edges(np.sort(DRAWS[name](np.random.default_rng(1), 200_000, 0.0)))
    assert len(edges) <= 1026
    assert (edges == edges.astype("f4")).all()


def test_few_values_are_told_apart_from_what_lies_between_them():
    reference, current = np.array([1.0, 5.0] * 50), np.array([1.0, 3.0] * 50)
    edges = number_edges(np.sort(reference))
    assert ks_of_counts(count_bins(reference, edges), count_bins(current, edges)) == 0.5


def test_a_repeated_value_is_told_apart_from_its_neighbours():
    rng = np.random.default_rng(0)
    continuous = rng.normal(size=50_000)
    reference, current = (
        np.append(continuous, np.zeros(50_000)),
        np.append(continuous, np.full(50_000, -1e-6)),
    )
    edges = number_edges(np.sort(reference))
    exact = stats.ks_2samp(reference, current, method="asymp").statistic
    assert abs(ks_of_counts(count_bins(reference, edges), count_bins(current, edges)) - exact) <= 1e-3


def test_consecutive_integers_need_no_edges_between_them():
    assert number_edges(np.sort(np.repeat(np.arange(10.0), 200))).tolist() == list(range(-1, 10))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=50))
def test_any_doubles_have_ascending_finite_edges(values):
    ordered = np.sort(np.array(values))
    edges = number_edges(ordered)
    assert np.isfinite(edges).all()
    assert (np.diff(edges) > 0).all()
    assert edges[-1] >= ordered[-1]


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=50))
def test_any_instants_have_ascending_edges(values):
    ordered = np.sort(np.array(values, np.int64))
    edges = instant_edges(ordered)
    assert edges.dtype == np.int64
    assert (np.diff(edges.astype(object)) > 0).all()
    assert edges[-1] == ordered[-1]


def test_edges_of_days_lie_on_days():
    days = np.sort(np.repeat(np.arange(100) * DAY, 3))
    assert instant_edges(days).tolist() == [day * DAY for day in range(-1, 100)]


def test_no_values_have_no_edges():
    assert number_edges(np.array([])).tolist() == []
    assert instant_edges(np.array([], np.int64)).tolist() == []
    assert count_bins(np.array([1.0, np.inf]), np.array([])).tolist() == [2]


def test_infinite_values_stand_in_the_outermost_bins():
    assert count_bins(np.array([-np.inf, 1.0, np.inf, np.inf]), np.array([0.0, 1.0])).tolist() == [1, 1, 2]
