"""Who writes a session, and whether that process still lives.

Public: ``this_process() -> ProcessIdentity``, ``identify(pid) -> ProcessIdentity``,
``is_alive(identity) -> bool | None``, ``this_host() -> str``.
"""

from __future__ import annotations

import os
import socket
import sys
from functools import cache
from pathlib import Path

from nbship.model.event import ProcessIdentity

__all__ = ["identify", "is_alive", "this_host", "this_process"]

CREATED_TOLERANCE_SECONDS = 0.005

_LINUX = sys.platform.startswith("linux")

_FIRST_NAMESPACE = 0xEFFFFFFC
"""The process namespace of a Linux machine itself (PROC_PID_INIT_INO in the kernel's proc_ns.h)."""


def this_process() -> ProcessIdentity:
    """Return the identity of the calling process."""
    return identify(os.getpid())


def identify(pid: int) -> ProcessIdentity:
    """Return the identity of a running process of this host.

    Raises
    ------
    ProcessLookupError
        When there is none with that id.
    """
    import psutil  # noqa: PLC0415 - not needed by a process that never tracks

    try:
        return ProcessIdentity(pid=pid, created=_created(pid), host=this_host())
    except (psutil.NoSuchProcess, FileNotFoundError) as error:
        raise ProcessLookupError(f"no process {pid}") from error


def _created(pid: int) -> float:
    """Return when a process started, in seconds on a clock that nobody sets."""
    import psutil  # noqa: PLC0415 - see identify

    if _LINUX:
        # Since boot. psutil adds the time of the boot, which moves when the wall clock is set or the machine wakes.
        after_name = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        )
        return int(after_name.split()[19]) / os.sysconf("SC_CLK_TCK")
    return float(psutil.Process(pid).create_time())


@cache
def this_host() -> str:
    """Return the name of this machine and its process namespace: the space in which process ids are unique."""
    namespace = Path("/proc/self/ns/pid")
    inode = namespace.stat().st_ino if namespace.exists() else 0
    return f"{socket.gethostname()}/{inode}"


def is_alive(identity: ProcessIdentity) -> bool | None:
    """Say whether the process lives; a zombie does not. None when it belongs to another host, where nobody here knows."""
    import psutil  # noqa: PLC0415 - see identify

    if identity.host != this_host():
        return False if _is_former_container(identity.host) else None
    try:
        same = abs(_created(identity.pid) - identity.created) <= CREATED_TOLERANCE_SECONDS
        return same and psutil.Process(identity.pid).status() not in (
            psutil.STATUS_ZOMBIE,
            psutil.STATUS_DEAD,
        )
    except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
        return False
    except psutil.AccessDenied:
        # Seen on other users' processes only; the kernels of this spool belong to this user.
        return True


def _is_former_container(host: str) -> bool:
    """Say whether `host` is this container before it was restarted: same name, another process namespace.

    A machine has one namespace of its own for ever, so this is asked of two containers only. Containers that share
    a project at the same time have different names, unless somebody named them alike by hand.
    """
    name, _, namespace = this_host().rpartition("/")
    other_name, _, other = host.rpartition("/")
    return name == other_name and not {namespace, other} & {"0", str(_FIRST_NAMESPACE)}
