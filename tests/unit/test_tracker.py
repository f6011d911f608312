from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from nbship import service
from nbship.capture.request import TrackRequest
from nbship.capture.watch import CellIdentity, CellOutcome
from nbship.config import load_settings
from nbship.model.event import RunEnded, SessionClosed, SessionOpened
from nbship.recording.journal import read_journal
from nbship.recording.launch import _started
from nbship.tracker import Tracker


def tracker_in(folder: Path, **overrides) -> Tracker:
    """Return the tracking of a kernel that was started in the folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        return Tracker(
            {},
            overrides=lambda: {"environment": False, "git": False, **overrides},
            source_name=lambda configured: configured or "train.ipynb",
            hidden_names=frozenset(),
        )
    finally:
        os.chdir(before)


def track(tracker: Tracker, name: str, params: dict[str, str] | None = None) -> None:
    source = "x = 1"
    tracker.session.cell_began(CellIdentity(1), source, source)
    tracker.session.begin_run(TrackRequest(name, params=params or {}))
    tracker.session.cell_ended(CellOutcome())


def stop_recorder(spool: Path) -> None:
    """End the recorder that was started here, which may not have its lock yet."""
    child, _ = _started.pop(spool)
    child.terminate()
    child.wait()


@pytest.fixture
def empty(tmp_path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def test_a_kernel_that_ends_in_order_leaves_its_runs_in_the_store(empty):
    tracker = tracker_in(empty, exit_wait_seconds=60.0)
    track(tracker, "first", {"lr": "0.1"})
    track(tracker, "second")
    assert tracker.close() is None
    settings = load_settings(empty)
    page = service.runs(settings)
    assert [(run.name, run.status) for run in page.runs] == [("second", "FINISHED"), ("first", "FINISHED")]
    assert page.runs[1].params == {"lr": "0.1"}
    assert "nbship/run.json" in service.show(settings, "first").artifacts
    assert (settings.home / ".gitignore").is_file()
    stop_recorder(settings.spool)


def test_a_kernel_that_tracked_nothing_leaves_nothing(empty):
    tracker = tracker_in(empty)
    assert tracker.close() is None
    assert not (empty / ".nbship").exists()


def test_a_store_that_is_down_lets_the_kernel_go_and_says_what_waits(empty):
    tracker = tracker_in(empty, tracking_uri="http://127.0.0.1:9", exit_wait_seconds=0.2)
    track(tracker, "a")
    began = time.monotonic()
    message = tracker.close()
    assert time.monotonic() - began < 5
    spool = load_settings(empty).spool
    assert message is not None
    assert str(spool) in message
    assert "after 0.2 s" in message
    assert "nbship sync --wait" in message
    assert tracker.close() is None
    stop_recorder(spool)


def test_closing_ends_what_is_open(empty):
    tracker = tracker_in(empty, tracking_uri="http://127.0.0.1:9", exit_wait_seconds=0.0)
    tracker.session.begin_session_run(TrackRequest("s"))
    assert "wait" in tracker.close(restarted=True)
    assert tracker.session.session_run is None
    spool = load_settings(empty).spool
    (journal,) = spool.glob("*/journal.jsonl")
    kinds = [type(entry.event) for entry in read_journal(journal).entries]
    assert kinds[0] is SessionOpened
    assert (kinds.count(RunEnded), kinds[-1]) == (1, SessionClosed)
    stop_recorder(spool)


def test_settings_follow_the_environment_and_the_kernel_but_not_the_folder(
    empty, monkeypatch, tmp_path_factory
):
    tracker = tracker_in(empty)
    first = tracker.settings()
    assert tracker.settings() is first
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert tracker.settings() is first
    monkeypatch.setenv("NBSHIP_EXPERIMENT", "other")
    assert tracker.settings() == replace(
        first,
        experiment="other",
        origins={**first.origins, "experiment": "environment variable NBSHIP_EXPERIMENT"},
    )
    assert tracker.source_name() == "train.ipynb"
    monkeypatch.setenv("NBSHIP_NOTEBOOK", "named.ipynb")
    assert tracker.source_name() == "named.ipynb"


def test_the_status_is_told_as_text_and_html(empty):
    bundle = tracker_in(empty).status()
    assert "session" in bundle["text/plain"]
    assert bundle["text/html"].startswith('<div class="nbship">')
