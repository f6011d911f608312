"""Files that a cell opens, seen through the interpreter's own audit events.

Audit hooks can not be removed (PEP 578), so there is one for the life of the process, which returns at once while
nothing is watched. Libraries that open files without Python (Arrow, polars) are not seen here.
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
import threading
from dataclasses import dataclass
from importlib.util import source_from_cache
from pathlib import Path
from typing import Any, Final

__all__ = ["FileWatch", "OpenedFiles", "ignore_this_thread"]

_MAX_FILES = 1000
_SYSTEM = (
    "/proc/",
    "/sys/",
    "/dev/",
    "/etc/",
    "/run/",
    "/usr/lib/",
    "/usr/share/",
    "/usr/local/lib/",
    "/lib/",
)
_HOME_FOLDERS = (
    *(".ipython", ".jupyter", ".cache", ".config", ".fonts", ".matplotlib", ".nv", ".triton"),
    *(
        ".local/share/jupyter",
        ".local/share/fonts",
        ".local/share/fontconfig",
        ".local/lib",
        "Library/Caches",
    ),
    *("Library/Jupyter", "Library/Fonts", "Library/Preferences"),
)
_FOLDER_SETTINGS = (
    "IPYTHONDIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_RUNTIME_DIR",
    "MPLCONFIGDIR",
)
_DATA_ENDINGS = (
    *(".csv", ".csv.gz", ".csv.bz2", ".csv.zip", ".tsv", ".xlsx", ".parquet", ".feather", ".arrow"),
    *(".npy", ".npz", ".h5", ".hdf5"),
)
"""Data inside an installed package is an input like any other: data packages consist of it."""
_SHARED_PREFIXES: Final = frozenset({"/", "/usr", "/usr/local", "/opt", os.path.expanduser("~")})  # noqa: PTH111
_ACCESS = os.O_RDONLY | os.O_WRONLY | os.O_RDWR
_DATABASE = "sqlite3.connect"


@dataclass(frozen=True, slots=True)
class OpenedFiles:
    """The files that were opened while a watch was on, in the order of their first opening.

    Attributes
    ----------
    read, written
        Regular files that still exist, with absolute paths; a file can be in both. SQLite databases count as read.
    modules
        Python sources that were opened, by an import among others, outside the installed packages.
    truncated
        True when more files were opened than are kept.
    """

    read: tuple[Path, ...] = ()
    written: tuple[Path, ...] = ()
    modules: tuple[Path, ...] = ()
    truncated: bool = False


class FileWatch:
    """Collects the files that any thread of this process opens between `start` and `stop`."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, bool, bool], None] = {}
        self._truncated = False

    def start(self) -> None:
        """Begin to collect, from nothing."""
        global _watches  # noqa: PLW0603 - one hook a process
        _install()
        self._seen, self._truncated = {}, False
        with _lock:
            _watches = (*(watch for watch in _watches if watch is not self), self)

    def stop(self) -> OpenedFiles:
        """End collecting and return what was opened."""
        global _watches  # noqa: PLW0603
        with _lock:
            _watches = tuple(watch for watch in _watches if watch is not self)
        seen, self._seen = list(self._seen), {}
        files = [(path, reads, writes) for path, reads, writes in seen if os.path.isfile(path)]  # noqa: PTH113
        modules = [path for path, _, writes in files if path.endswith(".py") and not writes]
        modules += [source for path, _, _ in files if (source := _source_of(path))]
        data = [
            item
            for item in files
            if not item[0].endswith(".pyc") and (item[2] or not item[0].endswith(".py"))
        ]
        return OpenedFiles(
            read=_paths(path for path, reads, _ in data if reads),
            written=_paths(path for path, _, writes in data if writes),
            modules=_paths(modules),
            truncated=self._truncated,
        )

    def note(self, path: str, *, reads: bool, writes: bool) -> None:
        """Remember one opening; called by the audit hook."""
        if len(self._seen) < _MAX_FILES:
            self._seen[path, reads, writes] = None
        elif (path, reads, writes) not in self._seen:
            self._truncated = True


def ignore_this_thread() -> None:
    """Leave out what the calling thread opens from now on: it works for nbship, not for the user."""
    _thread.is_own = True


_lock = threading.Lock()
_watches: tuple[FileWatch, ...] = ()
_thread = threading.local()  # not a set of ids: the next thread may get the id of one that has ended
_ignored: tuple[str, ...] = ()


def _install() -> None:
    global _ignored  # noqa: PLW0603
    with _lock:
        if not _ignored:
            _ignored = _ignored_folders()
            sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watches or (event != "open" and event != _DATABASE):  # noqa: PLR1714 - a tuple costs more, on each event
        return
    try:  # noqa: SIM105 - quicker than a context manager
        _record(event, arguments)
    except Exception:  # noqa: BLE001, S110 - an exception here would make the user's own `open` fail
        pass


def _record(event: str, arguments: tuple[Any, ...]) -> None:
    path = arguments[0]
    if type(path) is not str:
        if isinstance(path, int) or path is None:
            return
        path = os.fsdecode(path)
    if event == _DATABASE:
        path, reads, writes = _database_path(path), True, False
    else:
        reads, writes = _direction(arguments[1], arguments[2])
    if not os.path.isabs(path):  # noqa: PTH117
        path = os.path.join(os.getcwd(), path) if path else "/dev/null"  # noqa: PTH109, PTH118
    if (
        (path.startswith(_ignored) and not path.endswith(_DATA_ENDINGS))
        or "/.nbship/" in path
        or "ipykernel_" in path
    ):
        return
    if not getattr(_thread, "is_own", False):
        for watch in _watches:
            watch.note(path, reads=reads, writes=writes)


def _direction(mode: str | None, flags: int) -> tuple[bool, bool]:
    """Return whether the file is read and written; `os.open` gives no mode, and imports give no flags."""
    access = flags & _ACCESS
    truncates = bool(flags & os.O_TRUNC) or (mode is not None and mode[:1] in "wxa")
    return access != os.O_WRONLY and not truncates, access != os.O_RDONLY or truncates


def _database_path(database: str) -> str:
    if database.startswith("file:"):
        database = database.removeprefix("file:").partition("?")[0]
        database = database.removeprefix("//") if database.startswith("///") else database
    return "" if database == ":memory:" else database


def _source_of(path: str) -> str | None:
    """Return the module's source for a file of ``__pycache__``: an import opens no more than that."""
    if not path.endswith(".pyc"):
        return None
    try:
        source = source_from_cache(path)
    except ValueError:
        return None
    return source if os.path.isfile(source) else None  # noqa: PTH113


def _paths(paths: Any) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(Path(os.path.normpath(path)) for path in paths))


def _ignored_folders() -> tuple[str, ...]:
    """Return the folders of the interpreter, of installed packages and of tools, each with a separator at the end."""
    home = os.path.expanduser("~")  # noqa: PTH111
    folders = {os.path.join(home, name) for name in _HOME_FOLDERS}  # noqa: PTH118
    folders |= {os.environ[name] for name in _FOLDER_SETTINGS if os.environ.get(name)}
    folders |= {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {*getattr(site, "getsitepackages", list)(), site.getusersitepackages()}
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix} - _SHARED_PREFIXES:
        folders.add(prefix)
    folders |= {os.path.realpath(folder) for folder in folders}
    return (*_SYSTEM, *(sorted(folder.rstrip(os.sep) + os.sep for folder in folders if folder)))
