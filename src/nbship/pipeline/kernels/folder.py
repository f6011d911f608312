"""Where kernel servers keep their sockets: a folder that nobody else can enter."""

from __future__ import annotations

import itertools
import os
import stat
import tempfile
from pathlib import Path

__all__ = ["FOLDER_VARIABLE", "KernelUnavailableError", "plain_address", "runtime_folder"]

FOLDER_VARIABLE = "NBSHIP_KERNEL_FOLDER"

PATH_BYTES = 100
"""Longest path of a socket; the system's own bound is 107."""

_LONGEST_NAME = "/0123456789-0123456789/4194304/s-5"
_PRIVATE = 0o700
_numbers = itertools.count()


class KernelUnavailableError(Exception):
    """No warm kernel is to be had here; the message says why. A plain one takes its place, so no user meets this."""


def runtime_folder() -> Path:
    """Return the folder of sockets, made where it is missing.

    It is ``NBSHIP_KERNEL_FOLDER``, else ``nbship`` in ``XDG_RUNTIME_DIR``, else ``nbship-<uid>`` in the folder of
    temporary files.

    Raises
    ------
    KernelUnavailableError
        When it belongs to someone else, others may enter it, or its path is too long for a socket.
    """
    folder = _chosen()
    if len(os.fsencode(str(folder) + _LONGEST_NAME)) >= PATH_BYTES:
        raise KernelUnavailableError(f"the path {folder} is too long for sockets; set {FOLDER_VARIABLE}")
    try:
        folder.mkdir(mode=_PRIVATE, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise KernelUnavailableError(f"cannot use {folder}: {error}") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise KernelUnavailableError(f"{folder} is not a private folder of this user")
    return folder


def _chosen() -> Path:
    if own := os.environ.get(FOLDER_VARIABLE):
        return Path(own).absolute()
    if (session := os.environ.get("XDG_RUNTIME_DIR")) and Path(session).is_dir():
        return Path(session) / "nbship"
    return Path(tempfile.gettempdir()).absolute() / f"nbship-{os.getuid()}"


def plain_address() -> str:
    """Return the beginning of the socket paths of a kernel that this process starts itself.

    Raises
    ------
    KernelUnavailableError
        As `runtime_folder`.
    """
    folder = runtime_folder()
    _forget_dead(folder)
    return str(folder / f"plain-{os.getpid()}-{next(_numbers)}")


def _forget_dead(folder: Path) -> None:
    """Remove the sockets that killed processes left."""
    for path in folder.glob("plain-*"):
        owner = path.name.split("-")[1]
        if not Path("/proc", owner).exists():
            path.unlink(missing_ok=True)
