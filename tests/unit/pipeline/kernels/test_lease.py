from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from nbship.pipeline.kernels.folder import KernelUnavailableError
from nbship.pipeline.kernels.lease import Lease, take_lease
from nbship.pipeline.kernels.managers import servers
from nbship.pipeline.kernels.start import ServerWish
from warm_kernels import eventually, private_servers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm kernels are for Linux")


@pytest.fixture(scope="module", autouse=True)
def _servers():
    with private_servers():
        yield


def take(cwd: Path | str = "/") -> Lease:
    return take_lease(ServerWish(), cwd=str(cwd), environment=dict(os.environ), kernel_name="python3")


def test_a_kernel_that_lives_has_no_exit_code():
    lease = take()
    assert lease.poll() is None
    assert psutil.pid_exists(lease.pid)
    assert lease.connection_info["transport"] == "ipc"
    assert isinstance(lease.connection_info["key"], bytes)
    lease.close()
    assert lease.poll() == -signal.SIGKILL


def test_a_signal_ends_it_and_all_who_wait_learn_how():
    lease = take()

    async def two_wait() -> list[int]:
        waiting = [asyncio.create_task(lease.wait()) for _ in range(2)]
        await asyncio.sleep(0)
        lease.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(asyncio.gather(*waiting), 20)

    assert asyncio.run(two_wait()) == [-signal.SIGTERM] * 2
    assert lease.poll() == -signal.SIGTERM
    lease.send_signal(signal.SIGKILL)  # nobody is hit any more
    lease.close()


def test_waiting_can_be_given_up():
    lease = take()

    async def impatient() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(lease.wait(), 0.05)
        assert lease.poll() is None

    asyncio.run(impatient())
    lease.close()


def test_closing_ends_the_kernel():
    lease = take()
    lease.close()
    assert eventually(lambda: not psutil.pid_exists(lease.pid))


def test_a_kernel_that_was_asked_to_end_has_the_time_to_do_so():
    lease = take()
    lease.expect_end()
    lease.close()
    assert psutil.pid_exists(lease.pid)
    assert eventually(lambda: not psutil.pid_exists(lease.pid))


def test_the_end_of_the_server_is_the_end_of_its_kernels():
    lease = take()
    (server,) = servers()
    os.kill(server.pid, signal.SIGKILL)
    assert eventually(lambda: lease.poll() == -signal.SIGKILL)
    assert eventually(lambda: not psutil.pid_exists(lease.pid))
    lease.close()


def test_a_folder_that_cannot_be_entered_is_refused(tmp_path):
    with pytest.raises(KernelUnavailableError, match="FileNotFoundError"):
        take(tmp_path / "gone")
