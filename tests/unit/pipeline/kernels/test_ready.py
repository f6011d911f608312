from __future__ import annotations

import asyncio
import os
import sys

import pytest

from nbship.pipeline.kernels.managers import create_manager, shut_down, wait_until_ready
from warm_kernels import private_servers, step_kernel


@pytest.fixture(autouse=True)
def _servers():
    with private_servers():
        yield


@pytest.mark.parametrize("warm", [True, False])
def test_nothing_of_the_waiting_is_left_for_who_runs_cells(tmp_path, warm):
    with step_kernel(tmp_path, warm=warm) as kernel:
        channels = kernel.client.shell_channel, kernel.client.iopub_channel
        assert [kernel.loop.run_until_complete(channel.msg_ready()) for channel in channels] == [False, False]
        answer = kernel.run("print('all of it')")
        assert answer.text == "all of it\n"


@pytest.mark.skipif(sys.platform != "linux", reason="warm kernels are for Linux")
def test_a_kernel_that_died_is_not_waited_for(tmp_path):
    async def die_and_wait() -> None:
        manager, _ = create_manager("python3")
        await manager._async_start_kernel(cwd=str(tmp_path), env=dict(os.environ))
        client = manager.client()
        client.start_channels()
        try:
            await manager.provisioner.kill()
            assert await manager.provisioner.wait() == -9
            with pytest.raises(RuntimeError, match="died"):
                await wait_until_ready(client)
        finally:
            client.stop_channels()
            await shut_down(manager)

    asyncio.run(die_and_wait())
