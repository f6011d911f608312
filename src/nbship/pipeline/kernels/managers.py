"""Kernels for executed notebooks: warm ones from a fork server, plain ones where that cannot be.

Public: ``create_manager(kernel_name, *, preload=(), warm=True, spares=1) -> tuple[AsyncKernelManager, bool]``,
``wait_until_ready(client)``, ``shut_down(manager)``, ``prepare(preload, spares)``, ``servers()``, ``stop_servers()``.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from typing import TYPE_CHECKING

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME
from jupyter_client.manager import AsyncKernelManager

from nbship.pipeline.kernels import wire
from nbship.pipeline.kernels.folder import KernelUnavailableError
from nbship.pipeline.kernels.provisioner import WarmProvisioner
from nbship.pipeline.kernels.ready import wait_until_ready
from nbship.pipeline.kernels.servers import ServerStatus, servers, stop_servers
from nbship.pipeline.kernels.spec import (
    find_spec,
    installed_specs,
    interpreter_options,
    is_ipykernel,
    why_plain,
)
from nbship.pipeline.kernels.start import ServerWish, connect

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ServerStatus",
    "WarmProvisioner",
    "create_manager",
    "prepare",
    "servers",
    "shut_down",
    "stop_servers",
    "wait_until_ready",
]

END_SECONDS = 5.0
"""How long a kernel that was asked to end may take."""


def create_manager(
    kernel_name: str, *, preload: tuple[str, ...] = (), warm: bool = True, spares: int = 1
) -> tuple[AsyncKernelManager, bool]:
    """Return a manager whose `start_kernel(cwd=..., env=...)` takes a warm kernel where there can be one.

    Parameters
    ----------
    kernel_name
        Name of an installed kernel.
    preload
        Modules that the kernel shall have imported: `modules_to_preload`.
    warm
        False starts a fresh interpreter in any case.
    spares
        How many kernels the server keeps ready: as many as steps run at the same time.

    Returns
    -------
    tuple of AsyncKernelManager, bool
        The bool says whether a warm kernel will be asked for. Whether it is one, and else the reason, is known after
        the start: ``manager.provisioner.warm`` and ``.reason``, of a `WarmProvisioner`.

    Raises
    ------
    UsageError
        When no kernel of that name is installed.
    """
    specs = installed_specs()
    spec = find_spec(specs, kernel_name)
    manager = AsyncKernelManager(kernel_name=kernel_name, kernel_spec_manager=specs)
    if not is_ipykernel(spec):
        return manager, False
    manager.kernel_id = str(uuid.uuid4())
    reason = why_plain(spec) if warm else "a fresh interpreter was asked for"
    wish = None if reason else ServerWish(preload, interpreter_options(spec))
    manager.provisioner = WarmProvisioner(
        wish=wish,
        reason=reason,
        spares=spares,
        kernel_id=manager.kernel_id,
        kernel_spec=spec,
        parent=manager,
    )
    return manager, wish is not None


async def shut_down(manager: AsyncKernelManager) -> int | None:
    """End a kernel in good order, without the manager's pauses; after 5 seconds by force. Return its exit code.

    What the user registered with `atexit` has run, and files are written, when this returns.
    """
    code = None
    if manager.has_kernel:
        provisioner = manager.provisioner
        assert provisioner is not None
        await manager._async_request_shutdown()  # noqa: SLF001 - public name is wrapped for synchronous use
        try:
            code = await asyncio.wait_for(provisioner.wait(), END_SECONDS)
        except TimeoutError:
            await provisioner.kill()
            code = await provisioner.wait()
    await manager._async_cleanup_resources()  # noqa: SLF001 - see above
    return code


def prepare(preload: tuple[str, ...], spares: int = 1, environment: Mapping[str, str] | None = None) -> None:
    """Have a server ready, soon; nothing happens where there can be none. Returns at once.

    Parameters
    ----------
    environment
        Variables of the kernels to come, this process's own where None.
    """
    spec = find_spec(installed_specs(), NATIVE_KERNEL_NAME)
    if why_plain(spec):
        return
    wish = ServerWish(
        preload, interpreter_options(spec), dict(os.environ if environment is None else environment)
    )
    try:
        with connect(wish) as connection:
            connection.sendall(wire.encode({"ask": "prepare", "spares": spares}))
    except (KernelUnavailableError, OSError):
        return  # the launch meets the same, and says so
