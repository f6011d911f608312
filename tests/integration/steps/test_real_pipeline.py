"""The scheduler with real kernels and the real record: what a kernel says that it used decides what runs again."""

from __future__ import annotations

import json

import pytest

from nbship.config import load_settings
from nbship.pipeline.execution.step import run_step
from nbship.pipeline.executors import LocalExecutor
from nbship.pipeline.scheduling.schedule import run_pipeline
from nbship.pipeline.scheduling.sweep import SweepTarget, run_sweep
from nbship.service.history import runs, sync
from step_fakes import notebook, pipeline, step

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path):
    (tmp_path / ".nbship").mkdir()
    (tmp_path / "clean.py").write_text("def clean(text):\n    return text.strip()\n")
    (tmp_path / "data.txt").write_text(" raw ")
    return tmp_path


@pytest.fixture
def executor():
    made = LocalExecutor(2, run_step)
    yield made
    made.shutdown(cancel_futures=True)


def made(folder):
    prepare = "import clean\nopen('a.txt', 'w').write(clean.clean(open('data.txt').read()))"
    train = "rows = len(open('a.txt').read()) * factor\nopen('b.txt', 'w').write(str(rows))"
    return pipeline(
        folder,
        step("prepare", prepare, outputs={"a": "a.txt"}),
        step("train", train, inputs=("a",), outputs={"b": "b.txt"}, parameters={"factor": 2}),
    )


def test_edits_of_data_and_modules_run_what_used_them(project, executor):
    settings = load_settings(project)

    def run():
        report = run_pipeline(made(project), executor=executor, settings=settings)
        assert report.succeeded, [item.failure for item in report.steps]
        return {item.name: item.reason for item in report.steps}

    assert run() == {"prepare": "never ran before", "train": "never ran before"}
    assert (project / "b.txt").read_text() == "6"
    assert run() == {"prepare": "nothing changed", "train": "nothing changed"}
    (project / "clean.py").write_text("def clean(text):\n    return text.strip().upper()\n")
    assert run() == {"prepare": "clean.py changed", "train": "input a changed"}
    (project / "data.txt").write_text("rawer")
    assert run() == {"prepare": "data.txt changed", "train": "input a changed"}
    assert (project / "b.txt").read_text() == "10"
    (project / "data.txt").write_text(" raw ")
    assert run() == {"prepare": "nothing changed", "train": "nothing changed"}
    assert (project / "b.txt").read_text() == "6"


def test_the_record_is_one_tree(project, executor):
    settings = load_settings(project)
    report = run_pipeline(made(project), executor=executor, settings=settings)
    sync(settings, wait_seconds=120)
    found = {run.name: run for run in runs(settings).runs}
    parent, train = found["flights"], found["train"]
    assert {run.status.value for run in found.values()} == {"FINISHED"}
    assert train.tags["mlflow.parentRunId"] == parent.id
    assert parent.params == {"train.factor": "2"}
    assert json.loads(train.tags["nbship.inputs"])["a"]["run"] == report.steps[0].run


def test_a_sweep_of_real_kernels(project, executor):
    settings = load_settings(project)
    report = run_sweep(
        notebook("n = 1", "assert n != 2\nsquare = n * n\nsquare", tags={0: ["parameters"]}),
        str(project / "train.ipynb"),
        [{"n": 1}, {"n": 2}, {"n": 3}],
        SweepTarget(cwd=str(project)),
        executor=executor,
        settings=settings,
    )
    assert [point.state.value for point in report.points] == ["completed", "failed", "completed"]
    sync(settings, wait_seconds=120)
    statuses = {run.name: run.status.value for run in runs(settings).runs}
    assert statuses == {"train sweep": "FAILED", "n=1": "FINISHED", "n=2": "FAILED", "n=3": "FINISHED"}
