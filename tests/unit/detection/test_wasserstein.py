"""The Wasserstein-1 distance against scipy's."""

import numpy as np
import pytest
from scipy import stats

from nbship.detection.quantile_function import of_sorted
from nbship.detection.wasserstein import wasserstein, wasserstein_between

DRAWS = {
    "normal": lambda rng, size: rng.standard_normal(size),
    "heavy": lambda rng, size: rng.standard_t(2, size),
    "ties": lambda rng, size: rng.integers(0, 4, size).astype(float),
    "constant": lambda _, size: np.full(size, 3.5),
}


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize(
    ("n", "m"), [(1, 1), (1, 9), (7, 5), (1000, 1000), (140_000, 300_001), (262_144, 131_072)]
)
def test_the_distance_is_that_of_scipy(name, n, m):
    rng = np.random.default_rng(n)
    left, right = np.sort(DRAWS[name](rng, n)), np.sort(DRAWS[name](rng, m) + 0.25)
    expected = stats.wasserstein_distance(left, right)
    assert wasserstein(left, right) == pytest.approx(expected, rel=1e-12)
    assert wasserstein(right, left) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", DRAWS)
def test_small_samples_as_quantile_functions_are_exact(name):
    rng = np.random.default_rng(0)
    left, right = np.sort(DRAWS[name](rng, 700)), np.sort(DRAWS[name](rng, 300) * 1.5)
    expected = stats.wasserstein_distance(left, right)
    assert wasserstein_between(of_sorted(left), of_sorted(right)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", ["normal", "heavy", "ties"])
def test_thinned_samples_are_near(name):
    rng = np.random.default_rng(0)
    left, right = np.sort(DRAWS[name](rng, 50_000)), np.sort(DRAWS[name](rng, 3000) + 0.2)
    expected = stats.wasserstein_distance(left, right)
    assert wasserstein_between(of_sorted(left), of_sorted(right)) == pytest.approx(expected, rel=0.02)


def test_equal_samples_have_no_distance():
    values = np.sort(np.random.default_rng(0).standard_normal(999))
    assert wasserstein(values, values) == 0
    assert wasserstein_between(of_sorted(values), of_sorted(values)) == 0
