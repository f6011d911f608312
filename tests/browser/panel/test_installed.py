"""The wheel alone, as pip installs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest


@pytest.mark.parametrize("words", [["labextension", "list"], ["server", "extension", "list"]])
def test_jupyter_finds_both_halves_and_they_are_well(installed, jupyter_environment, words):
    command = [sys.executable, "-m", "jupyter", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=jupyter_environment)
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    assert done.returncode == 0, said
    found = re.findall(r"^\s*nbship v?[0-9.]+ .*\b(OK|X)\b", said, re.MULTILINE)
    assert set(found) == {"OK"}, said


def test_panel_package_and_switch_are_those_of_the_wheel(installed, jupyter_environment):
    """Whatever else is installed on this machine, these are found first."""
    program = "import nbship, os; print(os.path.dirname(nbship.__file__))"
    found = subprocess.check_output([sys.executable, "-c", program], text=True, env=jupyter_environment)
    assert found.strip().startswith(str(installed) + os.sep)
    paths = subprocess.check_output(
        [sys.executable, "-m", "jupyter", "--paths", "--json"], text=True, env=jupyter_environment
    )
    assert json.loads(paths)["data"][0] == str(installed / "share" / "jupyter")
    assert (installed / "share/jupyter/labextensions/nbship/package.json").is_file()
    assert (installed / "etc/jupyter/jupyter_server_config.d/nbship.json").is_file()
