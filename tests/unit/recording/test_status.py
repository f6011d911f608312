from __future__ import annotations

import json

import pytest

from nbship.model.event import RunBegan, SessionClosed, SessionOpened
from nbship.recording.cursor import Cursor
from nbship.recording.journal import SpoolWriter
from nbship.recording.process import this_process
from nbship.recording.status import SpoolStatus, drain, spool_status, wait_for_session


@pytest.fixture
def writer(tmp_path):
    made = SpoolWriter.create(tmp_path / "spool", SessionOpened("s1", this_process()))
    yield made
    made.close()


def test_a_spool_that_does_not_exist_is_drained(tmp_path):
    assert spool_status(tmp_path / "none") == SpoolStatus()
    assert drain(tmp_path / "none").drained
    assert wait_for_session(tmp_path / "none", "s1", 0.0)
    assert not (tmp_path / "none").exists()


def test_what_waits_is_counted_from_the_cursor_on(writer):
    writer.append(RunBegan("a", "a", "u", "e", 1))
    journal = writer.folder / "journal.jsonl"
    status = spool_status(writer.spool)
    assert (status.sessions, status.events, status.size_bytes) == (1, 2, journal.stat().st_size)
    assert status.oldest_ms == int(journal.stat().st_mtime * 1000)
    assert not status.drained

    Cursor.load(writer.folder).settle(journal.stat().st_size, ["a"])
    assert spool_status(writer.spool).drained
    writer.append(SessionClosed(1))
    assert spool_status(writer.spool).events == 1


def test_the_unsaid_end_of_a_dead_kernel_waits(tmp_path):
    from dataclasses import replace

    dead = replace(this_process(), created=1.0)
    writer = SpoolWriter.create(tmp_path, SessionOpened("s1", dead))
    writer.append(RunBegan("a", "a", "u", "e", 1))
    writer.close()
    Cursor.load(writer.folder).settle((writer.folder / "journal.jsonl").stat().st_size, ["a"])
    assert spool_status(tmp_path).sessions == 1


def test_the_word_of_the_last_recorder_and_what_it_set_aside_are_told(tmp_path):
    state = {
        "pid": 7,
        "outages": {"http://a": {"text": "refused", "since_ms": 5}},
        "unreadable": {"s9": "s9: too new"},
    }
    (tmp_path / "state.json").write_text(json.dumps(state))
    (tmp_path / "set-aside").mkdir()
    (tmp_path / "set-aside" / "odd").touch()
    status = spool_status(tmp_path)
    assert status.recorder_pid is None
    assert status.outages[0].text == "refused"
    assert status.left_alone == ("s9: too new",)
    assert status.set_aside == (str(tmp_path / "set-aside" / "odd"),)
    told = json.loads(json.dumps(status.to_dict()))
    assert told["outages"] == [{"tracking_uri": "http://a", "text": "refused", "since_ms": 5}]
    assert told["drained"] is True
