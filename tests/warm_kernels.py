"""Kernels from `nbship.pipeline.kernels.managers`, driven one cell at a time, and servers that no test leaves behind."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from nbship.pipeline.kernels.folder import FOLDER_VARIABLE
from nbship.pipeline.kernels.managers import create_manager, shut_down, stop_servers, wait_until_ready

TIMEOUT_SECONDS = 60


@dataclass
class Answer:
    """What a cell gave."""

    text: str = ""
    error: str = ""
    data: list[dict[str, Any]] = field(default_factory=list)

    def json(self) -> Any:
        assert not self.error, self.error
        return json.loads(self.text)


class StepKernel:
    """A kernel as the step runner takes it."""

    def __init__(
        self,
        cwd: Path,
        *,
        warm: bool = True,
        preload: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
        spares: int = 1,
        kernel_name: str = "python3",
    ) -> None:
        self.loop = asyncio.new_event_loop()
        self.manager, self.promised = create_manager(kernel_name, preload=preload, warm=warm, spares=spares)
        env = dict(os.environ if environment is None else environment)
        try:
            self._do(self.manager._async_start_kernel(cwd=str(cwd), env=env))
        except BaseException:
            self._finish()
            raise
        self._connect()

    @property
    def provisioner(self) -> Any:
        return self.manager.provisioner

    @property
    def pid(self) -> int:
        return self.provisioner.pid

    def run(self, code: str) -> Answer:
        """Run a cell to its end."""
        return self._do(self._run(code))

    def begin(self, code: str) -> None:
        """Send a cell and do not wait."""
        self.client.execute(code)

    def wait(self) -> int:
        """Wait until the kernel has ended."""
        return self._do(asyncio.wait_for(self.provisioner.wait(), TIMEOUT_SECONDS))

    def interrupt(self) -> None:
        self._do(self.manager._async_interrupt_kernel())

    def restart(self) -> None:
        """Restart as a front end does."""
        self.client.stop_channels()
        self._do(self.manager._async_restart_kernel())
        self._connect()

    def close(self) -> int | None:
        """End in good order."""
        self.client.stop_channels()
        return self._finish()

    def _connect(self) -> None:
        self.client = self.manager.client()
        self.client.start_channels()
        self._do(wait_until_ready(self.client, TIMEOUT_SECONDS))

    def _finish(self) -> int | None:
        code = self._do(shut_down(self.manager))
        self._do(self.loop.shutdown_default_executor())
        self.loop.close()
        return code

    def _do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    async def _run(self, code: str) -> Answer:
        answer = Answer()

        def show(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                answer.text += content["text"]
            elif message["msg_type"] == "error":
                answer.error = f"{content['ename']}: {content['evalue']}"
            elif "data" in content:
                answer.data.append(content["data"])

        await self.client.execute_interactive(code, output_hook=show, timeout=TIMEOUT_SECONDS)
        return answer


@contextmanager
def step_kernel(cwd: Path, **options: Any) -> Iterator[StepKernel]:
    """Give a kernel and end it."""
    kernel = StepKernel(cwd, **options)
    try:
        yield kernel
    finally:
        kernel.close()


@contextmanager
def private_servers() -> Iterator[Path]:
    """Use a folder of servers that begins and ends empty."""
    # Not a folder of pytest: paths of sockets are short.
    folder = Path(tempfile.mkdtemp(prefix="nk"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(folder))
        try:
            yield folder
        finally:
            if folder.stat().st_mode & 0o077 == 0:
                stop_servers()
    shutil.rmtree(folder)


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
