from __future__ import annotations

import re
from dataclasses import replace

import pytest

from nbship.display.pipeline_text import pipeline_changes, pipeline_tree
from nbship.display.plain_line import clip, columns, fit
from nbship.model.pipeline import PipelineReport, StepReport
from nbship.model.step import StepFailure, StepProgress, StepState

FAILURE = StepFailure(
    "exception", "ValueError: no rows", cell=3, execution_count=2, source="\nframe.iloc[0]\n"
)


def report(*steps: StepReport, edges=(), **parts) -> PipelineReport:
    return PipelineReport(
        **{"name": "churn", "path": "pipeline.toml", "steps": steps, "edges": edges, **parts}
    )


def test_a_line_a_step_with_state_time_run_reason_and_what_it_waits_for():
    text = pipeline_tree(
        report(
            StepReport(
                "load", StepState.COMPLETED, "cell 3 changed", 1.23, metrics={"rows": 9}, run="a" * 32
            ),
            StepReport("clean", StepState.CACHED, "nothing changed", run="b" * 32),
            StepReport("train"),
            edges=(("load", "train"), ("clean", "train")),
            seconds=2.0,
            run="c" * 32,
        )
    )
    assert text.splitlines() == [
        "▸ churn running · 3 steps: 1 completed, 1 cached, 1 waiting · 2 s · nbship show cccccccc",
        "  ✓ load   completed  1.2 s  aaaaaaaa  rows 9 · cell 3 changed",
        "  ≡ clean  cached            bbbbbbbb  nothing changed",
        "  · train  waiting                     after load, clean",
    ]


def test_a_pipeline_that_has_not_run_has_no_empty_columns():
    assert pipeline_tree(report(StepReport("load"))).splitlines()[1] == "  · load  waiting"


def test_a_running_step_has_a_bar():
    step = StepReport("train", StepState.RUNNING, progress=StepProgress("train", 1, 3, 4.0, "fit()"))
    assert "▸ train  ███░░░░░░  4 s  1/3 cells · about 8 s left · fit()" in pipeline_tree(report(step))


def test_a_failed_step_says_what_where_and_in_which_notebook():
    step = StepReport("train", StepState.FAILED, failure=FAILURE, output_path="x" * 120 + ".ipynb")
    assert pipeline_tree(report(step), width=60).splitlines()[2:] == [
        "      ValueError: no rows",
        "      in cell 4 (In [2]): frame.iloc[0]",
        f"      notebook {'x' * 120}.ipynb",
    ]


def test_a_step_that_is_tried_again_says_so():
    step = StepReport("train", StepState.WAITING, "input changed", attempts=2, failure=FAILURE)
    assert "input changed · 2 attempts · waits for attempt 3" in pipeline_tree(report(step))


@pytest.mark.parametrize("width", [40, 60, 100])
def test_no_line_of_a_step_is_wider_than_the_terminal(width):
    steps = [
        StepReport(f"{'名前' * i}{i}", StepState.COMPLETED, "because " * 30, 3.0, run="a" * 32)
        for i in range(9)
    ]
    text = pipeline_tree(report(*steps, seconds=3.0), width=width, colour=False)
    assert all(columns(line) <= max(width, 80) for line in text.splitlines()[1:])


def test_colour_changes_nothing_but_colour():
    steps = [StepReport(state.value, state, "why", failure=FAILURE) for state in StepState]
    plain, coloured = (pipeline_tree(report(*steps), colour=colour) for colour in (False, True))
    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_what_matters_least_is_counted_where_rows_are_few():
    steps = [StepReport(f"s{i}", StepState.COMPLETED) for i in range(30)]
    steps += [StepReport("now", StepState.RUNNING), StepReport("bad", StepState.FAILED, failure=FAILURE)]
    lines = pipeline_tree(report(*steps), height=10).splitlines()
    assert len(lines) <= 10
    assert any("now" in line for line in lines)
    assert any("no rows" in line for line in lines)
    assert "steps more" in lines[-1]


def test_control_characters_do_not_reach_the_terminal():
    bad = "\x1b]0;title\x07\n\r"
    text = pipeline_tree(
        report(
            StepReport(
                bad,
                StepState.FAILED,
                bad,
                failure=StepFailure("exception", bad, 1, source=bad),
                output_path=bad,
            ),
            name=bad,
            warnings=(bad,),
        )
    )
    assert not set(text) & {"\x1b", "\x07", "\r"}
    assert len(text.splitlines()) == 6


def test_changes_are_told_once():
    first = report(StepReport("load", StepState.RUNNING, "never ran before", attempts=1), StepReport("train"))
    load = StepReport("load", StepState.COMPLETED, "never ran before", 1.0, 1, {"rows": 9}, "a" * 32)
    second = replace(first, steps=(load, replace(first.steps[1], state=StepState.RUNNING, attempts=1)))
    failed = replace(second.steps[1], state=StepState.FAILED, failure=FAILURE)
    third = replace(second, steps=(load, failed))

    assert pipeline_changes(None, first) == ["pipeline churn: 2 steps", "▸ load running · never ran before"]
    assert pipeline_changes(first, second) == [
        "✓ load completed · 1 s · rows 9 · never ran before · nbship show aaaaaaaa",
        "▸ train running",
    ]
    assert pipeline_changes(second, third)[1:] == [
        "      ValueError: no rows",
        "      in cell 4 (In [2]): frame.iloc[0]",
    ]
    assert pipeline_changes(third, third) == []


def test_progress_is_no_change():
    step = StepReport("load", StepState.RUNNING, attempts=1)
    later = replace(step, progress=StepProgress("load", 1, 2, 3.0))
    assert pipeline_changes(report(step), report(later)) == []


def test_another_attempt_is_a_change():
    before = StepReport("load", StepState.RUNNING, attempts=1)
    waits = replace(before, state=StepState.WAITING, failure=FAILURE)
    assert "waits for attempt 2" in pipeline_changes(report(before), report(waits))[0]
    again = replace(before, attempts=2)
    assert pipeline_changes(report(waits), report(again)) == ["▸ load running · 2 attempts"]


@pytest.mark.parametrize(
    ("text", "width", "clipped"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("数据清洗", 5, "数据…"),
        ("a\nb", 9, "a b"),
        ("", 0, ""),
        ("ab", 0, ""),
    ],
)
def test_text_is_clipped_by_columns(text, width, clipped):
    assert clip(text, width) == clipped
    assert columns(fit(text, width)) == width
