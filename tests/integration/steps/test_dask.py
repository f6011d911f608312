"""A real scheduler and real workers: processes of their own, without nannies, so that what dies stays dead."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from nbship.config import load_settings
from nbship.errors import UsageError
from nbship.model.step import StepRequest, StepState
from nbship.pipeline.execution.step import run_step
from nbship.pipeline.scheduling.schedule import run_pipeline
from nbship.pipeline.scheduling.sweep import SweepTarget, run_sweep
from nbship.service.history import runs, sync
from step_fakes import notebook, pipeline, step, until

pytest.importorskip("distributed", reason="the extra dask is not installed")

from nbship.pipeline.executors.dask import DaskExecutor

pytestmark = pytest.mark.slow


class Cluster:
    """A scheduler and its workers, as the command line starts them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        file = folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)
        )
        until(lambda: file.exists() and file.read_text().strip().endswith("}"), 60)
        self.address = json.loads(file.read_text())["address"]

    def worker(self, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        return self._start(
            "worker", self.address, "--no-nanny", "--no-dashboard", "--nthreads", "1",
            "--local-directory", str(self.folder), *options, **environment,
        )  # fmt: skip

    def _start(self, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{words[0]}-{len(self.processes)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *words],
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        """End the workers while the scheduler still listens, then the scheduler."""
        for process in self.processes[1:]:
            process.terminate()
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def cluster(tmp_path):
    made = Cluster(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    (folder / ".nbship").mkdir(parents=True)
    return folder


def connect(cluster, project, workers):
    executor = DaskExecutor(cluster.address, run_step, load_settings(project), connect_seconds=60)
    until(lambda: len(executor._client.ncores()) == workers, 60)
    return executor


def kill_worker_of(executor: DaskExecutor, step: str, sign: Path) -> None:
    """Kill the worker of a step whose kernel has written a file."""
    until(lambda: sign.exists() and sign.read_text(), 60)
    tasks = [task for task in executor._tasks.values() if task.request.name == step]
    until(lambda: tasks[0].worker, 60)
    os.kill(executor._client.run(os.getpid)[tasks[0].worker], signal.SIGKILL)


def statuses(project: Path) -> dict[str, list[str]]:
    """Return the statuses of all runs by their names, once every record has reached the store."""
    settings = load_settings(project)
    sync(settings, wait_seconds=120)
    found: dict[str, list[str]] = {}
    for run in runs(settings).runs:
        found.setdefault(run.name, []).append(run.status.value)
    return {name: sorted(states) for name, states in found.items()}


def request(project, name, *cells, **settings):
    return StepRequest(name, notebook(*cells), cwd=str(project), **settings)


def kernels_of(pid_file: Path) -> list[int]:
    return [int(line) for line in pid_file.read_text().split()] if pid_file.exists() else []


def test_a_pipeline_survives_the_death_of_a_worker_in_the_middle_of_a_step(cluster, project):
    workers = [cluster.worker(), cluster.worker()]
    executor = connect(cluster, project, 2)
    long = (
        "import os, time, pathlib\n"
        "with open('pids', 'a') as f: f.write(f'{os.getpid()} ')\n"
        "while not pathlib.Path('go').exists(): time.sleep(0.02)\n"
        "pathlib.Path('long.txt').write_text('whole')"
    )
    made = pipeline(
        project,
        step("long", long, outputs={"long": "long.txt"}),
        step("beside", "import pathlib; pathlib.Path('beside.txt').write_text('b')", outputs={"beside": "beside.txt"}),
        step(
            "join",
            "import pathlib\nparts = [pathlib.Path(n).read_text() for n in ('long.txt', 'beside.txt')]\n"
            "pathlib.Path('join.txt').write_text('-'.join(parts))",
            inputs=("long", "beside"),
            outputs={"join": "join.txt"},
        ),
    )  # fmt: skip
    reports = []

    def kill_once_begun():
        kill_worker_of(executor, "long", project / "pids")
        until(lambda: len(kernels_of(project / "pids")) == 2, 120)
        (project / "go").touch()

    killer = threading.Thread(target=kill_once_begun)
    killer.start()
    report = run_pipeline(
        made,
        executor=executor,
        settings=load_settings(project),
        report=reports.append,
    )
    killer.join()
    executor.shutdown()
    assert {item.name: item.state.value for item in report.steps} == dict.fromkeys(
        ["long", "beside", "join"], "completed"
    )
    assert (project / "join.txt").read_text() == "whole-b"
    assert report.steps[0].attempts == 2
    assert statuses(project) == {
        "flights": ["FINISHED"],
        "long": ["FINISHED", "KILLED"],
        "beside": ["FINISHED"],
        "join": ["FINISHED"],
    }
    assert not [
        item
        for item in reports
        if item.steps[0].state is StepState.COMPLETED and not (project / "go").exists()
    ]
    until(lambda: not any(psutil.pid_exists(pid) for pid in kernels_of(project / "pids")), 30)
    assert sum(worker.poll() is not None for worker in workers) == 1


def test_a_sweep_goes_on_without_the_worker_that_died(cluster, project):
    cluster.worker()
    cluster.worker()
    executor = connect(cluster, project, 2)
    cells = (
        "n = 0",
        (
            "import os, time, pathlib\n"
            "if n == 1 and not pathlib.Path('killed').exists():\n"
            "    pathlib.Path('killed').write_text(str(os.getpid()))\n"
            "    time.sleep(600)\n"
            "pathlib.Path(f'{n}.txt').write_text(str(n * n))"
        ),
    )

    killer = threading.Thread(target=kill_worker_of, args=(executor, "n=1", project / "killed"))
    killer.start()
    report = run_sweep(
        notebook(*cells, tags={0: ["parameters"]}),
        "train.ipynb",
        [{"n": number} for number in range(4)],
        SweepTarget(cwd=str(project)),
        executor=executor,
        settings=load_settings(project),
    )
    killer.join()
    executor.shutdown()
    assert [point.state.value for point in report.points] == ["completed"] * 4
    assert [(project / f"{number}.txt").read_text() for number in range(4)] == ["0", "1", "4", "9"]
    until(lambda: not psutil.pid_exists(int((project / "killed").read_text())), 30)


def test_a_running_step_is_cancelled_and_its_kernel_ends(cluster, project):
    cluster.worker()
    executor = connect(cluster, project, 1)
    seen = []
    cell = "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(600)"
    running = executor.submit(request(project, "long", cell), seen.append)
    waiting = executor.submit(request(project, "waits", "1"))
    until(lambda: (project / "pid").exists() and (project / "pid").read_text(), 60)
    until(lambda: seen, 20)
    executor.cancel(waiting)
    executor.cancel(running)
    assert running.result(60).state is StepState.KILLED
    assert waiting.result(60).state is StepState.NOT_RUN
    until(lambda: not psutil.pid_exists(int((project / "pid").read_text())), 30)
    assert seen[0].heading == "import os, pathlib, time"
    assert executor.submit(request(project, "next", "1")).result(60).state is StepState.COMPLETED
    executor.shutdown()


def test_a_step_whose_only_worker_died_is_lost_and_not_waited_for(cluster, project):
    worker = cluster.worker()
    executor = connect(cluster, project, 1)
    cell = "import pathlib, time\npathlib.Path('begun').touch()\ntime.sleep(600)"
    future = executor.submit(request(project, "long", cell))
    until((project / "begun").exists, 60)
    worker.kill()
    result = future.result(60)
    assert result.state is StepState.KILLED
    assert result.failure.kind == "lost worker"
    executor.shutdown()


def test_resources_hold_a_step_back_until_a_worker_has_them(cluster, project):
    cluster.worker()
    cluster.worker("--resources", "GPU=1")
    executor = connect(cluster, project, 2)
    workers = executor._client.scheduler_info()["workers"]
    with_gpu = next(address for address, about in workers.items() if about["resources"])
    cell = "import os, pathlib; pathlib.Path('done').write_text('x')"
    future = executor.submit(request(project, "gpu", cell), resources={"GPU": 1})
    task = next(iter(executor._tasks.values()))
    assert future.result(60).state is StepState.COMPLETED
    assert task.worker == with_gpu
    executor.shutdown()


def test_a_scheduler_that_does_not_answer_is_a_usage_error(project):
    with pytest.raises(UsageError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9 within 1 s"):
        DaskExecutor("tcp://127.0.0.1:9", run_step, load_settings(project), connect_seconds=1)


def test_a_scheduler_without_workers_is_a_usage_error(cluster, project):
    with pytest.raises(UsageError, match="has no workers; start some with"):
        DaskExecutor(cluster.address, run_step, load_settings(project), connect_seconds=1)


def test_a_worker_that_does_not_see_the_project_is_named(cluster, project, monkeypatch):
    cluster.worker()
    blind = "def look_around(file): return {'version': __version__, 'token': None}"
    source = f"from nbship import __version__\n{blind}"
    names: dict[str, object] = {}
    exec(source, names)
    monkeypatch.setattr(
        DaskExecutor, "_look", lambda self, file: self._client.run(names["look_around"], file)
    )
    with pytest.raises(UsageError, match=r"worker tcp://.* does not see the project folder"):
        DaskExecutor(cluster.address, run_step, load_settings(project), connect_seconds=60)
