from __future__ import annotations

from html import escape

import pytest

from nbship.display.track_line import track_line
from nbship.model.report import TrackReport
from nbship.model.run import RunStatus

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=y>"


def report(**parts) -> TrackReport:
    given = {"run": "0123456789ab", "name": "forest", "status": RunStatus.FINISHED, "where": "sqlite:///x"}
    return TrackReport(**{**given, "duration_seconds": 1.5, **parts})


def test_the_line_tells_what_was_recorded_and_how_to_open_it():
    full = report(
        metrics={"auc": 0.91234}, params=2, datasets=("df", "x"), model="m (Ridge)", cells=3, masked=1
    )
    assert track_line(full)["text/plain"] == (
        "✓ forest FINISHED · 1.5 s · auc 0.9123 · 2 params · data df, x · model m (Ridge) · 3 cells"
        " · 1 secret masked · nbship show 01234567"
    )


def test_what_there_is_not_is_not_mentioned():
    assert track_line(report())["text/plain"] == "✓ forest FINISHED · 1.5 s · nbship show 01234567"


def test_the_id_is_the_stores_where_it_is_known():
    assert "nbship show fedcba98" in track_line(report(store_run_id="fedcba9876"))["text/plain"]


def test_of_many_metrics_the_last_are_shown_and_the_rest_counted():
    text = track_line(report(metrics={f"m{i}": i for i in range(6)}))["text/plain"]
    assert "m2 2 · m3 3 · m4 4 · m5 5 · +2 metrics" in text
    assert "m1 " not in text


def test_of_many_datasets_the_first_are_shown_and_the_rest_counted():
    assert "data a, b, c +2 ·" in track_line(report(datasets=tuple("abcde")))["text/plain"]


@pytest.mark.parametrize("reason", ["ValueError: bad\nsecond", "\n", " "])
def test_the_reason_is_one_line(reason):
    bundle = track_line(report(status=RunStatus.FAILED, reason=reason))
    assert len(bundle["text/plain"].splitlines()) == 2
    assert "second" not in bundle["text/html"]


def test_every_warning_is_a_line():
    text = track_line(report(warnings=("one", "two")))["text/plain"]
    assert text.splitlines()[1:] == ["  note: one", "  note: two"]


def test_the_status_is_a_word_and_not_only_a_colour():
    for status in RunStatus:
        bundle = track_line(report(status=status))
        assert status.value in bundle["text/plain"]
        assert f"</b> {status.value}</span>" in bundle["text/html"]


def test_hostile_strings_stay_text():
    html = track_line(
        report(
            run=HOSTILE,
            name=HOSTILE,
            where=HOSTILE,
            reason=HOSTILE,
            metrics={HOSTILE: 1.0},
            datasets=(HOSTILE,),
            model=HOSTILE,
            warnings=(HOSTILE,),
        )
    )["text/html"]
    assert "<script" not in html
    assert "<img" not in html
    assert html.count(escape(HOSTILE)) == 7


def test_no_password_of_the_store_is_kept_in_the_notebook():
    bundle = track_line(report(where="postgresql://bob:hunter2@db/runs"))
    assert "hunter2" not in repr(bundle)
    assert "postgresql://bob:***@db/runs" in bundle["text/html"]
