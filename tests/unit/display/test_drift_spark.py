from __future__ import annotations

import re

import pytest

import drift_reports as made
from nbship.display.drift_spark import spark, trend
from nbship.model.drift import Distribution


def paths(svg: str) -> list[str]:
    return re.findall(r" d='([^']*)'", svg)


def ends(path: str) -> tuple[float, float]:
    """Return where a path of relative moves ends."""
    x = y = 0.0
    for kind, values in re.findall(r"([Mhv])([-\d. ]+)", path):
        numbers = [float(value) for value in values.split()]
        if kind == "M":
            x, y = numbers
        elif kind == "h":
            x += numbers[0]
        else:
            y += numbers[0]
    return x, y


def test_the_reference_is_a_line_and_the_current_side_is_filled():
    current, reference = paths(spark(made.numeric("a", 1.0).distribution))
    assert current.endswith("z")
    assert not reference.endswith("z")
    assert "<path class=c" in spark(made.numeric("a").distribution)


@pytest.mark.parametrize("column", [made.numeric("a", 0.5), made.moments("t", drifted=True)])
def test_steps_begin_and_end_on_the_base_line(column):
    for path in paths(spark(column.distribution)):
        assert ends(path.removesuffix("z")) == (240, 60)
        assert path.startswith("M0 60")


def test_equal_sides_are_drawn_the_same():
    current, reference = paths(spark(made.numeric("a").distribution))
    assert current == reference + "z"


def test_a_trend_is_broken_where_a_value_is_missing():
    assert paths(trend([1.0, 2.0, None, 2.0, 1.0]))[0].count("M") == 2
    assert trend([1.0, None]) == ""
    assert trend([]) == ""
    assert "nan" not in trend([1.0, 1.0, 1.0])


def test_a_reference_without_values_has_no_line():
    assert len(paths(spark(Distribution((0.0, 0.0), (0.5, 0.5), (0.0, 1.0, 2.0))))) == 1
