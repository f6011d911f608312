"""Runs inside runs of other sessions: a pipeline and its steps, each with a journal of its own."""

from __future__ import annotations

import time

from nbship.model.event import RunBegan, RunEnded, RunLogged, SessionClosed, SessionOpened
from nbship.model.run import RunStatus
from nbship.recording.journal import SpoolWriter
from nbship.recording.process import this_process
from nbship.recording.recorder import Recorder
from nbship.recording.status import spool_status
from nbship.store.reader import download_artifact_text, search

PARENT, FIRST, SECOND = "a" * 32, "b" * 32, "c" * 32


def begin(spool, session, run, parent=None, experiment="flights"):
    writer = SpoolWriter.create(spool.path, SessionOpened(session, this_process(), holder="runner"))
    root = (spool.path.parent / "artifacts").as_uri()
    writer.append(
        RunBegan(run, session, spool.tracking_uri, experiment, 1000, parent=parent, artifact_root=root)
    )
    return writer


def end(writer, run):
    writer.append(RunEnded(run, RunStatus.FINISHED, 2000))
    writer.append(SessionClosed(2000))
    writer.close()


def advance(recorder, spool, events=0):
    """Let the recorder work until no more than so many events wait."""
    deadline = time.monotonic() + 60
    while recorder.step() and spool_status(spool.path).events > events:
        assert time.monotonic() < deadline, spool_status(spool.path)
        time.sleep(0.01)


def parents(spool):
    """Return each run's parent, by name."""
    found = search(spool.tracking_uri).runs
    names = {run.id: run.name for run in found}
    return {run.name: names.get(run.tags.get("mlflow.parentRunId")) for run in found}


def test_steps_lie_in_the_run_of_their_pipeline_wherever_it_was_recorded(spool):
    parent = begin(spool, "1-pipeline", PARENT)
    first = begin(spool, "2-first", FIRST, PARENT)
    end(first, FIRST)
    recorder = Recorder(spool.path)
    advance(recorder, spool)
    second = begin(spool, "3-second", SECOND, PARENT)  # the parent is known to the recorder by now
    end(second, SECOND)
    end(parent, PARENT)
    advance(recorder, spool)
    recorder.stop()
    assert parents(spool) == {"1-pipeline": None, "2-first": "1-pipeline", "3-second": "1-pipeline"}
    assert spool_status(spool.path).drained


def test_another_recorder_finds_the_parent_in_the_store(spool):
    parent = begin(spool, "1-pipeline", PARENT)
    end(parent, PARENT)
    recorder = Recorder(spool.path)
    advance(recorder, spool)
    recorder.stop()
    assert not (spool.path / "1-pipeline").exists()
    end(begin(spool, "2-late", FIRST, PARENT), FIRST)
    recorder = Recorder(spool.path)
    advance(recorder, spool)
    recorder.stop()
    assert parents(spool) == {"1-pipeline": None, "2-late": "1-pipeline"}


def test_a_parent_that_is_nowhere_is_told_and_loses_nothing(spool):
    writer = begin(spool, "1-orphan", FIRST, PARENT)
    writer.append(RunLogged(FIRST, params={"a": "1"}))
    end(writer, FIRST)
    recorder = Recorder(spool.path)
    advance(recorder, spool)
    recorder.stop()
    (run,) = search(spool.tracking_uri).runs
    assert run.params == {"a": "1"}
    assert "mlflow.parentRunId" not in run.tags
    warnings = download_artifact_text(spool.tracking_uri, run, "nbship/warnings.json")
    assert f"its parent run {PARENT} is not in the store" in warnings
