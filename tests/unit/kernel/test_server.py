"""A real server, seen from outside."""

from __future__ import annotations

import os
import signal
import sys

import psutil
import pytest

from nbship.pipeline.kernels.managers import prepare, servers, stop_servers
from nbship.pipeline.kernels.start import IDLE_SECONDS_VARIABLE, MOST_SERVERS
from warm_kernels import eventually, step_kernel

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="warm kernels are for Linux"),
    pytest.mark.usefixtures("servers_folder"),
]


def is_gone(pid: int) -> bool:
    """Say whether a process has ended; this one may be its parent and not have looked yet."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_it_starts_over_without_modules_that_a_kernel_has_to_import_itself(tmp_path, site_folder):
    with step_kernel(tmp_path, preload=("asking_one", "quiet_one", "writing_one")) as kernel:
        assert kernel.provisioner.warm, kernel.provisioner.reason
        (server,) = servers()
        assert sorted(server.left_out) == ["asking_one", "writing_one"]
        assert kernel.run("import sys; print('quiet_one' in sys.modules)").text == "True\n"
        assert kernel.run("import writing_one").text == "hello from the import\n"
        assert kernel.run("import asking_one; print(asking_one.shell is get_ipython())").text == "True\n"
        assert kernel.run("import os; print(os.environ['MPLBACKEND'])").text.startswith("module://")


def test_a_module_that_fails_at_its_import_fails_in_the_notebook(tmp_path, site_folder):
    with step_kernel(tmp_path, preload=("failing_one", "quiet_one")) as kernel:
        assert kernel.provisioner.warm
        assert kernel.run("import failing_one").error == "RuntimeError: not today"


def test_what_an_import_did_outside_its_module_is_there(tmp_path, site_folder):
    with step_kernel(tmp_path, preload=("logging_one", "setting_one")) as kernel:
        assert kernel.run("import os; print(os.environ['SET_BY_IMPORT'])").text == "1\n"
        assert kernel.run("import logging_one; logging_one.log.warning('seen')").text == "seen\n"


def test_threads_started_by_an_import_keep_it_out_of_the_server(tmp_path, site_folder):
    with step_kernel(tmp_path, preload=("threaded_one",)) as kernel:
        assert kernel.provisioner.warm
        assert kernel.run("import threaded_one; print(threaded_one.thread.is_alive())").text == "True\n"


def test_it_keeps_as_many_spares_as_were_asked_for(tmp_path):
    prepare((), spares=2)
    assert eventually(lambda: [server.spares for server in servers()] == [2])


def test_it_ends_when_nobody_has_needed_it_for_a_while(tmp_path, monkeypatch, servers_folder):
    monkeypatch.setenv(IDLE_SECONDS_VARIABLE, "0.2")
    with step_kernel(tmp_path) as kernel:
        (server,) = servers()
        kernel.run("import time; time.sleep(0.5)")
        assert kernel.run("print(1)").text == "1\n"
    assert eventually(lambda: not servers())
    assert eventually(lambda: [path.name for path in servers_folder.iterdir()] == ["lock"])
    assert eventually(lambda: is_gone(server.pid))


def test_one_that_was_told_to_go_ends_with_its_last_kernel(tmp_path, site_folder):
    with step_kernel(tmp_path) as kernel:
        (old,) = servers()
        (site_folder / "new.py").touch()  # something was installed
        with step_kernel(tmp_path) as newer:
            assert newer.provisioner.warm
            assert newer.run("import os; print(os.getppid())").text.strip() != str(old.pid)
            assert kernel.run("print('still here')").text == "still here\n"
    assert eventually(lambda: old.pid not in [server.pid for server in servers()])
    assert len(servers()) == 1


def test_there_are_never_more_than_a_few(tmp_path):
    for number in range(MOST_SERVERS + 2):
        prepare((), environment={**os.environ, "DIFFERENT": str(number)})
        assert eventually(lambda: all(server.answers for server in servers()))
    assert eventually(lambda: len(servers()) == MOST_SERVERS)


def test_all_of_them_end_when_asked_to(tmp_path, servers_folder):
    kernel_pid = None
    with step_kernel(tmp_path) as kernel:
        kernel_pid = kernel.pid
        assert stop_servers() == 1
        assert kernel.wait() == -signal.SIGKILL
    assert servers() == []
    assert eventually(lambda: is_gone(kernel_pid))
    assert [path.name for path in servers_folder.iterdir()] == ["lock"]
