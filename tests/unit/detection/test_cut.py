"""The cut that tells what Kolmogorov and Smirnov's test overlooks."""

import numpy as np
import pytest
from scipy import stats

from nbship.detection.contingency import fourfold
from nbship.detection.cut import telling_cut
from nbship.detection.ordered_evidence import ordered_finding
from nbship.detection.ordered_side import SortedSide
from nbship.detection.sides import side_of
from nbship.model.drift import DriftOptions
from nbship.profiling.build import profile


def rows(values):
    return SortedSide(np.sort(np.asarray(values, float)))


def with_sentinel(rng, size, share, value=-999.0):
    values = rng.standard_normal(size)
    values[: int(share * size)] = value
    return values


@pytest.mark.parametrize(("n", "m"), [(300, 300), (1000, 1000), (10_000, 300), (300, 10_000)])
@pytest.mark.parametrize("before", [0.0, 0.01])
def test_a_sentinel_in_one_of_twenty_rows_is_found(n, m, before):
    rng = np.random.default_rng(n)
    left, right = with_sentinel(rng, n, before), with_sentinel(rng, m, before + 0.05)
    cut = telling_cut(rows(left), rows(right))
    assert (cut.value, cut.above) == (-999.0, False)
    assert (cut.reference, cut.current) == (int(before * n) / n, pytest.approx(before + 0.05, abs=1 / m))
    assert cut.test.p_value < 0.01
    found = ordered_finding(rows(left), rows(right), DriftOptions()).evidence
    assert all(item.large for item in found)
    assert "most of all those up to -999: " in found[-1].finding


def test_flags_are_tested_as_two_levels_are():
    left, right = np.repeat([0, 1], [900, 100]), np.repeat([0, 1], [850, 150])
    cut = telling_cut(rows(left), rows(right))
    assert (cut.value, cut.above) == (0.0, True)
    assert cut.test.p_value == fourfold(100, 1000, 150, 1000).p_value


def test_a_frequent_zero_is_cut_off():
    rng = np.random.default_rng(0)
    left, right = (np.append(np.zeros(zeros), rng.random(1000 - zeros)) for zeros in (700, 750))
    cut = telling_cut(rows(left), rows(right))
    assert (cut.value, cut.reference, cut.current) == (0.0, 0.3, 0.25)


def test_values_without_gaps_and_ties_need_no_cut():
    rng = np.random.default_rng(0)
    assert telling_cut(rows(rng.random(300)), rows(rng.random(300))) is None
    assert telling_cut(rows([1.0] * 9), rows([1.0] * 5)) is None


@pytest.mark.parametrize("form", ["against profile", "profiles", "shared"])
def test_profiles_show_the_cut_as_well(form):
    rng = np.random.default_rng(0)
    left, right = rng.standard_normal(400), with_sentinel(rng, 400, 0.05, 1e6)
    base = profile({"x": left})
    current = {
        "against profile": rows(right),
        "profiles": side_of(profile({"x": right}).columns[0]),
        "shared": side_of(profile({"x": right}, like=base).columns[0]),
    }[form]
    cut = telling_cut(side_of(base.columns[0]), current)
    assert (cut.above, cut.reference, cut.current) == (True, 0.0, 0.05)
    assert cut.test.p_value == pytest.approx(2 * telling_cut(rows(left), rows(right)).test.p_value)


def test_profiles_of_other_edges_have_no_cut_where_few_counts_are_known():
    rng = np.random.default_rng(0)
    sides = [side_of(profile({"x": rng.standard_normal(5000)}).columns[0]) for _ in range(2)]
    assert telling_cut(*sides) is None


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng, size: rng.standard_cauchy(size),
        lambda rng, size: rng.integers(1, 6, size),
        lambda rng, size: np.where(rng.random(size) < 0.8, 0, rng.lognormal(size=size)),
    ],
    ids=["heavy", "whole", "zeros"],
)
@pytest.mark.parametrize(("n", "m"), [(100, 100), (50, 1000)])
def test_nothing_new_raises_at_most_the_alarms_that_were_promised(draw, n, m):
    rng, repeats = np.random.default_rng(1), 400
    cuts = [telling_cut(rows(draw(rng, n)), rows(draw(rng, m))) for _ in range(repeats)]
    alarms = sum(cut is not None and cut.test.p_value < 0.05 for cut in cuts)
    assert alarms <= stats.binom(repeats, 0.05).ppf(0.999)
