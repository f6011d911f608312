"""A warm kernel, seen from the process that uses it."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
from typing import TYPE_CHECKING, Any

from nbship.pipeline.kernels import wire
from nbship.pipeline.kernels.folder import KernelUnavailableError
from nbship.pipeline.kernels.start import ServerWish, connect

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Lease", "take_lease"]

_ATTEMPTS = 2


class Lease:
    """One kernel and the connection to the server that forked it.

    The server waits for the process, so its id belongs to no other as long as the lease is open. It ends the kernel when
    the connection closes, for whatever reason.
    """

    def __init__(self, connection: socket.socket, pid: int, connection_info: dict[str, Any]) -> None:
        self.pid = pid
        self.connection_info = connection_info
        self._connection = connection
        self._inbox = wire.Inbox()
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return how the kernel ended, as `subprocess` tells it; None while it lives. Does not wait."""
        while self._code is None:
            try:
                data = self._connection.recv(wire.CHUNK_BYTES, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return None
            except OSError:
                data = b""
            self._take(data)
        return self._code

    async def wait(self) -> int:
        """Wait until the kernel has ended; return how."""
        while (code := self.poll()) is None:
            await _readable(self._connection)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel's process group."""
        self._say({"signal": number})

    def expect_end(self) -> None:
        """Note that the kernel was asked to end: closing leaves it the time to do so."""
        self._say({"shutdown": True})

    def close(self) -> None:
        """Give the kernel back; it ends now, or within seconds where it was asked to before."""
        if self._code is None:
            self._code = -signal.SIGKILL
        self._connection.close()

    def _take(self, data: bytes) -> None:
        if not data:
            self._code = -signal.SIGKILL  # the server has gone, and its kernels go with it
        for message in self._inbox.feed(data):
            self._code = message.get("exit", self._code)

    def _say(self, message: dict[str, Any]) -> None:
        if self.poll() is None:
            try:
                self._connection.sendall(wire.encode(message))
            except OSError:
                return  # it has just ended


def take_lease(
    wish: ServerWish,
    *,
    cwd: str,
    environment: Mapping[str, str],
    kernel_name: str,
    extra_arguments: tuple[str, ...] = (),
    spares: int = 1,
    timeout_seconds: float = 60.0,
) -> Lease:
    """Take a kernel that looks as if it had just been started by this process.

    Parameters
    ----------
    wish
        The server to take it from; it is started where it does not run.
    cwd, environment
        What the kernel gets. Its umask and resource limits are those of this process.
    extra_arguments
        What a kernel would have been started with besides its connection file; they are shown, not applied.
    spares
        How many kernels the server shall keep ready from now on.

    Raises
    ------
    KernelUnavailableError
        When there is none.
    """
    request = {
        "ask": "lease",
        "spares": spares,
        "handout": {
            "cwd": cwd,
            "environment": dict(environment),
            "umask": _umask(),
            "limits": _limits(),
            "kernel_name": kernel_name,
            "extra_arguments": list(extra_arguments),
        },
    }
    for _ in range(_ATTEMPTS):
        lease = _ask(wish, request, timeout_seconds)
        if lease is not None:
            return lease
    raise KernelUnavailableError("the kernel server ended before it answered")


def _ask(wish: ServerWish, request: dict[str, Any], timeout_seconds: float) -> Lease | None:
    """Return a lease; None where the server has gone without an answer."""
    connection = connect(wish)
    try:
        connection.settimeout(timeout_seconds)
        connection.sendall(wire.encode(request))
        answer = wire.receive(connection)
    except TimeoutError as error:
        connection.close()
        raise KernelUnavailableError(f"no kernel within {timeout_seconds:.0f} s") from error
    except OSError:
        answer = None
    if answer is None or "kernel" not in answer:
        connection.close()
        _check_refusal(answer)
        return None
    connection.settimeout(None)
    info = answer["kernel"]
    return Lease(connection, answer["pid"], {**info, "key": info["key"].encode("ascii")})


def _check_refusal(answer: dict[str, Any] | None) -> None:
    if answer is not None:
        raise KernelUnavailableError(str(answer.get("refused", answer)))


def _umask() -> int:
    # Asking through os.umask would change it for a moment, under the feet of other threads.
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123 - no need for a Path
        return next(int(line.split()[1], 8) for line in status if line.startswith("Umask:"))


def _limits() -> dict[str, list[int]]:
    names = [name for name in vars(resource) if name.startswith("RLIMIT_")]
    return {name: list(resource.getrlimit(getattr(resource, name))) for name in names}


async def _readable(connection: socket.socket) -> None:
    """Wait until something arrives; several tasks may wait at the same time."""
    loop = asyncio.get_running_loop()
    arrived = asyncio.Event()
    watched = os.dup(connection.fileno())
    loop.add_reader(watched, arrived.set)
    try:
        await arrived.wait()
    finally:
        loop.remove_reader(watched)
        os.close(watched)
