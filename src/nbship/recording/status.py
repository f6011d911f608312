"""What waits in a spool, and waiting for it. Nothing here imports mlflow.

Public: ``spool_status(spool) -> SpoolStatus``, ``drain(spool, *, wait_seconds=None) -> SpoolStatus``,
``wait_for_session(spool, session, timeout_seconds) -> bool``, ``run_ids(session_folder) -> dict[str, str]``.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.model.codec import encode
from nbship.model.event import ProcessIdentity, SessionOpened
from nbship.recording.cursor import Cursor, run_ids
from nbship.recording.journal import count_events, decode_line
from nbship.recording.launch import ensure_recorder
from nbship.recording.layout import JOURNAL, LOCK, SET_ASIDE, STATE, WAKE, read_json, session_folders
from nbship.recording.lock import FileLock
from nbship.recording.process import is_alive

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Outage", "SpoolStatus", "drain", "run_ids", "spool_status", "wait_for_session"]

POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Outage:
    """A store that takes nothing now: what it said last, and since when."""

    tracking_uri: str
    text: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class SpoolStatus:
    """What waits in a spool.

    Attributes
    ----------
    sessions, events, size_bytes
        Sessions with something that waits, how many events these are, and their size in the journals.
    oldest_ms
        When the longest waiting session was last written to; None when nothing waits.
    recorder_pid
        Process id of the running recorder, or None.
    outages
        The stores that do not answer, by the word of the running recorder or the last one.
    set_aside
        Paths of what could not be read and is kept.
    left_alone
        Sessions that this machine's recorder does not touch, with the reason.
    """

    sessions: int = 0
    events: int = 0
    size_bytes: int = 0
    oldest_ms: int | None = None
    recorder_pid: int | None = None
    outages: tuple[Outage, ...] = ()
    set_aside: tuple[str, ...] = ()
    left_alone: tuple[str, ...] = ()

    @property
    def drained(self) -> bool:
        """Whether nothing waits."""
        return self.sessions == 0

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        return {**encode(self), "drained": self.drained}


@dataclass(frozen=True, slots=True)
class _Waiting:
    events: int
    size_bytes: int
    written_ms: int


def spool_status(spool: Path) -> SpoolStatus:
    """Return what waits in the spool now; a spool that does not exist holds nothing."""
    state = read_json(spool / STATE)
    unreadable: dict[str, str] = state.get("unreadable", {})
    folders = [folder for folder in session_folders(spool) if folder.name not in unreadable]
    waiting = [found for folder in folders if (found := _waiting(folder)) is not None]
    running = FileLock(spool / LOCK).is_held_elsewhere()
    return SpoolStatus(
        sessions=len(waiting),
        events=sum(session.events for session in waiting),
        size_bytes=sum(session.size_bytes for session in waiting),
        oldest_ms=min((session.written_ms for session in waiting), default=None),
        recorder_pid=state.get("pid") if running else None,
        outages=tuple(Outage(uri, o["text"], o["since_ms"]) for uri, o in state.get("outages", {}).items()),
        set_aside=_set_aside(spool),
        left_alone=tuple(unreadable.values()),
    )


def drain(spool: Path, *, wait_seconds: float | None = None) -> SpoolStatus:
    """Start a recorder where something waits, make it try again at once, and wait for it.

    Parameters
    ----------
    spool
        The spool folder.
    wait_seconds
        How long to wait for an empty spool; 0 not at all, None without bound.

    Returns
    -------
    SpoolStatus
        What still waits, nothing if all went well.
    """
    deadline = None if wait_seconds is None else time.monotonic() + wait_seconds
    status = spool_status(spool)
    if not status.drained:
        _wake(spool)
    while not status.drained:
        ensure_recorder(spool)
        if deadline is not None and time.monotonic() >= deadline:
            break
        time.sleep(POLL_SECONDS)
        status = spool_status(spool)
    return status


def wait_for_session(spool: Path, session: str, timeout_seconds: float) -> bool:
    """Wait until all that a session appended so far is in the store; False when the time was over first.

    The recorder is started if none runs. Costs a `stat` and a short read every 50 ms.
    """
    folder = spool / session
    deadline = time.monotonic() + timeout_seconds
    target = _size(folder / JOURNAL)
    while folder.exists() and Cursor.load(folder).applied < target:
        ensure_recorder(spool)
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _wake(spool: Path) -> None:
    (spool / WAKE).touch()


def _waiting(folder: Path) -> _Waiting | None:
    """Return what waits in a session, the unsaid end of a dead kernel's runs included."""
    cursor = Cursor.load(folder)
    size = _size(folder / JOURNAL)
    if cursor.applied >= size and not (cursor.open and _is_dead(folder)):
        return None
    try:
        events, end = count_events(folder / JOURNAL, cursor.applied)
        written = int((folder / JOURNAL).stat().st_mtime * 1000)
    except OSError:  # drained and deleted while we looked
        return None
    if not events and not cursor.open:
        return None
    return _Waiting(events, end - cursor.applied, written)


def _is_dead(folder: Path) -> bool:
    process = _process(folder)
    return process is not None and is_alive(process) is False


def _process(folder: Path) -> ProcessIdentity | None:
    try:
        with (folder / JOURNAL).open("rb") as file:  # a kernel may have written for weeks
            opened = decode_line(file.readline().rstrip(b"\n"))
    except (OSError, ValueError):
        return None
    return opened.process if isinstance(opened, SessionOpened) else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _set_aside(spool: Path) -> tuple[str, ...]:
    folder = spool / SET_ASIDE
    return tuple(sorted(str(path) for path in folder.iterdir())) if folder.is_dir() else ()
