from __future__ import annotations

import pytest

from nbship.display.drift_shape import steps
from nbship.model.drift import Distribution


def test_neighbouring_bins_are_added_up_where_there_are_too_many():
    drawn = Distribution((0.1,) * 10, (0.2,) * 5 + (0.0,) * 5, tuple(map(float, range(11))))
    shape = steps(drawn, 4)
    assert shape.edges == (0.0, 3.0, 6.0, 9.0, 10.0)
    assert not shape.shares  # the last one is narrower than the others
    assert steps(drawn, 5).reference == pytest.approx((0.2,) * 5)
    assert steps(drawn, 5).current == pytest.approx((0.4, 0.4, 0.2, 0.0, 0.0))
