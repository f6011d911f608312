"""Notebooks that are executed as steps: by the command in this process, and by stock papermill beside it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from executed_steps import Executed
from nbship.cli import main
from warm_kernels import private_servers


@pytest.fixture(scope="session")
def shared_servers() -> Iterator[Path]:
    """A folder of kernel servers for all tests that do not mind sharing them; they end with the session."""
    with private_servers() as folder:
        yield folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder, which is the current one."""
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder: Path, shared_servers: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Executed]:
    """Return a function that executes ``nb.ipynb`` to ``out.ipynb``, untracked, with more options of the command."""

    def execute(*options: str, source: str = "nb.ipynb", output: str = "out.ipynb") -> Executed:
        capsys.readouterr()
        code = main(["run", source, output, "--no-track", *options])
        said = capsys.readouterr()
        return Executed(code, said.out, said.err, folder / output)

    return execute


@pytest.fixture
def kernelspec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that installs a kernel: ipykernel under another name, with fields of its kernel.json."""
    root = tmp_path / "jupyter-path"

    def install(name: str, **fields: Any) -> None:
        place = root / "kernels" / name
        place.mkdir(parents=True)
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": f"Kernel {name}", "language": "python", **fields}
        (place / "kernel.json").write_text(json.dumps(spec))

    monkeypatch.setenv("JUPYTER_PATH", os.fspath(root))
    return install
