"""Turning a kernel that is ready into the one that somebody asked for."""

from __future__ import annotations

import os
import resource
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["EnvironmentChanges", "arguments", "put_on", "shadowing"]


class EnvironmentChanges:
    """What importing and starting did to the environment variables, to be done to others."""

    def __init__(self, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        self._set = {name: value for name, value in after.items() if before.get(name) != value}
        self._removed = before.keys() - after.keys()

    def applied(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of a process that began with `environment` and did the same."""
        kept = {name: value for name, value in environment.items() if name not in self._removed}
        return kept | self._set


def put_on(handout: Mapping[str, Any], changes: EnvironmentChanges) -> None:
    """Take on the folder, environment, umask and limits of the process that asked.

    Raises
    ------
    OSError, ValueError
        When the folder cannot be entered, or a limit is below what this process was given.
    """
    os.umask(handout["umask"])
    os.chdir(handout["cwd"])
    if (processes := sys.modules.get("multiprocessing.process")) is not None:
        # Where processes that it starts look for modules; the process before had another folder.
        vars(processes)["ORIGINAL_DIR"] = os.getcwd()  # noqa: PTH109 - on the way of every kernel
    _set_environment(changes.applied(handout["environment"]))
    for name, limits in handout["limits"].items():
        if resource.getrlimit(getattr(resource, name)) != tuple(limits):
            resource.setrlimit(getattr(resource, name), tuple(limits))
    time.tzset()


def arguments(connection_file: Path, extra: list[str]) -> list[str]:
    """Return `sys.argv` as a kernel has it that was started from its command line."""
    launcher = sys.modules.get("ipykernel_launcher")
    path = getattr(launcher, "__file__", None) or _launcher_path()
    return [path, "-f", str(connection_file), *extra]


def shadowing(folder: str, names: frozenset[str]) -> list[str]:
    """Return those of the top-level modules that a kernel in `folder` would find there instead."""
    try:
        entries = {entry.name: entry for entry in os.scandir(folder)}
    except OSError:
        return []
    found = {name.partition(".")[0] for name in entries if name.endswith((".py", ".so"))}
    packages = names & entries.keys()
    found |= {name for name in packages if os.path.isfile(os.path.join(folder, name, "__init__.py"))}  # noqa: PTH113, PTH118 - on the way of every kernel
    own = {"matplotlib"} if "matplotlibrc" in entries else set()  # read from the current folder at its import
    return sorted((found | own) & names)


def _set_environment(wanted: Mapping[str, str]) -> None:
    for name in os.environ.keys() - wanted.keys():
        del os.environ[name]
    for name, value in wanted.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


def _launcher_path() -> str:
    import importlib.util  # noqa: PLC0415 - once in a kernel's life

    spec = importlib.util.find_spec("ipykernel_launcher")
    return (spec and spec.origin) or "ipykernel_launcher.py"
