"""How jupyter_client gets a kernel: from a fork server, or started plainly where that fails."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any, cast

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase

from nbship.pipeline.kernels.folder import KernelUnavailableError, plain_address
from nbship.pipeline.kernels.lease import Lease, take_lease
from nbship.pipeline.kernels.spec import FORKS_SAFELY
from nbship.pipeline.kernels.start import ServerWish

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_client.connect import KernelConnectionInfo
    from jupyter_client.manager import AsyncKernelManager

__all__ = ["WarmProvisioner"]

HISTORY_ARGUMENT = "--HistoryManager.hist_file=:memory:"
"""Executed notebooks leave no trace in the history of the user's own sessions, and need not wait for its database."""


class WarmProvisioner(KernelProvisionerBase):
    """Provides a kernel from a fork server, or starts a plain one.

    Attributes
    ----------
    warm
        Whether the kernel came from a server; None before the launch.
    reason
        Why it did not.
    """

    def __init__(
        self, *, wish: ServerWish | None, reason: str = "", spares: int = 1, **settings: Any
    ) -> None:
        super().__init__(**settings)
        self.warm: bool | None = None
        self.reason = reason
        self._wish = wish
        self._spares = spares
        self._lease: Lease | None = None
        self._plain: LocalProvisioner | None = None
        self._asked: dict[str, Any] = {}

    @property
    def pid(self) -> int | None:
        """The kernel's process."""
        return self._lease.pid if self._lease is not None else self._plain and self._plain.pid

    @property
    def has_process(self) -> bool:
        """Whether a kernel was launched whose end nobody has waited for."""
        return self._lease is not None or (self._plain is not None and self._plain.has_process)

    async def poll(self) -> int | None:
        """Return how the kernel ended; None while it lives, 0 where there is none."""
        if self._lease is not None:
            return self._lease.poll()
        return await self._plain.poll() if self._plain is not None else 0

    async def wait(self) -> int | None:
        """Wait for the kernel's end; of a warm kernel it is known at once."""
        if self._lease is not None:
            code = await self._lease.wait()
            self._give_back()
            return code
        return await self._plain.wait() if self._plain is not None else 0

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel's process group."""
        if self._lease is not None:
            self._lease.send_signal(signum)
        elif self._plain is not None:
            await self._plain.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel's process group at once."""
        if self._plain is not None:
            await self._plain.kill(restart)
        else:
            await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel's process group to end."""
        if self._plain is not None:
            await self._plain.terminate(restart)
        else:
            await self.send_signal(signal.SIGTERM)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Note that the kernel was sent a request to shut down."""
        if self._lease is not None:
            self._lease.expect_end()
        elif self._plain is not None:
            await self._plain.shutdown_requested(restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Let go of the kernel."""
        self._give_back()
        if self._plain is not None:
            await self._plain.cleanup(restart)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Complete the environment; a plain kernel's connection file is written only when it is needed."""
        self._asked = dict(kwargs)
        return await super().pre_launch(cmd=[], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Take a kernel from a server; start one where that fails."""
        del cmd
        self._plain = None
        if self._wish is not None:
            try:
                return await self._lease_kernel(self._wish, kwargs["env"], kwargs.get("cwd"))
            except KernelUnavailableError as error:
                self.reason = str(error)
        return await self._start_plain()

    async def _lease_kernel(
        self, wish: ServerWish, environment: Mapping[str, str], cwd: str | os.PathLike[str] | None
    ) -> KernelConnectionInfo:
        loop = asyncio.get_running_loop()
        taking = loop.run_in_executor(None, self._take, wish, environment, cwd)
        try:
            self._lease = await asyncio.shield(taking)
        except asyncio.CancelledError:
            taking.add_done_callback(_give_up)
            raise
        self.warm = True
        self.connection_info = cast("KernelConnectionInfo", self._lease.connection_info)
        return self.connection_info

    def _take(
        self, wish: ServerWish, environment: Mapping[str, str], cwd: str | os.PathLike[str] | None
    ) -> Lease:
        return take_lease(
            ServerWish(wish.preload, wish.options, environment),
            cwd=os.path.abspath(os.fspath(cwd or ".")),  # noqa: PTH100 - links on the way stay as they are
            environment=environment,
            kernel_name=self.parent.kernel_name,
            extra_arguments=(HISTORY_ARGUMENT, *self._asked.get("extra_arguments", ())),
            spares=self._spares,
        )

    async def _start_plain(self) -> KernelConnectionInfo:
        self.warm = False
        arguments = [*self._asked.get("extra_arguments", ()), HISTORY_ARGUMENT]
        _use_sockets(self.parent)
        self._plain = LocalProvisioner(
            kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self.parent
        )
        ready = await self._plain.pre_launch(**{**self._asked, "extra_arguments": arguments})
        self.connection_info = await self._plain.launch_kernel(ready.pop("cmd"), **ready)
        return self.connection_info

    def _give_back(self) -> None:
        if self._lease is not None:
            self._lease.close()
            self._lease = None


def _use_sockets(manager: AsyncKernelManager) -> None:
    """Let a plain kernel talk over sockets of the file system: no port can be taken by another meanwhile."""
    try:
        if FORKS_SAFELY and manager.transport == "tcp":
            address = plain_address()
            manager.transport, manager.ip = "ipc", address
    except KernelUnavailableError:
        return


def _give_up(taking: asyncio.Future[Lease]) -> None:
    if not taking.cancelled() and taking.exception() is None:
        taking.result().close()
