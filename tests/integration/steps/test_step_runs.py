"""The run that a step leaves in the store, whatever happens to its cells and its kernel."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace

import nbformat
import pytest

from executed_steps import Executed, save_notebook
from kernels import make_project
from nbship import service
from nbship.config import load_settings
from nbship.model.run import RunStatus
from nbship.model.step import StepState
from nbship.pipeline.execution import executed, output_budget
from nbship.pipeline.execution.record import RunRecord, ticket
from nbship.pipeline.execution.step import run_step
from nbship.service import StepOptions
from nbship.service.steps import prepare_step
from nbship.store import reader
from warm_kernels import eventually

PARAMETERS = {0: ["parameters"]}

pytestmark = pytest.mark.usefixtures("shared_servers")

TRAIN = (
    "import datetime\nimport numpy as np\nimport pandas as pd\nfrom sklearn.linear_model import LogisticRegression",
    "rows: int = 400\nC: float = 1.0\nday: datetime.date = datetime.date(2024, 1, 1)\nname = 'all'",
    """rng = np.random.default_rng(7)
flights = pd.DataFrame({'delay': rng.normal(size=rows), 'distance': rng.normal(size=rows)})
flights.to_csv('flights.csv', index=False)""",
    "weather = pd.read_csv('flights.csv')\nlate = weather['delay'] > 0",
    "model = LogisticRegression(C=C).fit(weather, late)\naccuracy = model.score(weather, late)\naccuracy",
)


@pytest.fixture(scope="module")
def project(mlflow_template, tmp_path_factory):
    """One project in a repository of its own for all tests; runs are told apart by their names."""
    made = make_project(tmp_path_factory.mktemp("steps") / "flights", mlflow_template)
    git = ["git", "-C", str(made.folder)]
    (made.folder / "helping.py").write_text("twice = lambda x: 2 * x\n")
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run([*git, *words], check=True)
    yield made
    made.close()


@pytest.fixture(scope="module")
def settings(project):
    return load_settings(project.folder)


@pytest.fixture
def folder(project, monkeypatch):
    monkeypatch.chdir(project.folder)
    return project.folder


@pytest.fixture
def step(folder, settings):
    """Return a function that executes cells as the step of a name, and gives its result."""

    def execute(name, *cells, tags=None, options=None, **more):
        save_notebook(folder / f"{name}.ipynb", *cells, tags=tags)
        return service.run_notebook(settings, f"{name}.ipynb", f"{name}.out.ipynb", options, **more)

    return execute


def output(folder, name):
    return Executed(0, "", "", folder / f"{name}.out.ipynb")


def ledger(project, run):
    return json.loads(project.artifact(run, "nbship/ledger.json"))


def children(project, parent):
    return [run.name for run in project.runs() if run.tags.get("mlflow.parentRunId") == parent.id]


# The whole record


@pytest.fixture(scope="module")
def trained(project, settings, shared_servers):
    """A step with everything: result and run."""
    save_notebook(project.folder / "train.ipynb", *TRAIN, tags={1: ["parameters"]})
    texts = {"C": "0.5", "day": "2024-02-03"}
    options = StepOptions(texts=texts, tags={"team": "delays"}, cwd=str(project.folder))
    target = project.folder / "train.out.ipynb"
    result = service.run_notebook(settings, str(project.folder / "train.ipynb"), str(target), options)
    return result, project.run("train")


def test_a_step_leaves_parameters_metrics_data_and_state(trained):
    result, run = trained
    assert result.state is StepState.COMPLETED, result.failure
    assert result.warnings == ()
    assert run.status is RunStatus.FINISHED
    given = {"C": "0.5", "day": "2024-02-03"}
    assert result.parameters == given
    assert {name: run.params[name] for name in given} == given
    assert run.metrics == result.metrics
    assert 0.9 < run.metrics["accuracy"] <= 1
    assert {"weather"} <= {data.name for data in run.datasets}
    assert (run.tags["nbship.kind"], run.tags["nbship.state"], run.tags["team"]) == (
        "step",
        "completed",
        "delays",
    )
    assert run.tags["mlflow.source.name"] == "train.ipynb"
    assert run.tags["mlflow.source.type"] == "NOTEBOOK"


def test_a_step_keeps_its_notebook_its_model_and_its_environment(trained, project):
    _, run = trained
    paths = set(reader.list_artifacts(project.tracking_uri, run))
    assert {
        "executed.ipynb",
        "notebook.ipynb",
        "notebook.html",
        "nbship/ledger.json",
        "nbship/environment.json",
    } <= paths
    whole = nbformat.reads(project.artifact(run, "executed.ipynb"), 4)
    assert whole == nbformat.read(project.folder / "train.out.ipynb", 4)
    restored = nbformat.reads(project.artifact(run, "notebook.ipynb"), 4)
    assert len(restored.cells) >= len(TRAIN)
    assert any("MLmodel" in path for path in paths) or any("model" in key for key in run.tags), paths


def test_a_step_knows_its_repository(trained, project):
    _, run = trained
    commit = subprocess.run(
        ["git", "-C", str(project.folder), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    )
    assert run.tags["mlflow.source.git.commit"] == commit.stdout.strip()
    assert run.tags["mlflow.source.git.branch"] == "main"


def test_a_result_tells_what_the_kernel_used(trained):
    result, _ = trained
    assert {record.path for record in result.files_read} == {"flights.csv"}
    assert {"pandas", "scikit-learn", "numpy"} <= result.distributions.keys()
    assert "ipykernel" not in result.distributions
    assert json.loads(json.dumps(result.to_dict()))["state"] == "completed"


def test_local_modules_are_part_of_the_result(step):
    result = step("modules", "import helping\nhelping.twice(2)")
    assert set(result.modules) == {"helping.py"}


def test_the_same_notebook_tracked_interactively_gives_the_same_record(step, project):
    assert step("batch", *TRAIN, tags={1: ["parameters"]}).state is StepState.COMPLETED
    kernel = project.kernel()
    kernel.run("%track on interactive")
    for index, source in enumerate(TRAIN):
        tags = ["parameters"] if index == 1 else []
        reply = kernel.run(source, {"cellId": f"c{index}", "tags": tags})
        assert reply.status == "ok", reply
    kernel.run("%track off")

    def record(one):
        data = json.loads(project.artifact(one, "nbship/data.json"))["datasets"]
        cells = [cell for cell in ledger(project, one)["executions"] if not cell["source"].startswith("%")]
        return {
            "metrics": one.metrics,
            "data": {(item["name"], item["fingerprint"]["digest"]) for item in data},
            "hashes": [cell["source_hash"] for cell in cells],
            "tags": [cell["tags"] for cell in cells],
            "params": one.params,
        }

    mine, theirs = record(project.run("batch")), record(project.run("interactive"))
    assert mine["data"]
    assert mine["params"]
    assert mine == theirs


# Runs in runs


def test_steps_lie_in_the_run_of_who_asked_for_them(project, folder, settings):
    parent = RunRecord(ticket(settings, "whole", tags={"nbship.kind": "pipeline"}))
    parent.begin({"a": "1"})
    for name in ("inner-one", "inner-two"):
        save_notebook(folder / f"{name}.ipynb", "x = 1")
        request = prepare_step(settings, f"{name}.ipynb", None, StepOptions())
        asked = ticket(settings, name, parent=parent.ticket.run)
        assert run_step(replace(request, ticket=asked)).state is StepState.COMPLETED
    parent.end(RunStatus.FINISHED)
    run = project.run("whole")
    assert (run.status, run.params) == ("FINISHED", {"a": "1"})
    assert sorted(children(project, run)) == ["inner-one", "inner-two"]


def test_tracked_cells_of_the_notebook_are_children(step, project):
    result = step(
        "outer", "%load_ext nbship", "%%track child -p depth=3\naccuracy = len('a') / 2", "other = 2"
    )
    assert result.state is StepState.COMPLETED, result.failure
    run = project.run("outer")
    assert children(project, run) == ["child"]
    child = project.run("child")
    assert (child.params["depth"], child.metrics["accuracy"], child.status) == ("3", 0.5, "FINISHED")
    assert result.warnings == ()


def test_switching_tracking_in_the_notebook_does_no_harm(step, project, folder):
    lines = (
        "%load_ext nbship",
        "%track on",
        "a = 1",
        "%track off",
        "%reload_ext nbship",
        "%unload_ext nbship",
        "score = len('a') / 2",
    )
    result = step("switched", *lines)
    assert result.state is StepState.COMPLETED, result.failure
    run = project.run("switched")
    assert (run.status, run.metrics) == ("FINISHED", {"score": 0.5})
    assert [cell["source"] for cell in ledger(project, run)["executions"]] == list(lines)
    assert len([one for one in project.runs() if one.tags.get("mlflow.parentRunId") == run.id]) == 0
    assert "executed as a step" in output(folder, "switched").text


def test_the_users_own_calls_of_mlflow_land_in_the_run(step, project):
    cell = "import mlflow\nmlflow.log_metric('own', 0.25)\nmlflow.log_param('mine', 'x')\nmlflow.set_tag('t', 'u')"
    result = step("own-mlflow", cell, "auc = len('abc') / 4", "mlflow.log_metric('own', 0.5, step=1)")
    assert result.state is StepState.COMPLETED, result.failure
    run = project.run("own-mlflow")
    assert run.metrics == {"own": 0.5, "auc": 0.75}
    assert (run.params["mine"], run.tags["t"], run.status) == ("x", "u", "FINISHED")
    assert run.tags["nbship.state"] == "completed"


# Kernels that do not record themselves


def test_a_kernel_without_nbship_is_recorded_from_outside(step, project, folder, kernelspec, tmp_path):
    broken = tmp_path / "shadow" / "nbship"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('of another environment')\n")
    kernelspec("foreign", env={"PYTHONPATH": str(broken.parent)})
    options = StepOptions(kernel_name="foreign", values={"x": 5})
    result = step("foreign", "x = 1", "print(x)\nx * 2", tags=PARAMETERS, options=options)
    assert result.state is StepState.COMPLETED, result.failure
    assert any(
        "could not record itself: ImportError: of another environment" in text for text in result.warnings
    )
    run = project.run("foreign")
    assert (run.status, run.params) == ("FINISHED", {"x": "5"})
    assert run.tags["nbship.state"] == "completed"
    cells = ledger(project, run)["executions"]
    assert [(cell["source"], cell["status"]) for cell in cells] == [
        ("x = 1", "ok"),
        ("# Parameters\nx = 5", "ok"),
        ("print(x)\nx * 2", "ok"),
    ]
    assert cells[-1]["outputs"][0]["text"] == "5\n"
    assert cells[-1]["execution_count"] == 3
    assert run.tags["mlflow.source.git.branch"] == "main"
    assert output(folder, "foreign").printed[-1] == "5\n"


def test_a_step_may_be_recorded_from_outside_on_wish(project, folder, settings):
    save_notebook(folder / "outside.ipynb", "auc = 0.5", "raise ValueError('a')", "b = 1")
    options = StepOptions(values={"api_key": "hunter22-geheim", "rows": 3})
    request = prepare_step(settings, "outside.ipynb", None, options)
    result = run_step(replace(request, capture=False))
    assert (result.state, result.metrics, result.files_read) == (StepState.FAILED, {}, ())
    run = project.run("outside")
    assert (run.status, run.params) == ("FAILED", {"api_key": "***", "rows": "3"})
    cells = ledger(project, run)["executions"]
    assert [cell["status"] for cell in cells] == ["ok", "ok", "error"]
    assert cells[-1]["error"]["ename"] == "ValueError"


# How it may end


def ends(project, step, name, *cells, **options):
    result = step(name, *cells, **options)
    return result, project.run(name)


def test_an_exception_fails_the_run(step, project, folder):
    result, run = ends(project, step, "raises", "a = 1", "raise ValueError('no\\nrows')", "b = 2")
    assert (result.state, result.failure.kind, result.failure.cell) == (StepState.FAILED, "exception", 1)
    assert result.failure.message == "ValueError: no"
    assert "rows" in "\n".join(result.failure.traceback)
    assert (run.status, run.tags["nbship.state"], run.tags["nbship.reason"]) == (
        "FAILED",
        "failed",
        "ValueError: no",
    )
    assert [cell["status"] for cell in ledger(project, run)["executions"]] == ["ok", "error"]
    assert output(folder, "raises").states == ["completed", "failed", "not run"]


def test_a_kernel_that_dies_ends_the_run_killed(step, project, folder):
    result, run = ends(
        project, step, "dies", "a = 0.5", "import os\nprint('x', flush=True)\nos._exit(3)", "b = 2"
    )
    assert (result.state, result.failure.kind, result.failure.cell) == (StepState.KILLED, "dead kernel", 1)
    assert (run.status, run.tags["nbship.state"]) == ("KILLED", "killed")
    assert run.tags["nbship.reason"] == "the kernel died (exit code 3)"
    assert [cell["status"] for cell in ledger(project, run)["executions"]] == ["ok", "killed"]
    assert output(folder, "dies").states == ["completed", "killed", "not run"]
    assert "executed.ipynb" in reader.list_artifacts(project.tracking_uri, run)


def test_a_timeout_fails_the_run(step, project, folder):
    options = StepOptions(cell_timeout_seconds=0.5)
    cells = ("a = 0.5", "import time\ntime.sleep(60)", "b = 2")
    result, run = ends(project, step, "slow", *cells, options=options)
    assert (result.state, result.failure.kind, result.failure.cell) == (StepState.TIMED_OUT, "timeout", 1)
    assert (run.status, run.tags["nbship.state"]) == ("FAILED", "timed out")
    assert run.tags["nbship.reason"] == "the cell took longer than 0.5 s"
    assert run.metrics == {}
    assert output(folder, "slow").states == ["completed", "timed out", "not run"]


def test_the_notebook_as_a_whole_has_a_time(step, folder):
    options = StepOptions(timeout_seconds=1.5, track=False)
    result = step("whole-time", *["import time\ntime.sleep(0.5)"] * 20, options=options)
    assert (result.state, result.failure.message) == (
        StepState.TIMED_OUT,
        "the notebook took longer than 1.5 s",
    )
    assert output(folder, "whole-time").states[-1] == "not run"


def test_a_cell_that_does_not_heed_the_interrupt_is_ended_with_its_kernel(step, folder, monkeypatch):
    monkeypatch.setattr("nbship.pipeline.execution.step._EXIT_SECONDS", 0.5)
    stubborn = "import time\nwhile True:\n    try:\n        time.sleep(60)\n    except KeyboardInterrupt:\n        pass"
    options = StepOptions(cell_timeout_seconds=0.3, track=False)
    result = step("stubborn", stubborn, "b = 2", options=options)
    assert (result.state, result.failure.kind) == (StepState.TIMED_OUT, "timeout")
    assert output(folder, "stubborn").states == ["timed out", "not run"]


def test_a_wish_to_stop_ends_the_run_killed(step, project, folder):
    cancel = threading.Event()
    seen = []

    def progress(now):
        seen.append((now.done, now.total, now.heading))
        if now.done == 1:
            cancel.set()

    cells = ("a = 1", "# waits\nimport time\ntime.sleep(60)", "b = 2")
    result, run = ends(project, step, "cancelled", *cells, cancel=cancel, progress=progress)
    assert (result.state, result.failure.kind) == (StepState.KILLED, "interrupted")
    assert seen == [(0, 3, "a = 1"), (1, 3, "# waits")]
    assert (run.status, run.tags["nbship.state"]) == ("KILLED", "killed")
    assert output(folder, "cancelled").states == ["completed", "killed", "not run"]


def test_a_wish_to_stop_before_the_first_cell_runs_none(step, folder):
    cancel = threading.Event()
    cancel.set()
    result = step("never", "a = 1", cancel=cancel, options=StepOptions(track=False))
    assert (result.state, result.failure.kind, result.failure.cell) == (StepState.KILLED, "interrupted", None)
    assert output(folder, "never").states == ["not run"]


@pytest.mark.parametrize(
    ("call", "status", "state"),
    [("sys.exit()", "FINISHED", "completed"), ("sys.exit(2)", "FAILED", "failed")],
)
def test_leaving_ends_the_run_as_the_notebook_says(step, project, call, status, state):
    name = f"leaves-{state}"
    _, run = ends(project, step, name, "import sys\nauc = 0.5", call, "b = 2")
    assert (run.status, run.tags["nbship.state"]) == (status, state)


def test_a_callback_that_fails_leaves_no_run_that_looks_complete(step, project, folder):
    def progress(now):
        if now.done == 1:
            raise RuntimeError("of the caller")

    with pytest.raises(RuntimeError, match="of the caller"):
        step("broken-caller", "a = 1", "b = 2", progress=progress)
    run = project.run("broken-caller")
    assert (run.status, run.tags["nbship.state"]) == ("FAILED", "failed")
    assert output(folder, "broken-caller").states == ["completed", "not run"]


LIBRARY = """
import sys
from nbship import service
from nbship.config import load_settings
from nbship.service import StepOptions
result = service.run_notebook(load_settings(), "waits.ipynb", "waits.out.ipynb", StepOptions(track=False))
print(result.state, result.failure.kind)
"""


@contextmanager
def program_of(text):
    """Run a program; it does not outlive the test."""
    with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True) as program:
        try:
            yield program
        finally:
            program.kill()


def test_ctrl_c_in_a_program_that_uses_the_library_interrupts_the_step(folder):
    cell = "from pathlib import Path\nimport time\nPath('here').touch()\ntime.sleep(60)"
    save_notebook(folder / "waits.ipynb", cell, "b = 2")
    with program_of(LIBRARY) as program:
        assert eventually((folder / "here").exists, 60)
        program.send_signal(signal.SIGINT)
        out, _ = program.communicate(timeout=60)
    assert out == "killed interrupted\n"
    assert output(folder, "waits").states == ["killed", "not run"]


# Much output


def test_a_chatty_cell_completes_and_its_text_is_complete(step, project, folder):
    cell = "import sys\nfor i in range(20_000):\n    print(i, flush=True)\n    print(i, file=sys.stderr) if i % 5000 == 0 else None"
    result, run = ends(project, step, "chatty", cell, "'end'")
    assert result.state is StepState.COMPLETED, result.failure
    outputs = output(folder, "chatty").code_cells[0].outputs
    text = "".join(one.text for one in outputs if one.name == "stdout")
    assert text == "".join(f"{i}\n" for i in range(20_000))
    assert len(outputs) <= 9
    assert run.status == "FINISHED"


def test_what_exceeds_the_caps_is_left_out_and_said(step, folder, monkeypatch):
    monkeypatch.setattr(output_budget, "MAX_STREAM_CHARACTERS", 1000)
    monkeypatch.setattr(output_budget, "MAX_RICH_BYTES", 1000)
    loud = "for i in range(1000):\n    print(i, flush=i % 10 == 0)"
    rich = "for n in (400, 5000, 400):\n    display({'text/plain': 'x' * n}, raw=True)"
    again = "from IPython.display import clear_output\nfor i in range(20):\n    print('y' * 300)\n    display({'text/plain': 'x' * 400}, raw=True)\n    clear_output(wait=i % 2)\nprint('kept')"
    seen = []
    result = step(
        "capped",
        loud,
        rich,
        again,
        options=StepOptions(track=False),
        on_output=lambda _, text: seen.append(text),
    )
    assert result.state is StepState.COMPLETED
    whole = "".join(f"{i}\n" for i in range(1000))
    one, two, three = output(folder, "capped").code_cells
    left_out = len(whole) - 1000
    assert one.outputs[0].text == (
        f"{whole[:500]}\n[nbship: {left_out:,} characters of stdout are left out here; a cell keeps 1,000]\n{whole[-500:]}"
    )
    assert "".join(seen).startswith(whole)
    assert [out.output_type for out in two.outputs] == ["display_data", "stream", "display_data"]
    assert "is left out; a cell keeps" in two.outputs[1].text
    assert [out.text for out in three.outputs] == ["kept\n"]


@pytest.mark.parametrize("kind", ["grows", "exceeds the caps", "is cleared"])
def test_all_that_is_written_is_at_most_three_times_the_end(step, folder, monkeypatch, kind):
    monkeypatch.setattr(executed, "_PAUSE_SECONDS", 0.0)
    if kind == "exceeds the caps":
        monkeypatch.setattr(output_budget, "MAX_STREAM_CHARACTERS", 20_000)
    written = []
    write = executed.write_notebook_text

    def counted(*arguments):
        written.append(write(*arguments))
        return written[-1]

    monkeypatch.setattr(executed, "write_notebook_text", counted)
    clear = "clear_output()" if kind == "is cleared" else "None"
    cell = f"from IPython.display import clear_output\nfor i in range(200):\n    {clear}\n    print('x' * 20_000, flush=True)"
    result = step(kind.replace(" ", "-"), cell, *["print('y' * 1000)"] * 5, options=StepOptions(track=False))
    assert result.state is StepState.COMPLETED
    assert len(written) > 2
    assert sum(written) <= 3 * written[-1]


def test_an_output_folder_that_goes_fails_a_notebook_that_was_complete(step, folder, project):
    (folder / "sub").mkdir()
    save_notebook(folder / "gone.ipynb", "import shutil\nshutil.rmtree('sub')", "auc = 0.5")
    result = service.run_notebook(load_settings(folder), "gone.ipynb", "sub/out.ipynb")
    assert (result.state, result.failure.kind) == (StepState.FAILED, "output")
    run = project.run("gone")
    assert run.status == "FAILED"
    assert "auc = 0.5" in project.artifact(run, "executed.ipynb")


LOUD = """from pathlib import Path
import time
Path('begun').touch()
while not Path('go').exists():
    time.sleep(0.01)
for i in range(5000):
    print(i, flush=True)
Path('printed').touch()"""


@pytest.mark.parametrize("warm", [True, False])
def test_a_runner_that_cannot_keep_up_loses_nothing(folder, warm):
    marks = [folder / name for name in ("begun", "go", "printed")]
    for mark in marks:
        mark.unlink(missing_ok=True)
    begun, go, printed = marks
    save_notebook(folder / "loud.ipynb", LOUD)
    program = LIBRARY.replace("waits", "loud").replace("track=False", f"track=False, warm={warm}")
    program = program.replace("result.failure.kind", "result.failure")
    with program_of(program) as runner:
        assert eventually(begun.exists, 60)
        runner.send_signal(signal.SIGSTOP)
        go.touch()
        assert eventually(printed.exists, 60)
        runner.send_signal(signal.SIGCONT)
        out, _ = runner.communicate(timeout=120)
    assert out == "completed None\n"
    assert output(folder, "loud").text == "".join(f"{i}\n" for i in range(5000))
