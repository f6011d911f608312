"""The wheel alone, as pip installs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest


@pytest.mark.parametrize("words", [["labextension", "list"], ["server", "extension", "list"]])
def test_jupyter_finds_both_halves_in_the_wheel_and_they_are_well(installed, jupyter_environment, words):
    command = [sys.executable, "-m", "jupyter", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=jupyter_environment)
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    assert done.returncode == 0, said
    (line,) = [line for line in said.splitlines() if re.search(r"\bnbship\b.*(OK|X)\s*", line)]
    assert "OK" in line
    assert str(installed) in said


def test_the_panel_and_the_package_are_those_of_the_wheel(installed, jupyter_environment):
    program = "import nbship, os; print(os.path.dirname(nbship.__file__))"
    found = subprocess.check_output([sys.executable, "-c", program], text=True, env=jupyter_environment)
    assert found.strip().startswith(str(installed) + os.sep)
