"""Kernels and runners killed at random moments, and ends of other kinds: the record parses, and claims no success."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from kernels import Project, make_project
from nbship.model.run import Run, RunStatus
from nbship.recording.status import drain
from nbship.store import reader
from step_fakes import notebook
from warm_kernels import eventually, private_servers

pytestmark = pytest.mark.slow

SEED = 20260731
KILLS = 26
"""Of each victim."""

CELLS = 8
CELL_SECONDS = 0.1
FINAL = {"completed", "failed", "killed", "timed out", "not run", "skipped"}

WORK = """\
import hashlib, sys
open("began", "a").close()
hashlib.pbkdf2_hmac("sha256", b"work", b"salt", {rounds})
print("cell {index}")
print("and an error stream", file=sys.stderr)
{display}
open("ended", "a").write("{index}\\n")
"""
DISPLAY = "from IPython.display import HTML, display; display(HTML('<b>bold</b>'))"


def worker(index: int) -> str:
    """A cell of 40 to 120 ms that notes its own end in a file."""
    display = DISPLAY if index % 3 == 0 else ""
    return WORK.format(index=index, rounds=40_000 + 12_000 * index, display=display)


@dataclass
class Case:
    """One execution that somebody disturbs, and what is left of it."""

    name: str
    victim: str
    warm: bool
    project: Project
    moment: float = 0.0
    """In seconds, after the start or after `after` cells have ended."""

    after: int | None = None
    """By what is done, not by the clock: on a busy machine a clock would strike before or after all that matters."""

    killed: bool = False
    code: int | None = None
    errors: str = ""
    run: Run | None = field(default=None, repr=False)

    @property
    def folder(self) -> Path:
        return self.project.folder / self.name

    @property
    def output(self) -> Path:
        return self.folder / "out.ipynb"

    @property
    def ended(self) -> set[int]:
        """The cells that say themselves that they ended."""
        file = self.folder / "ended"
        return {int(line) for line in file.read_text().split()} if file.exists() else set()

    @property
    def executed(self) -> dict[str, Any]:
        return json.loads(self.output.read_text(encoding="utf-8"))

    @property
    def states(self) -> list[str]:
        """Of the notebook's own cells; those that tell of a failure have none."""
        records = [cell["metadata"].get("papermill") for cell in self.executed["cells"]]
        return [record["status"] for record in records if record]

    def kernels(self) -> list[psutil.Process]:
        """The processes that work in the case's folder: its kernel, and what that started."""
        return [one for one in psutil.process_iter(["cwd"]) if one.info["cwd"] == str(self.folder)]

    def start(self, *cells: str, options: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        self.folder.mkdir()
        source = self.folder / "in.ipynb"
        whole = notebook(*cells) | {
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        }
        source.write_text(json.dumps(whole), encoding="utf-8")
        warm = ("--warm" if self.warm else "--no-warm",)
        command = ["run", str(source), str(self.output), "--cwd", str(self.folder), "--name", self.name]
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "nbship", *command, "--no-wait", *warm, *options],
            cwd=self.project.folder,
            env=self.project.environment | {name: os.environ[name] for name in ("NBSHIP_KERNEL_FOLDER",)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def begins(self, process: subprocess.Popen[str], after: int = 0) -> bool:
        """Wait until the first cell runs and so many have ended, or all is over."""
        began = self.folder / "began"
        assert eventually(
            lambda: (began.exists() and len(self.ended) >= after) or process.poll() is not None, 60
        )
        return began.exists()

    def finish(self, process: subprocess.Popen[str]) -> None:
        """Wait for the runner, and for the kernel to be gone with it."""
        _, self.errors = process.communicate(timeout=120)
        self.code = process.returncode
        assert eventually(lambda: not self.kernels(), 60), f"{self.name} left {self.kernels()}"


@pytest.fixture(scope="module")
def project(mlflow_template, tmp_path_factory) -> Iterator[Project]:
    with private_servers():
        yield make_project(tmp_path_factory.mktemp("kills") / "project", mlflow_template)


# Random moments


def start_seconds(project: Project, *, warm: bool) -> float:
    """Return how long it takes until the first cell begins."""
    case = Case(f"whole-{warm}", "nobody", warm, project)
    started = time.monotonic()
    process = case.start(*map(worker, range(CELLS)))
    assert case.begins(process)
    seconds = time.monotonic() - started
    case.finish(process)
    assert case.code == 0, case.errors
    return seconds


def disturb(case: Case) -> Case:
    """Run a notebook, and kill its kernel or its runner at the case's moment."""
    process = case.start(*map(worker, range(CELLS)))
    try:
        if case.after is not None:
            case.begins(process, case.after)
        process.wait(case.moment)
    except subprocess.TimeoutExpired:
        case.killed = kill_runner(process) if case.victim == "runner" else kill_kernel(case, process)
    case.finish(process)
    return case


def kill_runner(process: subprocess.Popen[str]) -> bool:
    process.kill()
    return process.wait() == -signal.SIGKILL


def kill_kernel(case: Case, process: subprocess.Popen[str]) -> bool:
    """Kill the kernel, as soon as there is one; say whether there was."""
    found: list[psutil.Process] = []
    while not found and process.poll() is None:
        found = case.kernels()
    for kernel in found:
        with suppress(psutil.NoSuchProcess):
            kernel.kill()
    return bool(found)


def plan(project: Project) -> list[Case]:
    draw = random.Random(SEED)
    expected = {warm: start_seconds(project, warm=warm) for warm in (True, False)}
    cases = []
    for index in range(2 * KILLS):
        victim, warm = ("kernel", "runner")[index % 2], index % 4 < 2
        after = draw.randrange(CELLS) if index % 3 else None
        moment = draw.uniform(0.0, expected[warm] if after is None else CELL_SECONDS)
        cases.append(Case(f"{index:02}-{victim}", victim, warm, project, moment, after))
    return cases


@pytest.fixture(scope="module")
def killed(project) -> list[Case]:
    """Return all cases, two at a time, after every record has reached the store."""
    with ThreadPoolExecutor(2) as pool:
        cases = list(pool.map(disturb, plan(project)))
    return with_runs(project, cases)


def with_runs(project: Project, cases: list[Case]) -> list[Case]:
    assert drain(project.spool, wait_seconds=120).drained
    found = {run.name: run for run in reader.search(project.tracking_uri, limit=500).runs}
    return [replace(case, run=found.get(case.name)) for case in cases]


def with_notebook(cases: list[Case]) -> list[Case]:
    return [case for case in cases if case.output.exists()]


def wrong(cases: list[Case], is_right: Callable[[Case], bool]) -> list[str]:
    return [told(case) for case in cases if not is_right(case)]


def told(case: Case) -> str:
    """What to print of a case that is wrong."""
    status = case.run and case.run.status
    where = f"{case.name} warm={case.warm} {case.moment:.2f} s after {case.after} cells, exit {case.code}, run {status}"
    return f"\n{where}: ended {sorted(case.ended)}, {case.states} {case.errors[-1500:]}"


def test_enough_was_killed_at_moments_that_matter(killed):
    struck = [case for case in killed if case.killed]
    early = [case for case in struck if not case.ended]
    middle = [case for case in struck if 0 < len(case.ended) < CELLS]
    late = [case for case in struck if len(case.ended) == CELLS]
    print(f"\n{len(struck)} of {len(killed)} killed: {len(early)} before a cell ended, ", end="")
    print(f"{len(middle)} amid them, {len(late)} after the last")

    assert len(struck) > len(killed) * 0.7
    assert len(middle) >= 10


def test_a_notebook_always_parses(killed):
    for case in with_notebook(killed):
        nbformat.validate(nbformat.read(case.output, as_version=4))


def test_no_temporary_file_is_left(killed):
    expected = {"in.ipynb", "out.ipynb", "began", "ended"}
    left = {case.name: {file.name for file in case.folder.iterdir()} - expected for case in killed}
    torn = {name for case in killed if case.victim == "runner" for name in left[case.name]}

    assert all(not files for name, files in left.items() if "kernel" in name)
    assert all(name.startswith(".out.ipynb.") for name in torn)  # at most what was being written


def test_no_cell_that_did_not_end_is_called_completed(killed):
    def is_right(case):
        completed = {index for index, state in enumerate(case.states) if state == "completed"}
        return completed <= case.ended

    assert not wrong(with_notebook(killed), is_right)


def test_no_cell_is_left_pending_or_running(killed):
    assert not wrong(with_notebook(killed), lambda case: set(case.states) <= FINAL)


def test_a_notebook_whose_cells_did_not_all_end_says_so(killed):
    def is_right(case):
        record = case.executed["metadata"]["papermill"]
        return record["exception"] is True or len(case.ended) == CELLS

    assert not wrong(with_notebook(killed), is_right)


def test_a_run_is_killed_unless_all_cells_had_ended(killed):
    def is_right(case):
        if len(case.ended) == CELLS:
            return case.run.status in (RunStatus.KILLED, RunStatus.FINISHED)
        never_started = "did not start" in case.errors and not case.ended
        return case.run.status is (RunStatus.FAILED if never_started else RunStatus.KILLED)

    assert not wrong([case for case in with_notebook(killed) if case.run and case.killed], is_right)


def test_only_a_runner_that_was_killed_early_leaves_no_run(killed):
    without = [case for case in killed if case.run is None]

    assert all(case.victim == "runner" and case.killed and not case.ended for case in without), without


def test_a_runner_tells_of_its_kernels_death(killed):
    of_kernels = [case for case in killed if case.victim == "kernel" and case.killed]

    assert not [case for case in of_kernels if case.code != 3 and len(case.ended) < CELLS]
    assert not [case for case in of_kernels if "Traceback" in case.errors]


def test_every_journal_is_gone(killed, project):
    left = [path for path in project.spool.iterdir() if path.is_dir()]

    assert eventually(lambda: not [path for path in left if path.exists()], 60), left


# Ends of other kinds


@pytest.fixture
def case(project, request) -> Case:
    name = request.node.name.replace("[", "-").replace("]", "")
    return Case(name, "nobody", True, project)


def outcome(case: Case, *cells: str, options: tuple[str, ...] = ()) -> Case:
    case.finish(case.start(*cells, options=options))
    return with_runs(case.project, [case])[0]


AFTER = worker(2)


def test_a_kernel_that_leaves_by_itself(case):
    case = outcome(case, worker(0), "import os; os._exit(3)", AFTER)

    assert case.code == 3
    assert case.states == ["completed", "killed", "not run"]
    assert case.run.status is RunStatus.KILLED
    assert "exit code 3" in case.errors


def test_a_kernel_that_the_system_kills(case):
    case = outcome(case, worker(0), "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", AFTER)

    assert case.code == 3
    assert case.states == ["completed", "killed", "not run"]
    assert case.run.status is RunStatus.KILLED
    assert "SIGKILL" in case.errors


def test_memory_that_is_refused(case):
    limit = "import resource\nlimit = 2 * 10**9\nresource.setrlimit(resource.RLIMIT_AS, (limit, limit))"
    case = outcome(case, worker(0), f"{limit}\nblock = bytearray(10 * limit)", AFTER)

    assert case.code == 3
    assert case.states == ["completed", "failed", "not run"]
    assert case.run.status is RunStatus.FAILED
    assert "MemoryError" in case.errors


@pytest.mark.parametrize("leave", ["import sys; sys.exit()", "import sys; sys.exit(0)"])
def test_a_notebook_that_ends_itself(case, leave):
    case = outcome(case, worker(0), leave, AFTER)

    assert case.code == 0
    assert case.states == ["completed", "completed", "not run"]
    assert case.run.status is RunStatus.FINISHED


def test_a_notebook_that_ends_itself_with_an_error(case):
    case = outcome(case, worker(0), "import sys; sys.exit(4)", AFTER)

    assert case.code == 3
    assert case.states == ["completed", "failed", "not run"]
    assert case.run.status is RunStatus.FAILED


@pytest.mark.parametrize("option", ["--execution-timeout", "--timeout"])
def test_a_notebook_that_takes_too_long(case, option):
    forever = "while True: pass"
    case = outcome(case, worker(0), forever, AFTER, options=(option, "2"))

    assert case.code == 3
    assert case.states == ["completed", "timed out", "not run"]
    assert case.run.status is RunStatus.FAILED
    assert case.executed["metadata"]["papermill"]["exception"] is True


WAITS = "open('waits', 'w').close()\nwhile True: pass"
STUBBORN = "open('waits', 'w').close()\nwhile True:\n    try:\n        while True: pass\n    except KeyboardInterrupt: pass"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_runner_stops_in_good_order(case, number):
    process = case.start(worker(0), WAITS, AFTER)
    assert eventually((case.folder / "waits").exists, 60)
    process.send_signal(number)
    case.finish(process)
    [case] = with_runs(case.project, [case])

    assert case.code == 130
    assert case.states == ["completed", "killed", "not run"]
    assert case.run.status is RunStatus.KILLED


def test_two_signals_to_the_runner_end_a_kernel_that_does_not_listen(case):
    process = case.start(worker(0), STUBBORN, AFTER)
    assert eventually((case.folder / "waits").exists, 60)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "stopping" not in process.stderr.readline():
        pass
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    case.finish(process)
    [case] = with_runs(case.project, [case])

    assert time.monotonic() - started < 30
    assert case.code == 130
    assert case.states == ["completed", "killed", "not run"]
    assert case.run.status is RunStatus.KILLED


def test_two_signals_while_the_kernel_starts_claim_no_success(case):
    case.warm = False
    process = case.start(*map(worker, range(3)))
    assert eventually(case.output.exists, 60)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "stopping" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    case.finish(process)
    [case] = with_runs(case.project, [case])

    assert case.code == 130
    assert "completed" not in case.states
    assert case.executed["metadata"]["papermill"]["exception"] is True
    assert case.run is None or case.run.status is RunStatus.KILLED


@pytest.mark.parametrize("warm", [True, False])
def test_a_kernel_that_dies_as_soon_as_it_lives(case, warm):
    case.warm = warm
    process = case.start(*map(worker, range(3)))
    while kill_kernel(case, process):
        pass  # where the first dies before it was handed over, the runner starts another
    case.finish(process)
    [case] = with_runs(case.project, [case])

    assert case.code == 3
    assert "completed" not in case.states
    assert case.run.status in (RunStatus.KILLED, RunStatus.FAILED)
    assert "Traceback" not in case.errors


def test_a_place_that_takes_no_notebook_any_more(case):
    spoil = "import pathlib, shutil\nout = pathlib.Path('out.ipynb')\nout.unlink(); out.mkdir(); (out / 'x').touch()"
    case = outcome(case, worker(0), spoil, AFTER)

    assert case.code == 3
    assert "could not be written" in case.errors
    assert case.run.status is RunStatus.FAILED
