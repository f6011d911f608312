from __future__ import annotations

from dataclasses import replace

import pytest

from nbship.display.explanation import explanation
from nbship.display.step_text import STATE_SIGNS, bar, failure_text, progress_line, step_text
from nbship.model.pipeline import PipelineReport, StepReport
from nbship.model.step import CellState, CellTiming, StepFailure, StepProgress, StepResult, StepState

CELLS = (CellTiming(0, CellState.COMPLETED, 1.0), CellTiming(2, CellState.COMPLETED, 0.5))
DONE = StepResult("train", StepState.COMPLETED, 1.5, cells=CELLS, output_path="out.ipynb", run="f" * 32)
FAILURE = StepFailure(
    "exception",
    "ValueError: no rows",
    3,
    2,
    "a = 1\nraise ValueError('no rows')",
    ("Traceback", "ValueError"),
)


def test_every_state_has_a_sign():
    assert STATE_SIGNS.keys() == {state.value for state in StepState}
    assert all(len(sign) == 1 for sign in STATE_SIGNS.values())


@pytest.mark.parametrize(
    ("done", "total", "filled"), [(0, 4, 0), (1, 4, 6), (4, 4, 24), (0, 0, 0), (2, 3, 16)]
)
def test_a_bar_shows_the_share_that_is_done(done, total, filled):
    assert bar(done, total) == "█" * filled + "░" * (24 - filled)


def test_progress_tells_the_time_that_is_left_once_it_can():
    first = progress_line(StepProgress("train", 0, 4, 0.0, "import pandas"))
    assert "0/4 cells" in first
    assert "left" not in first
    assert "import pandas" in first
    later = progress_line(StepProgress("train", 1, 4, 10.0, "fit()"))
    assert "1/4 cells  10 s · about 30 s left  fit()" in later


def test_each_progress_line_covers_the_one_before():
    lines = [progress_line(StepProgress("s" * n, 1, 2, 1.0, "h" * n)) for n in (1, 50, 500)]
    assert {len(line) for line in lines} == {110}
    assert not any("\n" in line for line in lines)


def test_a_step_that_went_well_is_told_in_four_lines():
    result = replace(DONE, metrics={"auc": 0.91234, "rows": 1000.0})
    assert step_text(result, "abcdef0123456789").splitlines() == [
        "✓ train completed · 1.5 s · 2 of 2 cells",
        "  metrics   auc 0.9123  rows 1,000",
        "  notebook  out.ipynb",
        "  run       nbship show abcdef01",
    ]


def test_what_there_is_not_is_not_told():
    bare = StepResult("train", StepState.CACHED)
    assert step_text(bare) == "≡ train cached · 0 s · 0 of 0 cells"
    assert "notebook" not in step_text(replace(DONE, output_path="-"))
    assert "nbship show ffffffff" in step_text(DONE)


def test_only_the_newest_metrics_are_told_and_all_notes():
    many = replace(DONE, metrics={f"m{i}": float(i) for i in range(9)}, warnings=("one", "two"))
    text = step_text(many)
    assert "m3 3  m4 4" in text
    assert "m2" not in text
    assert text.endswith("  note: one\n  note: two")


def test_a_failure_names_cell_source_traceback_and_notebook():
    result = replace(DONE, state=StepState.FAILED, failure=FAILURE)
    assert failure_text(result, "train.ipynb") == (
        "nbship: train.ipynb failed: ValueError: no rows\n"
        "\ncell 4 (In [2]):\n    a = 1\n    raise ValueError('no rows')\n"
        "\nTraceback\nValueError\n"
        "\nthe notebook up to there: out.ipynb"
    )


def test_a_failure_without_a_cell_is_one_line():
    failure = StepFailure("start", "the kernel 'python3' did not start: x")
    result = StepResult("train", StepState.FAILED, failure=failure)
    assert failure_text(result, "a.ipynb") == "nbship: a.ipynb failed: the kernel 'python3' did not start: x"
    assert failure_text(DONE, "a.ipynb") == ""


def test_a_long_source_is_cut():
    failure = replace(FAILURE, source="\n".join(f"line{i}" for i in range(50)), execution_count=None)
    text = failure_text(replace(DONE, state=StepState.FAILED, failure=failure), "a.ipynb")
    assert "cell 4:\n" in text
    assert "    line19\n    … 30 more lines" in text
    assert "line20" not in text


def test_each_step_of_a_pipeline_says_why_it_ran():
    steps = (
        StepReport("load", StepState.CACHED, "nothing changed"),
        StepReport("clean", StepState.COMPLETED, "clean.py changed"),
        StepReport("train", StepState.FAILED, "input a changed"),
        StepReport("test", StepState.NOT_RUN, "step train failed"),
        StepReport("last"),
    )
    assert explanation(PipelineReport("p", "p.toml", steps)).splitlines() == [
        "load was taken from the cache because nothing changed",
        "clean ran because clean.py changed",
        "train ran because input a changed",
        "test did not run because step train failed",
        "last waits",
    ]
