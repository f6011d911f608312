from __future__ import annotations

import subprocess
import sys

import pytest

from nbship.errors import SpoolError
from nbship.recording import launch
from nbship.recording.launch import ensure_recorder
from nbship.recording.layout import LOCK
from nbship.recording.lock import FileLock

START = """
import os, sys
from pathlib import Path
from nbship.recording.launch import ensure_recorder
spool = Path(sys.argv[1])
print(ensure_recorder(spool, 0.1), ensure_recorder(spool, 0.1))
"""


def test_nothing_is_started_beside_a_running_recorder(tmp_path):
    lock = FileLock(tmp_path / LOCK)
    assert lock.acquire()
    assert ensure_recorder(tmp_path) is False
    lock.release()
    assert not (tmp_path / "recorder.log").exists()


def test_a_process_that_starts_a_recorder_ends_without_a_word(tmp_path):
    command = [sys.executable, "-W", "error", "-X", "dev", "-c", START, str(tmp_path / "spool")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout, done.stderr) == ("True False\n", "")


def test_a_spool_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SpoolError, match="cannot start the recorder"):
        ensure_recorder(tmp_path / "file")


def test_the_recorder_does_not_inherit_what_belongs_to_the_tracked_cell(monkeypatch):
    monkeypatch.setenv("MLFLOW_RUN_ID", "a")
    monkeypatch.setenv("NBSHIP_ACTIVE_RUN", "a")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "kept")
    environment = launch._environment()
    assert not {"MLFLOW_RUN_ID", "NBSHIP_ACTIVE_RUN"} & environment.keys()
    assert environment["MLFLOW_TRACKING_TOKEN"] == "kept"


def test_a_large_log_makes_room_for_a_new_one(tmp_path, monkeypatch):
    monkeypatch.setattr(launch, "LOG_SIZE_BYTES", 3)
    (tmp_path / "recorder.log").write_text("many lines")
    launch._rotate(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["recorder.log.1"]
