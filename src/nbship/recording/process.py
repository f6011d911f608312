"""Who writes a session, and whether that process still lives.

Public: ``this_process() -> ProcessIdentity``, ``is_alive(identity) -> bool | None``, ``this_host() -> str``.
"""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path

from nbship.model.event import ProcessIdentity

__all__ = ["is_alive", "this_host", "this_process"]

# Boot time is derived from the wall clock on some platforms, so start times of one process may differ slightly.
CREATED_TOLERANCE_SECONDS = 2.0


def this_process() -> ProcessIdentity:
    """Return the identity of the calling process."""
    import psutil  # noqa: PLC0415 - not needed by a process that never tracks

    pid = os.getpid()
    return ProcessIdentity(pid=pid, created=psutil.Process(pid).create_time(), host=this_host())


@cache
def this_host() -> str:
    """Return the name of this machine and its process namespace: the space in which process ids are unique."""
    namespace = Path("/proc/self/ns/pid")
    inode = namespace.stat().st_ino if namespace.exists() else 0
    return f"{socket.gethostname()}/{inode}"


def is_alive(identity: ProcessIdentity) -> bool | None:
    """Say whether the process lives; a zombie does not. None when it belongs to another host."""
    import psutil  # noqa: PLC0415 - see this_process

    if identity.host != this_host():
        return None
    try:
        process = psutil.Process(identity.pid)
        same = abs(process.create_time() - identity.created) <= CREATED_TOLERANCE_SECONDS
        return same and process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        # Seen on other users' processes only; the kernels of this spool belong to this user.
        return True
