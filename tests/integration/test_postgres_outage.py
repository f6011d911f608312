from __future__ import annotations

import json
import time

import pytest

from nbship.model.run import RunStatus
from nbship.recording.status import drain, spool_status, wait_for_session
from nbship.store.reader import download_artifact_text, get, list_artifacts, metric_history, search

pytestmark = pytest.mark.slow


def test_a_team_server_receives_runs_and_an_outage_loses_none(spool, team_server, eventually):
    uri = team_server.uri
    spool.recorder("--idle-seconds", "60")
    spool.kernel("whole", "before", uri=uri).wait()
    assert wait_for_session(spool.path, "before", 60)
    before = get(uri, "run of before")
    assert before.status is RunStatus.FINISHED
    assert before.params == {"depth": "3"}
    assert [(data.name, data.rows) for data in before.datasets] == [("flights", 9)]
    assert "notebook.html" in list_artifacts(uri, before)
    assert len(json.loads(download_artifact_text(uri, before, "nbship/ledger.json"))["executions"]) == 2

    kernel = spool.kernel("stream", "during", uri=uri)
    kernel.stdout.readline()
    eventually(lambda: _steps(uri, "run of during") > 5, what="the first steps")
    team_server.stop()
    kernel.wait(60)
    spool.kernel("whole", "after", uri=uri).wait()
    eventually(lambda: spool_status(spool.path).outages, what="the outage in the status")
    status = spool_status(spool.path)
    assert status.sessions == 2
    assert status.events > 0
    assert status.outages[0].tracking_uri == uri
    assert status.outages[0].since_ms <= time.time() * 1000

    team_server.start()
    assert drain(spool.path, wait_seconds=60).drained
    assert spool_status(spool.path).outages == ()
    assert _steps(uri, "run of during") == 200
    # The server is shared with other tests.
    assert {(run.name, run.status) for run in search(uri).runs if run.name.startswith("run of")} == {
        ("run of before", RunStatus.FINISHED),
        ("run of during", RunStatus.FINISHED),
        ("run of after", RunStatus.FINISHED),
    }
    assert json.loads(get(uri, "run of after").tags["nbship.lineage"])[-1]["run"] == before.id


def _steps(uri: str, name: str) -> int:
    found = [run for run in search(uri).runs if run.name == name]
    return len(metric_history(uri, found[0].id, "auc")) if found else 0
