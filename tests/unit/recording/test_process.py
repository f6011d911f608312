from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from nbship.recording import process as process_module
from nbship.recording.process import identify, is_alive, this_host, this_process


@pytest.fixture
def child():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process, identify(process.pid)
    process.kill()
    process.wait()
    process.stdin.close()


def test_this_process_lives():
    identity = this_process()
    assert identity.pid == os.getpid()
    assert identity.host == this_host()
    assert is_alive(identity) is True


def test_a_killed_process_is_dead_even_before_its_parent_takes_notice(child, eventually_dead):
    process, identity = child
    assert is_alive(identity) is True
    process.kill()
    eventually_dead(identity)  # a zombie: nobody has waited for it
    process.wait()
    assert is_alive(identity) is False


def test_another_process_with_the_same_id_is_not_mistaken_for_it(child):
    _, identity = child
    assert is_alive(replace(identity, created=identity.created - 60)) is False


def test_nobody_can_tell_of_a_process_on_another_host():
    assert is_alive(replace(this_process(), host="elsewhere/1")) is None


@pytest.fixture
def eventually_dead():
    def wait(identity):
        deadline = time.monotonic() + 10
        while is_alive(identity):
            assert time.monotonic() < deadline

    return wait


def test_a_process_that_does_not_exist_has_no_identity(child):
    process, identity = child
    process.kill()
    process.wait()
    with pytest.raises(ProcessLookupError):
        identify(identity.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="process namespaces are of Linux")
def test_a_container_that_was_restarted_took_its_processes_with_it(monkeypatch):
    monkeypatch.setattr(process_module, "this_host", lambda: "4f1c/4026532001")
    gone = replace(this_process(), host="4f1c/4026532999")
    assert is_alive(gone) is False
    for host in ("other/4026532999", "4f1c/4026531836", "4f1c/0"):
        assert is_alive(replace(gone, host=host)) is None
