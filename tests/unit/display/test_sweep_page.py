from __future__ import annotations

import re
from html import escape

import pytest

from nbship.display.sweep_page import sweep_bundle
from nbship.model.pipeline import SweepPoint, SweepReport
from nbship.model.step import StepFailure, StepProgress, StepState

HOSTILE = "\"'><script>alert(1)</script>"
FAILURE = StepFailure("exception", "ValueError: no rows", cell=3, source="x")


def html(*points: SweepPoint, **parts) -> str:
    given = {"name": "train", "notebook": "train.ipynb", "points": points, "metric": "auc", **parts}
    return sweep_bundle(SweepReport(**given))["text/html"]


def done(index: int, auc: float, **parts) -> SweepPoint:
    return SweepPoint(
        **{
            "index": index,
            "params": {"lr": index},
            "state": StepState.COMPLETED,
            "metrics": {"auc": auc},
            **parts,
        }
    )


def bars(text: str) -> list[int]:
    return [int(share) for share in re.findall(r"width:(\d+)%", text)]


def test_the_best_point_is_bold_starred_and_said():
    text = html(done(0, 0.5), done(1, 0.9), best=1)
    assert "<b>★ best</b>" in text
    assert "<b>best lr=1 auc 0.9</b>" in text
    assert "<b>0.9</b>" in text
    assert "<b>0.5</b>" not in text
    assert text.count("nbship-best") == 2  # the rule, and one bar


@pytest.mark.parametrize(
    ("values", "shares"),
    [
        ([1.0, 2.0, 8.0], [12, 25, 100]),  # from zero
        ([0.90, 0.95, 1.0], [9, 55, 100]),  # close together: from a little below the least
        ([-2.0, 0.0, 2.0], [9, 55, 100]),
        ([0.0, 4.0, 4.0], [4, 100, 100]),
    ],
)
def test_bars_are_as_long_as_the_values_are_large(values, shares):
    assert bars(html(*(done(i, value) for i, value in enumerate(values)))) == shares


@pytest.mark.parametrize("values", [[], [0.5], [0.5, 0.5], [float("nan"), float("inf")]])
def test_where_there_is_nothing_to_compare_there_are_no_bars(values):
    assert bars(html(*(done(i, value) for i, value in enumerate(values)))) == []


def test_values_that_are_no_numbers_have_no_bar():
    assert bars(html(done(0, float("nan")), done(1, 1.0), done(2, 4.0))) == [25, 100]


def test_running_failed_and_earlier_points_say_so():
    text = html(
        done(0, 0.5, resumed=True),
        SweepPoint(1, {"lr": 1}, StepState.RUNNING, progress=StepProgress("t", 3, 7, 2.0)),
        SweepPoint(2, {"lr": 2}, StepState.FAILED, failure=FAILURE, output_path="out/2.ipynb"),
    )
    assert "from an earlier sweep" in text
    assert "3/7 cells" in text
    assert "ValueError: no rows — cell 4" in text
    assert "<code>out/2.ipynb</code>" in text


def test_of_many_points_failures_are_told_even_if_they_are_not_shown():
    points = [done(i, i / 100) for i in range(60)]
    points[3] = SweepPoint(3, {"lr": 3}, StepState.FAILED, failure=FAILURE)
    text = html(*points, best=59)
    assert text.count("<tr>") == 21
    assert "… and 40 more points: 39 completed, 1 failed" in text
    assert "lr=3: ValueError: no rows" in text


def test_hostile_strings_stay_text():
    text = html(
        SweepPoint(0, {HOSTILE: HOSTILE, "b": 1}, StepState.COMPLETED, {HOSTILE: 1.0}, run=HOSTILE),
        SweepPoint(
            1, {HOSTILE: 2}, StepState.FAILED, failure=StepFailure("exception", HOSTILE), output_path=HOSTILE
        ),
        name=HOSTILE,
        notebook=HOSTILE,
        metric=HOSTILE,
        best=0,
        run=HOSTILE,
        warnings=(HOSTILE,),
    )
    assert "<script" not in text
    assert escape(HOSTILE) in text
