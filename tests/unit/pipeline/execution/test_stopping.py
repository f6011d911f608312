from __future__ import annotations

import threading

from nbship.pipeline.execution.stopping import StopWatch
from step_fakes import until


def test_without_limits_there_is_no_reason_to_stop():
    watch = StopWatch(None, None)
    watch.cell_began(None)
    assert watch.due() is None


def test_a_cell_that_takes_too_long_is_stopped():
    watch = StopWatch(None, None)
    watch.cell_began(0.01)
    until(lambda: watch.due() is not None)
    stop = watch.due()
    assert (stop.kind, stop.message, stop.of_cell) == ("timeout", "the cell took longer than 0.01 s", True)


def test_time_between_two_cells_is_none_of_theirs():
    watch = StopWatch(None, None)
    watch.cell_began(0.01)
    watch.cell_ended()
    threading.Event().wait(0.02)
    assert watch.due() is None


def test_each_cell_has_its_own_time():
    watch = StopWatch(None, None)
    watch.cell_began(0.01)
    watch.cell_ended()
    watch.cell_began(60)
    threading.Event().wait(0.02)
    assert watch.due() is None


def test_the_notebook_as_a_whole_may_take_too_long():
    watch = StopWatch(None, 0.01)
    watch.cell_began(60)
    until(lambda: watch.due() is not None)
    assert watch.due().message == "the notebook took longer than 0.01 s"


def test_an_event_of_the_caller_stops():
    cancel = threading.Event()
    watch = StopWatch(cancel, 60)
    assert watch.due() is None
    cancel.set()
    assert (watch.due().kind, watch.due().of_cell) == ("interrupted", False)


def test_the_first_reason_stays_the_reason():
    cancel = threading.Event()
    watch = StopWatch(cancel, None)
    watch.cell_began(0.01)
    until(lambda: watch.due() is not None)
    cancel.set()
    watch.cell_began(None)
    assert watch.due().kind == "timeout"


def test_asking_twice_is_known():
    watch = StopWatch(None, None)
    watch.cancel()
    assert watch.due().kind == "interrupted"
    assert not watch.asked_twice
    watch.cancel()
    assert watch.asked_twice
