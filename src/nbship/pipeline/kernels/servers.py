"""The kernel servers of this user: looking at them, ending them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbship.pipeline.kernels import wire
from nbship.pipeline.kernels.folder import KernelUnavailableError, runtime_folder
from nbship.pipeline.kernels.home import homes, is_served, reach, sweep, tell
from nbship.pipeline.kernels.start import reap

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ServerStatus", "servers", "stop_servers"]

_STATUS_SECONDS = 2.0
_STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """A kernel server of this user.

    Attributes
    ----------
    pid
        Its process.
    executable
        The Python that its kernels run.
    preload
        The modules that it was asked to import.
    left_out
        Module to the reason why it was not imported after all.
    spares
        Kernels that are ready.
    kernels
        Processes of the kernels in use.
    answers
        False while the server still imports.
    """

    pid: int
    executable: str
    preload: tuple[str, ...]
    left_out: dict[str, str] = field(default_factory=dict)
    spares: int = 0
    kernels: tuple[int, ...] = ()
    answers: bool = False


def servers() -> list[ServerStatus]:
    """Return the servers of this user that live, whoever started them."""
    try:
        folder = runtime_folder()
    except KernelUnavailableError:
        return []
    return [_status(home, about) for home, about in homes(folder) if is_served(about)]


def stop_servers() -> int:
    """End every server of this user with all its kernels, and wait for it; return how many there were."""
    from nbship.recording.process import is_alive  # noqa: PLC0415 - loads psutil

    folder = runtime_folder()
    found = [(home, about) for home, about in homes(folder) if is_served(about)]
    for home, _ in found:
        tell(home, {"ask": "leave", "now": True})
    deadline = time.monotonic() + _STOP_SECONDS
    for _, about in found:
        while is_alive(about["process"]) and time.monotonic() < deadline:
            time.sleep(0.01)
    sweep(folder)
    reap()
    return len(found)


def _status(home: Path, about: dict[str, Any]) -> ServerStatus:
    answer = _ask_status(home) or {}
    return ServerStatus(
        pid=about["pid"],
        executable=about["executable"],
        preload=tuple(about["preload"]),
        left_out=answer.get("left_out", {}),
        spares=answer.get("spares", 0),
        kernels=tuple(answer.get("kernels", ())),
        answers=bool(answer),
    )


def _ask_status(home: Path) -> dict[str, Any] | None:
    try:
        connection = reach(home)
        if connection is None:
            return None
        with connection:
            connection.settimeout(_STATUS_SECONDS)
            connection.sendall(wire.encode({"ask": "status"}))
            return wire.receive(connection)
    except OSError:
        return None
