from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import threading
import time
import zlib
from dataclasses import replace

import pytest

from nbship.model.cell import CellError, CellExecution, CellStatus
from nbship.model.data import DatasetRecord, Fingerprint
from nbship.model.event import (
    CellBegan,
    CellExecuted,
    MetricPoint,
    ModelRecord,
    RunBegan,
    RunEnded,
    RunLogged,
    SessionClosed,
    SessionOpened,
)
from nbship.model.live import LiveCell, LivePoint
from nbship.model.run import DatasetSummary, RunStatus
from nbship.recording.cursor import Cursor
from nbship.recording.journal import SpoolWriter, encode_line
from nbship.recording.layout import new_session_name
from nbship.recording.live import SESSIONS_AT_MOST, LiveView
from nbship.recording.live_run import CELLS_AT_MOST, ENTRIES_AT_MOST, POINTS_AT_MOST
from nbship.recording.live_session import RUNS_AT_MOST
from nbship.recording.process import identify, this_process
from nbship.recording.session import DEATH_REASON, Session

URI = "sqlite:////nowhere/a.db"


class Clock:
    """The time, which also passes when a test says so."""

    def __init__(self):
        self.passed = 0.0

    def __call__(self):
        return time.time() + self.passed


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def spool(tmp_path):
    return tmp_path / "spool"


@pytest.fixture
def view(spool, clock):
    made = LiveView(spool, clock=clock)
    yield made
    made.close()


@pytest.fixture
def open_session(spool):
    made = []

    def make(name="s1", process=None, **fields):
        writer = SpoolWriter.create(spool, SessionOpened(name, process or this_process(), **fields))
        made.append(writer)
        return writer

    yield make
    for writer in made:
        writer.close()


@pytest.fixture
def writer(open_session):
    return open_session()


def cell(index, status=CellStatus.OK, source="x = 1", **fields):
    return CellExecution(index, source, f"h{index}", status, started_ms=1000, **fields)


def running(index, **fields):
    return CellBegan(cell(index, CellStatus.RUNNING, **fields))


def began(run="a", cell=None, **fields):
    return RunBegan(run, f"run {run}", URI, "flights", 1000, cell=cell, **fields)


def ended(run="a", status=RunStatus.FINISHED, seconds_ago=0.0, **fields):
    return RunEnded(run, status, int((time.time() - seconds_ago) * 1000), **fields)


def arrive(writer, *runs):
    """Note what a recorder notes when the stores hold all that the journal says."""
    cursor = Cursor.load(writer.folder)
    cursor.runs.update({run: f"store-{run}" for run in runs})
    cursor.advance(URI, (writer.folder / "journal.jsonl").stat().st_size)


def only_run(view):
    (session,) = view.sessions()
    (run,) = session.runs
    return run


def told(view):
    return {run.run: run.status for session in view.sessions() for run in session.runs}


# What a run looks like


def test_a_spool_that_does_not_exist_has_no_sessions(view, spool):
    assert view.sessions() == ()
    assert not spool.exists()


def test_a_tracked_cell_is_told_while_it_runs(view, open_session):
    name = new_session_name()
    writer = open_session(name, source="train.ipynb", project="/home/somebody/flights")
    writer.append(CellExecuted(cell(0)))
    writer.append(began(cell=1, params={"depth": "3"}))
    writer.append(running(1, source="%%track\n\n  model.fit(X)\n", cell_id="c-1", execution_count=2))
    (session,) = view.sessions()
    expected = LiveCell(1, CellStatus.RUNNING, "c-1", 2, 1000, None, "model.fit(X)")
    assert (session.session, session.source, session.holder, session.pid) == (
        name,
        "train.ipynb",
        "kernel",
        os.getpid(),
    )
    assert (session.alive, session.foreign, session.project) == (True, False, "/home/somebody/flights")
    assert abs(session.started_ms - time.time() * 1000) < 60_000
    assert session.cell == expected
    (run,) = session.runs
    assert (run.run, run.name, run.experiment, run.kind) == ("a", "run a", "flights", "cell")
    assert (run.status, run.started_ms, run.ended_ms, run.arrived) == (RunStatus.RUNNING, 1000, None, False)
    assert (run.cells, run.cell_list) == (1, (expected,))
    assert (run.param_count, run.params) == (1, {"depth": "3"})


def test_a_session_run_holds_the_cells_from_its_own_on(view, writer):
    writer.append(CellExecuted(cell(0)))
    writer.append(began())
    writer.append(running(1, source="%track on"))
    assert only_run(view).kind == "session"
    writer.append(CellExecuted(cell(1, source="%track on", wall_seconds=0.5)))
    failure = CellError("ValueError", "no rows")
    writer.append(running(2))
    writer.append(CellExecuted(cell(2, CellStatus.ERROR, wall_seconds=2.0, error=failure)))
    run = only_run(view)
    assert [(one.index, one.status, one.seconds) for one in run.cell_list] == [
        (1, CellStatus.OK, 0.5),
        (2, CellStatus.ERROR, 2.0),
    ]
    assert run.cell_list[1].error == "ValueError: no rows"
    assert view.sessions()[0].cell is None
    writer.append(running(3, source="%track off"))
    writer.append(ended(cells=(1, 2)))
    run = only_run(view)
    assert (run.cells, [one.index for one in run.cell_list]) == (2, [1, 2])


def test_a_tracked_cell_within_a_session_run_belongs_to_both(view, writer):
    writer.append(began("outer"))
    writer.append(running(0))
    writer.append(began("inner", cell=0, parent="outer"))
    writer.append(running(0))
    (session,) = view.sessions()
    outer, inner = session.runs
    assert (inner.parent, inner.kind, outer.kind) == ("outer", "cell", "session")
    assert [run.cells for run in session.runs] == [1, 1]
    writer.append(CellExecuted(cell(0)))
    writer.append(ended("inner"))
    writer.append(running(1))
    assert [run.cells for run in view.sessions()[0].runs] == [2, 1]


@pytest.mark.parametrize("kind", ["step", "point", "pipeline", "sweep"])
def test_what_a_runner_executes_is_named_by_its_kind(view, open_session, kind):
    writer = open_session(holder="runner")
    writer.append(began(tags={"nbship.kind": kind}))
    assert only_run(view).kind == kind
    assert view.sessions()[0].holder == "runner"


def test_metrics_come_with_their_newest_values_and_a_short_history(view, writer):
    writer.append(began(cell=0))
    for step in range(150):
        writer.append(RunLogged("a", metrics=(MetricPoint("loss", 1 / (step + 1), 5000 + step, step),)))
    writer.append(
        RunLogged("a", metrics=(MetricPoint("auc", math.nan, 9000), MetricPoint("gap", -math.inf, 9)))
    )
    run = only_run(view)
    assert run.metric_count == 3
    assert run.metrics["loss"] == 1 / 150
    assert len(run.histories["loss"]) == POINTS_AT_MOST
    assert run.histories["loss"][0] == LivePoint(50, 1 / 51, 5050)
    assert run.histories["loss"][-1] == LivePoint(149, 1 / 150, 5149)
    data = json.loads(json.dumps(view.sessions()[0].to_dict(), allow_nan=False))
    assert data["runs"][0]["metrics"] == {"loss": 1 / 150, "auc": "NaN", "gap": "-Infinity"}
    assert data["runs"][0]["histories"]["auc"] == [{"step": 0, "value": "NaN", "timestamp_ms": 9000}]


def test_data_model_and_warnings_are_named(view, writer):
    fingerprint = Fingerprint("d" * 32, "nbship-blake3-1", "table", 9, (9, 2), (), 99)
    record = DatasetRecord("flights", "variable", "pandas.DataFrame", fingerprint)
    model = ModelRecord("blob", "model", "sklearn.linear_model.Ridge", "sklearn", "1.5")
    writer.append(began(cell=0))
    writer.append(RunLogged("a", datasets=(record,), model=model, warnings=("the file is large",)))
    writer.append(RunLogged("a", datasets=(record,)))
    run = only_run(view)
    assert (run.dataset_count, run.datasets) == (1, (DatasetSummary("flights", "d" * 32, 9),))
    assert run.model == "sklearn.linear_model.Ridge"
    assert (run.warning_count, run.warnings) == (1, ("the file is large",))


def test_what_the_recorder_says_of_a_run_is_told_too(view, writer):
    writer.append(began(cell=0))
    assert only_run(view).store_run_id is None
    arrive(writer, "a")
    cursor = Cursor.load(writer.folder)
    cursor.warn("a", ("a tag was cut",))
    cursor.advance(URI, 10_000)
    run = only_run(view)
    assert (run.store_run_id, run.warning_count, run.warnings) == ("store-a", 1, ("a tag was cut",))


def test_a_run_whose_cell_calls_mlflow_has_its_id_in_the_store_from_the_beginning(view, writer):
    writer.append(began(cell=0, store_run_id="m" * 32))
    assert only_run(view).store_run_id == "m" * 32


def test_of_many_entries_the_first_are_kept_and_all_are_counted(view, writer):
    names = [f"k{number}" for number in range(80)]
    writer.append(began(cell=0, params=dict.fromkeys(names, "v")))
    writer.append(RunLogged("a", metrics=tuple(MetricPoint(name, 1.0, 1) for name in names)))
    writer.append(RunLogged("a", warnings=tuple(names)))
    run = only_run(view)
    assert (run.param_count, run.metric_count, run.warning_count) == (80, 80, 80)
    assert list(run.params) == list(run.metrics) == list(run.histories) == names[:ENTRIES_AT_MOST]
    assert list(run.warnings) == names[-ENTRIES_AT_MOST:]


def test_of_many_cells_the_newest_are_kept_and_all_are_counted(view, writer):
    writer.append(began())
    for index in range(70):
        writer.append(running(index))
        writer.append(CellExecuted(cell(index)))
    writer.append(CellExecuted(cell(3)))
    run = only_run(view)
    assert run.cells == 70
    assert [one.index for one in run.cell_list] == list(range(70 - CELLS_AT_MOST, 70))


# How long it is told


def test_a_run_is_told_until_it_has_been_in_the_store_for_ten_seconds(view, writer, clock):
    writer.append(began(cell=0))
    writer.append(ended(reason=""))
    assert told(view) == {"a": RunStatus.FINISHED}
    clock.passed += 3600  # the store is down
    assert not only_run(view).arrived
    arrive(writer, "a")
    assert only_run(view).arrived
    clock.passed += 8
    assert only_run(view).arrived
    clock.passed += 2.5
    assert told(view) == {}
    assert len(view.sessions()) == 1  # the kernel lives


def test_what_is_drained_and_deleted_between_two_looks_is_told_to_its_end(view, writer, clock):
    if os.name == "nt":
        pytest.skip("an open file could not be put away on Windows, so it is not kept open there")
    writer.append(began(cell=0))
    arrive(writer, "a")
    assert told(view) == {"a": RunStatus.RUNNING}
    writer.append(ended(status=RunStatus.FAILED, reason="ValueError: no rows"))
    writer.append(SessionClosed(2000))
    writer.close()
    shutil.rmtree(writer.folder)
    run = only_run(view)
    assert (run.status, run.reason, run.arrived) == (RunStatus.FAILED, "ValueError: no rows", True)
    assert run.store_run_id == "store-a"
    clock.passed += 10.1
    assert view.sessions() == ()


def test_a_session_that_was_set_aside_has_not_arrived(view, writer, clock, spool):
    writer.append(began(cell=0))
    writer.append(ended())
    writer.append(SessionClosed(2000))
    assert told(view) == {"a": RunStatus.FINISHED}
    (spool / "set-aside").mkdir()
    writer.folder.rename(spool / "set-aside" / writer.folder.name)
    clock.passed += 6
    assert not only_run(view).arrived
    clock.passed += 10.1
    assert view.sessions() == ()


def test_a_session_whose_journal_somebody_deleted_disappears(view, writer):
    writer.append(began(cell=0))
    assert told(view) == {"a": RunStatus.RUNNING}
    shutil.rmtree(writer.folder)
    assert view.sessions() == ()


def test_a_journal_that_begins_anew_under_its_name_is_followed_from_its_start(view, writer):
    writer.append(began("lost", cell=0))
    assert told(view) == {"lost": RunStatus.RUNNING}
    shutil.rmtree(writer.folder)
    writer.append(began("b", cell=1))
    assert told(view) == {"b": RunStatus.RUNNING}


def test_what_arrived_long_ago_is_not_told_at_a_first_look(spool, writer, clock):
    writer.append(began("old", cell=0))
    writer.append(ended("old", seconds_ago=60))
    writer.append(began("new", cell=1))
    writer.append(ended("new", seconds_ago=1))
    arrive(writer, "old", "new")
    writer.append(began("open", cell=2))
    view = LiveView(spool, clock=clock)
    assert told(view) == {"new": RunStatus.FINISHED, "open": RunStatus.RUNNING}
    view.close()


def test_a_kernel_that_closed_in_good_order_is_told_until_its_runs_have_arrived(view, writer, clock):
    writer.append(began(cell=0))
    writer.append(ended())
    writer.append(SessionClosed(2000))
    assert told(view) == {"a": RunStatus.FINISHED}
    arrive(writer, "a")
    assert only_run(view).arrived
    clock.passed += 10.1
    assert view.sessions() == ()


def test_runs_that_the_store_refused_do_not_stay_for_ever(view, writer, clock):
    writer.append(began(cell=0))
    writer.append(ended())
    arrive(writer)
    assert not only_run(view).arrived
    clock.passed += 10.1
    assert told(view) == {}


def test_of_many_runs_that_wait_for_the_store_the_newest_are_told(view, writer):
    writer.append(began("open"))
    for number in range(RUNS_AT_MOST + 20):
        writer.append(began(f"r{number}", cell=number, parent="open"))
        writer.append(ended(f"r{number}"))
    names = list(told(view))
    assert names[0] == "open"
    assert names[1:] == [f"r{number}" for number in range(20, RUNS_AT_MOST + 20)]


def test_of_many_sessions_the_newest_are_followed_and_those_that_are_open(view, spool, open_session, clock):
    kernel = open_session("0")
    kernel.append(began("kernel"))
    assert told(view) == {"kernel": RunStatus.RUNNING}
    for number in range(SESSIONS_AT_MOST + 5):
        writer = SpoolWriter.create(spool, SessionOpened(f"1{number:04d}", this_process()))
        writer.append(began(f"r{number}"))
        writer.append(ended(f"r{number}"))
        writer.append(SessionClosed(1))
        writer.close()
        if number % 50 == 0:
            clock.passed += 6
            view.sessions()
    clock.passed += 6
    kernel.append(running(0))
    found = told(view)
    assert len(found) == SESSIONS_AT_MOST + 1
    assert {"kernel", "r5", f"r{SESSIONS_AT_MOST + 4}"} <= found.keys()
    assert "r4" not in found


# Faults


def test_a_process_that_really_dies_is_told_and_so_is_the_end_that_is_supplied(view, open_session, clock):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    writer = open_session(process=identify(child.pid))
    writer.append(began())
    writer.append(running(0))
    assert [session.alive for session in view.sessions()] == [True]
    child.kill()
    child.wait()
    child.stdin.close()
    clock.passed += 1.1
    (session,) = view.sessions()
    assert (session.alive, session.cell.index) == (False, 0)
    assert told(view) == {"a": RunStatus.RUNNING}  # nobody has said otherwise yet

    recorder = Session(writer.folder)
    recorder.poll()
    recorder.supply_end()
    run = only_run(view)
    assert (run.status, run.reason, run.cell_list[0].status) == (
        RunStatus.KILLED,
        DEATH_REASON,
        CellStatus.KILLED,
    )
    assert view.sessions()[0].cell is None
    arrive(writer, "a")
    view.sessions()
    clock.passed += 10.1
    assert view.sessions() == ()


def test_a_torn_line_waits_for_its_rest(view, writer):
    writer.append(began(cell=0))
    line = encode_line(RunLogged("a", params={"depth": "3"}))
    journal = writer.folder / "journal.jsonl"
    with journal.open("ab", buffering=0) as file:
        file.write(line[:20])
        assert only_run(view).params == {}
        file.write(line[20:])
        assert only_run(view).params == {"depth": "3"}
        file.write(line[:20])
    view.sessions()
    # As the recorder does: nothing of a torn line was ever an event.
    os.truncate(journal, journal.stat().st_size - 20)
    writer.append(ended())
    assert only_run(view).status is RunStatus.FINISHED


def test_what_cannot_be_read_is_left_out(view, writer):
    def framed(body):
        return b'{"c":"%08x","e":%s}\n' % (zlib.crc32(body), body)

    writer.append(began(cell=0))
    lines = [
        b"\n",
        b"no JSON\n",
        encode_line(ended()).replace(b"FINISHED", b"FAILED"),  # the checksum does not fit
        framed(b'{"kind":"RunDreamt","run":"a"}'),
        framed(b'{"kind":"RunLogged"}'),
        framed(b'{"kind":"RunLogged","run":"a","metrics":[7]}'),
        framed(b'{"kind":"CellBegan","cell":{"index":4,"status":"pondering"}}'),
        framed(b"[1]"),
        framed(b'{"kind":"RunLogged","run":"stranger","params":{"a":"1"}}'),
    ]
    with (writer.folder / "journal.jsonl").open("ab") as file:
        file.writelines(lines)
    writer.append(RunLogged("a", params={"depth": "3"}))
    assert only_run(view).params == {"depth": "3"}
    assert told(view) == {"a": RunStatus.RUNNING}


def test_a_journal_that_another_version_or_nobody_wrote_is_left_out(view, spool, open_session):
    open_session("newer", format_version=99).append(began())
    (spool / "strange").mkdir(parents=True)
    (spool / "strange" / "journal.jsonl").write_text("no JSON\n")
    (spool / "empty").mkdir()
    (spool / "empty" / "journal.jsonl").touch()
    open_session("good").append(began())
    for _ in range(2):
        assert [session.session for session in view.sessions()] == ["good"]


def test_a_cursor_of_another_make_costs_no_run(view, writer):
    writer.append(began(cell=0))
    (writer.folder / "cursor.json").write_text('{"version": 1}')
    assert told(view) == {"a": RunStatus.RUNNING}
    (writer.folder / "cursor.json").write_text("no JSON")
    assert told(view) == {"a": RunStatus.RUNNING}


def test_a_session_of_another_host_lives_until_it_closes_its_journal(view, open_session, clock):
    writer = open_session(process=replace(this_process(), host="another/1"))
    writer.append(began())
    (session,) = view.sessions()
    assert (session.alive, session.foreign) == (True, True)
    writer.append(ended())
    writer.append(SessionClosed(1))
    (session,) = view.sessions()
    assert (session.alive, session.foreign) == (False, True)


# What it costs


def test_nothing_is_read_again_where_nothing_has_changed(view, writer, clock):
    writer.append(began(cell=0))
    arrive(writer)
    clock.passed += 60
    first = view.sessions()
    assert view.sessions()[0] is first[0]
    writer.append(running(0))
    second = view.sessions()
    assert second[0] is not first[0]
    assert second[0].cell is not None


def test_many_threads_may_ask_while_kernels_write(view, open_session):
    writers = [open_session(f"s{number}") for number in range(4)]
    seen: list[int] = []

    def write(writer):
        writer.append(began(writer.folder.name))
        for index in range(100):
            writer.append(running(index))
            writer.append(CellExecuted(cell(index)))

    def read():
        seen.extend(sum(run.cells for one in view.sessions() for run in one.runs) for _ in range(50))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in writers]
    threads += [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 200
    assert [session.runs[0].cells for session in view.sessions()] == [100] * 4
