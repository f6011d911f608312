from __future__ import annotations

import json
from dataclasses import replace

import pytest

import drift_reports as made
from nbship.display.drift_figures import drift_figure, windows_figure
from nbship.errors import UsageError
from nbship.model.drift import Distribution, DriftState

go = pytest.importorskip("plotly.graph_objects")


def checked(figure: dict) -> dict:
    """Return the figure as plotly understands it; it refuses what it does not know."""
    return go.Figure(json.loads(json.dumps(figure))).to_plotly_json()


@pytest.mark.parametrize("name", ["dep_delay", "time_hour", "carrier", "cancelled"])
def test_every_kind_of_column_is_a_figure(name):
    figure = checked(drift_figure(made.full(), name))
    assert [trace["name"] for trace in figure["data"]] == ["current", "reference"]
    assert len(json.dumps(drift_figure(made.full(), name))) < 8_000


def test_numbers_are_steps_that_begin_and_end_at_zero():
    report = made.report((made.numeric("a", 1.0, bins=4),))
    current, reference = drift_figure(report, "a")["data"]
    assert len(current["x"]) == len(current["y"]) == 10
    assert current["y"][0] == current["y"][-1] == 0.0
    assert current["x"][0] == current["x"][1]
    assert current["fill"] == "tozeroy"
    assert "fill" not in reference
    column = report.column("a")
    assert reference["y"][1:-1:2] == pytest.approx(column.distribution.reference, rel=1e-4)


def test_times_stand_on_a_date_axis():
    figure = drift_figure(made.full(), "time_hour")
    assert figure["layout"]["xaxis"]["type"] == "date"
    assert figure["data"][0]["x"][0].startswith("2013-01-01 00:00:00")


def test_levels_are_categories_even_if_they_look_like_numbers():
    drawn = Distribution((0.5, 0.5), (0.4, 0.6), levels=("1", "2013"))
    figure = drift_figure(made.report((made.levelled("a", distribution=drawn),)), "a")
    assert figure["layout"]["xaxis"]["type"] == "category"
    assert figure["data"][0]["x"] == ["1", "2013"]


def test_levels_that_look_the_same_stay_apart():
    drawn = Distribution((0.5, 0.5), (0.4, 0.6), levels=("x" * 500 + "1", "x" * 500 + "2"))
    figure = drift_figure(made.report((made.levelled("a", distribution=drawn),)), "a")
    assert len(set(figure["data"][0]["x"])) == 2


def test_an_unknown_column_is_named_with_the_nearest():
    with pytest.raises(UsageError, match=r"no column 'dep_dela'.* 'dep_delay'"):
        drift_figure(made.full(), "dep_dela")


def test_a_column_without_a_distribution_says_why():
    report = made.report((made.lone("gate", DriftState.NEW, "only in the current data"),))
    with pytest.raises(UsageError, match="only in the current data"):
        drift_figure(report, "gate")


def test_windows_are_a_heat_map_with_signs():
    figure = windows_figure(made.full())
    (heat,) = checked(figure)["data"]
    assert heat["type"] == "heatmap"
    assert heat["y"][0] == "dep_delay"
    assert list(heat["text"][3]) == list("·····▲▲▲▲▲▲▲")
    assert len(heat["z"]) == len(heat["y"])
    assert {len(row) for row in heat["z"]} == {12}


def test_a_window_without_a_column_is_empty_there():
    report = made.full()
    first = replace(report.windows[0], cells=())
    (heat,) = checked(windows_figure(replace(report, windows=(first, *report.windows[1:]))))["data"]
    assert heat["z"][0][0] is None


def test_without_windows_the_figure_is_empty():
    assert checked(windows_figure(made.report()))["data"] == []


def test_hostile_names_are_text_for_plotly():
    report = made.hostile()
    for name in made.HOSTILE_NAMES:
        assert "<" not in json.dumps(drift_figure(report, name)["layout"])
        assert all("<" not in label for label in drift_figure(report, name)["data"][0]["x"])
    (heat,) = checked(windows_figure(report))["data"]
    assert not any("<" in label for label in (*heat["x"], *heat["y"]))
