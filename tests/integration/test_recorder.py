from __future__ import annotations

import json
import os
import signal
import sys
import time

import pytest

from nbship.model.event import SessionClosed
from nbship.model.run import RunStatus
from nbship.recording.journal import encode_line
from nbship.recording.launch import ensure_recorder
from nbship.recording.recorder import Recorder
from nbship.recording.session import DEATH_REASON
from nbship.recording.status import drain, run_ids, spool_status, wait_for_session
from nbship.store.reader import download_artifact_text, get, list_artifacts, metric_history, search

QUICK = ("--idle-seconds", "0.5")


def runs(spool):
    return search(spool.tracking_uri).runs


def drain_here(spool, **options):
    """Let a recorder in this process do all that can be done now: mlflow is imported here already."""
    recorder = Recorder(spool.path, **options)
    deadline = time.monotonic() + 60
    while recorder.step() and not recorder.stuck:
        assert time.monotonic() < deadline, spool_status(spool.path)
        time.sleep(0.01)
    recorder.stop()


def ledger(spool, run):
    return json.loads(download_artifact_text(spool.tracking_uri, run, "nbship/ledger.json"))


def test_a_run_arrives_with_all_its_parts(spool):
    spool.kernel("whole", "one").wait()
    assert spool_status(spool.path).events == 8
    assert spool.recorder("--once").wait(60) == 0

    (run,) = runs(spool)
    assert (run.name, run.status, run.experiment) == ("run of one", RunStatus.FINISHED, "flights")
    assert run.params == {"depth": "3"}
    assert run.metrics == {"auc": 0.5}
    assert [(data.name, data.digest, data.rows) for data in run.datasets] == [("flights", "d" * 32, 9)]
    assert run.ended_ms is not None
    assert list_artifacts(spool.tracking_uri, run) == (
        "nbship/data.json", "nbship/ledger.json", "notebook.html", "notebook.ipynb",
    )  # fmt: skip
    assert [cell["source"] for cell in ledger(spool, run)["executions"]] == ["x = load()", "y = train(x)"]
    assert spool_status(spool.path).drained
    assert not (spool.path / "one").exists()


def test_a_second_run_on_equal_data_links_to_the_first(spool):
    spool.kernel("whole", "one").wait()
    drain_here(spool)
    spool.kernel("whole", "two").wait()
    spool.kernel("whole", "three", digest="e" * 32).wait()
    drain_here(spool)
    one, two, three = (get(spool.tracking_uri, f"run of {name}") for name in ("one", "two", "three"))
    assert json.loads(two.tags["nbship.lineage"]) == [
        {"run": one.id, "dataset": "flights", "digest": "d" * 32}
    ]
    assert "nbship.lineage" not in one.tags
    assert "nbship.lineage" not in three.tags


def test_a_killed_kernel_leaves_a_killed_run(spool, eventually):
    kernel = spool.kernel("hang", "one")
    assert kernel.stdout.readline() == "hanging\n"
    spool.recorder(*QUICK)
    eventually(lambda: runs(spool) and runs(spool)[0].metrics, what="the run's arrival")
    assert runs(spool)[0].status is RunStatus.RUNNING
    killed = time.monotonic()
    kernel.kill()
    eventually(lambda: runs(spool)[0].status is RunStatus.KILLED, 30, "the run's end")
    assert time.monotonic() - killed < 30

    (run,) = runs(spool)
    assert run.tags["nbship.reason"] == DEATH_REASON
    record = ledger(spool, run)
    assert [cell["status"] for cell in record["executions"]] == ["ok", "killed"]
    assert record["cells"] == [1]
    notebook = json.loads(download_artifact_text(spool.tracking_uri, run, "notebook.ipynb"))
    assert notebook["cells"][-1]["outputs"][-1]["ename"] == "KernelDied"
    eventually(lambda: not (spool.path / "one").exists(), what="the session's deletion")


def test_a_kernel_that_died_before_the_recorder_came_is_closed_at_its_last_sign_of_life(spool):
    kernel = spool.kernel("hang", "one")
    kernel.stdout.readline()
    kernel.kill()
    kernel.wait()
    journal = spool.path / "one" / "journal.jsonl"
    with journal.open("ab") as file:
        file.write(b'{"c":"00000000","e":{"kind":"RunLog')  # torn: it was killed while it wrote
    long_ago = time.time() - 3600
    os.utime(journal, (long_ago, long_ago))
    assert not spool_status(spool.path).drained
    drain_here(spool)
    (run,) = runs(spool)
    assert run.status is RunStatus.KILLED
    assert run.metrics == {"auc": 0.5}
    assert run.ended_ms == int(long_ago * 1000)


def test_a_session_that_closes_with_an_open_run_leaves_none_running(spool):
    kernel = spool.kernel("hang", "one")
    kernel.stdout.readline()
    kernel.kill()
    kernel.wait()
    with (spool.path / "one" / "journal.jsonl").open("ab") as file:
        file.write(encode_line(SessionClosed(1_000)))
    drain_here(spool)
    (run,) = runs(spool)
    assert run.status is RunStatus.KILLED
    assert not (spool.path / "one").exists()


def test_a_killed_recorder_loses_and_doubles_nothing(spool, eventually):
    kernel = spool.kernel("stream", "one")
    kernel.stdout.readline()
    for seen in (1, 20, 60):
        recorder = spool.recorder(*QUICK)
        eventually(lambda seen=seen: _steps(spool) >= seen, what=f"{seen} steps")
        recorder.kill()
        recorder.wait()
    kernel.wait(60)
    assert spool.recorder("--once").wait(60) == 0
    (run,) = runs(spool)
    assert run.status is RunStatus.FINISHED
    assert [point.step for point in metric_history(spool.tracking_uri, run.id, "auc")] == list(range(200))
    assert "nbship.warnings" in run.tags
    assert run.tags["nbship.warnings"] == "0"


def _steps(spool) -> int:
    found = runs(spool)
    return len(metric_history(spool.tracking_uri, found[0].id, "auc")) if found else 0


def test_a_lost_cursor_doubles_nothing(spool):
    kernel = spool.kernel("hang", "one")
    kernel.stdout.readline()
    assert spool.recorder("--once").wait(60) == 0  # it does not wait for a living kernel
    assert run_ids(spool.path / "one")
    (before,) = runs(spool)
    (spool.path / "one" / "cursor.json").write_text("{torn")
    kernel.kill()
    kernel.wait()
    drain_here(spool)
    (after,) = runs(spool)
    assert after.id == before.id
    assert after.status is RunStatus.KILLED


def test_two_recorders_of_one_spool_are_one(spool, eventually):
    spool.kernel("whole", "one").wait()
    first, second = spool.recorder(*QUICK), spool.recorder(*QUICK)
    assert (first.wait(60), second.wait(60)) == (0, 0)
    (run,) = runs(spool)
    assert run.status is RunStatus.FINISHED


def test_two_recorders_of_two_spools_make_one_new_database(spool, tmp_path):
    uri = f"sqlite:///{tmp_path / 'fresh' / 'new.db'}"
    other = type(spool)(tmp_path / "other", uri)
    spool.kernel("whole", "one", uri=uri).wait()
    other.kernel("whole", "two").wait()
    both = [spool.recorder("--once"), other.recorder("--once")]
    try:
        assert [recorder.wait(90) for recorder in both] == [0, 0]
        assert {run.name for run in search(uri).runs} == {"run of one", "run of two"}
    finally:
        other.stop()


def test_what_is_no_session_is_set_aside_and_named(spool):
    spool.kernel("whole", "good").wait()
    (spool.path / "broken").mkdir()
    (spool.path / "broken" / "journal.jsonl").write_bytes(b"garbage\n")
    (spool.path / "notes.txt").write_text("mine")
    drain_here(spool)
    assert len(runs(spool)) == 1
    aside = spool.path / "set-aside"
    assert spool_status(spool.path).set_aside == (str(aside / "broken"), str(aside / "notes.txt"))
    assert (aside / "notes.txt").read_text() == "mine"
    assert (aside / "broken" / "journal.jsonl").read_bytes() == b"garbage\n"


def test_a_corrupt_line_costs_that_line_only(spool):
    spool.kernel("whole", "one").wait()
    journal = spool.path / "one" / "journal.jsonl"
    lines = journal.read_bytes().split(b"\n")
    (bad,) = [index for index, line in enumerate(lines) if b'"RunLogged"' in line]
    lines[bad] = lines[bad].replace(b"0.5", b"0.9")
    journal.write_bytes(b"\n".join(lines))
    drain_here(spool)
    (run,) = runs(spool)
    assert run.status is RunStatus.FINISHED
    assert run.metrics == {}
    assert run.tags["nbship.warnings"] == "1"
    offset = sum(len(line) + 1 for line in lines[:bad])
    (kept,) = (spool.path / "set-aside").iterdir()
    assert kept.name == f"one-{offset}.line"
    warnings = json.loads(download_artifact_text(spool.tracking_uri, run, "nbship/warnings.json"))
    assert f"byte {offset}" in warnings[0]


def test_a_store_that_is_down_does_not_hold_up_another(spool, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    spool.kernel("whole", "down", uri="http://127.0.0.1:9").wait()
    spool.kernel("whole", "up").wait()
    drain_here(spool)
    assert [run.name for run in runs(spool)] == ["run of up"]
    status = spool_status(spool.path)
    assert status.sessions == 1
    assert [outage.tracking_uri for outage in status.outages] == ["http://127.0.0.1:9"]
    assert status.outages[0].text
    assert 0 < status.outages[0].since_ms <= time.time() * 1000


def test_sessions_of_another_host_wait_for_its_own_recorder(spool):
    spool.kernel("whole", "one").wait()
    journal = spool.path / "one" / "journal.jsonl"
    _rewrite_first_line(journal, host="elsewhere/1")
    drain_here(spool)
    assert runs(spool) == ()
    assert "elsewhere/1" in spool_status(spool.path).left_alone[0]
    drain_here(spool, foreign=True)
    assert len(runs(spool)) == 1


def _rewrite_first_line(journal, **process):
    from dataclasses import replace

    from nbship.recording.journal import encode_line, read_journal

    opened = read_journal(journal).entries[0].event
    _, _, rest = journal.read_bytes().partition(b"\n")
    changed = replace(opened, process=replace(opened.process, **process))
    journal.write_bytes(encode_line(changed) + rest)


def test_sigterm_ends_the_recorder_in_good_order_and_sigint_does_not(spool, eventually):
    kernel = spool.kernel("hang", "one")
    kernel.stdout.readline()
    recorder = spool.recorder(*QUICK)
    eventually(lambda: run_ids(spool.path / "one"), what="the run's id")
    recorder.send_signal(signal.SIGINT)
    recorder.send_signal(signal.SIGTERM)
    assert recorder.wait(30) == 0
    assert spool_status(spool.path).recorder_pid is None


def test_the_recorder_is_launched_once_survives_odd_folders_and_leaves_when_idle(
    spool, tmp_path, monkeypatch, eventually
):
    (tmp_path / "random.py").write_text("raise RuntimeError('the recorder imported from the current folder')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if "site-packages" in path))
    spool.kernel("whole", "one").wait()
    assert ensure_recorder(spool.path, 1.0) is True
    assert ensure_recorder(spool.path, 1.0) is False
    assert wait_for_session(spool.path, "one", 60)
    assert [run.status for run in runs(spool)] == [RunStatus.FINISHED]
    eventually(lambda: spool_status(spool.path).recorder_pid is None, 30, "the recorder's end")
    assert drain(spool.path, wait_seconds=0).drained


def test_waiting_for_a_store_that_is_down_ends_in_time(spool):
    spool.kernel("whole", "one", uri="http://127.0.0.1:9").wait()
    started = time.monotonic()
    assert wait_for_session(spool.path, "one", 1.0) is False
    assert 1.0 <= time.monotonic() - started < 5.0
    assert drain(spool.path, wait_seconds=0.1).sessions == 1


@pytest.mark.slow
def test_what_the_store_refuses_does_not_hold_up_the_rest(spool):
    from nbship.model.event import RunBegan, RunEnded, RunLogged, SessionClosed, SessionOpened
    from nbship.recording.journal import SpoolWriter
    from nbship.recording.process import this_process

    writer = SpoolWriter.create(spool.path, SessionOpened("one", this_process()))
    root = str(spool.path.parent / "artifacts")
    writer.append(
        RunBegan("a" * 32, "r", spool.tracking_uri, "flights", 1, artifact_root=root, params={"lr": "0.1"})
    )
    writer.append(RunLogged("a" * 32, params={"lr": "0.2", "depth?": "3", "a//b": "4"}))
    writer.append(RunLogged("a" * 32, params={f"p{number}": str(number) for number in range(250)}))
    writer.append(RunEnded("a" * 32, RunStatus.FINISHED, 2))
    writer.append(SessionClosed(2))
    writer.close()
    drain_here(spool)
    (run,) = runs(spool)
    assert run.status is RunStatus.FINISHED
    assert len(run.params) == 253
    assert (run.params["lr"], run.params["depth_"], run.params["a__b"]) == ("0.1", "3", "4")
    (warning,) = json.loads(download_artifact_text(spool.tracking_uri, run, "nbship/warnings.json"))
    assert "parameter lr was not stored" in warning
