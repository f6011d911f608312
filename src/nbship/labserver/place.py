"""Where a question of the panel is asked from: the server's folder, the notebook in front, and its project."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.config import load_settings, source_values
from nbship.errors import UsageError
from nbship.labserver.jobs import JobBook

if TYPE_CHECKING:
    from nbship.config import Settings
    from nbship.recording.live import LiveView

__all__ = ["FileMissingError", "Place", "Workbench"]

_SETTINGS_SECONDS = 5.0
"""How long settings are believed: reading them looks through folders and tries whether they can be written."""


class FileMissingError(UsageError):
    """A file that does not exist below the folder of the server."""


_LONGEST_NAME_BYTES = 255
"""Of a file or folder, on every file system in use; asking for longer ones is an error of the system."""


@dataclass(frozen=True, slots=True)
class Place:
    """What every answer needs to know.

    Attributes
    ----------
    root
        The folder of the Jupyter server; nothing outside of it is named by a path of the panel.
    notebook
        The notebook that the question is about, absolute; None where it is about a folder.
    settings
        Of the project around the notebook or folder.
    """

    root: Path
    notebook: Path | None
    settings: Settings
    jobs: JobBook
    live: LiveView

    def file(self, path: str) -> Path:
        """Return the file or folder that a path of the panel means.

        Raises
        ------
        UsageError
            When it lies outside of the server's folder.
        FileMissingError
            When it does not exist.
        """
        return find_below(self.root, path)

    def shown(self, path: str | Path) -> str | None:
        """Return the path by which the panel may open a file; None for one outside of the server's folder."""
        whole = Path(path) if Path(path).is_absolute() else self.settings.project / path
        try:
            return whole.resolve().relative_to(self.root).as_posix()
        except (ValueError, OSError):
            return None


class Workbench:
    """What the extension keeps for the life of a server, shared by the threads that answer."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().resolve()
        self._lock = threading.Lock()
        self._settings: dict[Path, tuple[float, tuple[object, ...], Settings]] = {}
        self._live: dict[Path, LiveView] = {}

    def place(self, path: str = "") -> Place:
        """Return the place around a notebook or folder, given relative to the server's folder.

        A notebook that was not saved yet, or is gone, counts as being where it says.

        Raises
        ------
        UsageError
            When the path lies outside of the server's folder.
        ConfigurationError
            When a setting of the project cannot be used.
        """
        whole = confined(self.root, path)
        is_file = bool(path) and not whole.is_dir()
        settings = self._settings_of(_existing(whole.parent if is_file else whole))
        return Place(
            root=self.root,
            notebook=whole if is_file else None,
            settings=settings,
            jobs=JobBook(settings),
            live=self._live_of(settings.spool),
        )

    def close(self) -> None:
        """Let go of the journals that are followed."""
        with self._lock:
            for view in self._live.values():
                view.close()

    def _settings_of(self, folder: Path) -> Settings:
        now, sources = time.monotonic(), source_values({})
        with self._lock:
            found = self._settings.get(folder)
        if found is not None and now - found[0] < _SETTINGS_SECONDS and found[1] == sources:
            return found[2]
        settings = load_settings(folder)
        with self._lock:
            self._settings[folder] = (now, sources, settings)
        return settings

    def _live_of(self, spool: Path) -> LiveView:
        from nbship.recording.live import LiveView  # noqa: PLC0415 - with the first question, not with the server

        with self._lock:
            return self._live.setdefault(spool, LiveView(spool))


def confined(root: Path, path: str) -> Path:
    """Return the whole path of one below `root`, which need not exist.

    Raises
    ------
    UsageError
        When it leads outside, by dots, links or as an absolute path of another folder.
    """
    if "\x00" in path:
        raise UsageError("a path holds a zero byte; give the path of a file")
    if any(len(name.encode("utf-8", "surrogatepass")) > _LONGEST_NAME_BYTES for name in path.split("/")):
        raise UsageError(f"{path:.40}… holds a name that no file can have; give the path of a file")
    whole = (root / path.lstrip("/")).resolve()
    if whole != root and root not in whole.parents:
        raise UsageError(
            f"{path} lies outside of the folder of the Jupyter server; choose a file inside of it"
        )
    return whole


def find_below(root: Path, path: str) -> Path:
    """Return the file or folder at a path below `root`.

    Raises
    ------
    UsageError, FileMissingError
        When it leads outside, or to nothing.
    """
    whole = confined(root, path)
    if not whole.exists():
        raise FileMissingError(
            f"there is no {path} in the folder of the Jupyter server; save it, or choose another file"
        )
    return whole


def _existing(folder: Path) -> Path:
    return next(found for found in (folder, *folder.parents) if found.is_dir())
