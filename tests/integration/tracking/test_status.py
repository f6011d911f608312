"""The status of a run is what happened, also when nobody is left to say so."""

from __future__ import annotations

import os
import signal
import time

import pytest

RUNNING = "%%track long\nprint('started', flush=True)\nimport time\nfor _ in range(600):\n    time.sleep(0.1)"


def begin(kernel):
    """Send a long cell and return when it runs."""
    message = kernel.send(RUNNING)
    kernel.collect(message, until=lambda reply: "started" in reply.text)
    return message


def test_a_cell_that_ends_is_finished(project):
    kernel = project.kernel()
    reply = kernel.run("%%track good\ntotal = sum(range(10))\ntotal")
    run = project.run("good")

    assert run.status == "FINISHED"
    assert run.metrics == {"total": 45}
    assert "FINISHED" in reply.html
    assert "FINISHED" in reply.plain


def test_an_exception_is_failed_with_its_traceback(project):
    kernel = project.kernel()
    reply = kernel.run("%%track bad\nloss = len('ab') * 1.0\nraise ValueError('no such flight')")
    run = project.run("bad")

    assert reply.ename == "ValueError"
    assert run.status == "FAILED"
    assert run.metrics == {"loss": 2.0}
    assert run.tags["nbship.reason"] == "ValueError: no such flight"
    ledger = project.artifact(run, "nbship/ledger.json")
    assert "no such flight" in ledger
    assert "----> 3" in ledger


def test_an_interrupt_is_killed(project):
    kernel = project.kernel()
    message = begin(kernel)
    kernel.manager.interrupt_kernel()
    reply = kernel.collect(message)

    assert reply.ename == "KeyboardInterrupt"
    assert project.run("long").status == "KILLED"


def test_track_off_in_the_middle_is_killed(project):
    kernel = project.kernel()
    reply = kernel.run("%%track given-up\nloss = 0.5 * 2\n%track off\nafterwards = True")

    assert reply.status == "ok"
    assert kernel.run("afterwards").plain == "True"
    assert project.run("given-up").status == "KILLED"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_kernel_that_is_killed_leaves_a_killed_run_without_anyones_help(project, number):
    kernel = project.kernel()
    begin(kernel)
    os.kill(kernel.pid, number)
    run = project.wait_for_status(
        "long", "KILLED", seconds=30 + 15
    )  # a fresh recorder needs seconds to start

    assert run.ended_ms is not None
    ledger = project.artifact(run, "nbship/ledger.json")
    assert "killed" in run.tags["nbship.reason"]
    assert '"status": "killed"' in ledger


def test_a_restart_in_the_middle_is_killed(project):
    kernel = project.kernel()
    begin(kernel)
    kernel.manager.restart_kernel(now=True)
    project.wait_for_status("long", "KILLED", seconds=45)


def test_a_restart_ends_a_tracked_session_as_killed(project):
    kernel = project.kernel()
    kernel.run("%track on restarted")
    kernel.run("loss = 1 / 4")
    kernel.manager.restart_kernel(now=False)
    run = project.run("restarted")

    assert run.status == "KILLED"
    assert run.tags["nbship.reason"] == "the kernel was restarted"


def test_a_kernel_that_ends_while_all_is_well_leaves_a_finished_session(project):
    kernel = project.kernel()
    kernel.run("%track on whole-session")
    kernel.run("loss = 1 / 4")
    kernel.close()

    assert project.run("whole-session").status == "FINISHED"


def test_a_failure_hidden_by_another_cell_magic_is_a_failure(project):
    kernel = project.kernel()
    kernel.run("%%track captured\n%%capture\nraise ValueError('hidden')")

    assert project.run("captured").status == "FAILED"


def test_nothing_stays_running(project):
    kernel = project.kernel()
    for number in range(5):
        kernel.run(f"%%track n{number}\n" + ("1/0" if number % 2 else f"x = {number} * 2"))
    kernel.close()
    statuses = [run.status.value for run in project.runs()]

    assert statuses == ["FINISHED", "FAILED", "FINISHED", "FAILED", "FINISHED"]


def test_a_run_ends_soon_after_its_cell(project):
    kernel = project.kernel()
    kernel.run("%%track quick\nx = 1 + 1")
    run = project.run("quick")

    assert run.duration_seconds < 5
    assert abs(run.started_ms / 1000 - time.time()) < 120
