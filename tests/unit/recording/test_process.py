from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from nbship.recording.process import is_alive, this_host, this_process


@pytest.fixture
def child():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    identity = replace(this_process(), pid=process.pid, created=psutil.Process(process.pid).create_time())
    yield process, identity
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
    import time

    def wait(identity):
        deadline = time.monotonic() + 10
        while is_alive(identity):
            assert time.monotonic() < deadline

    return wait
