"""What chance gives, against what it gave."""

import numpy as np
import pytest

from nbship.detection.chance import cramers_v_chance, jensen_shannon_chance, psi_chance, wasserstein_chance
from nbship.detection.quantile_function import of_sorted
from nbship.detection.wasserstein import wasserstein


@pytest.mark.parametrize(("n", "m"), [(200, 200), (2000, 300)])
def test_the_mean_wasserstein_distance_of_normal_samples_is_foretold(n, m):
    rng, seen, told = np.random.default_rng(0), [], []
    for _ in range(300):
        left, right = np.sort(rng.standard_normal(n)), np.sort(rng.standard_normal(m))
        seen.append(wasserstein(left, right))
        told.append(wasserstein_chance(of_sorted(left), of_sorted(right), n, m).mean)
    assert np.mean(told) == pytest.approx(np.mean(seen), rel=0.08)


def test_the_integral_is_that_of_the_normal_distribution():
    function = of_sorted(np.sort(np.random.default_rng(0).standard_normal(500_000)))
    # Integral of sqrt(F(1 - F)) of the standard normal: 1.6144 by quadrature.
    from scipy import integrate, stats

    expected, _ = integrate.quad(lambda x: np.sqrt(stats.norm.cdf(x) * stats.norm.sf(x)), -12, 12)
    chance = wasserstein_chance(function, function, 100, 100)
    assert chance.mean == pytest.approx(expected * np.sqrt(2 / np.pi * 0.02), rel=0.01)
    assert chance.upper > chance.mean


def test_a_shift_does_not_change_what_chance_gives():
    values = np.sort(np.random.default_rng(0).standard_normal(5000))
    near = wasserstein_chance(of_sorted(values), of_sorted(values), 500, 500)
    far = wasserstein_chance(of_sorted(values), of_sorted(values + 100), 500, 500)
    assert far.mean == pytest.approx(near.mean)


def test_constants_have_no_chance():
    constant = of_sorted(np.ones(50))
    chance = wasserstein_chance(constant, constant, 50, 50)
    assert (chance.mean, chance.upper) == (0, 0)
    for made in (psi_chance(1, 9, 9), jensen_shannon_chance(1, 9, 9), cramers_v_chance(1, 9, 9)):
        assert (made.mean, made.upper) == (0, 0)


def test_chance_shrinks_with_the_samples_and_grows_with_the_bins():
    assert psi_chance(10, 1000, 1000).upper < psi_chance(10, 100, 1000).upper
    assert jensen_shannon_chance(20, 100, 100).upper > jensen_shannon_chance(5, 100, 100).upper
    assert jensen_shannon_chance(20, 100, 100).upper ** 2 == pytest.approx(
        psi_chance(20, 100, 100).upper / 8 / np.log(2)
    )
