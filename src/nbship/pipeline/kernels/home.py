"""The folders of kernel servers: who serves there, how to reach him, and clearing away what the dead left."""

from __future__ import annotations

import json
import shutil
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nbship.model.event import ProcessIdentity
from nbship.pipeline.kernels import wire
from nbship.pipeline.kernels.folder import KernelUnavailableError
from nbship.recording.lock import FileLock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["ABOUT", "LOG", "REFUSED", "SOCKET", "homes", "is_served", "locked", "reach", "sweep", "tell"]

SOCKET, ABOUT, REFUSED, LOG = "server", "server.json", "refused", "log"
"""What is in a server's folder besides one folder for each of its kernels."""

_LOCK_SECONDS = 10.0
_REFUSAL_SECONDS = 86400.0


def reach(home: Path) -> socket.socket | None:
    """Return a connection to the server of a folder; None where nobody listens."""
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(home / SOCKET))
    except (FileNotFoundError, ConnectionRefusedError):
        connection.close()
        return None
    except OSError:
        connection.close()
        raise
    return connection


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep others from starting servers meanwhile."""
    lock = FileLock(folder / "lock")
    deadline = time.monotonic() + _LOCK_SECONDS
    while not lock.acquire():
        if time.monotonic() > deadline:
            raise KernelUnavailableError(f"{lock.path} has been held for {_LOCK_SECONDS:.0f} s")
        time.sleep(0.005)
    try:
        yield
    finally:
        lock.release()


def homes(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    """Return the folders of servers with what is written there, the one used last at the end."""
    found = []
    for path in folder.glob(f"*/{ABOUT}"):
        try:
            about = json.loads(path.read_text(encoding="utf-8"))
            used = path.stat().st_mtime_ns
        except (OSError, ValueError):  # it is being written, or its server has just gone
            continue
        about["process"] = ProcessIdentity(pid=about["pid"], created=about["created"], host=about["host"])
        found.append((used, path.parent, about))
    return [(home, about) for _, home, about in sorted(found, key=lambda item: item[:2])]


def is_served(about: dict[str, Any]) -> bool:
    """Say whether the server that wrote this still lives."""
    from nbship.recording.process import is_alive  # noqa: PLC0415 - loads psutil

    return is_alive(about["process"]) is not False


def sweep(folder: Path) -> None:
    """Remove the folders of servers that are dead; a refusal is kept for a day."""
    for home, about in homes(folder):
        refusal = home / REFUSED
        if refusal.exists() and time.time() - refusal.stat().st_mtime < _REFUSAL_SECONDS:
            continue
        if not is_served(about):
            shutil.rmtree(home, ignore_errors=True)


def tell(home: Path, message: dict[str, Any]) -> None:
    """Send a request that has no answer."""
    try:
        connection = reach(home)
        if connection is not None:
            with connection:
                connection.sendall(wire.encode(message))
    except OSError:
        return  # it is on its way out
