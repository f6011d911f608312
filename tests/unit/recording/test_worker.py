from __future__ import annotations

import threading
import time
from contextlib import contextmanager

import pytest

from nbship.errors import StoreError
from nbship.model.event import RunBegan, RunLogged, SessionOpened
from nbship.recording import worker as worker_module
from nbship.recording.journal import SpoolWriter
from nbship.recording.process import this_process
from nbship.recording.session import Session
from nbship.recording.worker import StoreWorker
from nbship.store.refusal import RefusedError

URI = "sqlite:////nowhere/a.db"


@pytest.fixture
def session(tmp_path):
    writer = SpoolWriter.create(tmp_path, SessionOpened("s1", this_process()))
    writer.append(RunBegan("a", "a", URI, "e", 1))
    for number in range(4):
        writer.append(RunLogged("a", tags={"number": str(number)}))
    writer.close()
    return Session(writer.folder)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(worker_module, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(worker_module, "LONGEST_PAUSE_SECONDS", 0.02)


@contextmanager
def working(apply, answers=lambda: True):
    worker = StoreWorker(URI, apply, answers)
    try:
        yield worker
    finally:
        worker.stop(10)


def until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline


def feed(worker, session):
    tasks = session.poll()
    for task in tasks:
        worker.put(task)
    return tasks


def test_tasks_are_applied_in_order_and_the_cursor_follows(session):
    done = []
    with working(lambda task, in_doubt: done.append((task.end, in_doubt))) as worker:
        tasks = feed(worker, session)
        until(lambda: worker.idle)
    assert done == [(task.end, True) for task in tasks]
    assert session.cursor.lanes == {URI: tasks[-1].end}


def test_a_store_that_is_down_is_asked_again_until_it_answers(session, quick):
    attempts = []

    def apply(task, in_doubt):
        attempts.append(task.end)
        if len(attempts) < 4:
            raise StoreError("connection refused")

    with working(apply) as worker:
        tasks = feed(worker, session)
        until(lambda: worker.idle)
        assert worker.outage is None
    assert attempts == [tasks[0].end] * 3 + [task.end for task in tasks]


def test_an_outage_names_its_reason_and_begin_and_holds_the_cursor(session):
    gate = threading.Event()

    def apply(task, in_doubt):
        if not gate.is_set():
            raise StoreError("connection refused")

    with working(apply) as worker:
        tasks = feed(worker, session)
        until(lambda: worker.outage)
        assert worker.outage.text == "connection refused"
        assert worker.outage.since_ms <= time.time() * 1000
        assert worker.waiting_since(session) == tasks[0].start
        gate.set()
        worker.hurry()
        until(lambda: worker.idle)
        assert worker.waiting_since(session) is None


def test_a_refusal_is_a_warning_of_the_run_and_nothing_waits_for_it(session):
    def apply(task, in_doubt):
        if task.event == RunLogged("a", tags={"number": "1"}):
            raise RefusedError("invalid")

    with working(apply) as worker:
        feed(worker, session)
        until(lambda: worker.idle)
    assert session.cursor.warnings == {"a": ["invalid"]}
    assert session.cursor.lost == []


def test_a_fault_of_our_own_costs_one_event_and_keeps_the_session(session):
    def apply(task, in_doubt):
        if isinstance(task.event, RunBegan):
            raise KeyError("oops")

    with working(apply) as worker:
        feed(worker, session)
        until(lambda: worker.idle)
    assert "RunBegan could not be recorded: KeyError" in session.cursor.lost[0]


def test_an_event_at_which_a_living_store_fails_for_ever_is_given_up(session, quick):
    def apply(task, in_doubt):
        if task.event == RunLogged("a", tags={"number": "1"}):
            raise StoreError("internal error")

    with working(apply, answers=lambda: True) as worker:
        tasks = feed(worker, session)
        until(lambda: worker.idle)
    assert session.cursor.lanes == {URI: tasks[-1].end}
    assert session.cursor.lost == ["RunLogged was not stored: internal error"]


def test_a_worker_stops_in_the_middle_of_an_outage(session):
    def apply(task, in_doubt):
        raise StoreError("down")

    with working(apply) as worker:
        feed(worker, session)
        until(lambda: worker.outage)
    assert not worker.idle


def test_a_disk_that_does_not_take_the_cursor_is_waited_for(session, quick, monkeypatch):
    refusals = [OSError(28, "no space left on device")] * 3
    advance = session.cursor.advance

    def full(tracking_uri, offset):
        if refusals:
            raise refusals.pop()
        advance(tracking_uri, offset)

    monkeypatch.setattr(session.cursor, "advance", full)
    with working(lambda task, in_doubt: None) as worker:
        tasks = feed(worker, session)
        until(lambda: worker.idle)
    assert session.cursor.lanes == {URI: tasks[-1].end}
