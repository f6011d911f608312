"""What runs now, read from the journals of a spool: neither the store nor a kernel is asked.

Public: ``LiveView(spool).sessions() -> tuple[LiveSession, ...]``.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from nbship.recording.layout import session_folders
from nbship.recording.live_session import FollowedSession, FreshFile
from nbship.recording.process import is_alive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbship.model.event import ProcessIdentity
    from nbship.model.live import LiveSession

__all__ = ["LiveView"]

SESSIONS_AT_MOST = 200
"""Of more sessions, as an outage of the store leaves behind, the newest are followed, and older ones that are open."""

LIVENESS_SECONDS = 1.0
LISTING_SECONDS = 5.0
"""A file system of the network tells late that a folder has changed."""


class LiveView:
    """Follows the sessions of one spool; made once, asked often, from any thread.

    What a run logs through nbship is in its journal when the cell ends that made it, or before the cell begins:
    parameters and data that it reads are there while it runs, the numbers it leaves, files and the model afterwards.
    What a cell logs through mlflow itself (``mlflow.log_metric`` in a loop, autolog) goes to the store directly and
    never stands in the journal: such a run has its `LiveRun.store_run_id` from the beginning, and its metrics "as they
    arrive" are those of the store; whoever shows them asks the store by that id. A step that is executed in a kernel
    of its own is told as a session of its runner.

    Cells are told while a run is open: a kernel says nothing of the cells that no run includes until it needs to.
    `LiveSession.source` is the notebook's file name, as kernels know no more for certain; where several notebooks
    have the same name, `LiveSession.pid` tells which kernel it is.

    Parameters
    ----------
    spool
        The spool folder; it need not exist.
    clock
        Returns the seconds since the epoch.
    """

    def __init__(self, spool: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.spool = spool
        self._clock = clock
        self._lock = threading.Lock()
        self._listing = FreshFile(spool)
        self._listed = float("-inf")
        self._sessions: dict[str, FollowedSession] = {}
        self._alive: dict[ProcessIdentity, tuple[float, bool | None]] = {}

    def sessions(self) -> tuple[LiveSession, ...]:
        """Return what runs, oldest session first, and the runs that have just arrived in the store.

        A run is told until it has been in the store for 10 seconds, so that a list which is made of this and of the
        store has it at any time. What cannot be read is left out.
        """
        with self._lock:
            now = self._clock()
            if self._listing.may_have_changed(now) or not 0 <= now - self._listed < LISTING_SECONDS:
                self._list(now)
            shown = [self._show(session, now) for _, session in sorted(self._sessions.items())]
            return tuple(session for session in shown if session is not None)

    def close(self) -> None:
        """Let go of the journals; a later question begins anew."""
        with self._lock:
            for session in self._sessions.values():
                session.close()
            self._sessions.clear()
            self._listing = FreshFile(self.spool)

    def _list(self, now: float) -> None:
        self._listed = now
        try:
            folders = {folder.name: folder for folder in session_folders(self.spool)}
        except OSError:
            folders = {}
        for name, session in list(self._sessions.items()):
            if not session.gone and not session.lies_in_its_place():
                session.leave(now)
            if session.is_over:
                del self._sessions[name]
        newest = sorted(folders)[-SESSIONS_AT_MOST:]
        for name in self._sessions.keys() - set(newest):
            if self._sessions[name].is_closed and not self._sessions[name].gone:
                del self._sessions[name]
        for name in newest:
            if name not in self._sessions:
                self._follow(folders[name], now)
        present = {session.opened.process for session in self._sessions.values() if session.opened}
        self._alive = {process: known for process, known in self._alive.items() if process in present}

    def _follow(self, folder: Path, now: float) -> None:
        try:
            self._sessions[folder.name] = FollowedSession(folder, now)
        except OSError:
            return  # put away meanwhile, or somebody else's

    def _show(self, session: FollowedSession, now: float) -> LiveSession | None:
        try:
            session.look(now)
        except OSError:
            return None  # as when a disk goes; the next look tries again
        if session.is_over:
            del self._sessions[session.folder.name]
            return None
        return (
            session.show(self._is_alive(session.opened.process, now)) if session.opened is not None else None
        )

    def _is_alive(self, process: ProcessIdentity, now: float) -> bool | None:
        checked, alive = self._alive.get(process, (float("-inf"), None))
        if alive is not False and not 0 <= now - checked < LIVENESS_SECONDS:
            alive = is_alive(process)
            self._alive[process] = now, alive
        return alive
