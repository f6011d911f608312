from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

import pytest

from nbship.config import load_settings
from nbship.display.doctor_text import doctor_text
from nbship.display.queue_text import queue_text
from nbship.display.status_page import status_bundle
from nbship.display.tour_text import tour_text
from nbship.recording.status import Outage, SpoolStatus

HOSTILE = "\"'><script>alert(1)</script>"
OUTAGE = Outage("http://bob:hunter2@mlflow:5000", "connection refused", 1_700_000_000_000)
WAITING = SpoolStatus(sessions=2, events=5, size_bytes=1234, oldest_ms=1_700_000_000_000, recorder_pid=77)


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    return load_settings(tmp_path)


# nbship sync


def test_an_empty_queue_is_one_line():
    assert queue_text(SpoolStatus().to_dict()) == "Nothing waits: every run is in the store."


def test_what_waits_is_told_with_what_keeps_it():
    status = replace(WAITING, outages=(OUTAGE,), set_aside=("/s/odd",), left_alone=("s9: too new",))
    lines = queue_text(status.to_dict()).splitlines()
    assert "5 events from 2 kernels" in lines[0]
    assert "1,234 bytes" in lines[0]
    assert lines[1] == "The recorder runs (pid 77)."
    assert lines[2].endswith(": connection refused")
    assert lines[3:] == ["Set aside, because it could not be read: /s/odd", "Left alone: s9: too new"]


def test_an_outage_is_told_with_its_day_and_without_the_password():
    text = queue_text(replace(WAITING, outages=(OUTAGE,)).to_dict())
    assert "2023-11-1" in text
    assert "hunter2" not in text


# nbship doctor


def diagnosis(*checks: tuple[str, bool | None, str, str]) -> dict:
    named = [dict(zip(("name", "ok", "found", "hint"), check, strict=True)) for check in checks]
    settings = [{"name": "quiet", "value": "False", "origin": "default"}]
    return {"healthy": True, "checks": named, "settings": settings}


def test_a_diagnosis_is_a_line_a_check_with_a_sign_and_then_the_settings():
    text = doctor_text(
        diagnosis(
            ("python", True, "3.11", ""), ("store", False, "x", "is down"), ("papermill", None, "no", "")
        )
    )
    assert text.splitlines() == [
        "✓ python     3.11",
        "✗ store      x   (is down)",
        "– papermill  no",  # noqa: RUF001 - the sign is typeset on purpose
        "",
        "settings",
        "  quiet  False  default",
    ]


# %track status


def test_the_status_tells_where_runs_go_and_what_is_captured(settings):
    settings = replace(settings, git=False, models=False)
    text = status_bundle(settings, None, SpoolStatus().to_dict())["text/plain"]
    rows = {line[:13].strip(): line[13:].strip() for line in text.splitlines()}
    assert rows["session"].startswith("off")
    assert rows["runs go to"] == f"{settings.tracking_uri} (this machine)"
    assert rows["switched off"] == "models, git"
    assert "commit" not in rows["captured"]
    assert rows["queue"] == "empty; no recorder is running"
    assert "kept in" not in rows


def test_the_status_tells_what_is_not_as_usual(settings):
    settings = replace(settings, origins={**settings.origins, "home": "the project is read-only"})
    spool = replace(WAITING, outages=(OUTAGE,), set_aside=("/s/odd",)).to_dict()
    text = status_bundle(settings, "s", spool)["text/plain"]
    assert "on, run s" in text
    assert "because the project is read-only" in text
    assert "recorder runs (pid 77)" in text
    assert "connection refused" in text
    assert "/s/odd" in text


@pytest.mark.parametrize(
    ("uri", "local"),
    [("http://127.0.0.1:5000", True), ("http://localhost:5000", True), ("http://mlflow.example.org", False)],
)
def test_the_status_says_whether_runs_leave_this_machine(settings, uri, local):
    text = status_bundle(replace(settings, tracking_uri=uri), None, SpoolStatus().to_dict())["text/plain"]
    assert ("(this machine)" in text) is local


def test_the_status_shows_no_password_and_hostile_strings_as_text(settings):
    settings = replace(settings, tracking_uri="http://bob:hunter2@h", experiment=HOSTILE)
    bundle = status_bundle(settings, HOSTILE, SpoolStatus(set_aside=(HOSTILE,)).to_dict())
    assert "hunter2" not in repr(bundle)
    assert "<script" not in bundle["text/html"]
    assert bundle["text/html"].count(escape(HOSTILE)) == 3


# nbship demo


@dataclass(frozen=True)
class Step:
    notebook: str = "01-track.ipynb"
    done: int = 3
    total: int = 12
    seconds: float = 2.0
    heading: str = "%%track forest"


def test_the_tour_ends_with_commands_that_can_be_pasted(settings, tmp_path, monkeypatch):
    folder = tmp_path / "my tour"
    folder.mkdir()
    notebook = folder / "01-track.ipynb"
    text = tour_text(folder, [notebook], settings)
    assert f"cd '{folder}' && nbship runs" in text
    assert str(folder / "01-track.executed.ipynb") in text
    monkeypatch.chdir(folder)
    assert "cd " not in tour_text(Path(), [notebook], settings)
    hidden = tour_text(folder, [notebook], replace(settings, tracking_uri="http://bob:hunter2@h"))
    assert "hunter2" not in hidden
