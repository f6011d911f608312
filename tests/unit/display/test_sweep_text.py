from __future__ import annotations

import re
from dataclasses import replace

import pytest

from nbship.display.plain_line import columns
from nbship.display.sweep_text import sweep_changes, sweep_table
from nbship.display.sweep_view import best_words, param_text, sweep_view
from nbship.model.pipeline import SweepPoint, SweepReport
from nbship.model.step import StepFailure, StepProgress, StepState

FAILURE = StepFailure("exception", "ValueError: no rows", cell=3, source="x")


def point(index: int, state=StepState.COMPLETED, auc: float | None = None, **parts) -> SweepPoint:
    metrics = {} if auc is None else {"rmse": 1.0, "auc": auc}
    params = {"lr": 0.1 * (index + 1), "depth": 3, "kind": "gbm"}
    return SweepPoint(**{"index": index, "params": params, "state": state, "metrics": metrics, **parts})


def report(*points: SweepPoint, **parts) -> SweepReport:
    return SweepReport(
        **{"name": "train", "notebook": "train.ipynb", "points": points, "metric": "auc", **parts}
    )


def sample() -> SweepReport:
    return report(
        point(0, auc=0.9, seconds=2.0, run="a" * 32),
        point(1, auc=0.93, seconds=3.0, run="b" * 32),
        point(2, StepState.FAILED, failure=FAILURE, output_path="out/2.ipynb", seconds=1.0),
        point(3, StepState.RUNNING, progress=StepProgress("t", 1, 3, 4.0)),
        point(4, StepState.WAITING),
        best=1,
        seconds=9.0,
        run="c" * 32,
    )


def test_a_table_of_what_varies_and_what_came_out():
    assert sweep_table(sample(), width=200).splitlines() == [
        "✗ train failing · 5 points: 2 completed, 1 failed, 1 running, 1 waiting · 9 s · best lr=0.2 auc 0.93 · nbship show cccccccc",
        "  all with depth=3 kind=gbm",
        "  #  state         lr   auc  rmse  time  run",
        "  1  ✓ completed  0.1   0.9     1   2 s  aaaaaaaa",
        "★ 2  ✓ completed  0.2  0.93     1   3 s  bbbbbbbb  best",
        "  3  ✗ failed     0.3               1 s",
        "  4  ▸ ███░░░░░░  0.4               4 s            1/3 cells",
        "  5  · waiting    0.5",
        "  ✗ lr=0.3: ValueError: no rows in cell 4",
        "      notebook out/2.ipynb",
    ]


def test_of_many_points_the_best_are_shown_and_the_others_counted():
    points = [point(i, auc=i / 100) for i in range(60)]
    points[5] = point(5, StepState.FAILED, failure=FAILURE)
    points[6] = point(6, StepState.RUNNING)
    view = sweep_view(report(*points, best=59))
    assert [p.index for p in view.points] == [6, *range(41, 60)]
    assert view.left_out == "40 more points: 39 completed, 1 failed"
    assert [p.index for p in view.failures_left_out] == [5]
    assert sweep_view(report(*points, best=0, maximize=False)).points[:3] == tuple(points[:3])


@pytest.mark.parametrize("count", [3, 200])
def test_a_table_fits_the_rows_and_columns_that_there_are(count):
    points = [point(i, auc=i / 1000, run="a" * 32) for i in range(count)]
    lines = sweep_table(report(*points, best=0), width=60, height=20).splitlines()
    assert len(lines) <= 20
    assert all(columns(line) <= 60 for line in lines[1:])


def test_colour_changes_nothing_but_colour():
    plain, coloured = (sweep_table(sample(), colour=colour) for colour in (False, True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain != coloured


def test_a_sweep_without_points_or_metric_is_told_too():
    assert "no points" in sweep_table(report())
    text = sweep_table(report(point(0, StepState.WAITING), metric=None))
    assert "not run yet" in text
    assert best_words(report(point(0), best=7)) == ""


def test_a_point_that_varies_in_nothing_has_its_number():
    assert best_words(report(point(0, auc=0.5), best=0)) == "best point 1 auc 0.5"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        (1e-05, "1e-05"),
        (3, "3"),
        (True, "True"),
        (None, "None"),
        ("gbm", "gbm"),
        ([1], "[1]"),
    ],
)
def test_parameters_are_shown_without_noise(value, text):
    assert param_text(value) == text


def test_points_that_end_are_told_with_how_many_have():
    first = report(point(0, StepState.RUNNING), point(1, StepState.WAITING))
    second = replace(first, points=(point(0, auc=0.9, seconds=2.0), point(1, StepState.RUNNING)))
    third = replace(first, points=(second.points[0], point(1, StepState.FAILED, failure=FAILURE)))
    assert sweep_changes(None, first) == ["sweep train: 2 points"]
    assert sweep_changes(first, second) == ["✓ 1/2 lr=0.1 completed · 2 s · auc 0.9 · rmse 1"]
    assert sweep_changes(second, third) == ["✗ 2/2 lr=0.2 failed · ValueError: no rows"]
    assert sweep_changes(third, third) == []


def test_control_characters_do_not_reach_the_terminal():
    bad = "\x1b[2J\r\n"
    points = [
        SweepPoint(0, {bad: bad, "b": 1}, StepState.COMPLETED, {bad: 1.0}, run=bad),
        SweepPoint(1, {bad: "x"}, StepState.FAILED, failure=StepFailure("exception", bad), output_path=bad),
    ]
    text = sweep_table(report(*points, name=bad, metric=bad, best=0, run=bad, warnings=(bad,)))
    text += "\n".join(sweep_changes(None, report(*points, name=bad)))
    assert not set(text) & {"\x1b", "\r"}
