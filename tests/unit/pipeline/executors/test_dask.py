"""What needs no cluster; the rest is in tests/integration/steps/test_dask.py."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nbship import __version__
from nbship.errors import UsageError
from nbship.pipeline.executors import dask
from step_fakes import FakeKernel, settings_of


def test_without_dask_the_error_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'nbship\[dask\]'"):
        dask.DaskExecutor("tcp://127.0.0.1:1", FakeKernel(), settings_of(tmp_path))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            {"version": "0.0.1", "token": "t"},
            r"worker tcp://w has nbship 0\.0\.1, and here is .*install the same",
        ),
        ({"version": __version__, "token": None}, "does not see the project folder"),
        ({"version": __version__, "token": "of another folder"}, "does not see the project folder"),
        (ModuleNotFoundError("nbship"), "cannot run nbship"),
    ],
)
def test_a_worker_that_cannot_do_the_work_is_named(answer, message, tmp_path):
    with pytest.raises(UsageError, match=message):
        dask._check_worker("tcp://w", answer, "t", settings_of(tmp_path))


def test_a_worker_that_can_is_taken(tmp_path):
    dask._check_worker("tcp://w", {"version": __version__, "token": "t"}, "t", settings_of(tmp_path))


def test_dask_is_loaded_by_nobody_who_does_not_ask_for_it():
    code = "import sys, nbship.pipeline.scheduling.schedule, nbship.pipeline.executors.dask; print('distributed' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
