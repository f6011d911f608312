"""A session of the spool as somebody follows it who only looks: the recorder's files are read, never written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from nbship.model.codec import decode
from nbship.model.event import FORMAT_VERSION, SessionOpened
from nbship.model.live import LiveSession
from nbship.recording.cursor import Cursor
from nbship.recording.journal import decode_object
from nbship.recording.layout import CURSOR, JOURNAL, SET_ASIDE
from nbship.recording.live_run import RunSoFar, live_cell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path

    from nbship.model.live import LiveCell

__all__ = ["KEPT_SECONDS", "FollowedSession", "FreshFile"]

KEPT_SECONDS = 10.0
"""How long a run is still shown after it has arrived in the store."""

RUNS_AT_MOST = 50
_RACY_SECONDS = 1.0


class FreshFile:
    """Tells whether a file or folder may have changed since it was looked at last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None

    def may_have_changed(self, now: float) -> bool:
        """Say so also for a change of this moment: a second one may get the same time from the file system."""
        try:
            found = self._path.stat()
        except OSError:
            changed, self._seen = self._seen is not None, None
            return changed
        key = (found.st_ino, found.st_size, found.st_mtime_ns)
        changed = key != self._seen or abs(now - found.st_mtime) < _RACY_SECONDS
        self._seen = key
        return changed


class FollowedSession:
    """Follows one journal from its start.

    The file stays open while something may be appended, except on Windows, where it could not be put away then: what
    the recorder drains and deletes between two looks can still be read to its end.

    Attributes
    ----------
    opened
        The session's first event; None where this version cannot read it, and then nothing else is looked at.
    gone
        The recorder has put the session away.
    """

    def __init__(self, folder: Path, now: float) -> None:
        self.folder = folder
        self.gone = False
        self._cursor_file = FreshFile(folder / CURSOR)
        self._cursor = Cursor(folder)
        self._file: BufferedReader | None = None
        self._inode = (folder / JOURNAL).stat().st_ino
        self._position = 0
        self._closed = False
        self._set_aside = False
        self._runs: dict[str, RunSoFar] = {}
        self._running: dict[int, LiveCell] = {}
        self._newest_cell = -1
        self._shown: LiveSession | None = None
        self.opened = self._read_opening()
        if self.opened is None:
            self.close()
        else:
            self._read_cursor(now)

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is to be seen any more, now or later."""
        return self.gone and not self._runs

    @property
    def is_closed(self) -> bool:
        """Whether nothing more will be appended."""
        return self._closed or self.opened is None

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def lies_in_its_place(self) -> bool:
        """Say whether the journal that is followed is the one in the spool."""
        try:
            return (self.folder / JOURNAL).stat().st_ino == self._inode
        except OSError:
            return False

    def leave(self, now: float) -> None:
        """Take note that the recorder has put the session away: what ended is in the store, the rest nobody knows."""
        if self._file is not None:
            self._read_on(now)
        self.close()
        self.gone = True
        self._set_aside = (self.folder.parent / SET_ASIDE / self.folder.name).exists()
        self._runs = {key: run for key, run in self._runs.items() if run.ended_at is not None}
        for run in self._runs.values():
            run.forget_at = run.forget_at or now + KEPT_SECONDS
        self._running.clear()
        self._shown = None

    def look(self, now: float) -> None:
        """Read what was appended, and how far the recorder came; a system call each where nothing has changed."""
        if self.opened is None:
            return
        if not self.gone:
            self._read_on(now)
            if self._cursor_file.may_have_changed(now):
                self._read_cursor(now)
        over = [key for key, run in self._runs.items() if run.forget_at is not None and now >= run.forget_at]
        for key in over:
            del self._runs[key]
            self._shown = None

    def show(self, alive: bool | None) -> LiveSession | None:
        """Return the session; None when there is nothing of it to see. `alive` is None where nobody here can know."""
        opened = self.opened
        lives = not self._closed if alive is None else alive
        if opened is None or not (self._runs or (lives and not self._closed)):
            return None
        if self._shown is None or self._shown.alive != lives:
            self._shown = LiveSession(
                session=opened.session,
                source=opened.source,
                holder=opened.holder,
                pid=opened.process.pid,
                alive=lives,
                project=opened.project,
                started_ms=_started_ms(opened.session),
                cell=self._running[max(self._running)] if self._running else None,
                runs=tuple(
                    run.snapshot(self._cursor, settled=self._is_settled(run)) for run in self._runs.values()
                ),
                foreign=alive is None,
            )
        return self._shown

    def _is_settled(self, run: RunSoFar) -> bool:
        return not self._set_aside if self.gone else run.is_settled(self._cursor)

    def _read_opening(self) -> SessionOpened | None:
        try:
            event = decode_object(next(self._lines()))
            opened = decode(SessionOpened, event) if event["kind"] == "SessionOpened" else None
        except (StopIteration, ValueError, TypeError, KeyError):
            return None
        return opened if opened is not None and opened.format_version <= FORMAT_VERSION else None

    def _lines(self) -> Iterator[bytes]:
        """Yield the whole lines that were not read yet, one at a time: a journal may be larger than the memory."""
        if self._file is None:
            self._file = (self.folder / JOURNAL).open("rb")
        if os.fstat(self._file.fileno()).st_size <= self._position:
            return
        self._file.seek(self._position)
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            self._position += len(line)
            yield line[:-1]

    def _read_on(self, now: float) -> None:
        for line in () if self._closed else self._lines():
            self._shown = None
            try:
                self._take(decode_object(line), now)
            except (ValueError, KeyError, TypeError, AttributeError):
                continue  # corrupt, or of a later version: the recorder tells, here it is left out
        if self._closed or os.name == "nt":
            self.close()

    def _read_cursor(self, now: float) -> None:
        try:
            self._cursor = Cursor.load(self.folder)
        except KeyError:
            return  # of a later version
        self._shown = None
        for run in self._runs.values():
            self._heed_arrival(run, now)

    def _heed_arrival(self, run: RunSoFar, now: float) -> None:
        if run.forget_at is None and run.is_settled(self._cursor):
            run.forget_at = now + KEPT_SECONDS

    def _take(self, event: dict[str, Any], now: float) -> None:
        kind = event["kind"]
        if kind in ("CellBegan", "CellExecuted"):
            self._take_cell(live_cell(event["cell"]), ended=kind == "CellExecuted")
        elif kind == "RunBegan":
            first = event.get("cell")
            run = RunSoFar(event, self._newest_cell + 1 if first is None else first)
            self._runs[run.run] = run
            for cell in self._running.values():
                run.note_cell(cell)
        elif kind == "RunLogged" and event["run"] in self._runs:
            self._runs[event["run"]].log(event)
        elif kind == "RunEnded" and event["run"] in self._runs:
            self._end(self._runs[event["run"]], event, now)
        elif kind == "SessionClosed":
            self._closed = True

    def _take_cell(self, cell: LiveCell, *, ended: bool) -> None:
        self._newest_cell = max(self._newest_cell, cell.index)
        if ended:
            self._running.pop(cell.index, None)
        else:
            self._running[cell.index] = cell
        for run in self._runs.values():
            if run.ended_at is None:
                run.note_cell(cell)

    def _end(self, run: RunSoFar, event: dict[str, Any], now: float) -> None:
        run.end(event, self._position)
        self._heed_arrival(run, now)
        long_ago = run.ended_ms is not None and run.ended_ms / 1000 < now - KEPT_SECONDS
        if run.forget_at is not None and long_ago:  # read for the first time, long after it came to the store
            del self._runs[run.run]
        ended = [one for one in self._runs.values() if one.ended_at is not None]
        for old in ended[: max(0, len(ended) - RUNS_AT_MOST)]:
            del self._runs[old.run]


def _started_ms(session: str) -> int:
    """Return when a session was named, milliseconds since the epoch; 0 for a name of another make."""
    try:
        return int(session[:16], 16) // 1_000_000
    except ValueError:
        return 0
