"""Starting the recorder process.

Public: ``ensure_recorder(spool, idle_seconds=None) -> bool``.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from nbship.errors import SpoolError
from nbship.recording.layout import LOCK, LOG, OLD_LOG
from nbship.recording.lock import FileLock

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["IDLE_SECONDS_VARIABLE", "ensure_recorder"]

IDLE_SECONDS_VARIABLE = "NBSHIP_RECORDER_IDLE_SECONDS"
LOG_SIZE_BYTES = 1_000_000

START_SECONDS = 5.0
"""How long a new recorder may take to lock its spool before another one is tried."""

# What this process started, and when. Two kernels may still start two: one finds the lock taken and leaves.
_started: dict[Path, tuple[subprocess.Popen[bytes], float]] = {}


def ensure_recorder(spool: Path, idle_seconds: float | None = None) -> bool:
    """Start the recorder of a spool unless one runs; say whether one was started. Costs < 0.1 ms when one runs.

    Call it after an event was appended, not before: a recorder that is about to leave looks once more after it gave
    up its lock, so either it sees the event or this function sees the free lock.

    Parameters
    ----------
    spool
        The spool folder; made where it does not exist.
    idle_seconds
        How long the recorder stays with nothing to do; the environment variable
        ``NBSHIP_RECORDER_IDLE_SECONDS``, else 60, where None.

    Raises
    ------
    SpoolError
        When the process cannot be started or the spool cannot be written.
    """
    try:
        spool.mkdir(parents=True, exist_ok=True)
        if FileLock(spool / LOCK).is_held_elsewhere() or _is_starting(spool):
            return False
        if spool in _started:
            _forget(_started[spool][0])
        _started[spool] = _start(spool, idle_seconds), time.monotonic()
    except OSError as error:
        raise SpoolError(f"cannot start the recorder of {spool}: {error}") from error
    return True


def _is_starting(spool: Path) -> bool:
    child, since = _started.get(spool, (None, 0.0))
    return child is not None and child.poll() is None and time.monotonic() - since < START_SECONDS


@atexit.register
def _let_go() -> None:
    for child, _ in _started.values():
        _forget(child)


def _forget(child: subprocess.Popen[bytes]) -> None:
    """Tell `subprocess` that a recorder outlives this process, or its successor, on purpose, or it warns of it."""
    child.returncode = child.poll() or 0


def _start(spool: Path, idle_seconds: float | None) -> subprocess.Popen[bytes]:
    # -P: a random.py in the user's folder must not shadow the standard library of the recorder.
    command = [sys.executable, "-P", "-m", "nbship.recording.recorder", str(spool.absolute())]
    if idle_seconds is not None:
        command += ["--idle-seconds", str(idle_seconds)]
    _rotate(spool)
    with (spool / LOG).open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=spool,
            env=_environment(),
            **_detached(),
        )


def _environment() -> dict[str, str]:
    """Return this environment as a fresh process would have it: without what belongs to the tracked cell."""
    own = {"MLFLOW_RUN_ID", "NBSHIP_ACTIVE_RUN", "PYTHONSTARTUP"}
    return {name: value for name, value in os.environ.items() if name not in own}


def _detached() -> dict[str, Any]:
    """Return the options that keep a kernel's end, or the signals meant for it, from the recorder."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _rotate(spool: Path) -> None:
    log = spool / LOG
    if log.exists() and log.stat().st_size > LOG_SIZE_BYTES:
        log.replace(spool / OLD_LOG)
