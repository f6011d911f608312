from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

import pytest

from nbship.model.bundle import Bundle, InputColumn, InputTensor, ModelFormat
from nbship.model.served_log import read_log
from nbship.serving.prediction_log import LoggedFeedback, LoggedRequest, PredictionLog
from nbship.serving.request_id import is_sampled
from served_bundles import log_lines, until

BUNDLE = Bundle(
    "iris",
    "r1",
    ModelFormat.SKOPS,
    "model/model.skops",
    "ab" * 32,
    inputs=(InputColumn("age", "double"), InputColumn("name", "string")),
)


def request(number: int, rows: int = 1) -> LoggedRequest:
    return LoggedRequest(1000 + number, f"r-{number}", [[1.5, "a"]] * rows, [number] * rows, 0.25)


def test_what_is_logged_is_read_back(tmp_path):
    log = PredictionLog(BUNDLE, tmp_path)
    log.add(LoggedRequest(1000, "a", [[1.5, "x"], [float("nan"), None]], [0, 1], 0.25))
    log.add(LoggedFeedback(2000, "a", [(1, "late")]))
    log.add(LoggedFeedback(2000, "unknown", [(0, 1)]))
    log.close()
    found = read_log(tmp_path)
    assert [(column.name, column.type) for column in found.columns] == [("age", "double"), ("name", "string")]
    assert found.rows == [[1.5, "x"], [None, None]]
    assert found.predictions == [0, 1]
    assert found.targets == [None, "late"]
    assert found.times_ms == [1000, 1000]
    assert found.model_digests == ("ab" * 32,)
    assert found.run_ids == ("r1",)
    assert (found.unmatched_targets, found.broken_lines) == (1, 0)


def test_lines_reach_the_disk_within_a_moment_while_the_server_runs(tmp_path):
    log = PredictionLog(BUNDLE, tmp_path)
    log.add(request(1))
    until(lambda: log_lines(tmp_path) != [], seconds=10)
    assert log_lines(tmp_path) == [
        {
            "ts_ms": 1001,
            "id": "r-1",
            "row": 0,
            "inputs": {"age": 1.5, "name": "a"},
            "prediction": 1,
            "latency_ms": 0.25,
        }
    ]
    log.close()


def test_redacted_columns_are_not_written(tmp_path):
    log = PredictionLog(BUNDLE, tmp_path, redact=["name"])
    log.add(request(1))
    log.close()
    text = next(tmp_path.iterdir()).read_text()
    assert log_lines(tmp_path)[0]["inputs"] == {"age": 1.5}
    assert json.loads(text.splitlines()[0])["redacted"] == ["name"]
    assert [column.name for column in read_log(tmp_path).columns] == ["age"]


def test_a_sample_keeps_requests_whole_with_their_feedback(tmp_path):
    log = PredictionLog(BUNDLE, tmp_path, sample=0.3)
    for number in range(2000):
        log.add(request(number))
        log.add(LoggedFeedback(9000, f"r-{number}", [(0, 1)]))
    log.close()
    found = read_log(tmp_path)
    assert 480 < len(found.rows) < 720
    assert found.targets == [1] * len(found.rows)
    assert found.unmatched_targets == 0
    assert set(found.request_ids) == {f"r-{n}" for n in range(2000) if is_sampled(f"r-{n}", 0.3)}


def test_all_segments_together_stay_within_the_bound(tmp_path):
    for start in range(0, 40_000, 4000):
        log = PredictionLog(BUNDLE, tmp_path, most_bytes=1 << 20)
        for number in range(start, start + 4000):
            log.add(request(number))
        log.close()
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) > 2
    assert sum(sizes) <= 1 << 20
    found = read_log(tmp_path)
    assert found.predictions[-1] == 39_999
    assert len(found.rows) > 5000


def test_other_files_of_the_folder_are_left_alone(tmp_path):
    (tmp_path / "notes.jsonl").write_text("x" * (1 << 20))
    log = PredictionLog(BUNDLE, tmp_path, most_bytes=1 << 16)
    log.add(request(1))
    log.close()
    assert (tmp_path / "notes.jsonl").exists()
    assert len(read_log(tmp_path).rows) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk is played by /dev/full")
def test_a_full_disk_is_told_once_and_counted(tmp_path, monkeypatch):
    said: list[str] = []
    real = os.open
    monkeypatch.setattr(
        os,
        "open",
        lambda path, *rest: real("/dev/full", os.O_WRONLY) if ".jsonl" in str(path) else real(path, *rest),
    )
    log = PredictionLog(BUNDLE, tmp_path, complain=said.append)
    log.add(request(1, rows=3))
    until(lambda: log.dropped == 3)
    log.add(request(2))
    until(lambda: log.dropped == 4)
    monkeypatch.undo()
    log.add(request(3))
    log.close()
    assert [line.partition(":")[2].split(":")[0].strip() for line in said] == [
        "predictions are not logged",
        "predictions are logged again",
    ]
    assert "No space left" in said[0]
    assert len(read_log(tmp_path).rows) == 1


def test_a_folder_that_cannot_be_made_fails_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    said: list[str] = []
    log = PredictionLog(BUNDLE, tmp_path / "file" / "log", complain=said.append)
    log.add(request(1))
    log.close()
    assert log.dropped == 1
    assert len(said) == 1


def test_memory_is_bounded_while_the_disk_does_not_keep_up(tmp_path):
    log = PredictionLog(BUNDLE, tmp_path)
    entry = request(1, rows=150_000)
    log.add(entry)
    log.add(entry)
    assert log.dropped == 150_000
    log.close()


def test_values_that_json_does_not_know_are_written_all_the_same(tmp_path):
    bundle = Bundle(
        "t",
        "r",
        ModelFormat.SKOPS,
        "m",
        "",
        inputs=(InputColumn("when", "datetime"), InputColumn("raw", "binary")),
    )
    log = PredictionLog(bundle, tmp_path)
    log.add(
        LoggedRequest(1, "a", [[datetime.fromisoformat("2026-01-02T03:04:00"), b"\xff\x00"]], [{"x": 1}], 1.0)
    )
    log.add(LoggedRequest(2, "b", [[None, None]], [2**70], 1.0))
    log.close()
    assert log_lines(tmp_path)[0]["inputs"] == {"when": "2026-01-02T03:04:00Z", "raw": "ff00"}
    assert log.dropped == 1


def test_tensors_are_logged_as_they_are(tmp_path):
    bundle = Bundle("t", "r", ModelFormat.SKOPS, "m", "", tensor=InputTensor("float64", (-1, 2)))
    log = PredictionLog(bundle, tmp_path)
    log.add(LoggedRequest(1, "a", [[1.0, 2.0]], [[0.5, 0.5]], 1.0))
    log.close()
    assert read_log(tmp_path).rows == [[[1.0, 2.0]]]
