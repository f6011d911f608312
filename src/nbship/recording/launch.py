"""Starting the recorder process.

Public: ``ensure_recorder(spool, idle_seconds=None) -> bool``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from nbship.errors import SpoolError
from nbship.recording.layout import LOCK, LOG, OLD_LOG
from nbship.recording.lock import FileLock

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["IDLE_SECONDS_VARIABLE", "ensure_recorder"]

IDLE_SECONDS_VARIABLE = "NBSHIP_RECORDER_IDLE_SECONDS"
LOG_SIZE_BYTES = 1_000_000

# A recorder that was started but has not taken its lock yet. Two kernels may still start two: one will find the
# lock taken and leave.
_started: dict[Path, subprocess.Popen[bytes]] = {}


def ensure_recorder(spool: Path, idle_seconds: float | None = None) -> bool:
    """Start the recorder of a spool unless one runs; say whether one was started. Costs < 0.1 ms when one runs.

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
    child = _started.get(spool)
    if child is not None and child.poll() is None:
        return False
    try:
        spool.mkdir(parents=True, exist_ok=True)
        if FileLock(spool / LOCK).is_held_elsewhere():
            return False
        _started[spool] = _start(spool, idle_seconds)
    except OSError as error:
        raise SpoolError(f"cannot start the recorder of {spool}: {error}") from error
    return True


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
