"""Reaching the kernel server that fits, started where none runs.

A server is started with a listening socket that is already in place, so that nobody has to wait until it answers: requests
queue in the socket while the server imports.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbship.pipeline.kernels.folder import KernelUnavailableError, runtime_folder
from nbship.pipeline.kernels.home import ABOUT, LOG, REFUSED, SOCKET, homes, locked, reach, sweep, tell
from nbship.pipeline.kernels.key import ServerKey, lasting, server_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["IDLE_SECONDS", "IDLE_SECONDS_VARIABLE", "MOST_SERVERS", "ServerWish", "connect", "reap"]

IDLE_SECONDS_VARIABLE = "NBSHIP_KERNEL_IDLE_SECONDS"
IDLE_SECONDS = 300.0
"""How long a server stays without a kernel in use, unless ``NBSHIP_KERNEL_IDLE_SECONDS`` says otherwise."""

MOST_SERVERS = 4
"""Servers of one Python that live at the same time; the one that was not used for longest makes room."""

_BACKLOG = 256

_started: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True, slots=True)
class ServerWish:
    """What a server has to be like.

    Attributes
    ----------
    preload
        Dotted modules to import.
    options
        Options of the interpreter, as in the kernel's argv.
    environment
        Environment variables of the kernels; those of `VOLATILE` do not matter.
    """

    preload: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


def connect(wish: ServerWish) -> socket.socket:
    """Return a connection to the server that fits, started where none runs; costs about 5 ms when one runs.

    Raises
    ------
    KernelUnavailableError
        When there can be none here.
    """
    try:
        return _connect_or_start(wish)
    except OSError as error:
        raise KernelUnavailableError(f"no kernel server: {error}") from error


def _connect_or_start(wish: ServerWish) -> socket.socket:
    folder = runtime_folder()
    key = server_key(wish.preload, wish.options, wish.environment)
    home = folder / key.name
    connection = reach(home)
    if connection is not None:
        return connection
    with locked(folder):
        connection = reach(home)  # somebody else may have been quicker
        if connection is not None:
            return connection
        _check_refusal(home)
        _make_room(folder, key)
        return _start(home, wish)


def _check_refusal(home: Path) -> None:
    refusal = home / REFUSED
    if refusal.exists():
        raise KernelUnavailableError(refusal.read_text(encoding="utf-8"))


def _start(home: Path, wish: ServerWish) -> socket.socket:
    home.mkdir(mode=0o700, exist_ok=True)
    (home / SOCKET).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(home / SOCKET))
        listener.listen(_BACKLOG)
        reap()
        process = _launch(home, wish, listener.fileno())
    _started.append(process)
    _introduce(home, wish, process.pid)
    connection = reach(home)
    if connection is None:
        raise KernelUnavailableError("the kernel server ended at once")
    return connection


def _launch(home: Path, wish: ServerWish, listener: int) -> subprocess.Popen[bytes]:
    idle = os.environ.get(IDLE_SECONDS_VARIABLE, str(IDLE_SECONDS))
    command = [sys.executable, *wish.options, "-m", "nbship.kernel.server"]
    command += ["--listener", str(listener), "--idle-seconds", idle, *wish.preload]
    with (home / LOG).open("wb") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Not -P: kernels inherit the flag, and their children from them. Nothing can be imported from here.
            cwd=home,
            env=lasting(wish.environment),
            pass_fds=[listener],
            start_new_session=True,
        )


def _introduce(home: Path, wish: ServerWish, pid: int) -> None:
    """Write down who serves in this folder."""
    from nbship.recording.process import identify  # noqa: PLC0415 - loads psutil

    process = identify(pid)
    about = {
        "pid": pid,
        "created": process.created,
        "host": process.host,
        "executable": sys.executable,
        "preload": list(wish.preload),
    }
    (home / ABOUT).write_text(json.dumps(about), encoding="utf-8")


def _make_room(folder: Path, key: ServerKey) -> None:
    """Tell the servers to go that a new one replaces, and clear away what dead ones left."""
    sweep(folder)
    rivals = [(home, about) for home, about in homes(folder) if about["executable"] == sys.executable]
    outdated = [home for home, _ in rivals if home.name.startswith(f"{key.base}-")]
    others = [home for home, _ in rivals if home not in outdated]
    for home in [*outdated, *others[: max(0, len(others) - MOST_SERVERS + 1)]]:
        tell(home, {"ask": "leave"})


def reap() -> None:
    """Forget the servers that this process started and that have ended."""
    _started[:] = [process for process in _started if process.poll() is None]


@atexit.register
def _let_go() -> None:
    """Tell `subprocess` that servers outlive this process on purpose, or it warns of each."""
    for process in _started:
        process.returncode = process.poll() or 0
