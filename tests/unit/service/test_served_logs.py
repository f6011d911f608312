from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import nbship
from nbship.errors import UsageError
from nbship.model.profile import Profile
from nbship.profiling.build import profile

HEADER = {
    "nbship_log": 1,
    "model": "m",
    "model_digest": "d" * 64,
    "run_id": "r",
    "columns": [
        {"name": "delay", "type": "double"},
        {"name": "carrier", "type": "string"},
        {"name": "day", "type": "datetime"},
    ],
}


def line(number: int, delay: float, prediction: object = 0, **more) -> str:
    inputs = {"delay": delay, "carrier": "UA", "day": "2013-01-02T00:00:00"}
    record = {"ts_ms": 1_700_000_000_000 + number * 1000, "id": f"q{number}", "row": 0, "inputs": inputs}
    return json.dumps(record | {"prediction": prediction, "latency_ms": 0.1} | more) + "\n"


def write_log(folder, delays, extra="", prediction=0):
    folder.mkdir()
    lines = "".join(line(number, delay, prediction) for number, delay in enumerate(delays))
    (folder / "predictions-1.jsonl").write_text(json.dumps(HEADER) + "\n" + lines + extra)
    return folder


@pytest.fixture
def reference(monkeypatch, tmp_path) -> Profile:
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "delay": generator.normal(size=500),
            "carrier": "UA",
            "day": pd.Timestamp("2013-01-02"),
            "unused": 1.0,
            "late": generator.integers(0, 2, 500),
        }
    )
    return profile(frame, name="train")


def test_a_log_is_compared_in_the_columns_that_the_model_is_asked_for(reference, tmp_path):
    folder = write_log(tmp_path / "log", np.random.default_rng(1).normal(5.0, size=300))
    report = nbship.drift(reference, str(folder))
    assert {column.name: column.drifted for column in report.columns} == {
        "delay": True,
        "carrier": False,
        "day": False,
    }
    assert any("2 columns of the reference are not in the log" in note for note in report.notes)


def test_one_segment_is_a_log_as_well(reference, tmp_path):
    folder = write_log(tmp_path / "log", np.random.default_rng(1).normal(size=300))
    report = nbship.drift(reference, str(folder / "predictions-1.jsonl"))
    assert not report.drifted


def test_a_torn_last_line_is_told_and_costs_nothing_else(reference, tmp_path):
    folder = write_log(tmp_path / "log", np.random.default_rng(1).normal(size=300), line(1, 2.0)[:-9])
    report = nbship.drift(reference, str(folder))
    assert any("1 lines of the log could not be read" in note for note in report.notes)


def test_windows_are_cut_by_the_time_of_the_requests(reference, tmp_path):
    folder = write_log(tmp_path / "log", np.random.default_rng(1).normal(size=300))
    report = nbship.drift(reference, str(folder), by="min", time="asked_at")
    assert len(report.windows) >= 5


def test_a_log_can_be_profiled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = write_log(tmp_path / "log", [1.0, 2.0])
    assert [column.name for column in nbship.profile(str(folder)).columns] == ["delay", "carrier", "day"]


def test_a_folder_without_a_log_and_an_empty_log_are_one_clear_error(reference, tmp_path):
    (tmp_path / "other").mkdir()
    with pytest.raises(UsageError, match="a folder without a prediction log, which"):
        nbship.drift(reference, str(tmp_path / "other"))
    with pytest.raises(UsageError, match="the model was not asked yet"):
        nbship.drift(reference, str(write_log(tmp_path / "empty", [])))


def test_a_log_is_no_reference(reference, tmp_path):
    folder = write_log(tmp_path / "log", [1.0, 2.0])
    with pytest.raises(UsageError, match="is the current side"):
        nbship.drift(str(folder), reference)
