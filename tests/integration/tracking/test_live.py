"""What a view of the spool tells of a real kernel, while its cells run and until its runs are in the store."""

from __future__ import annotations

import time

import pytest

from nbship.model.cell import CellStatus
from nbship.model.run import RunStatus
from nbship.recording.live import LiveView
from nbship.recording.status import drain
from nbship.store import reader

WAIT = "while not Path('go').exists(): time.sleep(0.02)\nPath('go').unlink()"


@pytest.fixture
def view(project):
    made = LiveView(project.spool)
    yield made
    made.close()


def eventually(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def running(view, name):
    """Return session and run, once the run has a cell that runs."""
    for session in view.sessions():
        for run in session.runs:
            if run.name == name and session.cell is not None:
                return session, run
    return None


def by_name(view):
    return {run.name: run for session in view.sessions() for run in session.runs}


def test_a_tracked_cell_is_seen_while_it_runs_and_never_missing_from_then_on(project, view):
    kernel = project.kernel()
    kernel.run("from pathlib import Path\nimport time\nlr = 0.1")
    sent = kernel.send(f"%%track first\nC = lr * 2\n{WAIT}\nauc = 0.75\nauc", {"cellId": "c-1"})
    session, run = eventually(lambda: running(view, "first"))
    assert (session.pid, session.holder, session.alive) == (kernel.pid, "kernel", True)
    assert (session.cell.first_line, session.cell.cell_id) == ("C = lr * 2", "c-1")
    assert (run.kind, run.status, run.cells) == ("cell", RunStatus.RUNNING, 1)
    eventually(lambda: by_name(view)["first"].store_run_id)

    (project.folder / "go").touch()
    assert kernel.collect(sent).status == "ok"
    ended = by_name(view)["first"]
    assert (ended.status, ended.cell_list[0].status) == (RunStatus.FINISHED, CellStatus.OK)
    assert ended.metrics["auc"] == 0.75
    arrived = eventually(lambda: (found := by_name(view)["first"]).arrived and found)
    (stored,) = [found for found in reader.search(project.tracking_uri).runs if found.name == "first"]
    assert (stored.id, stored.status) == (arrived.store_run_id, RunStatus.FINISHED)
    project.close()
    assert drain(project.spool, wait_seconds=60).drained
    eventually(lambda: not view.sessions(), 20)


def test_a_tracked_session_shows_every_cell_from_its_own_on(project, view):
    kernel = project.kernel()
    kernel.run("from pathlib import Path\nimport time")
    kernel.run("%track on whole")
    kernel.run("a = 1")
    kernel.run("1 / 0")
    sent = kernel.send(WAIT)
    _, run = eventually(lambda: (found := running(view, "whole")) and found[1].cells == 4 and found)
    assert run.kind == "session"
    assert [cell.status for cell in run.cell_list] == ["ok", "ok", "error", "running"]
    assert run.cell_list[2].error == "ZeroDivisionError: division by zero"
    (project.folder / "go").touch()
    kernel.collect(sent)
    kernel.run("%track off")
    assert by_name(view)["whole"].status is not RunStatus.RUNNING


def test_what_a_cell_logs_through_mlflow_is_in_the_store_while_it_runs(project, view):
    kernel = project.kernel()
    kernel.run("from pathlib import Path\nimport time, mlflow")
    sent = kernel.send(
        f"%%track deep\nfor step in range(5): mlflow.log_metric('loss', 1 / (step + 1), step)\n{WAIT}"
    )
    _, run = eventually(lambda: running(view, "deep"))
    assert run.store_run_id is not None
    assert run.metrics == {}
    uri = project.tracking_uri
    found = eventually(lambda: (one := reader.get(uri, run.store_run_id)).metrics.get("loss") == 0.2 and one)
    assert found.status is RunStatus.RUNNING
    (project.folder / "go").touch()
    assert kernel.collect(sent).status == "ok"
