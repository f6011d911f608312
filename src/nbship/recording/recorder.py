"""The recorder: the process that brings a spool to the store.

``python -m nbship.recording.recorder SPOOL [--once] [--idle-seconds N] [--foreign]``

One recorder serves a spool; a second one finds the lock taken and leaves. It ends by itself after some time with
nothing to do, and at SIGTERM when the event at hand is done. What a killed recorder left half done, the next one
does again without doubling it.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import SpoolError
from nbship.model.event import FORMAT_VERSION
from nbship.recording.launch import IDLE_SECONDS_VARIABLE
from nbship.recording.layout import LOCK, SET_ASIDE, STATE, WAKE, session_folders, strangers, write_json
from nbship.recording.lock import FileLock
from nbship.recording.process import this_process
from nbship.recording.session import Session
from nbship.recording.worker import StoreWorker

if TYPE_CHECKING:
    from nbship.recording.session import Task
    from nbship.store.mlflow import StoreWriter

__all__ = ["Recorder", "main"]

_log = logging.getLogger("nbship.recorder")

POLL_SECONDS = 0.1
LIVENESS_SECONDS = 1.0
STOP_SECONDS = 10.0
LOCK_ATTEMPTS = 5
DEFAULT_IDLE_SECONDS = 60.0
LOG_SIZE_BYTES = 8_000_000

_NICENESS = 10
"""Writing a model to the store takes a second of a core, and the next cell may be running."""


class Recorder:
    """Follows the sessions of one spool; `step` does one round and says whether anything is left to do."""

    def __init__(self, spool: Path, *, foreign: bool = False) -> None:
        self.spool = spool
        self.foreign = foreign
        self._sessions: dict[str, Session] = {}
        self._unreadable: dict[str, str] = {}
        self._workers: dict[str, StoreWorker] = {}
        self._writers: dict[str, StoreWriter] = {}
        self._checked = 0.0
        self._woken = _modified(spool / WAKE)
        self._state: dict[str, object] = {}
        self._me = this_process()
        self._trouble = ""

    def step(self) -> bool:
        """Look for new events, hand them to the stores, and tidy up; True while something is under way."""
        try:
            self._step()
        except OSError as error:
            # A full disk, a folder of somebody else: nothing is lost by trying again, all by giving up.
            if str(error) != self._trouble:
                _log.warning("the spool cannot be worked on: %s", error)
            self._trouble = str(error)
        return any(self._is_busy(session) for session in self._sessions.values())

    def _step(self) -> None:
        self._set_strangers_aside()
        self._find_sessions()
        for session in list(self._sessions.values()):
            self._follow(session)
        self._check_kernels()
        for session in list(self._sessions.values()):
            self._settle(session)
        self._heed_wake()
        self._write_state()

    def stop(self) -> None:
        """End the threads, each after the event at hand, and put away what they completed since the last round."""
        for worker in self._workers.values():
            worker.stop(STOP_SECONDS)
        with suppress(OSError):  # the next recorder finds it done
            for session in list(self._sessions.values()):
                self._settle(session)

    @property
    def stuck(self) -> bool:
        """Whether all that waits, waits for stores that do not answer."""
        waiting = [worker for worker in self._workers.values() if not worker.idle]
        return bool(waiting) and all(worker.outage for worker in waiting)

    @property
    def waiting(self) -> bool:
        """Whether events wait; runs that living kernels have open do not count."""
        return any(session.waits for session in self._sessions.values())

    def _find_sessions(self) -> None:
        for folder in session_folders(self.spool):
            if folder.name not in self._sessions and folder.name not in self._unreadable:
                self._open_session(folder)

    def _open_session(self, folder: Path) -> None:
        try:
            session = Session(folder)
        except FileNotFoundError:
            return
        except SpoolError as error:
            _log.warning("%s", error)
            if _is_newer(error):
                self._unreadable[folder.name] = str(error)
            else:
                self._set_aside(folder)
            return
        except OSError as error:
            self._unreadable[folder.name] = str(error)
            return
        if session.is_alive() is None and not self.foreign:
            self._unreadable[folder.name] = f"{folder.name} belongs to host {session.opened.process.host}"
            return
        self._sessions[folder.name] = session

    def _follow(self, session: Session) -> None:
        try:
            tasks = session.poll()
        except (FileNotFoundError, SpoolError) as error:
            _log.warning("%s is gone: %s", session.folder, error)
            self._sessions.pop(session.folder.name, None)
            return
        self._report_corruption(session)
        self._dispatch(session, tasks)

    def _dispatch(self, session: Session, tasks: list[Task]) -> None:
        for task in tasks:
            if task.end > session.cursor.lanes.get(task.tracking_uri, 0):
                self._worker(task.tracking_uri).put(task)

    def _report_corruption(self, session: Session) -> None:
        """Keep a copy of every corrupt line; the session has said so in the runs that were open there."""
        for entry in session.corrupt:
            copy = self.spool / SET_ASIDE / f"{session.folder.name}-{entry.start}.line"
            _log.warning("%s; kept as %s", entry.error, copy)
            if not copy.exists():
                copy.parent.mkdir(exist_ok=True)
                with session.journal.open("rb") as file:
                    file.seek(entry.start)
                    copy.write_bytes(file.read(entry.end - entry.start))
        session.corrupt.clear()

    def _worker(self, tracking_uri: str) -> StoreWorker:
        if tracking_uri not in self._workers:
            self._workers[tracking_uri] = StoreWorker(
                tracking_uri, self._apply, lambda: self._writer(tracking_uri).answers()
            )
        return self._workers[tracking_uri]

    def _apply(self, task: Task, in_doubt: bool) -> None:
        from nbship.recording.apply import apply_task  # noqa: PLC0415 - mlflow takes seconds

        apply_task(self._writer(task.tracking_uri), task, in_doubt=in_doubt, store_id=self._store_id)

    def _store_id(self, run: str) -> str | None:
        """Return the store's id of a run, whichever session it is of."""
        sessions = list(self._sessions.values())
        return next((found for session in sessions if (found := session.cursor.runs.get(run))), None)

    def _writer(self, tracking_uri: str) -> StoreWriter:
        from nbship.store.mlflow import StoreWriter  # noqa: PLC0415 - see _apply

        if tracking_uri not in self._writers:
            self._writers[tracking_uri] = StoreWriter(tracking_uri)
        return self._writers[tracking_uri]

    def _check_kernels(self) -> None:
        if time.monotonic() - self._checked < LIVENESS_SECONDS:
            return
        self._checked = time.monotonic()
        for session in self._sessions.values():
            # A session that closed with an open run is a fault of its kernel; the run must not stay RUNNING for that.
            unfinished = bool(session.open_runs) if session.closed else not session.is_alive()
            if unfinished:
                self._dispatch(session, session.poll())  # what it wrote between our last look and its death
                _log.info("%s: %d open runs of a dead kernel", session.folder.name, len(session.open_runs))
                session.supply_end()

    def _settle(self, session: Session) -> None:
        waiting = [worker.waiting_since(session) for worker in self._workers.values()]
        applied = min((offset for offset in waiting if offset is not None), default=session.position)
        session.cursor.settle(applied, session.open_runs)
        if session.closed and not session.open_runs and applied == session.journal.stat().st_size:
            del self._sessions[session.folder.name]
            if session.cursor.lost:
                self._set_aside(session.folder)
            else:
                _delete(session.folder)

    def _is_busy(self, session: Session) -> bool:
        return bool(session.open_runs) or session.cursor.applied < session.position

    def _set_strangers_aside(self) -> None:
        for path in strangers(self.spool):
            self._set_aside(path)

    def _set_aside(self, path: Path) -> None:
        if path.name in self._unreadable:
            return
        target = self.spool / SET_ASIDE / path.name
        target.parent.mkdir(exist_ok=True)
        while target.exists():
            target = target.with_name(f"{target.name}~")
        try:
            path.rename(target)
        except OSError as error:
            self._unreadable[path.name] = f"{path} cannot be set aside: {error}"
            return
        _log.warning("set aside: %s", target)

    def _heed_wake(self) -> None:
        woken = _modified(self.spool / WAKE)
        if woken != self._woken:
            self._woken = woken
            for worker in self._workers.values():
                worker.hurry()

    def _write_state(self) -> None:
        outages = {uri: worker.outage for uri, worker in self._workers.items()}
        state: dict[str, object] = {
            "pid": self._me.pid,
            "created": self._me.created,
            "host": self._me.host,
            "format": FORMAT_VERSION,
            "outages": {uri: {"text": o.text, "since_ms": o.since_ms} for uri, o in outages.items() if o},
            "unreadable": dict(self._unreadable),
        }
        if state != self._state:
            write_json(self.spool / STATE, state)
            self._state = state


def _is_newer(error: SpoolError) -> bool:
    return "Upgrade nbship" in str(error)


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _delete(folder: Path) -> None:
    # Renamed first: nobody shall meet a session of which a part is gone.
    leaving = folder.with_name(f".{folder.name}.done")
    folder.rename(leaving)
    shutil.rmtree(leaving, ignore_errors=True)


class _Stopping:
    """Becomes true at SIGTERM."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, *_: object) -> None:
        self.asked = True


def _serve(recorder: Recorder, stopping: _Stopping, idle_seconds: float, *, once: bool) -> None:
    """Work until nothing happened for `idle_seconds`; with `once`, until nothing more can be done now."""
    active = time.monotonic()
    while not stopping.asked:
        if recorder.step():
            active = time.monotonic()
            if once and (recorder.stuck or not recorder.waiting):
                return
        elif once or time.monotonic() - active > idle_seconds:
            return
        _bound_log()
        time.sleep(POLL_SECONDS)


def _bound_log() -> None:
    """Start the log over when it has grown too large; only a file of our own is ever cut."""
    if sys.stderr is not None and sys.stderr.fileno() == 2 and os.fstat(2).st_size > LOG_SIZE_BYTES:  # noqa: PLR2004
        os.ftruncate(2, 0)


def _prepare_process() -> _Stopping:
    """Be a quiet background process: no telemetry, no Ctrl-C of the terminal, low priority."""
    stopping = _Stopping()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, stopping)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["DO_NOT_TRACK"] = "true"
    # The worker repeats by itself; mlflow's own repetition would hide an outage for minutes.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    return stopping


def _acquire(lock: FileLock) -> bool:
    """Take the lock of the spool; whoever only asks whether it is free holds it for some microseconds."""
    for _ in range(LOCK_ATTEMPTS):
        if lock.acquire():
            return True
        time.sleep(POLL_SECONDS / LOCK_ATTEMPTS)
    return False


def _default_idle_seconds() -> float:
    try:
        return float(os.environ.get(IDLE_SECONDS_VARIABLE, ""))
    except ValueError:
        return DEFAULT_IDLE_SECONDS


def main(arguments: list[str] | None = None) -> int:
    """Run the recorder of a spool; 0 also when another one already does."""
    parser = argparse.ArgumentParser(
        prog="nbship.recording.recorder", description="Bring a spool to the store."
    )
    parser.add_argument("spool", type=Path)
    parser.add_argument("--once", action="store_true", help="leave when nothing more can be done now")
    parser.add_argument("--idle-seconds", type=float, default=None)
    parser.add_argument("--foreign", action="store_true", help="take sessions of other hosts as well")
    options = parser.parse_args(arguments)
    idle = _default_idle_seconds() if options.idle_seconds is None else options.idle_seconds
    stopping = _prepare_process()
    lock = FileLock(options.spool / LOCK)
    while _acquire(lock):
        recorder = Recorder(options.spool, foreign=options.foreign)
        _serve(recorder, stopping, idle, once=options.once)
        recorder.stop()
        lock.release()
        # A kernel that saw the lock taken relies on this recorder: look once more after giving it back.
        if stopping.asked or options.once or not _has_news(options.spool):
            break
    return 0


def _has_news(spool: Path) -> bool:
    """Say whether something was appended that no cursor covers."""
    from nbship.recording.status import spool_status  # noqa: PLC0415 - needed at the very end only

    return spool_status(spool).events > 0


if __name__ == "__main__":
    raise SystemExit(main())
