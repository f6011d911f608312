from __future__ import annotations

import json
import math
import signal
import threading

import pytest

from nbship.errors import UsageError
from nbship.model.run import RunStatus
from nbship.model.step import StepFailure, StepResult, StepState
from nbship.pipeline.executors import LocalExecutor
from nbship.pipeline.scheduling.sweep import SweepTarget, run_sweep
from step_fakes import TEXTS, FakeKernel, FakeRecords, LeapingClock, notebook, settings_of

POINTS = [{"n": number} for number in (2, -3, 3)]


class Bench:
    def __init__(self, folder):
        self.folder = folder
        self.kernel = FakeKernel()
        self.records = FakeRecords()
        self.executor = LocalExecutor(2, self.kernel)
        self.reports = []

    def run(self, made=None, points=POINTS, *, base=None, **options):
        self.kernel.calls.clear()
        # The fake binds parameters before the first cell, where a real run injects them after it.
        made = made or notebook("metrics['square'] = n * n")
        target = SweepTarget(base=base or {}, cwd=str(self.folder))
        return run_sweep(
            made,
            "train.ipynb",
            points,
            target,
            executor=self.executor,
            settings=settings_of(self.folder),
            records=self.records.doors(),
            texts=TEXTS,
            report=options.pop("report", self.reports.append),
            **options,
        )

    @property
    def parent(self):
        return self.records.parents[-1]


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path)
    yield made
    made.executor.shutdown(cancel_futures=True)


def states(report):
    return [point.state.value for point in report.points]


def test_every_point_runs_with_its_parameters_over_the_base(bench):
    report = bench.run(base={"n": 9, "lr": 0.1}, metric="square")
    assert states(report) == ["completed"] * 3
    assert [point.metrics["square"] for point in report.points] == [4, 9, 9]
    assert sorted(call.parameters["n"] for call in bench.kernel.calls) == [-3, 2, 3]
    assert {call.parameters["lr"] for call in bench.kernel.calls} == {0.1}
    assert report.succeeded


def test_points_are_runs_inside_the_sweep_s_run(bench):
    report = bench.run(points=[{"n": 1, "lr": 0.5}])
    parent, child = bench.records.tickets
    assert (child.name, child.parent) == ("n=1 lr=0.5", parent.run)
    assert (parent.name, parent.tags["nbship.kind"]) == ("train sweep", "sweep")
    assert report.run == parent.run
    assert report.points[0].run == child.run


def test_the_first_of_the_best_is_chosen_and_recorded(bench):
    report = bench.run(metric="square")
    assert report.best == 1
    assert bench.parent.params == {"best.n": "-3"}
    assert bench.parent.metrics == {"square": 9}
    assert bench.parent.tags["nbship.best_run"] == report.points[1].run
    assert bench.parent.status is RunStatus.FINISHED
    assert json.loads(bench.parent.artifacts["sweep.json"])["best"] == 1
    assert bench.run(metric="square", maximize=False).best == 0


def test_not_a_number_and_failures_are_never_best(bench):
    source = "metrics['loss'] = [float('nan'), 5.0, 1.0, float('nan')][n]\nassert n != 2"
    report = bench.run(
        notebook(source), [{"n": number} for number in range(4)], metric="loss", maximize=False
    )
    assert report.best == 1
    assert math.isnan(report.points[0].metrics["loss"])
    only = bench.run(notebook("metrics['loss'] = float('nan')"), [{"n": 0}], metric="loss")
    assert only.best is None


def test_a_metric_that_no_point_has_is_said_with_those_that_exist(bench):
    report = bench.run(metric="auc")
    assert report.best is None
    assert report.warnings == ("no point has the metric 'auc'; there are square",)
    silent = bench.run(notebook("pass"), metric="auc")
    assert silent.warnings == ("no point has the metric 'auc'; the notebook records no metrics",)


def test_a_failure_does_not_stop_the_others(bench):
    report = bench.run(notebook("assert n != 2, 'two'", "metrics['n'] = n"))
    assert states(report) == ["failed", "completed", "completed"]
    assert report.points[0].failure.message == "AssertionError: two"
    assert bench.parent.status is RunStatus.FAILED
    assert bench.parent.reason == "1 of 3 points did not complete"


def test_points_overlap(bench):
    meeting = threading.Barrier(2)
    bench.kernel.extra["meet"] = lambda: meeting.wait(20)
    assert bench.run(notebook("meet()"), [{"n": 1}, {"n": 2}]).succeeded


def test_a_sweep_without_points_is_refused(bench):
    with pytest.raises(UsageError, match="no points"):
        bench.run(points=[])
    assert bench.records.tickets == []


def test_resume_takes_completed_points_over(bench):
    bench.kernel.extra["works"] = works = []
    made = notebook("assert works or n != 3", "metrics['n'] = n")
    first = bench.run(made)
    assert states(first) == ["completed", "completed", "failed"]
    works.append(1)
    report = bench.run(made, resume=True, metric="n")
    assert [call.parameters["n"] for call in bench.kernel.calls] == [3]
    assert [point.resumed for point in report.points] == [True, True, False]
    assert [point.run for point in report.points[:2]] == [point.run for point in first.points[:2]]
    assert report.best == 2


@pytest.mark.parametrize("change", ["notebook", "points", "base"])
def test_another_sweep_takes_nothing_over(bench, change):
    bench.run(base={"lr": 1})
    made = notebook("metrics['square'] = n ** 2") if change == "notebook" else None
    points = [*POINTS, {"n": 8}] if change == "points" else POINTS
    report = bench.run(made, points, base={"lr": 2 if change == "base" else 1}, resume=True)
    assert not any(point.resumed for point in report.points)


def test_a_comment_in_the_notebook_is_no_other_sweep(bench):
    bench.run()
    report = bench.run(notebook("# squares\nmetrics['square'] = n*n"), resume=True)
    assert all(point.resumed for point in report.points)


def test_without_resume_everything_runs_again(bench):
    bench.run()
    assert len(bench.kernel.calls) == 3
    report = bench.run()
    assert len(bench.kernel.calls) == 3
    assert not any(point.resumed for point in report.points)


def test_ctrl_c_says_how_to_go_on_and_resume_does(bench):
    bench.kernel.extra["calm"] = calm = []
    made = notebook("n == 2 or calm or stopped.wait(20)", "metrics['n'] = n")

    def interrupt(report):
        if report.points[0].state is StepState.COMPLETED and not report.interrupted:
            signal.raise_signal(signal.SIGINT)

    report = bench.run(made, report=interrupt)
    assert report.interrupted
    assert report.points[0].state is StepState.COMPLETED
    assert {point.state for point in report.points[1:]} <= {StepState.KILLED, StepState.NOT_RUN}
    assert report.warnings == (
        "interrupted with 1 of 3 points done; give the same command again with --resume to run the others",
    )
    assert bench.parent.status is RunStatus.KILLED
    calm.append(1)
    resumed = bench.run(made, resume=True)
    assert resumed.succeeded
    assert sorted(call.parameters["n"] for call in bench.kernel.calls) == [-3, 3]


def test_ctrl_c_again_and_again_leaves_a_record_that_was_killed(bench):
    def interrupt(report):
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        bench.run(report=interrupt)
    assert bench.parent.status is RunStatus.KILLED


def test_retries_are_runs_of_their_own(bench):
    bench.kernel.extra["tries"] = []
    made = notebook("tries.append(1)\nassert len(tries) > 2")
    report = bench.run(made, [{"n": 1}], retries=2, retry_wait_seconds=100, clock=LeapingClock())
    assert report.succeeded
    assert [ticket.tags["nbship.attempt"] for ticket in bench.records.tickets[1:]] == ["1", "2", "3"]


def test_a_lost_worker_is_closed_in_the_record_and_the_point_runs_elsewhere(bench):
    answers = [StepResult("s", StepState.KILLED, failure=StepFailure("lost worker", "it died"))]
    bench.executor = LocalExecutor(
        1, lambda request, **_: answers.pop() if answers else StepResult("s", StepState.COMPLETED)
    )
    assert bench.run(points=[{"n": 1}]).succeeded
    assert bench.records.lost == [("n=1", "it died")]


def test_secrets_and_timeouts_reach_each_point_and_no_file(bench):
    target = SweepTarget(secrets={"token": "hidden-token"}, cell_timeout_seconds=3, timeout_seconds=4)
    run_sweep(
        notebook("pass"),
        "train.ipynb",
        [{"n": 1}],
        target,
        executor=bench.executor,
        settings=settings_of(bench.folder),
        records=bench.records.doors(),
        texts=TEXTS,
    )
    request = bench.kernel.calls[0]
    assert (request.secrets["token"], request.cell_timeout_seconds, request.timeout_seconds) == (
        "hidden-token",
        3,
        4,
    )
    assert "hidden-token" not in "".join(path.read_text() for path in bench.folder.rglob("*.json"))
    assert "hidden-token" not in json.dumps(bench.parent.params)


def test_executed_notebooks_lie_side_by_side(bench, tmp_path):
    report = bench.run(output_folder=tmp_path / "out")
    assert [point.output_path for point in report.points] == [
        str(tmp_path / "out" / f"{index:04d}.ipynb") for index in range(3)
    ]


def test_reports_come_from_the_thread_that_asked(bench):
    threads = set()
    bench.run(report=lambda _: threads.add(threading.get_ident()))
    assert threads == {threading.get_ident()}
