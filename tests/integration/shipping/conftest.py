"""One project whose runs are shipped, and commands that work in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kernels import Kernel, Project
from shipped_runs import shipping_project


@pytest.fixture(scope="package")
def project(tmp_path_factory: pytest.TempPathFactory, mlflow_template: Path) -> Iterator[Project]:
    with shipping_project(tmp_path_factory.mktemp("shipping") / "flowers", mlflow_template) as project:
        yield project


@pytest.fixture(scope="package")
def kernel(project: Project) -> Kernel:
    """Return the kernel that has tracked the runs; its variables are still there."""
    return project.kernels[0]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of temporary files, empty at first."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


@pytest.fixture
def ask(call: Callable[..., tuple[int, str, str]]) -> Callable[..., Any]:
    """Return a function that runs a command, which must succeed, and gives its JSON."""

    def run(*words: str) -> Any:
        code, out, err = call(*words, "--json")
        assert code == 0, err
        return json.loads(out)

    return run


@pytest.fixture
def start(project: Project, temporary: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return a function that starts a command, in a session of its own; it tells its progress in JSON lines."""
    started: list[subprocess.Popen[str]] = []

    def run(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "nbship", *words, "--progress", "json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=project.folder,
            env=dict(os.environ),
            start_new_session=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)


@pytest.fixture
def left(project: Project, temporary: Path) -> Callable[[], list[str]]:
    """Return a function that lists what is left of the work: temporary files, services, what the cache did not finish."""

    def find() -> list[str]:
        cache = Path(os.environ["NBSHIP_CACHE_DIR"])
        places = {
            temporary: "*",
            project.folder / ".nbship" / "services": "[!.]*",
            cache / "oci-1" / "unfinished": "*",
            cache: ".wheels-*",
        }
        return [str(path) for folder, pattern in places.items() for path in folder.glob(pattern)]

    return find
