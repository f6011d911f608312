from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from nbship.errors import UsageError
from nbship.model.step import StepRequest, StepResult, StepState
from nbship.pipeline.executors import FutureExecutor
from step_fakes import FakeKernel, notebook, until


def request(*cells):
    return StepRequest("s", notebook(*cells))


def test_a_pool_of_processes_runs_steps():
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        executor = FutureExecutor(pool, FakeKernel())
        assert (executor.name, executor.workers) == ("ProcessPoolExecutor", 2)
        assert (
            executor.submit(request("import os; metrics['pid'] = os.getpid()")).result(60).metrics["pid"]
            != os.getpid()
        )


def test_a_process_that_dies_is_a_lost_worker_and_the_pool_stays_broken():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        executor = FutureExecutor(pool, FakeKernel())
        deadly = request(f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})")
        result = executor.submit(deadly).result(60)
        assert (result.state, result.failure.kind) == (StepState.KILLED, "lost worker")
        assert executor.submit(request("1")).result(60).failure.kind == "lost worker"


def test_what_the_runner_raises_is_the_step_s_failure():
    def refuse(asked, **_):
        raise OSError("no kernel")

    with ThreadPoolExecutor(1) as pool:
        result = FutureExecutor(pool, refuse).submit(request()).result(20)
    assert (result.state, result.failure.kind, result.failure.message) == (
        StepState.FAILED,
        "start",
        "OSError: no kernel",
    )
    assert any("refuse" in line for line in result.failure.traceback)


def test_a_waiting_step_is_taken_back_and_a_running_one_goes_on():
    gate = threading.Event()

    def run(asked, **_):
        gate.wait(20)
        return StepResult("s", StepState.COMPLETED)

    with ThreadPoolExecutor(1) as pool:
        executor = FutureExecutor(pool, run)
        running, waiting = executor.submit(request()), executor.submit(request())
        until(executor._inner[running].running)
        executor.cancel(running)
        executor.cancel(waiting)
        gate.set()
        assert waiting.result(20).state is StepState.NOT_RUN
        assert running.result(20).state is StepState.COMPLETED
        executor.shutdown(cancel_futures=True)


def test_an_executor_that_does_not_tell_its_width_needs_it():
    class Plain(Executor):
        def submit(self, function, /, *args, **kwargs):
            future = Future()
            future.set_result(function(*args, **kwargs))
            return future

    with pytest.raises(UsageError, match="give workers=N"):
        FutureExecutor(Plain(), FakeKernel())
    executor = FutureExecutor(Plain(), FakeKernel(), workers=3)
    assert executor.submit(request("1")).result(20).state is StepState.COMPLETED
