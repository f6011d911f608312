"""Distances between counts against scipy and the formula."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from nbship.detection.bins import bins_for, jensen_shannon, psi

LEFT, RIGHT = np.array([10, 20, 30, 40]), np.array([15, 5, 60, 20])


def test_jensen_shannon_is_that_of_scipy_in_base_2():
    assert jensen_shannon(LEFT, RIGHT) == pytest.approx(jensenshannon(LEFT, RIGHT, 2), abs=1e-15)
    assert jensen_shannon(np.array([3, 0]), np.array([0, 9])) == pytest.approx(1.0)
    assert jensen_shannon(LEFT, LEFT * 7) == pytest.approx(0.0, abs=1e-7)


def test_the_stability_index_is_the_sum_of_its_terms():
    p, q = LEFT / 100, RIGHT / 100
    assert psi(LEFT, RIGHT) == pytest.approx(float(((p - q) * np.log(p / q)).sum()), abs=1e-15)
    assert psi(LEFT, RIGHT) == pytest.approx(psi(RIGHT, LEFT))


def test_an_empty_bin_counts_as_half_a_row():
    assert psi(np.array([0, 100]), np.array([50, 50])) == pytest.approx(
        psi(np.array([0.5, 99.5]), np.array([50, 50])), rel=0.01
    )
    assert psi(np.array([0, 5, 5]), np.array([0, 5, 5])) == 0


@pytest.mark.parametrize(("sizes", "bins"), [((10, 1000), 2), ((100, 10_000), 6), ((5000, 5000), 20)])
def test_the_smaller_sample_decides_how_many_bins_there_are(sizes, bins):
    assert bins_for(*sizes) == bins
