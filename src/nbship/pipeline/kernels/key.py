"""Which kernel server serves whom: everything that a kernel inherits from the server that forks it."""

from __future__ import annotations

import hashlib
import json
import os
import site
import sys
import sysconfig
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["VOLATILE", "ServerKey", "is_site_folder", "lasting", "server_key", "site_folders"]

VOLATILE = (
    "PWD",
    "OLDPWD",
    "SHLVL",
    "_",
    "COLUMNS",
    "LINES",
    "WINDOWID",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "TERM*",
    "TMUX*",
    "SSH_*",
    "XDG_SESSION_*",
    "VSCODE_*",
    "JPY_*",
    "MLFLOW_*",
    "NBSHIP_*",
    "PYTEST_*",
)
"""Environment variables that differ between two terminals, or two runs, and that no library reads when it is imported.

Kernels get them, servers do not. All others are part of the key: ``OMP_NUM_THREADS`` or ``PYTHONPATH`` say what a
library is once it is imported. mlflow, which reads some of its own at import, is never preloaded.
"""

_SITE_NAMES = frozenset({"site-packages", "dist-packages"})
_DIGEST_BYTES = 5


@dataclass(frozen=True, slots=True)
class ServerKey:
    """`base` says whom the server serves, `stamp` in which state of the environment it was started."""

    base: str
    stamp: str

    @property
    def name(self) -> str:
        """The name of the server's folder."""
        return f"{self.base}-{self.stamp}"


def server_key(
    preload: tuple[str, ...], options: tuple[str, ...], environment: Mapping[str, str]
) -> ServerKey:
    """Return the key of the server whose kernels are like fresh ones with these imports, options and environment."""
    base = {
        "python": [sys.executable, sys.prefix, sys.version, *options],
        "environment": sorted(lasting(environment).items()),
        "preload": preload,
        "process": _inherited(),
    }
    stamp = [(str(path), _changed(path)) for path in _watched(environment)]
    return ServerKey(_digest(base), _digest([stamp, _own_version()]))


def lasting(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a server is started with."""
    return {name: value for name, value in environment.items() if not _is_volatile(name)}


def site_folders() -> tuple[Path, ...]:
    """Return the folders of the standard library and of installed packages."""
    found = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    found += [*site.getsitepackages(), site.getusersitepackages()]
    found += [entry for entry in sys.path if is_site_folder(entry)]
    return tuple(dict.fromkeys(Path(entry) for entry in found))


def is_site_folder(path: str) -> bool:
    """Say whether packages are installed into the folder, by its name."""
    return Path(path).name in _SITE_NAMES


def _is_volatile(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in VOLATILE)


def _inherited() -> list[object]:
    """Return what a process has from its parent and cannot take back, or what libraries ask for at their import."""
    spaces = [Path("/proc/self/ns", name).readlink().name for name in ("mnt", "net", "pid", "user")]
    priority = os.getpriority(os.PRIO_PROCESS, 0)
    return [sorted(os.sched_getaffinity(0)), os.getgid(), sorted(os.getgroups()), priority, spaces]


def _watched(environment: Mapping[str, str]) -> Iterator[Path]:
    yield from site_folders()
    yield from (Path(entry) for entry in environment.get("PYTHONPATH", "").split(os.pathsep) if entry)
    home = Path(environment.get("HOME") or Path.home())
    profile = Path(environment.get("IPYTHONDIR") or home / ".ipython") / "profile_default"
    yield from (profile / name for name in ("ipython_config.py", "ipython_kernel_config.py"))
    settings = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "matplotlib"
    yield Path(environment.get("MPLCONFIGDIR") or settings) / "matplotlibrc"


def _changed(path: Path) -> int:
    """Return when the file or folder changed, in nanoseconds; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _own_version() -> int:
    """Return when the newest of our own sources changed; an installed copy shows in the folder it is installed into."""
    package = Path(__file__).parents[1]
    return 0 if is_site_folder(str(package.parent)) else _newest(str(package))


def _newest(folder: str) -> int:
    # A third of the time that `Path.rglob` takes, on the way of every kernel.
    newest = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                newest = max(newest, _newest(entry.path)) if entry.name != "__pycache__" else newest
            elif entry.name.endswith(".py"):
                newest = max(newest, entry.stat().st_mtime_ns)
    return newest


def _digest(value: object) -> str:
    return hashlib.blake2b(json.dumps(value).encode("ascii"), digest_size=_DIGEST_BYTES).hexdigest()
