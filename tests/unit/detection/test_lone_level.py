"""The level that changed most, tested by itself."""

import numpy as np
import pytest
from scipy import stats

from nbship.detection.contingency import fourfold
from nbship.detection.lone_level import lone_level


def test_the_level_that_changed_most_is_tested_with_a_correction_for_the_choice():
    left, right = np.array([500, 300, 200, 0]), np.array([480, 290, 200, 30])
    found = lone_level(left, right)
    alone = fourfold(0, 1000, 30, 1000, mid=False).p_value
    assert (found.place, found.test.name) == (3, "lone_level")
    assert found.test.p_value == pytest.approx(4 * alone)


def test_levels_too_rare_to_matter_cost_nothing():
    left, right = np.append([500, 500, 0], np.ones(400, int)), np.append([480, 480, 40], np.ones(400, int))
    assert lone_level(left, right).test.p_value == pytest.approx(
        3 * fourfold(0, 1400, 40, 1400, mid=False).p_value
    )


@pytest.mark.parametrize("table", [([5, 5], [3, 9]), ([5, 0, 0], [4, 3, 0])])
def test_two_levels_have_no_lone_one(table):
    assert lone_level(*map(np.array, table)) is None


@pytest.mark.parametrize("levels", [3, 20, 500])
@pytest.mark.parametrize(("n", "m"), [(100, 100), (100, 5000), (2000, 2000)])
def test_nothing_new_raises_at_most_the_alarms_that_were_promised(levels, n, m):
    rng, repeats = np.random.default_rng(levels), 300
    shares = 1 / np.arange(1, levels + 1)
    tables = zip(*(rng.multinomial(size, shares / shares.sum(), repeats) for size in (n, m)), strict=True)
    found = [lone_level(*table) for table in tables]
    alarms = sum(item is not None and item.test.p_value < 0.05 for item in found)
    assert alarms <= stats.binom(repeats, 0.05).ppf(0.999)
