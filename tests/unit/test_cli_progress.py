"""`--progress json`: lines for another program."""

from __future__ import annotations

import io
import json
import os
import threading
import time

import pytest

from nbship.cli.progress import (
    INTERVAL_SECONDS,
    ProgressLines,
    StepLines,
    _Lines,
    pipeline_object,
    sweep_object,
)
from nbship.model.pipeline import PipelineReport, StepReport, SweepPoint, SweepReport
from nbship.model.step import (
    CellState,
    CellTiming,
    StepFailure,
    StepProgress,
    StepResult,
    StepState,
)

FAILURE = StepFailure("exception", "ValueError: no", 1, 2, "x" * 9000, tuple(f"line {n}" for n in range(99)))


class Stream(io.StringIO):
    """Text with the time of each write, and an event that tells of the first one."""

    def __init__(self):
        super().__init__()
        self.times = []
        self.written = threading.Event()

    def write(self, text):
        self.times.append(time.monotonic())
        done = super().write(text)
        self.written.set()
        return done

    @property
    def lines(self):
        return self.getvalue().splitlines()

    @property
    def objects(self):
        return [json.loads(line) for line in self.lines if line.startswith("{")]


@pytest.fixture
def stream():
    return Stream()


def number(value):
    return {"n": value}


def test_what_changes_often_is_written_seldom_and_the_last_always(stream):
    with ProgressLines(number, stream) as lines:
        for value in range(1000):
            lines.tell(value)
            stream.written.wait(5)
    assert stream.objects[-1] == {"n": 999}
    assert len(stream.objects) < 10
    between = [after - before for before, after in zip(stream.times, stream.times[1:-1], strict=False)]
    assert all(seconds >= INTERVAL_SECONDS * 0.9 for seconds in between)


def test_nothing_told_is_nothing_written(stream):
    with ProgressLines(number, stream):
        pass
    assert stream.getvalue() == ""


def test_numbers_that_json_has_not_are_text(stream):
    with ProgressLines(lambda value: {"metrics": [{"auc": value}]}, stream) as lines:
        lines.tell(float("nan"))
    assert stream.objects == [{"metrics": [{"auc": "NaN"}]}]


def test_the_log_is_whole_lines_and_no_line_of_it_passes_for_progress(stream):
    with ProgressLines(number, stream) as lines:
        lines.log("stdout", "epoch")
        lines.log("stderr", "a warn")
        lines.tell(1)
        lines.log("stdout", ' 1\n{"n": 7}\nlast')
        lines.log("stderr", "ing\n")
    assert stream.objects == [{"n": 1}]
    assert sorted(line for line in stream.lines if not line.startswith("{")) == [
        ' {"n": 7}', "a warning", "epoch 1", "last"
    ]  # fmt: skip


def test_a_line_that_is_written_over_shows_where_it_is_once_a_second():
    bar = _Lines()
    bar.add("\r 1%", 0.0)
    bar.add("\r 9%", 0.5)
    assert (bar.waits, bar.has_lines, bar.take(0.5, whole=False)) == (True, False, [])
    bar.add("\r20%", 1.0)
    assert bar.take(1.0, whole=False) == ["20%"]
    assert not bar.waits
    bar.add("\r100%\r\nnext", 2.0)
    assert (bar.has_lines, bar.take(2.0, whole=False), bar.take(2.5, whole=False)) == (True, ["100%"], [])
    assert bar.take(2.6, whole=True) == ["next"]


def test_an_empty_line_is_a_line():
    text = _Lines()
    text.add("a\n\nb\n", 0.0)
    assert text.take(0.0, whole=False) == ["a", "", "b"]
    assert text.take(9.0, whole=True) == []


def test_a_log_that_nobody_reads_is_bounded():
    text = _Lines()
    for count in range(600):
        text.add(f"{count:09d}{'x' * 9990}\n", 0.0)
    kept = text.take(0.0, whole=False)
    assert sum(map(len, kept)) < 5_000_000
    assert "left out" in kept[0]
    assert kept[-1].startswith("000000599")


def test_work_goes_on_when_the_reader_is_gone():
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    with ProgressLines(number, stream) as lines:
        lines.tell(1)
        lines._thread.join(5)
        assert not lines._thread.is_alive()
        lines.tell(2)
        lines.log("stdout", "x" * 100)
    with pytest.raises(BrokenPipeError):
        stream.close()


def test_a_reader_that_is_slow_holds_nothing_up():
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream, os.fdopen(reading) as reader:
        lines = ProgressLines(lambda value: {"n": value, "text": "x" * 200_000}, stream)
        with lines:
            began = time.monotonic()
            for value in range(100):
                lines.tell(value)
            assert time.monotonic() - began < 5
            seen = []
            thread = threading.Thread(target=lambda: seen.extend(reader))
            thread.start()
        stream.close()
        thread.join()
    assert [json.loads(line)["n"] for line in seen][-1] == 99


def test_a_step_is_told_from_before_its_kernel_to_its_end(stream):
    cells = tuple(CellTiming(index, CellState.COMPLETED) for index in range(2))
    failed = (*cells, CellTiming(2, CellState.FAILED), CellTiming(3, CellState.NOT_RUN))
    with StepLines("train", stream) as lines:
        assert stream.written.wait(5)
        lines.cell_began(StepProgress("train", 2, 4, 1.5, "model.fit(X)"))
        lines.ended(StepResult("train", StepState.FAILED, 2.5, FAILURE, failed))
    first, *_, last = stream.objects
    assert first == {
        "step": "train",
        "done": 0,
        "total": 0,
        "seconds": 0.0,
        "heading": "",
        "state": "waiting",
    }
    assert last == {"step": "train", "done": 2, "total": 4, "seconds": 2.5, "heading": "", "state": "failed"}


def test_reports_come_with_what_a_picture_of_them_needs():
    progress = StepProgress("a", 1, 3, 0.5, "x")
    running = StepReport("a", StepState.RUNNING, outputs={"a": "digest"}, progress=progress)
    failed = StepReport("b", StepState.FAILED, failure=FAILURE)
    data = pipeline_object(PipelineReport("p", "p.toml", (running, failed), (("a", "b"),)))
    assert data["edges"] == [["a", "b"]]
    assert [step["state"] for step in data["steps"]] == ["running", "failed"]
    assert data["steps"][0]["progress"]["done"] == 1
    assert "outputs" not in data["steps"][0]
    shortened = data["steps"][1]["failure"]
    assert (shortened["message"], len(shortened["source"]), shortened["cell"]) == ("ValueError: no", 2000, 1)
    assert shortened["traceback"] == [f"line {n}" for n in range(69, 99)]
    points = (SweepPoint(0, {"lr": 0.1}, failure=FAILURE), SweepPoint(1, {"lr": 0.2}))
    data = sweep_object(SweepReport("s", "nb.ipynb", points))
    assert [len(point["failure"]["traceback"]) if point["failure"] else 0 for point in data["points"]] == [
        30,
        0,
    ]
    assert data["points"][1]["params"] == {"lr": 0.2}
