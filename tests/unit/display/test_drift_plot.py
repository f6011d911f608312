from __future__ import annotations

import re
from dataclasses import replace

import pytest

import drift_reports as made
from markup import Markup
from nbship.display.drift_plot import plot
from nbship.display.drift_shape import steps
from nbship.display.drift_spark import spark
from nbship.model.drift import Distribution
from nbship.model.profile import ColumnKind


def paths(svg: str) -> list[str]:
    return re.findall(r" d='([^']*)'", svg)


def test_uneven_bins_are_drawn_as_densities():
    drawn = Distribution((0.5, 0.5), (0.5, 0.5), (0.0, 1.0, 11.0))
    shape = steps(drawn)
    assert not shape.shares
    assert shape.reference == pytest.approx((5.5, 0.55))
    assert "density" in plot(made.numeric("a", distribution=drawn))
    assert "%" not in plot(made.numeric("a", distribution=drawn))


@pytest.mark.parametrize(
    "drawn",
    [
        None,
        Distribution((), ()),
        Distribution((1.0,), (1.0,), (5.0,)),
        Distribution((1.0,), (1.0, 2.0), levels=("a", "b")),
        Distribution((1.0,), (1.0,), (5.0, 5.0)),
        Distribution((0.0, 0.0), (0.0, 0.0), (0.0, 1.0, 2.0)),
        Distribution((1.0, 0.0), (0.0, 1.0), (5.0, 5.0, 6.0)),
        Distribution((1.0,), (1.0,), (-1e300, 1e300)),
        Distribution((1.0,), (1.0,), (1e-300, 2e-300)),
        Distribution((0.0,), (0.0,), levels=("a",)),
    ],
)
@pytest.mark.parametrize("kind", [ColumnKind.NUMERIC, ColumnKind.DATETIME, ColumnKind.TEXT])
def test_odd_distributions_are_drawn_or_left_out(drawn, kind):
    column = made.numeric("a", distribution=drawn, kind=kind)
    for svg in (spark(drawn), plot(column)):
        assert "nan" not in svg
        assert "inf" not in svg
        assert not Markup(svg).strange


def test_the_large_drawing_has_axes_and_medians_and_says_what_it_is():
    svg = plot(made.numeric("dep_delay", 1.0))
    assert "role=img aria-label='Distribution of dep_delay, reference and current'" in svg
    assert svg.count("class='m ") == 2
    assert "6 %" in Markup(svg).words
    assert {"0", "10", "20", "30"} <= set(Markup(svg).words.split())


def test_a_median_outside_of_what_is_drawn_is_left_out():
    column = made.numeric("a", 1.0)
    far = replace(column.current, quantiles=(0.0, 0.0, 1e9, 0.0, 0.0))
    assert plot(replace(column, current=far)).count("class='m ") == 1
    assert plot(replace(column, current=None, reference=None)).count("class='m ") == 0


def test_levels_are_bars_with_their_shares():
    svg = plot(made.levelled("carrier", 0.15))
    words = Markup(svg).words
    assert "UA 26 % → 11 %" in words
    assert "other 3.2 % → 18 %" in words
    assert svg.count("<rect class=c") == 12


def test_more_levels_than_fit_are_added_up():
    words = Markup(plot(made.levelled("carrier", levels=40))).words
    assert "all others" in words
    column = made.levelled("carrier", levels=40)
    named = replace(column, distribution=replace(column.distribution, has_other=False))
    assert "26 more levels" in Markup(plot(named)).words


def test_times_have_a_calendar_as_axis():
    assert "2013-04" in plot(made.moments("t", drifted=True))


@pytest.mark.parametrize("name", made.HOSTILE_NAMES)
def test_hostile_names_stay_text(name):
    drawn = Distribution((0.5, 0.5), (0.5, 0.5), levels=(name, "other"))
    for column in (
        made.numeric(name, reason=name),
        made.levelled(name, reason=name, distribution=drawn),
    ):
        assert set(Markup(plot(column)).tags) <= {"svg", "path", "text", "rect"}
        assert not Markup(plot(column)).strange


def test_drawings_are_small():
    assert len(spark(made.numeric("a", 1.0, bins=100).distribution)) < 800
    assert len(plot(made.numeric("a", 1.0, bins=100))) < 3500


def test_all_other_levels_together_do_not_dwarf_the_named_ones():
    drawn = Distribution((0.02, 0.01, 0.97), (0.01, 0.02, 0.97), levels=("a", "b", "other"), has_other=True)
    current, reference = paths(spark(drawn))
    assert current.count("M") == reference.count("M") == 2
    assert "v-60" in current
    svg = plot(made.levelled("c", distribution=drawn))
    assert "97 % → 97 %" in Markup(svg).words
    assert svg.count("width=0 ") == 1
