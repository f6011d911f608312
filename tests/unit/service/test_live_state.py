from __future__ import annotations

import json
from dataclasses import replace

import pytest

from nbship import service
from nbship.config import load_settings
from nbship.model.event import RunBegan, SessionOpened
from nbship.recording.journal import SpoolWriter
from nbship.recording.live import LiveView
from nbship.recording.process import this_process

SECRET_URI = "postgresql://somebody:geheim@db/mlflow"


@pytest.fixture
def settings(tmp_path):
    return replace(load_settings(tmp_path), tracking_uri=SECRET_URI, experiment="flights")


@pytest.fixture
def view(settings):
    made = LiveView(settings.spool)
    yield made
    made.close()


def test_a_project_where_nothing_runs(settings, view):
    state = service.live(settings, view)
    assert (state.sessions, state.outage, state.spool.drained) == ((), None, True)
    assert not settings.home.exists()


def test_what_runs_what_waits_and_an_outage_are_told_without_the_password(settings, view):
    writer = SpoolWriter.create(settings.spool, SessionOpened("s1", this_process()))
    writer.append(RunBegan("a", "run a", SECRET_URI, "flights", 1))
    outages = {
        "http://other": {"text": "refused", "since_ms": 4},
        SECRET_URI: {"text": f"cannot connect to {SECRET_URI}", "since_ms": 5},
    }
    (settings.spool / "state.json").write_text(json.dumps({"pid": 7, "outages": outages}))
    data = service.live(settings, view).to_dict()
    writer.close()
    text = json.dumps(data, allow_nan=False)
    assert "geheim" not in text
    assert data["tracking_uri"] == "postgresql://somebody:***@db/mlflow"
    assert data["outage"] == {
        "tracking_uri": data["tracking_uri"],
        "text": f"cannot connect to {data['tracking_uri']}",
        "since_ms": 5,
    }
    assert [outage["text"] for outage in data["spool"]["outages"]] == ["refused", data["outage"]["text"]]
    assert (data["experiment"], data["spool"]["events"]) == ("flights", 2)
    assert [run["name"] for session in data["sessions"] for run in session["runs"]] == ["run a"]
