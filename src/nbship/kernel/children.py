"""Forked kernels, seen from the server."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbship.pipeline.kernels import wire

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["BecameKernelError", "Child", "fork_child"]

_SEND_SECONDS = 10.0


class BecameKernelError(BaseException):
    """Raised in the child after a fork, to leave the server's loop and its objects behind."""

    def __init__(self, control: socket.socket, home: Path) -> None:
        super().__init__()
        self.control = control
        self.home = home


@dataclass(eq=False, slots=True)
class Child:
    """A kernel's process, which nobody but the server waits for.

    Attributes
    ----------
    info
        Its connection file, once it is ready.
    deadline
        When it is killed, on the clock of `time.monotonic`; None for never.
    """

    pid: int
    descriptor: int
    control: socket.socket
    home: Path
    inbox: wire.Inbox = field(default_factory=wire.Inbox)
    info: dict[str, Any] | None = None
    deadline: float | None = None

    def hear(self) -> list[dict[str, Any]]:
        """Return what the kernel says."""
        try:
            return self.inbox.feed(self.control.recv(wire.CHUNK_BYTES))
        except OSError:
            return []

    def hand(self, handout: dict[str, Any]) -> bool:
        """Send the handout; say whether it could be sent."""
        try:
            self.control.settimeout(_SEND_SECONDS)
            self.control.sendall(wire.encode(handout))
        except OSError:
            return False
        return True

    def signal(self, number: int) -> None:
        """Send a signal to the process group; the process is not yet waited for, so the group is its own."""
        for send in (os.killpg, os.kill):
            with contextlib.suppress(OSError):
                send(self.pid, number)
                return

    def kill(self) -> None:
        """End the process group at once."""
        self.signal(signal.SIGKILL)

    def end_within(self, seconds: float) -> None:
        """Kill it unless it ends by itself soon."""
        self.deadline = time.monotonic() + seconds

    def bury(self) -> int:
        """Wait for the process, which has ended, and remove what it left; return its exit code."""
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.descriptor)
        self.control.close()
        shutil.rmtree(self.home, ignore_errors=True)
        return code


def fork_child(folder: Path) -> Child:
    """Fork a kernel.

    Raises
    ------
    BecameKernelError
        In the child.
    OSError
        When there is no room for another process.
    """
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        home = folder / str(os.getpid())
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(mode=0o700)
        raise BecameKernelError(theirs, home)
    theirs.close()
    return Child(pid, os.pidfd_open(pid), ours, folder / str(pid))
