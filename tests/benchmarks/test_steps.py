"""Executed notebooks beside papermill's: one notebook, a sweep, bytes written, and pipelines that have little to do.

``BENCHMARK_SIZE=full pytest tests/benchmarks/test_steps.py -s`` prints the tables. Each comparison takes turns within one run; no time is
asserted.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from kernels import Project, make_project
from nbship.model.step import StepRequest, StepState
from nbship.pipeline.kernels.managers import servers
from nbship.recording.status import drain, spool_status
from step_fakes import notebook
from warm_kernels import private_servers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

FULL = os.environ.get("BENCHMARK_SIZE") == "full"
"""The figures that are quoted are of the full size, which takes five minutes; as tests these only show that they work."""

ROUNDS = 7 if FULL else 1
POINTS = 12 if FULL else 2
WORKERS = 2
STEPS = 200 if FULL else 8
IDLE_STEPS = 20

IRIS = (
    (
        "import pandas as pd\nfrom sklearn.datasets import load_iris\nfrom sklearn.linear_model import LogisticRegression\n"
        "from sklearn.model_selection import cross_val_score"
    ),
    "seed = 0",
    "iris = load_iris(as_frame=True)\nframe: pd.DataFrame = iris.frame\nframe.head()",
    (
        "model = LogisticRegression(max_iter=300)\nX, y = iris.data.sample(frac=1, random_state=seed), iris.target\n"
        "scores = cross_val_score(model, X, y.loc[X.index], cv=3)"
    ),
    "print(scores.mean())",
)


def written(path: Path, *cells: str, parameters: int | None = None) -> Path:
    """Write a notebook; the cell at `parameters` declares them."""
    tags = {} if parameters is None else {parameters: ["parameters"]}
    named = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps(notebook(*cells, tags=tags) | {"metadata": named}), encoding="utf-8")
    return path


@pytest.fixture
def project(mlflow_store, tmp_path) -> Iterator[Project]:
    """A project whose children see compiled modules, as users have them, and kernel servers of its own."""
    with private_servers() as folder:
        made = make_project(tmp_path / "project", mlflow_store)
        made.environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        made.environment["NBSHIP_KERNEL_FOLDER"] = str(folder)
        yield made
        drain(made.spool, wait_seconds=120)


@pytest.fixture(scope="module")
def mlflow_store(tmp_path_factory) -> Path:
    from nbship.store.connection import connect

    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    connect(f"sqlite:///{path}")
    return path


def run(project: Project, *words: str) -> float:
    """Run a command of this Python and return how long it took."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *words],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return time.perf_counter() - started


def nbship(project: Project, *words: str) -> float:
    return run(project, "-m", "nbship", *words)


def papermill(project: Project, *words: str) -> float:
    return run(project, "-m", "papermill", "--no-progress-bar", *words)


def medians(ways: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Return the median of each way; they take turns, and the first turn of each is not counted."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, way in ways.items():
            times[name].append(way())
    return {name: statistics.median(values[1:]) for name, values in times.items()}


def test_one_notebook(project):
    source = str(written(project.folder / "iris.ipynb", *IRIS, parameters=1))
    given = ("-p", "seed", "1")
    p50 = medians(
        {
            "papermill": lambda: papermill(project, source, "theirs.ipynb", *given),
            "nbship --no-track": lambda: nbship(project, "run", source, "a.ipynb", *given, "--no-track"),
            "nbship": lambda: nbship(project, "run", source, "b.ipynb", *given, "--no-wait"),
            "nbship, waited for": lambda: nbship(project, "run", source, "c.ipynb", *given, "--wait"),
            "nbship --no-warm": lambda: nbship(
                project, "run", source, "d.ipynb", *given, "--no-warm", "--no-wait"
            ),
            "python -c pass": lambda: run(project, "-c", "pass"),
        },
        ROUNDS,
    )
    print(f"\n{'iris notebook':<20} {'p50 s':>7} {'papermill /':>12}")
    for name, value in p50.items():
        print(f"{name:<20} {value:>7.2f} {p50['papermill'] / value:>11.1f}x")

    assert p50["nbship"] < p50["papermill"]


def test_a_sweep_from_a_cold_start(project):
    source = str(written(project.folder / "iris.ipynb", *IRIS, parameters=1))
    seeds = [str(seed) for seed in range(POINTS)]
    shutil.rmtree(project.folder / ".nbship")
    (project.folder / ".nbship").mkdir()
    assert servers() == []
    ours = nbship(
        project, "sweep", source, "--grid", f"seed={','.join(seeds)}", "--workers", str(WORKERS), "--no-wait"
    )
    drain(project.spool, wait_seconds=120)
    started = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda seed: papermill(project, source, f"{seed}.ipynb", "-p", "seed", seed), seeds))
    theirs = time.perf_counter() - started
    print(
        f"\nsweep of {POINTS}, {WORKERS} workers: papermill {theirs:.1f} s, nbship {ours:.1f} s from a cold start, ",
        end="",
    )
    print(f"{theirs / ours:.1f}x")

    assert ours < theirs


def test_bytes_written(project, monkeypatch):
    import papermill as pm
    from papermill.iorw import LocalHandler

    from nbship.pipeline.execution import executed
    from nbship.pipeline.execution.step import run_step

    plot = (
        "import base64, os\ndisplay({'image/png': base64.b64encode(os.urandom(150_000)).decode()}, raw=True)"
    )
    source = written(project.folder / "plots.ipynb", "import os", *[plot] * 60)
    sizes: dict[str, list[int]] = {"papermill": [], "nbship": []}
    write, write_notebook_text = LocalHandler.write, executed.write_notebook_text

    def count_theirs(self: Any, text: str, path: str) -> None:
        sizes["papermill"].append(len(text.encode()))
        write(self, text, path)

    def count_ours(text: str, path: str) -> int:
        sizes["nbship"].append(write_notebook_text(text, path))
        return sizes["nbship"][-1]

    monkeypatch.setattr(LocalHandler, "write", count_theirs)
    monkeypatch.setattr(executed, "write_notebook_text", count_ours)
    seconds = {}
    started = time.perf_counter()
    pm.execute_notebook(str(source), str(project.folder / "theirs.ipynb"), progress_bar=False)
    seconds["papermill"] = time.perf_counter() - started
    started = time.perf_counter()
    content, target = json.loads(source.read_text()), str(project.folder / "ours.ipynb")
    assert run_step(StepRequest("plots", content, output_path=target)).state is StepState.COMPLETED
    seconds["nbship"] = time.perf_counter() - started
    print(f"\n{'61 cells, 12 MB':<16} {'writes':>7} {'MB':>7} {'final MB':>9} {'s':>6}")
    for name, all_writes in sizes.items():
        print(
            f"{name:<16} {len(all_writes):>7} {sum(all_writes) / 1e6:>7.1f} {all_writes[-1] / 1e6:>9.1f} {seconds[name]:>6.1f}"
        )

    assert sum(sizes["nbship"]) < sum(sizes["papermill"])


def pipeline_of(project: Project, count: int, *, cache: bool) -> str:
    folder = project.folder / f"{count}"
    folder.mkdir()
    for index in range(count):
        written(folder / f"step{index}.ipynb", f"x = {index}")
    tables = [
        f'[steps.s{index}]\nnotebook = "step{index}.ipynb"\ncache = {str(cache).lower()}\n'
        for index in range(count)
    ]
    file = folder / "pipeline.toml"
    file.write_text('name = "many"\n\n' + "\n".join(tables))
    return str(file)


def test_a_pipeline_with_nothing_to_do(project):
    file = pipeline_of(project, IDLE_STEPS, cache=True)
    nbship(project, "pipeline", "run", file, "--wait")
    p50 = medians(
        {
            "python -c 'import nbship.cli'": lambda: run(project, "-c", "import nbship.cli"),
            "nbship --version": lambda: nbship(project, "--version"),
            "nbship pipeline run": lambda: nbship(project, "pipeline", "run", file, "--no-wait"),
            "nbship pipeline run --wait": lambda: nbship(project, "pipeline", "run", file, "--wait"),
        },
        ROUNDS,
    )
    start = p50["python -c 'import nbship.cli'"]
    print(f"\n{f'{IDLE_STEPS} steps, all cached':<30} {'p50 s':>7} {'beyond the start':>17}")
    for name, value in p50.items():
        print(f"{name:<30} {value:>7.2f} {value - start:>17.2f}")

    assert p50["nbship pipeline run"] > start


def cpu_seconds(project: Project) -> dict[str, float]:
    """Return what each part has used so far: children of this process, the servers with their kernels, the recorder."""
    mine = os.times()
    kernels = [sum(psutil.Process(server.pid).cpu_times()[:4]) for server in servers()]
    recorder = spool_status(project.spool).recorder_pid
    return {
        "runner": mine.children_user + mine.children_system,
        "kernels": sum(kernels),
        "recorder": sum(psutil.Process(recorder).cpu_times()[:4]) if recorder else 0.0,
    }


PLAIN_RUNNER = f"""
import json, sys
from concurrent.futures import ThreadPoolExecutor
from nbship.model.step import StepRequest
from nbship.pipeline.execution.step import run_step
notebook = json.loads(open(sys.argv[1]).read())
requests = [StepRequest(f"s{{i}}", notebook, output_path=f"{{i}}.out.ipynb") for i in range({STEPS})]
with ThreadPoolExecutor({WORKERS}) as pool:
    assert all(result.warm and result.state.succeeded for result in pool.map(run_step, requests))
"""


def test_many_steps_without_work(project):
    file = pipeline_of(project, STEPS, cache=False)
    one = written(project.folder / "one.ipynb", "x = 1")
    project.environment["NBSHIP_RECORDER_IDLE_SECONDS"] = "60"
    for _ in range(2):  # a server and a recorder are there
        nbship(project, "run", str(one), "--wait")
    rows: dict[str, dict[str, float]] = {}
    ways: dict[str, Callable[[], float]] = {
        "steps, no record": lambda: run(project, "-c", PLAIN_RUNNER, str(one)),
        "pipeline, tracked": lambda: nbship(
            project, "pipeline", "run", file, "--workers", str(WORKERS), "--no-wait"
        ),
    }
    for name, way in ways.items():
        before = cpu_seconds(project)
        wall = way()
        rows[name] = {"wall": wall} | {
            part: used - before[part] for part, used in cpu_seconds(project).items()
        }
    print(
        f"\n{f'{STEPS} steps, ms per step':<24}" + "".join(f"{part:>10}" for part in rows["steps, no record"])
    )
    for name, row in rows.items():
        print(f"{name:<24}" + "".join(f"{value / STEPS * 1000:>10.0f}" for value in row.values()))
    print("(wall is of two workers together; the rest is CPU time)")

    assert all(row["wall"] > 0 for row in rows.values())
