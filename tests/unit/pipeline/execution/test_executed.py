from __future__ import annotations

import json

import nbformat
import pytest

from nbship.errors import UsageError
from nbship.model.step import CellState
from nbship.pipeline.execution import executed
from nbship.pipeline.execution.executed import ExecutedNotebook
from nbship.pipeline.execution.hiding import Hider
from step_fakes import notebook


def markdown(text):
    return {"cell_type": "markdown", "source": text, "metadata": {}, "id": "m"}


def book():
    made = notebook("a = 1", "b = 2", "c = 3", "  \n", "d = 4", tags={2: ["skip"]})
    made["cells"].insert(1, markdown("# Text"))
    made["cells"][0] |= {"outputs": [nbformat.v4.new_output("stream", text="old")], "execution_count": 9}
    return made


def states(one):
    return [cell.metadata.papermill.status for cell in one.cells]


def read(path):
    return json.loads(path.read_text())


@pytest.fixture
def target(tmp_path):
    return tmp_path / "out.ipynb"


@pytest.fixture
def started(target):
    one = ExecutedNotebook(book(), str(target), None)
    one.start("in.ipynb", {"a": 1})
    return one


def test_a_notebook_on_disk_claims_nothing_before_it_runs(started, target):
    found = read(target)
    assert [cell["metadata"]["papermill"]["status"] for cell in found["cells"]] == ["pending"] * 6
    assert found["cells"][0]["outputs"] == []
    assert found["cells"][0]["execution_count"] is None
    record = found["metadata"]["papermill"]
    assert (record["input_path"], record["output_path"]) == ("in.ipynb", str(target))
    assert record["parameters"] == {"a": 1}
    assert record["end_time"] is record["duration"] is record["exception"] is None


def test_only_code_that_is_not_skipped_is_executed(started):
    assert started.code_cells() == [0, 2, 5]


def test_a_complete_notebook_is_complete_in_every_cell(started, target):
    for index in started.code_cells():
        started.began(index)
        assert started.cells[index].metadata.papermill.status == "running"
        started.ended(index, CellState.COMPLETED)
    timings = started.finish(complete=True, failed_at=None, message="")
    started.save(final=True)
    assert states(started) == ["completed", "completed", "completed", "skipped", "completed", "completed"]
    assert [(one.index, one.state) for one in timings] == [
        (0, CellState.COMPLETED),
        (2, CellState.COMPLETED),
        (3, CellState.SKIPPED),
        (5, CellState.COMPLETED),
    ]
    record = read(target)["metadata"]["papermill"]
    assert record["exception"] is None  # as papermill
    assert record["duration"] >= 0
    assert record["end_time"] > record["start_time"]


def test_what_was_not_reached_has_not_run(started):
    started.began(0)
    started.ended(0, CellState.COMPLETED)
    started.began(2)
    started.ended(2, CellState.FAILED)
    timings = started.finish(complete=False, failed_at=2, message="ValueError: <no>\nrows")
    assert [one.state for one in timings] == ["completed", "failed", "not run", "not run"]
    assert started.node.metadata.papermill.exception is True
    first, _, _, here = started.cells[:4]
    assert "ValueError: &lt;no&gt; rows" in first.source
    assert "papermill-error-cell" in here.source
    assert started.cells[4].source == "b = 2"
    assert started.cells[4].metadata.papermill.exception is True


def test_a_cell_that_runs_when_the_runner_breaks_is_killed(started):
    started.began(0)
    started.finish(complete=False, failed_at=None, message="the runner failed")
    assert states(started)[:2] == ["killed", "not run"]


def test_a_notebook_that_left_early_has_no_exception(started):
    started.began(0)
    started.ended(0, CellState.COMPLETED)
    started.finish(complete=False, failed_at=None, message="")
    assert states(started)[2] == "not run"
    assert started.node.metadata.papermill.exception is None


def test_an_output_that_cannot_be_written_is_refused_before_anything_runs(tmp_path):
    for path in (tmp_path / "no" / "a.ipynb", tmp_path, tmp_path / ("a" * 300)):
        with pytest.raises(UsageError):
            ExecutedNotebook(book(), str(path), None).start("in.ipynb", {})
    assert list(tmp_path.iterdir()) == []


def test_a_notebook_without_a_place_stays_in_memory():
    one = ExecutedNotebook(book(), None, None)
    one.start("in.ipynb", {})
    one.save_if_due()
    one.save(final=True)
    assert one.written_bytes == 0
    assert json.loads(one.text)["nbformat"] == 4


def test_the_standard_output_gets_the_notebook_once(capfdbinary):
    one = ExecutedNotebook(book(), "-", None)
    one.start("in.ipynb", {})
    one.save_if_due()
    assert capfdbinary.readouterr().out == b""
    one.save(final=True)
    assert json.loads(capfdbinary.readouterr().out)["nbformat"] == 4


def test_saving_writes_no_more_than_three_times_the_end(started, target, monkeypatch):
    monkeypatch.setattr(executed, "_PAUSE_SECONDS", 0.0)
    saves = 0
    for index in started.code_cells():
        started.began(index)
        started.cells[index].outputs.append(nbformat.v4.new_output("stream", text=""))
        for _ in range(200):
            started.cells[index].outputs[-1].text += "x" * 1000
            started.grew(1000)
            before = started.written_bytes
            started.save_if_due()
            saves += started.written_bytes > before
        started.ended(index, CellState.COMPLETED)
    started.finish(complete=True, failed_at=None, message="")
    started.save(final=True)
    assert saves > 3
    assert started.written_bytes <= 3 * target.stat().st_size


def test_saving_waits_a_while_between_two_times(started, target):
    before = started.written_bytes
    started.grew(10**9)
    started.save_if_due()
    assert started.written_bytes == before


def test_a_place_that_refuses_in_the_middle_does_not_end_the_work(started, target, monkeypatch):
    monkeypatch.setattr(executed, "_PAUSE_SECONDS", 0.0)
    target.unlink()
    target.mkdir()
    started.grew(10**6)
    started.save_if_due()
    target.rmdir()
    started.save_if_due()
    assert target.is_file()


def test_secrets_are_on_no_disk_and_the_kernel_gets_them_all_the_same(target):
    made = notebook("key = 'geheim-77'")
    one = ExecutedNotebook(made, str(target), Hider(["geheim-77"]).hide_or_none)
    one.start("in.ipynb", {})
    one.cells[0].outputs.append(
        nbformat.v4.new_output("display_data", {"application/json": {"geheim-77": ["geheim-77"]}})
    )
    one.save(final=True)
    assert "geheim-77" not in target.read_text()
    assert "geheim-77" not in one.text
    assert one.cells[0].source == "key = 'geheim-77'"
