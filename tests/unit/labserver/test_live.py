"""What runs now, and bringing to the store what waits."""

from __future__ import annotations

import math
import time

import pytest

from nbship.config import load_settings
from nbship.model.cell import CellExecution, CellStatus
from nbship.model.event import CellBegan, MetricPoint, RunBegan, RunEnded, RunLogged, SessionOpened
from nbship.model.run import RunStatus
from nbship.recording.journal import SpoolWriter
from nbship.recording.layout import new_session_name
from nbship.recording.process import this_process

RUN = "a" * 32
NAME = "<img src=x onerror=alert(1)>"


@pytest.fixture
def kernel(project):
    """Return the journal of a kernel that has just begun a run."""
    settings = load_settings(project)
    opened = SessionOpened(new_session_name(), this_process(), source="prices.ipynb", project=str(project))
    writer = SpoolWriter.create(settings.spool, opened)
    now = int(time.time() * 1000)
    writer.append(RunBegan(RUN, NAME, settings.tracking_uri, "prices", now, cell=0))
    writer.append(CellBegan(CellExecution(0, "%%track\nfit()", "0", CellStatus.RUNNING, 3, "cell-1")))
    yield writer
    writer.close()


async def test_nothing_runs_in_a_new_project(ask):
    status, answer = await ask("GET", "live")
    assert (status, answer["sessions"], answer["spool"]["drained"]) == (200, [], True)
    assert answer["outage"] is None


async def test_a_run_is_told_while_it_goes_on_and_when_it_ends(ask, kernel):
    points = (MetricPoint("loss", 0.5, 1, 0), MetricPoint("loss", math.nan, 2, 1))
    kernel.append(RunLogged(RUN, metrics=points, params={"lr": "0.1"}))
    kernel.sync()
    (session,) = (await ask("GET", "live"))[1]["sessions"]
    (run,) = session["runs"]
    assert (session["source"], session["alive"], run["status"], run["name"]) == (
        "prices.ipynb",
        True,
        "RUNNING",
        NAME,
    )
    assert session["cell"]["cell_id"] == "cell-1"
    assert [point["value"] for point in run["histories"]["loss"]] == [0.5, "NaN"]
    kernel.append(RunEnded(RUN, RunStatus.FINISHED, int(time.time() * 1000), cells=(0,), needed=(0,)))
    kernel.sync()
    answer = (await ask("GET", "live"))[1]
    assert answer["sessions"][0]["runs"][0]["status"] == "FINISHED"
    assert answer["spool"]["events"] > 0


async def test_what_waits_goes_to_the_store_on_request(ask, kernel, project):
    kernel.append(RunEnded(RUN, RunStatus.FINISHED, int(time.time() * 1000), cells=(0,), needed=(0,)))
    kernel.sync()
    await ask("GET", "live")
    status, answer = await ask("POST", "sync", body={"wait_seconds": 30})
    assert (status, answer["drained"]) == (200, True), answer
    run = (await ask("GET", "live"))[1]["sessions"][0]["runs"][0]
    assert run["store_run_id"] is not None


async def test_nothing_is_started_where_nothing_waits(ask):
    assert (await ask("POST", "sync"))[1]["recorder_pid"] is None


@pytest.mark.parametrize("wait", [-1, 31, "x", None])
async def test_a_wait_that_is_none_is_refused(ask, wait):
    assert (await ask("POST", "sync", body={"wait_seconds": wait}))[0] == 400
