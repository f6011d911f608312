from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from nbship.config import load_settings
from nbship.errors import SpoolError
from nbship.model.cell import CellExecution, CellStatus
from nbship.model.event import RunBegan, RunEnded, RunLogged, SessionClosed
from nbship.model.run import RunStatus
from nbship.pipeline.execution.record import RunRecord, close_lost, ticket
from nbship.recording.journal import SpoolWriter, read_journal
from nbship.recording.layout import JOURNAL, LOCK
from nbship.recording.lock import FileLock
from nbship.recording.process import this_process


@pytest.fixture
def settings(tmp_path):
    """A project whose recorder is held off, so that the journals stay."""
    (tmp_path / "pyproject.toml").touch()
    found = load_settings(tmp_path)
    found.spool.mkdir(parents=True)
    lock = FileLock(found.spool / LOCK)
    assert lock.acquire()
    yield found
    lock.release()


def events(record, kind=object):
    entries = read_journal(record.folder / JOURNAL).entries
    return [entry.event for entry in entries if isinstance(entry.event, kind)]


def cell(index, status=CellStatus.OK):
    return CellExecution(index, "x", f"h{index}", status, started_ms=1000)


def test_a_ticket_writes_nothing_but_the_home(settings):
    asked = ticket(settings, "train", parent="p" * 32, tags={"a": "b"}, source="train.ipynb")
    assert (asked.name, asked.parent, asked.tags, asked.source) == (
        "train",
        "p" * 32,
        {"a": "b"},
        "train.ipynb",
    )
    assert asked.holder == this_process()
    assert (asked.tracking_uri, asked.project) == (settings.tracking_uri, str(settings.project))
    assert asked.run != ticket(settings, "train").run
    assert [path.name for path in settings.spool.iterdir()] == [LOCK]
    assert (settings.home / ".gitignore").exists()


def test_a_run_is_written_from_begin_to_end(settings):
    record = RunRecord(ticket(settings, "train", tags={"nbship.kind": "step"}, source="train.ipynb"))
    record.open()
    assert not record.began()
    record.begin({"rows": "3"})
    assert record.began()
    record.log(metrics={"auc": 0.5}, tags={"t": "u"}, warnings=("w",), params={"p": "q"}, step=4)
    record.put("executed.ipynb", b"{}")
    record.cell(cell(0, CellStatus.RUNNING), ended=False)
    record.cell(cell(0), ended=True)
    record.end(RunStatus.FINISHED)
    (began,) = events(record, RunBegan)
    assert (began.name, began.params, began.parent) == ("train", {"rows": "3"}, None)
    assert began.tags["nbship.kind"] == "step"
    assert began.tags["mlflow.source.name"] == "train.ipynb"
    assert began.tags["mlflow.user"]
    logged, put = events(record, RunLogged)
    assert [(point.key, point.value, point.step) for point in logged.metrics] == [("auc", 0.5, 4)]
    assert (logged.params, logged.tags, logged.warnings) == ({"p": "q"}, {"t": "u"}, ("w",))
    assert [one.path for one in put.artifacts] == ["executed.ipynb"]
    (ended,) = events(record, RunEnded)
    assert (ended.status, ended.reason, ended.cells, ended.needed) == (RunStatus.FINISHED, "", (0,), (0,))
    assert isinstance(events(record)[-1], SessionClosed)


def test_the_kernel_writes_into_the_same_journal(settings):
    asked = ticket(settings, "train")
    record = RunRecord(asked)
    record.open()
    kernel = SpoolWriter.create(Path(asked.spool), events(record)[0])
    kernel.append(RunBegan(asked.run, "train", asked.tracking_uri, asked.experiment, 1))
    assert record.began()
    record.log(tags={"nbship.state": "completed"})
    kernel.append(RunLogged(asked.run, params={"from": "kernel"}))
    kernel.close()
    record.end(RunStatus.FINISHED, cells=(0, 2), needed=(2,))
    assert [type(event).__name__ for event in events(record)] == [
        *("SessionOpened", "RunBegan", "RunLogged", "RunLogged", "RunEnded", "SessionClosed"),
    ]
    (ended,) = events(record, RunEnded)
    assert (ended.cells, ended.needed) == ((0, 2), (2,))


def test_an_end_also_ends_what_the_kernel_left_open(settings):
    asked = ticket(settings, "train")
    record = RunRecord(asked)
    record.begin({})
    record.cell(cell(0, CellStatus.RUNNING), ended=False)
    kernel = SpoolWriter.create(Path(asked.spool), events(record)[0])
    kernel.append(RunBegan("i" * 32, "inner", asked.tracking_uri, asked.experiment, 1, cell=0))
    kernel.close()
    record.end(RunStatus.KILLED, "the kernel died")
    ends = {event.run: (event.status, event.reason) for event in events(record, RunEnded)}
    assert ends == {
        asked.run: (RunStatus.KILLED, "the kernel died"),
        "i" * 32: (RunStatus.KILLED, "the kernel died"),
    }


def test_a_discarded_execution_leaves_no_run(settings):
    record = RunRecord(ticket(settings, "train"))
    record.open()
    record.discard()
    assert events(record, RunBegan) == []
    assert isinstance(events(record)[-1], SessionClosed)
    RunRecord(ticket(settings, "never opened")).discard()


def test_the_repository_is_described(settings):
    git = ["git", "-C", str(settings.project)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "first"], check=True)
    (settings.project / "pyproject.toml").write_text("# changed\n")
    record = RunRecord(ticket(settings, "train"))
    record.begin({})
    record.log_git()
    (logged,) = events(record, RunLogged)
    assert logged.tags["mlflow.source.git.branch"] == "main"
    assert logged.tags["mlflow.source.git.dirty"] == "true"
    assert [one.path for one in logged.artifacts] == ["nbship/git.diff"]


def test_outside_a_repository_there_is_nothing_to_describe(settings):
    record = RunRecord(ticket(settings, "train"))
    record.begin({})
    record.log_git()
    assert events(record, RunLogged) == []


def test_a_lost_step_is_ended_once(settings):
    asked = ticket(settings, "train")
    record = RunRecord(asked)
    record.begin({})
    record.cell(cell(0, CellStatus.RUNNING), ended=False)
    close_lost(asked, "the worker was lost")
    close_lost(asked, "again")
    (ended,) = events(record, RunEnded)
    assert (ended.status, ended.reason) == (RunStatus.KILLED, "the worker was lost")
    assert events(record)[-2:][0] == ended


def test_a_lost_step_that_never_began_leaves_nothing(settings):
    asked = ticket(settings, "train")
    close_lost(asked, "lost")
    assert [path.name for path in settings.spool.iterdir()] == [LOCK]


def test_a_ticket_crosses_processes(settings):
    from nbship.model.codec import decode, encode
    from nbship.model.step import RunTicket

    asked = ticket(settings, "train", tags={"a": "b"})
    assert decode(RunTicket, json.loads(json.dumps(encode(asked)))) == asked


def test_a_disk_that_refuses_is_told_before_anything_runs(settings):
    asked = ticket(settings, "train")
    Path(asked.spool, asked.session).write_text("in the way")
    with pytest.raises((SpoolError, OSError)):
        RunRecord(asked).open()
    Path(asked.spool, asked.session).unlink()
