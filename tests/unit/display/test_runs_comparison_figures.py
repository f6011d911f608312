from __future__ import annotations

import base64
import json
import struct
import subprocess
import sys
from typing import Any

import pytest

from comparisons import HOSTILE, hostile_many, many, run
from nbship.display.runs_comparison_figures import (
    PLOTLY,
    histories_figure,
    parallel_figure,
    runs_comparison_figures,
)
from nbship.model.comparison import MetricSeries, RunsComparison


def numbers(packed: dict[str, str]) -> list[float]:
    data = base64.b64decode(packed["bdata"])
    return list(struct.unpack(f"<{len(data) // 4}{packed['dtype'][0]}", data))


def parallel(comparison: RunsComparison) -> dict[str, Any]:
    figure = parallel_figure(comparison)
    assert figure is not None
    return figure["data"][0]


def histories(comparison: RunsComparison) -> dict[str, Any]:
    figure = histories_figure(comparison)
    assert figure is not None
    return figure


@pytest.mark.parametrize("comparison", [many(6), many(40), many(1200, points=40), hostile_many(HOSTILE)])
def test_plotly_accepts_the_figures(comparison):
    graph_objects = pytest.importorskip("plotly.graph_objects")
    for bundle in runs_comparison_figures(comparison):
        graph_objects.Figure(bundle[PLOTLY])
        json.dumps(bundle, allow_nan=False)


def test_each_figure_has_a_drawing_and_words_for_where_plotly_is_not():
    first, second = runs_comparison_figures(many(20))
    assert first["text/plain"] == "Parallel coordinates of 20 runs"
    assert second["text/plain"] == "Histories of metrics of 20 runs"
    for bundle in (first, second):
        assert '<svg role="img" aria-label="' in bundle["text/html"]


def test_values_over_decades_stand_on_a_logarithmic_axis_with_their_own_ticks():
    dimension = parallel(many(60))["dimensions"][0]
    assert dimension["label"] == "learning_rate (log)"
    assert min(numbers(dimension["values"])) < -3
    assert "0.01" in dimension["ticktext"]
    assert dimension["tickvals"][dimension["ticktext"].index("0.01")] == -2


def test_levels_are_tick_labels():
    dimension = next(one for one in parallel(many(60))["dimensions"] if one["label"] == "class_weight")
    assert dimension["ticktext"] == ["balanced", "none", "sqrt"]
    assert set(numbers(dimension["values"])) == {0.0, 1.0, 2.0}


def test_at_most_a_thousand_lines_are_drawn():
    assert len(numbers(parallel(many(1500, points=0))["dimensions"][0]["values"])) == 1000


def test_numbers_have_six_digits():
    values = numbers(parallel(many(60))["dimensions"][-1]["values"])
    exact = sorted((one.metrics["test_auc"] for one in many(60).runs), reverse=True)
    assert values == pytest.approx(exact, rel=1e-6)


def test_many_histories_are_one_trace_a_metric_with_gaps_and_the_best_above():
    traces = histories(many(30))["data"]
    assert len(traces) == 6  # three metrics: all runs, and the best one
    values, runs = numbers(traces[0]["y"]), numbers(traces[0]["customdata"])
    assert sum(value != value for value in values) == 28  # noqa: PLR0124 - NaN between 29 runs
    assert len(values) == len(numbers(traces[0]["x"])) == len(runs)
    assert len(set(runs)) == 29
    assert traces[1]["name"].startswith("★ #")


def test_few_histories_have_a_line_a_run_told_apart_by_dash_and_name():
    traces = [trace for trace in histories(many(4))["data"] if trace["xaxis"] == "x"]
    assert len(traces) == 4
    assert len({trace["line"].get("dash") for trace in traces}) == 4
    assert len({trace["name"] for trace in traces}) == 4


def test_long_histories_are_thinned_and_keep_their_peaks():
    spike = [0.5] * 10_000
    spike[4321] = 99.0
    one = run(1, metrics={"auc": 0.5})
    series = MetricSeries(one.id, "auc", tuple(map(float, range(10_000))), tuple(spike))
    trace = histories(RunsComparison((one,), metrics=("auc",), histories=(series,)))["data"][0]
    assert len(numbers(trace["y"])) <= 250
    assert max(numbers(trace["y"])) == 99.0
    assert numbers(trace["x"]) == sorted(numbers(trace["x"]))


@pytest.mark.parametrize(
    "values", [(), (1.0,), (float("nan"), float("inf"), float("nan")), (1e308, -1e308), (2.0, 2.0, 2.0)]
)
def test_odd_histories_raise_nothing(values):
    one = run(1, metrics={"auc": 0.5}, params={"p": "1"})
    series = MetricSeries(one.id, "auc", tuple(map(float, range(len(values)))), values)
    unknown = MetricSeries("gone", "auc", (0.0, 1.0), (0.0, 1.0))
    for bundle in runs_comparison_figures(
        RunsComparison((one,), ("p",), ("auc",), histories=(series, unknown))
    ):
        json.dumps(bundle, allow_nan=False)
        assert "nan" not in bundle["text/html"]


def test_where_there_is_nothing_to_draw_there_is_no_figure():
    assert runs_comparison_figures(RunsComparison((run(1), run(2)))) == []
    assert parallel_figure(RunsComparison(())) is None


def test_names_are_escaped_for_plotly_except_where_it_shows_them_as_they_are():
    trace = parallel(hostile_many("<b>$x$ %{y}</b>"))
    assert trace["dimensions"][0]["label"] == "&lt;b&gt;&#36;x&#36; %&#123;y}&lt;/b&gt;"
    assert trace["dimensions"][0]["ticktext"][0].startswith("<b>$x$ %{y}</b>")


def test_figures_are_made_without_plotly_and_without_numpy():
    code = (
        "import sys; from comparisons import many; import nbship.display.runs_comparison_figures as f;"
        "assert len(f.runs_comparison_figures(many(5))) == 2; assert not {'plotly', 'numpy', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=__file__.rsplit("/unit/", 1)[0])
