"""Corrections against scipy's and the definition."""

import numpy as np
import pytest
from scipy import stats

from nbship.detection.multiplicity import corrected
from nbship.errors import UsageError

P_VALUES = (np.random.default_rng(0).random(60) ** 4).tolist()


def test_benjamini_hochberg_is_that_of_scipy():
    assert corrected(P_VALUES, "bh") == pytest.approx(stats.false_discovery_control(P_VALUES).tolist())


def test_holm_steps_down():
    assert corrected([0.01, 0.04, 0.03, 0.005], "holm") == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert all(
        holm >= bh for holm, bh in zip(corrected(P_VALUES, "holm"), corrected(P_VALUES, "bh"), strict=True)
    )


def test_none_leaves_them():
    assert corrected(P_VALUES, "none") == P_VALUES
    assert corrected([], "bh") == []


def test_ones_stay_ones():
    assert corrected([1.0, 1.0], "holm") == [1.0, 1.0]


def test_another_method_is_refused_with_those_there_are():
    with pytest.raises(UsageError, match="bh, holm, none"):
        corrected([0.5], "bonferroni")
