"""Waiting until a kernel answers, no longer than it takes."""

from __future__ import annotations

import asyncio
import time
from queue import Empty
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_client.asynchronous.client import AsyncKernelClient

__all__ = ["wait_until_ready"]

_PATIENCE_SECONDS = 0.25
"""How long to wait for an answer before asking again: what was published before the subscription arrived is lost."""


async def wait_until_ready(client: AsyncKernelClient, timeout_seconds: float = 60.0) -> dict[str, Any]:
    """Wait until the kernel answers and what it publishes is heard; return what it says of itself.

    The client's own `wait_for_ready` ends with a pause of 0.2 seconds on every kernel; a warm kernel answers in ten
    milliseconds.

    Parameters
    ----------
    client
        A client whose channels are started.

    Returns
    -------
    dict
        Content of the ``kernel_info_reply``.

    Raises
    ------
    RuntimeError
        When the kernel has died, or does not answer in time; as `wait_for_ready` does.
    """
    deadline = time.monotonic() + timeout_seconds
    while (info := await _answer(client)) is None:
        if not await client._async_is_alive():  # noqa: SLF001 - public name is wrapped for synchronous use
            raise RuntimeError("Kernel died before replying to kernel_info")
        if time.monotonic() > deadline:
            raise RuntimeError(f"Kernel didn't respond in {timeout_seconds:.0f} seconds")
    await _drain(client)
    return info


async def _answer(client: AsyncKernelClient) -> dict[str, Any] | None:
    """Ask the kernel what it is; return its reply when that and what it publishes meanwhile have come."""
    asked = client.kernel_info()
    try:
        reply = await client.get_shell_msg(timeout=_PATIENCE_SECONDS)
        client._handle_kernel_info_reply(reply)  # noqa: SLF001 - `wait_for_ready` does the same
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not _is_idle_after(await client.get_iopub_msg(), asked):
                pass
    except (Empty, TimeoutError):
        return None
    content: dict[str, Any] = reply["content"]
    return content


def _is_idle_after(message: dict[str, Any], asked: str) -> bool:
    about = message["parent_header"].get("msg_id")
    return bool(about == asked and message["content"].get("execution_state") == "idle")


async def _drain(client: AsyncKernelClient) -> None:
    """Take the replies to questions that were asked again."""
    while await client.shell_channel.msg_ready():
        await client.get_shell_msg(timeout=_PATIENCE_SECONDS)
