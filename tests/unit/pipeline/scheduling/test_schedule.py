from __future__ import annotations

import json
import signal
import threading
import time

import pytest

from nbship.capture.syntax import parse_cell
from nbship.errors import UsageError
from nbship.model.run import RunStatus
from nbship.model.step import StepFailure, StepResult, StepState
from nbship.pipeline.cache import entry as cache_entry
from nbship.pipeline.cache import key as cache_key
from nbship.pipeline.cache.step_cache import StepCache
from nbship.pipeline.executors import LocalExecutor
from nbship.pipeline.scheduling.pipeline_memory import pipeline_folder
from nbship.pipeline.scheduling.schedule import run_pipeline
from step_fakes import TEXTS, FakeKernel, FakeRecords, LeapingClock, pipeline, settings_of, step

WRITE = "(here / 'a.txt').write_text('a')"


class Bench:
    """A project with a fake kernel; `run` gives the report and leaves all reports on the way in `reports`."""

    def __init__(self, folder, workers=2):
        self.folder = folder
        self.settings = settings_of(folder)
        self.kernel = FakeKernel()
        self.records = FakeRecords()
        self.executor = LocalExecutor(workers, self.kernel)
        self.reports = []
        self.clock = None

    def run(self, made, **options):
        self.kernel.calls.clear()
        self.reports.clear()
        return run_pipeline(
            made,
            executor=self.executor,
            settings=self.settings,
            records=self.records.doors(),
            texts=TEXTS,
            report=options.pop("report", self.reports.append),
            clock=self.clock,
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
    return {item.name: item.state.value for item in report.steps}


def reasons(report):
    return {item.name: item.reason for item in report.steps}


def chain(folder, **last):
    return pipeline(
        folder,
        step("prepare", WRITE, "metrics['rows'] = 3", outputs={"a": "a.txt"}),
        step(
            "train",
            "(here / 'b.txt').write_text(read('a.txt') + str(depth))",
            inputs=("a",),
            outputs={"b": "b.txt"},
            parameters={"depth": 4},
            **last,
        ),
    )


def test_steps_run_in_order_and_the_report_follows_them(bench):
    report = bench.run(chain(bench.folder))
    assert states(report) == {"prepare": "completed", "train": "completed"}
    assert reasons(report) == {"prepare": "never ran before", "train": "never ran before"}
    assert report.succeeded
    assert report.edges == (("prepare", "train"),)
    assert (bench.folder / "b.txt").read_text() == "a4"
    assert bench.kernel.names() == ["prepare", "train"]
    assert [states(item)["prepare"] for item in bench.reports[:2]] == ["waiting", "running"]
    assert bench.reports[-1].steps == report.steps


def test_the_second_time_nothing_runs_and_the_parent_is_still_recorded(bench):
    first = bench.run(chain(bench.folder))
    (bench.folder / "b.txt").unlink()
    second = bench.run(chain(bench.folder))
    assert bench.kernel.calls == []
    assert states(second) == {"prepare": "cached", "train": "cached"}
    assert reasons(second) == {"prepare": "nothing changed", "train": "nothing changed"}
    assert (bench.folder / "b.txt").read_text() == "a4"
    assert [item.run for item in second.steps] == [item.run for item in first.steps]
    assert second.steps[0].metrics == {"rows": 3}
    assert bench.parent.status is RunStatus.FINISHED
    assert len(bench.records.parents) == 2


def test_the_parent_run_holds_parameters_metrics_outputs_and_the_report(bench):
    report = bench.run(chain(bench.folder))
    assert bench.parent.params == {"train.depth": "4"}
    assert bench.parent.metrics == {"prepare.rows": 3}
    assert bench.parent.ticket.tags["nbship.kind"] == "pipeline"
    assert json.loads(bench.parent.tags["nbship.outputs"]) == {
        name: digest for item in report.steps for name, digest in item.outputs.items()
    }
    document = json.loads(bench.parent.artifacts["pipeline.json"])
    assert document["succeeded"] is True
    assert [item["state"] for item in document["steps"]] == ["completed", "completed"]


def test_steps_are_nested_and_tell_where_their_inputs_come_from(bench):
    report = bench.run(chain(bench.folder))
    parent, prepare, train = bench.records.tickets
    assert (prepare.parent, train.parent) == (parent.run, parent.run)
    assert train.tags["nbship.attempt"] == "1"
    made = report.steps[0]
    assert json.loads(train.tags["nbship.inputs"]) == {"a": {"digest": made.outputs["a"], "run": made.run}}


def test_a_changed_parameter_runs_its_step_only(bench):
    bench.run(chain(bench.folder))
    changed = chain(bench.folder)
    changed.steps[1].parameters["depth"] = 6
    report = bench.run(changed)
    assert bench.kernel.names() == ["train"]
    assert reasons(report)["train"] == "parameter depth: 4 -> 6"


def test_a_step_that_runs_anew_with_the_same_output_leaves_the_next_alone(bench):
    bench.run(chain(bench.folder))
    made = chain(bench.folder)
    made.steps[0].content["cells"][0]["source"] = "(here / 'a.txt').write_text('A'.lower())"
    report = bench.run(made)
    assert states(report) == {"prepare": "completed", "train": "cached"}
    assert reasons(report)["prepare"] == "cell 1 changed"


def test_force_and_cache_false_run_every_time(bench):
    bench.run(chain(bench.folder))
    assert set(reasons(bench.run(chain(bench.folder), force=True)).values()) == {"--force"}
    report = bench.run(chain(bench.folder, cache=False))
    assert reasons(report) == {"prepare": "nothing changed", "train": "cache = false"}


def test_independent_steps_overlap(bench):
    meeting = threading.Barrier(2)
    bench.kernel.extra["meet"] = lambda: meeting.wait(20)
    report = bench.run(pipeline(bench.folder, step("a", "meet()"), step("b", "meet()")))
    assert report.succeeded  # each waited until the other ran too


def test_no_more_steps_run_at_once_than_there_are_workers(tmp_path):
    bench = Bench(tmp_path, workers=2)
    running, most, lock = [], [], threading.Lock()

    def work():
        with lock:
            running.append(1)
            most.append(len(running))
        threading.Event().wait(0.02)
        with lock:
            running.pop()

    bench.kernel.extra["work"] = work
    bench.run(pipeline(tmp_path, *(step(f"s{index}", "work()") for index in range(8))))
    bench.executor.shutdown()
    assert max(most) == 2


def test_a_failure_stops_what_needs_it_and_nothing_else(bench):
    made = pipeline(
        bench.folder,
        step("bad", "raise ValueError('no rows')", outputs={"x": "x.txt"}),
        step("good", WRITE, outputs={"a": "a.txt"}),
        step("next", "pass", inputs=("x",)),
        step("last", "pass", after=("next",)),
        step("beside", "read('a.txt')", inputs=("a",)),
    )
    report = bench.run(made)
    expected = {
        "bad": "failed",
        "good": "completed",
        "next": "not run",
        "last": "not run",
        "beside": "completed",
    }
    assert states(report) == expected
    assert reasons(report)["next"] == reasons(report)["last"] == "step bad failed"
    assert not report.succeeded
    assert bench.parent.status is RunStatus.FAILED
    assert bench.parent.reason == "step bad failed: ValueError: no rows"


def test_a_declared_output_that_was_not_written_fails_the_step(bench):
    report = bench.run(pipeline(bench.folder, step("prepare", "pass", outputs={"a": "data/a.txt"})))
    assert states(report) == {"prepare": "failed"}
    assert report.steps[0].failure.message == "step prepare completed but did not write data/a.txt"


def test_an_output_that_was_left_as_it_was_is_not_kept(bench):
    (bench.folder / "a.txt").write_text("from before")
    made = pipeline(bench.folder, step("prepare", "pass", outputs={"a": "a.txt"}))
    report = bench.run(made)
    assert report.succeeded
    assert report.warnings == ("step prepare left a.txt as it was, so it is not kept in the cache",)
    assert states(bench.run(made)) == {"prepare": "completed"}


def test_retries_wait_twice_as_long_each_time_and_each_attempt_is_a_run(bench):
    bench.clock = LeapingClock()
    bench.kernel.extra["tries"] = []
    source = "tries.append(1)\nif len(tries) < 4: raise OSError('busy')"
    report = bench.run(pipeline(bench.folder, step("load", source, retries=3, retry_wait_seconds=8.0)))
    assert report.succeeded
    assert report.steps[0].attempts == 4
    assert bench.clock.time == pytest.approx(8 + 16 + 32)
    assert [ticket.tags["nbship.attempt"] for ticket in bench.records.tickets[1:]] == ["1", "2", "3", "4"]
    assert len({ticket.run for ticket in bench.records.tickets}) == 5


def test_a_step_that_fails_more_often_than_it_may_has_failed(bench):
    bench.clock = LeapingClock()
    report = bench.run(pipeline(bench.folder, step("load", "raise OSError('busy')", retries=2)))
    assert (report.steps[0].state, report.steps[0].attempts) == (StepState.FAILED, 3)


def test_a_wait_before_another_attempt_holds_nothing_else_up(bench):
    released = threading.Event()
    bench.kernel.extra.update(released=released, tries=[])
    retried = "tries.append(1)\nif len(tries) == 1: raise OSError\nassert released.is_set()"
    made = pipeline(
        bench.folder,
        step("retried", retried, retries=1, retry_wait_seconds=0.5),
        step("a", "pass"),
        step("b", "released.set()", after=("a",)),
    )
    assert bench.run(made).succeeded


def test_a_lost_worker_is_tried_elsewhere_without_retries_and_its_record_is_closed(tmp_path):
    bench = Bench(tmp_path)
    answers = [StepResult("s", StepState.KILLED, failure=StepFailure("lost worker", "it died"))]

    def run(request, *, progress=None, cancel=None):
        return answers.pop() if answers else StepResult("s", StepState.COMPLETED)

    bench.executor = LocalExecutor(1, run)
    report = bench.run(pipeline(tmp_path, step("s", "pass")))
    assert report.succeeded
    assert report.steps[0].attempts == 2
    assert bench.records.lost == [("s", "it died")]


def test_a_step_that_loses_every_worker_is_given_up(tmp_path):
    bench = Bench(tmp_path)
    lost = StepResult("s", StepState.KILLED, failure=StepFailure("lost worker", "it died"))
    bench.executor = LocalExecutor(1, lambda request, **_: lost)
    report = bench.run(pipeline(tmp_path, step("s", "pass"), step("t", "pass", after=("s",))))
    assert (report.steps[0].state, report.steps[0].attempts) == (StepState.KILLED, 3)
    assert reasons(report)["t"] == "step s was killed"


def test_timeouts_and_secrets_are_asked_for(bench):
    made = pipeline(
        bench.folder,
        step("s", "pass", timeout_seconds=5.0, cell_timeout_seconds=2.0, secrets={"token": "hidden-token"}),
    )
    bench.run(made)
    request = bench.kernel.calls[0]
    assert (request.timeout_seconds, request.cell_timeout_seconds) == (5.0, 2.0)
    assert request.secrets == {"token": "hidden-token"}
    stored = "".join(path.read_text() for path in bench.settings.home.rglob("*.json"))
    assert "hidden-token" not in stored


def test_a_changed_secret_runs_the_step(bench):
    bench.run(pipeline(bench.folder, step("s", "pass", secrets={"token": "one-token"})))
    report = bench.run(pipeline(bench.folder, step("s", "pass", secrets={"token": "two-token"})))
    assert reasons(report) == {"s": "secret token changed"}


def test_what_a_runner_raises_fails_its_step(tmp_path):
    bench = Bench(tmp_path)

    def run(request, *, progress=None, cancel=None):
        raise UsageError("no such kernel: julia")

    bench.executor = LocalExecutor(1, run)
    report = bench.run(pipeline(tmp_path, step("s", "pass"), step("t", "pass", after=("s",))))
    assert states(report) == {"s": "failed", "t": "not run"}
    assert report.steps[0].failure.kind == "start"
    assert "julia" in report.steps[0].failure.message


def test_one_step_alone_needs_its_inputs(bench):
    with pytest.raises(UsageError, match=r"needs a from a\.txt.*Step prepare makes it"):
        bench.run(chain(bench.folder), selected=frozenset({"train"}))
    assert bench.records.parents == []
    (bench.folder / "a.txt").write_text("mine")
    report = bench.run(chain(bench.folder), selected=frozenset({"train"}))
    assert states(report) == {"train": "completed"}
    assert (bench.folder / "b.txt").read_text() == "mine4"


def test_a_step_that_does_not_exist_is_refused_with_the_nearest_name(bench):
    with pytest.raises(UsageError, match="Did you mean train"):
        bench.run(chain(bench.folder), selected=frozenset({"trian"}))


def test_a_missing_source_is_refused(bench):
    made = pipeline(bench.folder, step("s", "pass", inputs=("raw",)), sources={"raw": "raw.csv"})
    with pytest.raises(UsageError, match=r"needs raw from raw\.csv"):
        bench.run(made)


def test_a_changed_source_or_read_file_runs_the_step(bench):
    made = pipeline(
        bench.folder,
        step("s", "read('raw.csv'); read('more.csv')", inputs=("raw",)),
        sources={"raw": "raw.csv"},
    )
    (bench.folder / "raw.csv").write_text("1")
    (bench.folder / "more.csv").write_text("1")
    bench.run(made)
    assert states(bench.run(made)) == {"s": "cached"}
    (bench.folder / "more.csv").write_text("2")
    assert reasons(bench.run(made)) == {"s": "more.csv changed"}
    (bench.folder / "raw.csv").write_text("2")
    assert reasons(bench.run(made)) == {"s": "input raw changed"}


def test_a_failed_step_says_so_when_it_runs_again(bench):
    made = pipeline(bench.folder, step("s", "raise ValueError"))
    bench.run(made)
    assert reasons(bench.run(made)) == {"s": "did not complete before"}


def test_resume_begins_with_what_failed(bench):
    bench.kernel.extra["works"] = works = []
    made = pipeline(
        bench.folder,
        step("first", WRITE, outputs={"a": "a.txt"}, cache=False),
        step("second", "assert works", inputs=("a",), cache=False),
        step("third", "pass", after=("second",), cache=False),
    )
    bench.run(made)
    works.append(1)
    report = bench.run(made, resume=True)
    assert bench.kernel.names() == ["second", "third"]
    assert reasons(report)["first"] == "completed in the run before"
    assert bench.run(made).succeeded
    assert bench.kernel.names() == ["first", "second", "third"]


def test_resume_runs_what_is_defined_differently_or_lost_its_output(bench):
    made = pipeline(
        bench.folder,
        step("a", WRITE, outputs={"a": "a.txt"}, cache=False),
        step("b", "pass", parameters={"n": 1}, cache=False),
    )
    bench.run(made)
    made.steps[1].parameters["n"] = 2
    assert states(bench.run(made, resume=True)) == {"a": "cached", "b": "completed"}
    (bench.folder / "a.txt").write_text("edited")
    assert states(bench.run(made, resume=True)) == {"a": "completed", "b": "cached"}


def test_the_state_file_is_true_at_every_moment(bench):
    seen = []
    file = pipeline_folder(bench.settings, chain(bench.folder)) / "last.json"
    bench.run(chain(bench.folder), report=lambda _: seen.append(json.loads(file.read_text())["steps"]))
    assert seen[0] == {}
    assert "running" in [item["prepare"]["state"] for item in seen if "prepare" in item]
    assert {name: item["state"] for name, item in seen[-1].items()} == {
        "prepare": "completed",
        "train": "completed",
    }


def test_ctrl_c_stops_everything_and_says_so(bench):
    begun = threading.Event()
    bench.kernel.extra["begun"] = begun
    made = pipeline(
        bench.folder,
        step("long", "begun.set()\nassert stopped.wait(20)"),
        step("next", "pass", after=("long",)),
    )

    def interrupt(report):
        if report.steps[0].state is StepState.RUNNING and begun.wait(20):
            signal.raise_signal(signal.SIGINT)

    report = bench.run(made, report=interrupt)
    assert report.interrupted
    assert states(report) == {"long": "killed", "next": "not run"}
    assert reasons(report)["next"] == "interrupted"
    assert bench.parent.status is RunStatus.KILLED


def test_ctrl_c_in_the_middle_of_waiting_is_heard(bench):
    begun = threading.Event()
    bench.kernel.extra["begun"] = begun
    main = threading.main_thread().ident

    def interrupt():
        begun.wait(20)
        signal.pthread_kill(main, signal.SIGINT)

    threading.Thread(target=interrupt).start()
    report = bench.run(pipeline(bench.folder, step("long", "begun.set()\nassert stopped.wait(20)")))
    assert report.interrupted
    assert states(report) == {"long": "killed"}


def test_an_interrupted_pipeline_goes_on_where_it_was(bench):
    bench.kernel.extra["finished"] = finished = []

    def interrupt(report):
        if report.steps[0].state is StepState.COMPLETED and not finished:
            finished.append(1)
            signal.raise_signal(signal.SIGINT)

    made = pipeline(
        bench.folder,
        step("a", WRITE, outputs={"a": "a.txt"}, cache=False),
        step("b", "len(finished) > 1 or stopped.wait(20)", inputs=("a",), cache=False),
    )
    assert bench.run(made, report=interrupt).interrupted
    finished.append(2)
    assert states(bench.run(made, resume=True)) == {"a": "cached", "b": "completed"}


def test_an_error_of_the_caller_ends_the_record(bench):
    def broken(report):
        raise RuntimeError("the screen is gone")

    with pytest.raises(RuntimeError, match="screen"):
        bench.run(chain(bench.folder), report=broken)
    assert bench.parent.status is RunStatus.FAILED


def test_reports_come_from_the_thread_that_asked(bench):
    threads = set()
    bench.run(chain(bench.folder), report=lambda _: threads.add(threading.get_ident()))
    assert threads == {threading.get_ident()}


def test_progress_reaches_the_report(bench):
    gate = threading.Event()
    bench.kernel.extra["gate"] = gate
    headings = set()

    def watch(report):
        progress = report.steps[0].progress
        if progress is not None:
            headings.add(progress.heading)
            gate.set()

    bench.run(pipeline(bench.folder, step("s", "gate.wait(20)", "x = 1")), report=watch)
    assert "gate.wait(20)" in headings


def test_twenty_steps_with_nothing_to_do_cost_little(bench):
    cells = [f"x{index} = [value * {index} for value in range(10)]\nprint(x{index})" for index in range(30)]
    steps = [
        step(f"s{index}", *cells, f"(here / 'o{index}').write_text('x')", outputs={f"o{index}": f"o{index}"})
        for index in range(20)
    ]
    made = pipeline(bench.folder, *steps)
    bench.run(made)
    for remembered in (cache_key._cell_digest, parse_cell, cache_entry.installed_version):
        remembered.cache_clear()  # as in a new process
    started = time.process_time()
    report = bench.run(made)
    assert set(states(report).values()) == {"cached"}, [(step.name, step.reason) for step in report.steps]
    print(f"20 cached steps: {time.process_time() - started:.3f} s of CPU")


def test_steps_with_the_same_work_share_the_cache_whatever_their_names(bench):
    bench.run(pipeline(bench.folder, step("one", WRITE, outputs={"a": "a.txt"})))
    (bench.folder / "a.txt").unlink()
    report = bench.run(pipeline(bench.folder, step("renamed", WRITE, outputs={"a": "a.txt"})))
    assert states(report) == {"renamed": "cached"}
    assert (bench.folder / "a.txt").read_text() == "a"


def test_an_output_that_is_gone_from_the_cache_is_made_again(bench):
    bench.run(chain(bench.folder))
    (bench.folder / "a.txt").unlink()
    cache = StepCache(bench.settings)
    for path in cache.objects.objects():
        path.write_text("damaged")
    report = bench.run(chain(bench.folder))
    assert reasons(report) == {"prepare": "outputs are gone from the cache", "train": "nothing changed"}


def test_kernels_are_prepared_when_something_runs_and_not_before(tmp_path):
    bench = Bench(tmp_path)
    asked = []
    bench.executor = LocalExecutor(2, bench.kernel, lambda modules, kernels: asked.append((modules, kernels)))
    made = pipeline(tmp_path, step("s", "import pandas"), step("t", "import pandas; 1"))
    bench.run(made)
    assert asked == [(("pandas",), 2)]
    bench.run(made)
    assert len(asked) == 1


def test_kernels_that_cannot_be_prepared_are_no_failure(tmp_path):
    bench = Bench(tmp_path)

    def refuse(modules, kernels):
        raise OSError("no sockets here")

    bench.executor = LocalExecutor(1, bench.kernel, refuse)
    assert bench.run(pipeline(tmp_path, step("s", "pass"))).succeeded


def test_executed_notebooks_go_where_they_are_asked(bench, tmp_path):
    report = bench.run(pipeline(bench.folder, step("s", "pass")), output_folder=tmp_path / "executed")
    assert report.steps[0].output_path == str(tmp_path / "executed" / "s.ipynb")
