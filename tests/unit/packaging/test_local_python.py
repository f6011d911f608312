from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from nbship.errors import PackagingError
from nbship.packaging.local_python import make_environment, why_not_here

MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"
HERE = f"linux/{ {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(platform.machine(), platform.machine()) }"


def test_an_environment_has_nothing_of_this_one(tmp_path):
    interpreter = make_environment(tmp_path, MINOR)
    code = "import sys; print(sys.prefix); print(sys.version_info[:2]); import numpy"
    done = subprocess.run([interpreter, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [str(tmp_path / "venv"), str(sys.version_info[:2])]
    assert "No module named 'numpy'" in done.stderr


def test_a_python_that_is_not_here_is_told(tmp_path):
    with pytest.raises(
        PackagingError, match=r"are for Python 3\.1; .*Install Python 3\.1, or serve it in a container"
    ):
        make_environment(tmp_path, "3.1")


def test_a_program_that_lies_about_its_version_is_not_taken(tmp_path, monkeypatch):
    shim = tmp_path / "python3.1"
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert "there is no python3.1 here" in why_not_here(HERE, "3.1")


def test_files_for_this_machine_can_run_here():
    assert why_not_here(HERE, MINOR) == ""


def test_files_for_another_machine_cannot():
    assert why_not_here("linux/s390x", MINOR) == f"the image is for linux/s390x, this machine is {HERE}"
