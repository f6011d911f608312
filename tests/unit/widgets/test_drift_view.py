# ruff: noqa: RUF001 - signs are typeset on purpose
from __future__ import annotations

import json
from dataclasses import replace

import pytest

import drift_reports as made
from markup import Markup
from nbship.errors import UsageError
from nbship.model.drift import DriftOptions

pytest.importorskip("ipywidgets")

from ipywidgets.embed import dependency_state

from nbship.widgets.drift_view import DriftView


def listed(view: DriftView) -> list[str]:
    return [text for text, _ in view.columns.picker.options]


def saved(view: DriftView) -> int:
    """Return how many bytes the view adds to a saved notebook: its output and the state of its widgets."""
    return len(json.dumps(view._repr_mimebundle_())) + len(json.dumps(dependency_state([view])))


def test_the_first_column_is_drawn_and_no_other():
    view = DriftView(made.full())
    words = Markup(view.plot.value).words
    assert "dep_delay — ▲ drifted" in words
    assert "values moved by 0.42" in words
    assert view.plot.value.count("<svg") == 1
    assert "5 of 14 columns drifted" in Markup(view.head.value).words


def test_choosing_a_column_draws_it():
    view = DriftView(made.full())
    view.columns.picker.value = 3
    assert "carrier — ▲ drifted" in Markup(view.plot.value).words


def test_the_search_narrows_the_list_and_keeps_the_choice():
    view = DriftView(made.full())
    view.columns.picker.value = 9
    view.columns.search.value = "DIST"
    assert listed(view) == ["✓ distance  0.1×"]
    assert "distance" in view.plot.value
    view.columns.search.value = ""
    assert view.columns.picker.value == 9
    assert len(listed(view)) == len(made.flights())


def test_a_search_without_a_match_says_so_and_keeps_the_drawing():
    view = DriftView(made.full())
    view.columns.search.value = "nothing of that name"
    assert listed(view) == []
    assert "none" in view.columns.more.value
    assert "dep_delay" in view.plot.value


def test_columns_are_sorted_as_asked():
    view = DriftView(made.full())
    assert listed(view)[0] == "▲ dep_delay  4.2×"
    view.order.value = "name"
    assert listed(view)[0].startswith("✓ air_time")
    view.order.value = "missing values"
    assert listed(view)[0].startswith("▲ wind_gust")


def test_of_very_many_columns_the_list_holds_the_first():
    view = DriftView(made.wide())
    assert len(listed(view)) == 100
    assert "200 more: type to find them" in view.columns.more.value
    view.columns.search.value = "sensor_299"
    assert listed(view) == ["✓ sensor_299_reading  0.1×"]


def test_thresholds_are_applied_through_the_button():
    asked: list[DriftOptions] = []

    def recompute(options: DriftOptions):
        asked.append(options)
        return replace(made.report((made.numeric("only"),)), options=options)

    options = DriftOptions(by="MS", columns=("a", "b"))
    view = DriftView(made.report(options=options), recompute)
    view.controls["wasserstein"].value = 0.3
    view.controls["q"].value = 0.01
    view.controls["correction"].value = "holm"
    assert asked == []
    view.apply.click()
    assert asked == [replace(options, wasserstein=0.3, q=0.01, correction="holm")]
    assert view.report.columns[0].name == "only"
    assert listed(view) == ["✓ only  0.1×"]
    assert "None of 1 column drifted" in Markup(view.head.value).words
    assert "only" in view.plot.value
    assert "computed" in view.status.value


def test_the_controls_start_at_the_options_of_the_report():
    options = DriftOptions(q=0.5, wasserstein=7.0, jensen_shannon=0.2, missing=0.0, correction="none")
    view = DriftView(made.report(options=options), lambda _: made.report())
    assert {name: control.value for name, control in view.controls.items()} == {
        "q": 0.5,
        "wasserstein": 7.0,
        "jensen_shannon": 0.2,
        "missing": 0.0,
        "novelty": 0.05,
        "correction": "none",
    }


def test_a_computation_that_fails_is_said_and_leaves_the_report():
    def fail(_: DriftOptions):
        raise UsageError("the file <b>winter.csv</b> is gone")

    view = DriftView(made.full(), fail)
    view.apply.click()
    assert "UsageError: the file &lt;b&gt;winter.csv" in view.status.value
    assert view.report == made.full()
    assert not view.apply.disabled


def test_without_a_way_to_compute_there_are_no_thresholds_to_move():
    assert "Thresholds" not in json.dumps(dependency_state([DriftView(made.full())]))
    assert "Thresholds" in json.dumps(dependency_state([DriftView(made.full(), lambda _: made.full())]))


def test_windows_are_drawn_when_they_are_opened():
    view = DriftView(made.full())
    assert view.windows.value == ""
    view.folded.selected_index = 0
    assert "10 of 12 with drift" in view.windows.value
    view.folded.selected_index = None
    assert view.windows.value == ""


def test_the_bundle_reads_without_a_kernel():
    bundle = DriftView(made.full())._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/plain", "text/html"}
    assert "▲ 5 of 14 columns drifted" in bundle["text/plain"]
    words = Markup(bundle["text/html"]).words
    assert "dep_delay" in words
    assert "… and 8 more columns" in words


@pytest.mark.parametrize("report", [made.full(), made.wide(), made.wide(2000, 300)])
def test_a_saved_notebook_grows_little(report):
    view = DriftView(report, lambda _: report)
    assert saved(view) < 50_000


def test_what_the_still_shows_follows_the_computation():
    view = DriftView(made.full(), lambda _: made.report((made.numeric("only"),)))
    view.apply.click()
    assert "None of 1 column drifted" in view._repr_mimebundle_()["text/plain"]


def test_hostile_strings_stay_text():
    view = DriftView(made.hostile(), lambda _: made.hostile())
    view.folded.selected_index = 0
    for at in range(len(made.HOSTILE_NAMES)):
        view.columns.picker.value = at
        for html in (
            view.head.value,
            view.plot.value,
            view.windows.value,
            view._repr_mimebundle_()["text/html"],
        ):
            assert not Markup(html).strange


def test_a_report_without_columns_is_shown():
    view = DriftView(made.report((), tests=0))
    assert listed(view) == []
    assert "No column could be compared" in Markup(view.head.value).words
