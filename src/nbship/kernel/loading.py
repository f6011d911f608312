"""What a kernel server imports before it forks, and which modules it must not."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.kernel.streams import early_streams

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Loaded", "NotForkableError", "load", "surviving_threads"]

BASE = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell")
"""What every kernel has imported before the user's first cell."""

WHILE_STARTING = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "nbship.kernel.app",
    "pdb",
    "sqlite3",
    "tornado.platform.asyncio",
    "tornado.queues",
)
"""What a kernel imports while it starts (ipykernel 7, IPython 9); two thirds of the time that the start takes."""

OWN = ("nbship.magics.step", "psutil")
"""What a tracked kernel loads besides."""

_THREADS_THAT_MAY_STAY = frozenset({"jemalloc_bg_thd"})
"""Threads whose library has fork handlers that leave the child without them, in order: jemalloc (of Arrow) does so in
``background_thread_postfork_child``. OpenBLAS is not here, because it ends its threads before a fork."""

_INLINE_BACKEND = "module://matplotlib_inline.backend_inline"


class NotForkableError(Exception):
    """A forked kernel would miss threads that the process has; the message names them."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was imported.

    Attributes
    ----------
    harmful
        Module to the reason why a kernel must import it by itself: the server has to start over without it.
    ahead
        Top-level names that are imported here and that a plain kernel would look for in the notebook's folder first.
    """

    harmful: dict[str, str] = field(default_factory=dict)
    ahead: frozenset[str] = frozenset()


def load(modules: list[str]) -> Loaded:
    """Import what kernels need, then the modules; those that fail are left for the notebook to fail at.

    Raises
    ------
    NotForkableError
        When threads run already before the first of the modules.
    """
    # As ipykernel does for a kernel; matplotlib reads it at its import.
    os.environ["MPLBACKEND"] = os.environ.get("MPLBACKEND") or _INLINE_BACKEND
    for name in BASE:
        importlib.import_module(name)
    given = _tops()
    for name in (*WHILE_STARTING, *OWN):
        _try(name)
    if threads := surviving_threads():
        raise NotForkableError(
            f"a kernel server has threads that do not survive a fork: {', '.join(threads.values())}"
        )
    harmful = {name: reason for name in modules if (reason := _import_watched(name))}
    _prefill()
    gc.collect()
    gc.freeze()
    return Loaded(harmful, _tops() - given)


def _prefill() -> None:
    """Look up what tracking asks of the installed packages: 0.2 s that every kernel would spend again."""
    from nbship.magics.step import prefill  # noqa: PLC0415 - one of OWN

    with contextlib.suppress(Exception):  # an economy, which a kernel does without
        prefill()


def surviving_threads() -> dict[str, str]:
    """Return id and name of the threads that this process has even after a fork, and that a child would miss.

    Libraries that know about forks end their threads before one; so it is tried.
    """
    if len(_tasks()) > 1:
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
    names = {task: _thread_name(task) for task in _tasks() if task != str(os.getpid())}
    return {task: name for task, name in names.items() if name not in _THREADS_THAT_MAY_STAY}


def _import_watched(name: str) -> str:
    """Import a module; return why a kernel had better import it by itself, empty where it need not."""
    asked: list[bool] = []
    before = surviving_threads()
    with _shell_watched(asked), early_streams() as written:
        _try(name)
    if asked:
        return "asks for the shell when it is imported"
    if text := "".join(written).strip():
        return f"writes when it is imported: {text.splitlines()[0]}"
    if started := surviving_threads().items() - before.items():
        return f"starts threads when it is imported: {', '.join(sorted(name for _, name in started))}"
    return ""


def _try(name: str) -> None:
    """Import a module as ``import a.b`` or ``from a import b`` would, whichever the name stands for."""
    parent, _, child = name.rpartition(".")
    try:
        if parent and hasattr(importlib.import_module(parent), child):
            return
        importlib.import_module(name)
    except (Exception, SystemExit):  # noqa: BLE001 - whatever it is, the notebook shall meet it, not the server
        return


@contextlib.contextmanager
def _shell_watched(asked: list[bool]) -> Iterator[None]:
    """Note calls of `get_ipython`, which looks whether a shell is initialised."""
    shell = sys.modules["ipykernel.zmqshell"].InteractiveShell

    def initialized(_kind: type) -> bool:
        asked.append(True)
        return False

    shell.initialized = classmethod(initialized)
    try:
        yield
    finally:
        del shell.initialized


def _tops() -> frozenset[str]:
    return frozenset(name for name in list(sys.modules) if "." not in name)


def _tasks() -> list[str]:
    return [path.name for path in Path("/proc/self/task").iterdir()]


def _thread_name(task: str) -> str:
    try:
        return Path("/proc/self/task", task, "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:  # it has just ended
        return "jemalloc_bg_thd"
