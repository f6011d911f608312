from __future__ import annotations

import json
from dataclasses import replace

import pytest

from nbship.errors import SpoolError
from nbship.model.cell import CellExecution, CellStatus
from nbship.model.event import (
    CellBegan,
    CellExecuted,
    RunBegan,
    RunEnded,
    RunLogged,
    SessionClosed,
    SessionOpened,
)
from nbship.model.run import RunStatus
from nbship.recording.journal import SpoolWriter, read_journal
from nbship.recording.process import this_process
from nbship.recording.session import DEATH_REASON, RUNNER_DEATH_REASON, Session

URI = "sqlite:////nowhere/a.db"


@pytest.fixture
def writer(tmp_path):
    made = SpoolWriter.create(tmp_path, SessionOpened("s1", this_process()))
    yield made
    made.close()


def cell(index, status=CellStatus.OK, source="x"):
    return CellExecution(index, source, f"h{index}", status, started_ms=1000)


def began(run, cell=None, uri=URI, **fields):
    return RunBegan(run, run, uri, "e", 1, cell=cell, **fields)


def test_run_events_become_tasks_of_the_runs_store_in_order(writer):
    writer.append(began("a"))
    writer.append(began("b", uri="http://other"))
    writer.append(RunLogged("a", warnings=("w",)))
    writer.append(RunLogged("stranger"))
    session = Session(writer.folder)
    tasks = session.poll()
    assert [(task.tracking_uri, task.event.run) for task in tasks] == [
        (URI, "a"),
        ("http://other", "b"),
        (URI, "a"),
    ]
    assert session.poll() == []
    assert session.open_runs == ["a", "b"]
    assert session.runs["a"].warnings == ["w"]
    writer.append(RunEnded("a", RunStatus.FINISHED, 1))
    assert [task.end for task in session.poll()] == [session.position]
    assert session.open_runs == ["b"]


def test_the_ledger_of_a_run_is_the_newest_state_of_each_cell_at_that_point(writer):
    writer.append(CellExecuted(cell(0)))
    writer.append(began("a", cell=1))
    writer.append(CellBegan(cell(1, CellStatus.RUNNING)))
    writer.append(CellExecuted(cell(1, source="y")))
    writer.append(RunEnded("a", RunStatus.FINISHED, 1))
    writer.append(CellExecuted(cell(2)))
    session = Session(writer.folder)
    ended = session.poll()[-1]
    assert [(one.index, one.source, one.status) for one in session.cells_until(ended.end)] == [
        (0, "x", CellStatus.OK),
        (1, "y", CellStatus.OK),
    ]


def test_a_dead_kernel_is_given_its_end(writer):
    writer.append(CellExecuted(cell(0)))
    writer.append(began("session"))
    writer.append(began("tracked", cell=1, parent="session"))
    writer.append(CellBegan(cell(1, CellStatus.RUNNING)))
    with (writer.folder / "journal.jsonl").open("ab") as file:
        file.write(b'{"c":"torn')
    session = Session(writer.folder)
    session.poll()
    session.last_seen_ms = 5000
    session.supply_end()
    tasks = session.poll()
    ends = [task.event for task in tasks]
    assert [(end.run, end.status, end.reason, end.cells) for end in ends] == [
        ("tracked", RunStatus.KILLED, DEATH_REASON, (1,)),
        ("session", RunStatus.KILLED, DEATH_REASON, (1,)),
    ]
    assert {end.ended_ms for end in ends} == {5000}
    assert session.closed
    killed = session.cells_until(tasks[0].end)[-1]
    assert (killed.status, killed.wall_seconds) == (CellStatus.KILLED, 4.0)
    assert [entry.error for entry in read_journal(session.journal).entries if entry.error] == []


def test_a_kernel_that_closed_needs_no_end(writer):
    writer.append(SessionClosed(1))
    session = Session(writer.folder)
    session.poll()
    assert session.closed
    assert session.is_alive() is True


def test_a_corrupt_line_is_said_in_the_runs_that_were_open_there(writer):
    writer.append(began("a"))
    with (writer.folder / "journal.jsonl").open("ab") as file:
        file.write(b"garbage\n")
    writer.append(RunEnded("a", RunStatus.FINISHED, 1))
    writer.append(began("b"))
    session = Session(writer.folder)
    session.poll()
    assert len(session.corrupt) == 1
    assert "corrupt line" in session.runs["a"].warnings[0]
    assert session.runs["b"].warnings == []


def test_a_journal_of_a_later_format_says_to_upgrade(tmp_path):
    opened = SessionOpened("s1", this_process(), format_version=99, nbship_version="9.9")
    writer = SpoolWriter.create(tmp_path, opened)
    writer.append(SessionClosed(1))
    writer.close()
    with pytest.raises(SpoolError, match=r"format 99 by nbship 9\.9.*Upgrade nbship"):
        Session(writer.folder)


def test_a_journal_must_begin_with_its_session(writer):
    writer.append(SessionClosed(1))
    journal = writer.folder / "journal.jsonl"
    journal.write_bytes(journal.read_bytes().split(b"\n", 1)[1])
    with pytest.raises(SpoolError, match="begins with SessionClosed"):
        Session(writer.folder)


def test_the_host_of_a_session_decides_who_can_tell_whether_it_lives(tmp_path):
    opened = SessionOpened("s1", replace(this_process(), host="elsewhere/1"))
    writer = SpoolWriter.create(tmp_path, opened)
    writer.append(SessionClosed(1))
    writer.close()
    assert Session(writer.folder).is_alive() is None


def test_who_executes_a_notebook_writes_its_end(writer):
    writer.append(began("step"))
    writer.append(CellExecuted(cell(0)))
    writer.append(began("tracked", cell=1, parent="step"))
    writer.append(CellBegan(cell(1, CellStatus.RUNNING)))
    session = Session(writer.folder)
    session.poll()
    session.write_end(5000, "exit code 1", RunEnded("step", RunStatus.FAILED, 4000, "ValueError: x"))
    ends = [task.event for task in session.poll()]
    assert [(end.run, end.status, end.reason, end.ended_ms, end.cells) for end in ends] == [
        ("tracked", RunStatus.KILLED, "exit code 1", 5000, (1,)),
        ("step", RunStatus.FAILED, "ValueError: x", 4000, (0, 1)),
    ]
    assert ends[1].needed == (0, 1)
    assert session.closed
    assert [one.status for one in session.cells_until(session.position)] == [CellStatus.OK, CellStatus.KILLED]


def test_what_the_kernel_found_out_about_its_cells_is_kept(writer):
    writer.append(began("step"))
    writer.append(CellExecuted(cell(0)))
    writer.append(CellExecuted(cell(1)))
    session = Session(writer.folder)
    session.poll()
    session.write_end(5000, "", RunEnded("step", RunStatus.FINISHED, 4000, cells=(0, 1), needed=(1,)))
    (ended,) = [task.event for task in session.poll()]
    assert (ended.cells, ended.needed) == ((0, 1), (1,))


def test_an_end_for_a_run_that_ended_already_adds_none(writer):
    writer.append(began("step"))
    writer.append(RunEnded("step", RunStatus.FINISHED, 1))
    session = Session(writer.folder)
    session.poll()
    session.write_end(5000, "", RunEnded("step", RunStatus.FAILED, 4000))
    assert session.poll() == []
    assert session.closed


def test_a_dead_runner_is_named_and_its_notebook_marked(tmp_path):
    output = tmp_path / "out.ipynb"
    papermill = {"status": "running"}
    body = {"cell_type": "code", "id": "a", "metadata": {"papermill": papermill}, "outputs": [], "source": []}
    output.write_text(json.dumps({"cells": [body], "metadata": {"papermill": {}}, "nbformat": 4}))
    opened = SessionOpened("s1", this_process(), holder="runner", output=str(output))
    writer = SpoolWriter.create(tmp_path / "spool", opened)
    writer.append(began("step"))
    writer.append(CellExecuted(replace(cell(0), cell_id="a")))
    writer.append(CellBegan(replace(cell(1, CellStatus.RUNNING), cell_id="b")))
    writer.close()
    session = Session(writer.folder)
    session.poll()
    session.supply_end()
    (ended,) = [task.event for task in session.poll()]
    assert (ended.status, ended.reason) == (RunStatus.KILLED, RUNNER_DEATH_REASON)
    marked = json.loads(output.read_text())
    assert marked["cells"][0]["metadata"]["papermill"]["status"] == "completed"
    assert marked["metadata"]["papermill"]["exception"] is True
