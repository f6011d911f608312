from __future__ import annotations

import os
import sys
import time

import pytest

from nbship.pipeline.kernels.key import lasting, server_key

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm kernels are for Linux")


def key(preload=(), options=(), **environment):
    return server_key(preload, options, {**os.environ, **environment})


def test_the_same_wish_has_the_same_key():
    assert key(("numpy",)) == key(("numpy",))


@pytest.mark.parametrize("name", ["PWD", "TERM", "NBSHIP_X", "MLFLOW_RUN_ID", "SSH_TTY", "JPY_SESSION_NAME"])
def test_variables_that_differ_between_terminals_do_not_count(name):
    assert key(**{name: "other"}) == key()
    assert name not in lasting({name: "other"})


@pytest.mark.parametrize(
    "other",
    [
        {"preload": ("numpy",)},
        {"options": ("-Xdev",)},
        {"OMP_NUM_THREADS": "1"},
        {"PYTHONPATH": "/elsewhere"},
        {"LD_LIBRARY_PATH": "/elsewhere"},
    ],
)
def test_what_imports_may_depend_on_makes_another_base(other):
    assert key(**other).base != key().base


def test_processors_that_the_process_may_use_count():
    allowed = os.sched_getaffinity(0)
    before = key()
    if len(allowed) == 1:
        pytest.skip("one processor")
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert key().base != before.base
    finally:
        os.sched_setaffinity(0, allowed)


def test_a_changed_folder_of_packages_changes_the_stamp_only(tmp_path):
    folder = tmp_path / "site-packages"
    folder.mkdir()
    before = key(PYTHONPATH=str(folder))
    (folder / "new.py").touch()
    os.utime(folder, ns=(1, time.time_ns() + 1))
    after = key(PYTHONPATH=str(folder))
    assert (before.base, before.stamp != after.stamp) == (after.base, True)


@pytest.mark.parametrize(
    ("variable", "path"),
    [
        ("IPYTHONDIR", "profile_default/ipython_kernel_config.py"),
        ("MPLCONFIGDIR", "matplotlibrc"),
    ],
)
def test_settings_that_are_read_before_the_handout_change_the_stamp(tmp_path, variable, path):
    before = key(**{variable: str(tmp_path)})
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).touch()
    assert key(**{variable: str(tmp_path)}).stamp != before.stamp
