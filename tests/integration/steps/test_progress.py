"""`--progress json` of real runs, sweeps and pipelines, as another program reads it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import psutil
import pytest

from executed_steps import save_notebook
from nbship.store import reader
from warm_kernels import eventually

pytestmark = pytest.mark.usefixtures("shared_servers")

PARAMETERS = {0: ["parameters"]}
TALKS = "import sys\nprint('epoch 1')\nprint('{\"no\": \"progress\"}')\nprint('a warning', file=sys.stderr)"
WAITS = (
    "from pathlib import Path\nimport os\nPath(f'pid-{lr}').write_text(str(os.getpid()))\nwhile True: pass"
)
PIPELINE = """
name = "flights"
[steps.prepare]
notebook = "prepare.ipynb"
[steps.train]
notebook = "train.ipynb"
after = ["prepare"]
"""


@pytest.fixture
def command(folder, mlflow_template):
    """Return a function that starts a command in the project; what it started does not outlive the test."""
    (folder / ".nbship").mkdir()
    (folder / ".nbship" / "mlflow.db").write_bytes(mlflow_template.read_bytes())
    started = []

    def start(*arguments):
        words = [sys.executable, "-m", "nbship", *arguments, "--json", "--progress", "json"]
        environment = {**os.environ, "NBSHIP_RECORDER_IDLE_SECONDS": "1"}
        process = subprocess.Popen(
            words,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def finish(process):
    """Return exit code, result, progress and log."""
    out, err = process.communicate(timeout=180)
    lines = err.splitlines()
    objects = [json.loads(line) for line in lines if line.startswith("{")]
    return process.returncode, json.loads(out), objects, [line for line in lines if not line.startswith("{")]


def is_gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_step_tells_its_cells_and_what_they_print(command, folder):
    save_notebook(
        folder / "nb.ipynb", "lr: float = 0.1", TALKS, "raise ValueError('no rows')", tags=PARAMETERS
    )
    code, result, objects, log = finish(command("run", "nb.ipynb", "-p", "lr", "0.2"))
    assert (code, result["state"]) == (3, "failed")
    assert [objects[0]["state"], objects[-1]["state"]] == ["waiting", "failed"]
    assert "running" in {line["state"] for line in objects}
    assert objects[-1] == {
        "step": "nb",
        "done": objects[-1]["total"] - 1,
        "total": objects[-1]["total"],
        "seconds": result["seconds"],
        "heading": "",
        "state": "failed",
    }
    assert {"epoch 1", ' {"no": "progress"}', "a warning"} <= set(log)
    assert any("ValueError: no rows" in line for line in log)


def test_what_the_cells_print_can_be_left_out(command, folder):
    save_notebook(folder / "nb.ipynb", TALKS)
    code, _, objects, log = finish(command("run", "nb.ipynb", "--no-log-output", "--no-track"))
    assert (code, objects[-1]["state"], log) == (0, "completed", [])


def test_a_pipeline_tells_the_state_of_each_step(command, folder):
    save_notebook(folder / "prepare.ipynb", "rows = 3")
    save_notebook(folder / "train.ipynb", "raise ValueError('no rows')")
    (folder / "pipeline.toml").write_text(PIPELINE)
    code, result, objects, _ = finish(command("pipeline", "run", "pipeline.toml"))
    assert code == 3
    states = [tuple(step["state"] for step in line["steps"]) for line in objects]
    assert states[-1] == ("completed", "failed")
    assert states[0][1] == "waiting"
    assert objects[-1]["edges"] == [["prepare", "train"]]
    failure = objects[-1]["steps"][1]["failure"]
    assert (failure["message"], failure["cell"]) == ("ValueError: no rows", 0)
    assert [step["state"] for step in result["steps"]] == ["completed", "failed"]


def test_a_sweep_tells_the_state_of_each_point(command, folder):
    save_notebook(folder / "nb.ipynb", "lr: float = 0.1", "auc = lr * 2\nauc", tags=PARAMETERS)
    code, result, objects, _ = finish(command("sweep", "nb.ipynb", "--grid", "lr=0.1,0.2", "--metric", "auc"))
    assert (code, result["best"]) == (0, 1)
    assert [point["state"] for point in objects[-1]["points"]] == ["completed", "completed"]
    assert [point["metrics"]["auc"] for point in objects[-1]["points"]] == [0.2, 0.4]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("kind", ["run", "sweep", "pipeline"])
def test_a_signal_ends_the_kernels_and_leaves_true_states(command, folder, kind, number):
    save_notebook(folder / "train.ipynb", "lr: float = 0.1", WAITS, tags=PARAMETERS)
    save_notebook(folder / "prepare.ipynb", "rows = 3")
    (folder / "pipeline.toml").write_text(PIPELINE)
    process = command(
        *{
            "run": ("run", "train.ipynb"),
            "sweep": ("sweep", "train.ipynb", "--grid", "lr=0.1,0.2", "--workers", "1"),
            "pipeline": ("pipeline", "run", "pipeline.toml"),
        }[kind]
    )
    told = folder / "pid-0.1"
    assert eventually(lambda: told.exists() and told.read_text(), 120)
    process.send_signal(number)
    code, result, objects, _ = finish(process)
    assert code == 130
    states = {
        "run": lambda value: [value["state"]],
        "sweep": lambda value: [point["state"] for point in value["points"]],
        "pipeline": lambda value: [step["state"] for step in value["steps"]],
    }[kind]
    expected = {"run": ["killed"], "sweep": ["killed", "not run"], "pipeline": ["completed", "killed"]}[kind]
    assert states(objects[-1]) == states(result) == expected
    assert eventually(lambda: is_gone(int(told.read_text())), 30)
    uri = f"sqlite:///{folder / '.nbship' / 'mlflow.db'}"
    assert eventually(lambda: not any(run.status == "RUNNING" for run in reader.search(uri).runs), 60)
    assert {run.status.value for run in reader.search(uri).runs} <= {"KILLED", "FINISHED"}


def test_work_goes_on_when_nobody_reads_its_progress_any_more(command, folder):
    cell = "from pathlib import Path\nimport time\nPath('begun').touch()\nwhile not Path('go').exists(): time.sleep(0.05)"
    save_notebook(folder / "nb.ipynb", cell, "print('loud')\nPath('done').touch()")
    process = command("run", "nb.ipynb", "--no-track")
    assert eventually((folder / "begun").exists, 120)
    process.stderr.close()
    (folder / "go").touch()
    assert json.loads(process.stdout.read())["state"] == "completed"
    assert process.wait(60) == 0
    assert (folder / "done").exists()
    process.stderr = None
