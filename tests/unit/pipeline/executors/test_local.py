from __future__ import annotations

import threading

import pytest

from nbship.errors import UsageError
from nbship.model.step import StepProgress, StepRequest, StepResult, StepState
from nbship.pipeline.executors import LocalExecutor
from nbship.pipeline.scheduling.attempts import Attempt
from step_fakes import until


def request(name="s"):
    return StepRequest(name, {"cells": []})


def completed(asked, *, progress=None, cancel=None):
    return StepResult(asked.name, StepState.COMPLETED)


def until_cancelled(asked, *, progress=None, cancel=None):
    assert cancel.wait(20)
    return StepResult(asked.name, StepState.KILLED)


@pytest.fixture
def executor():
    made = LocalExecutor(1, until_cancelled)
    yield made
    made.shutdown(cancel_futures=True)


def test_a_result_comes_back():
    executor = LocalExecutor(2, completed)
    assert executor.submit(request("a")).result(20) == StepResult("a", StepState.COMPLETED)
    executor.shutdown()


def test_progress_is_passed_on():
    seen = []

    def tells(asked, *, progress=None, cancel=None):
        progress(StepProgress(asked.name, 0, 1, 0.0))
        return completed(asked)

    executor = LocalExecutor(1, tells)
    executor.submit(request(), seen.append, resources={"GPU": 1}).result(20)
    assert [item.step for item in seen] == ["s"]
    executor.shutdown()


def test_a_running_step_is_told_to_stop_and_a_waiting_one_never_begins(executor):
    running, waiting = executor.submit(request("a")), executor.submit(request("b"))
    until(running.running)
    executor.cancel(waiting)
    executor.cancel(running)
    assert running.result(20).state is StepState.KILLED
    assert waiting.cancelled()
    executor.cancel(running)  # once more is no harm


def test_shutting_down_with_cancellation_ends_everything(executor):
    futures = [executor.submit(request(name)) for name in "abc"]
    until(futures[0].running)
    executor.shutdown(cancel_futures=True)
    assert all(future.done() for future in futures)


def test_no_workers_are_refused():
    with pytest.raises(UsageError, match="0 workers"):
        LocalExecutor(0, completed)


def test_an_attempt_that_is_cancelled_first_is_not_run(executor):
    attempt = Attempt(executor)
    attempt.cancel()
    result = attempt.run(request(), lambda _: None)
    assert (result.state, result.failure.kind) == (StepState.NOT_RUN, "interrupted")


def test_an_attempt_can_be_cancelled_while_it_runs_or_waits(executor):
    attempts = [Attempt(executor), Attempt(executor)]
    results = []
    threads = [
        threading.Thread(target=lambda one=one: results.append(one.run(request(), lambda _: None)))
        for one in attempts
    ]
    for thread, attempt in zip(threads, attempts, strict=True):
        thread.start()
        until(lambda one=attempt: one._future is not None)
    for attempt in attempts:
        attempt.cancel()
    for thread in threads:
        thread.join(20)
    assert {result.state for result in results} <= {StepState.KILLED, StepState.NOT_RUN}
    assert len(results) == 2
