from __future__ import annotations

import math
from html import escape

from nbship.display.run_table import run_text, runs_bundle, runs_text
from nbship.model.run import DatasetSummary, Run, RunPage, RunStatus

HOSTILE = "\"'><script>alert(1)</script>"
ANSI = "a\x1b]0;title\x07\x1b[31mred\nnext\r\tend"


def run(number: int = 0, **parts) -> Run:
    given = {"id": f"{number:032x}", "name": f"run-{number}", "status": RunStatus.FINISHED, "experiment": "e"}
    return Run(**{**given, "started_ms": 1_700_000_000_000, "ended_ms": 1_700_000_001_500, **parts})


def page(*runs: Run, **parts) -> RunPage:
    return RunPage(runs, tracking_uri="sqlite:///x", **parts)


def test_an_empty_store_says_how_to_begin():
    bundle = runs_bundle(page())
    assert bundle["text/plain"].startswith("No runs in sqlite:///x. Write %%track")
    assert "No runs in sqlite:///x." in bundle["text/html"]
    secret = RunPage((), tracking_uri="http://bob:hunter2@host")
    assert "hunter2" not in repr(runs_bundle(secret))


def test_a_row_a_run_and_the_columns_stand_in_line():
    runs = (
        run(0, metrics={"auc": 0.5}),
        run(1, name="a-longer-name", status=RunStatus.RUNNING, ended_ms=None),
    )
    lines = runs_text(page(*runs)).splitlines()
    assert len(lines) == 3
    assert lines[0].split() == ["name", "id", "started", "took", "auc"]
    assert (
        len({line.index(text) for line, text in zip(lines, ("id", "00000000", "00000000"), strict=True)}) == 1
    )
    assert lines[1].split()[-1] == "0.5"
    assert "… RUNNING" in lines[2]
    assert "—" in lines[2]


def test_metrics_of_most_runs_and_parameters_that_differ_get_columns():
    runs = [run(i, params={"lr": str(i), "same": "1"}, metrics={"auc": i, f"own{i}": 1}) for i in range(9)]
    head = runs_text(page(*runs)).splitlines()[0].split()
    assert head[4] == "auc"
    assert len(head) == 4 + 6 + 1
    assert head[-1] == "lr"


def test_more_is_announced():
    bundle = runs_bundle(page(run(), more=True))
    assert "… and more" in bundle["text/plain"]
    assert "… and more" in bundle["text/html"]


def test_hostile_strings_stay_text_in_a_list():
    runs = [
        run(i, name=HOSTILE, params={HOSTILE: f"{i}{HOSTILE}"}, metrics={HOSTILE: math.nan}) for i in range(2)
    ]
    html = runs_bundle(page(*runs))["text/html"]
    assert "<script" not in html
    assert escape(HOSTILE) in html


def test_control_characters_reach_no_terminal_and_break_no_line():
    odd = run(0, name=ANSI, params={ANSI: "x" + ANSI}, metrics={ANSI: 1.0}, tags={"nbship.reason": ANSI})
    listed = runs_text(page(odd, run(1)))
    assert len(listed.splitlines()) == 3
    shown = run_text(odd, {"artifacts": [ANSI], "warnings": [ANSI]})
    for text in (listed, shown):
        assert all(char.isprintable() or char == "\n" for char in text)


def test_a_run_is_shown_section_by_section():
    one = run(
        7,
        params={"lr": "0.1"},
        metrics={"auc": 0.5},
        datasets=(DatasetSummary("df", "d1", 1234), DatasetSummary("x", "d2")),
        tags={"mlflow.source.name": "train.ipynb", "nbship.model": "m (Ridge)"},
    )
    lines = run_text(one, {"artifacts": ["model/a"], "warnings": ["careful"]}).splitlines()
    assert lines[0].startswith("✓ run-7   FINISHED")
    assert lines[1] == f"  id          {one.id}"
    assert "  notebook    train.ipynb" in lines
    assert "  model       m (Ridge)" in lines
    sections = [line for line in lines[1:] if line and not line.startswith(" ")]
    assert sections == ["parameters", "metrics", "datasets", "artifacts", "warnings"]
    assert "  df  d1   1,234 rows" in lines
    assert "  x   d2" in lines
    assert "  1.  careful" in lines


def test_empty_sections_are_left_out():
    assert len(run_text(run(), {}).splitlines()) == 3


def test_only_the_start_of_long_values_is_listed_and_all_of_them_shown():
    long = "x" * 10_000
    runs = [run(0, params={"p": long}), run(1, params={"p": "y"})]
    assert max(map(len, runs_text(page(*runs)).splitlines())) < 200
    assert long in run_text(runs[0], {})
