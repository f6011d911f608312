"""One session of the spool as the recorder follows it: reading on, and supplying the end of a dead kernel."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import SpoolError
from nbship.model.cell import CellExecution, CellStatus
from nbship.model.event import (
    FORMAT_VERSION,
    CellBegan,
    CellExecuted,
    Event,
    RunBegan,
    RunEnded,
    RunLogged,
    SessionClosed,
    SessionOpened,
)
from nbship.model.run import RunStatus
from nbship.recording.cursor import Cursor
from nbship.recording.journal import Entry, decode_line, encode_line, read_journal
from nbship.recording.layout import BLOBS, JOURNAL
from nbship.recording.output import mark_dead
from nbship.recording.process import is_alive

if TYPE_CHECKING:
    from nbship.model.data import DatasetRecord

__all__ = ["DEATH_REASON", "RUNNER_DEATH_REASON", "RunMemory", "Session", "Task"]

DEATH_REASON = "the kernel ended without a word (killed, out of memory or restarted)"
RUNNER_DEATH_REASON = "the process that ran the notebook ended without a word (killed or out of memory)"

RunEvent = RunBegan | RunLogged | RunEnded


@dataclass(frozen=True, slots=True)
class Task:
    """A run event on its way to the store at `tracking_uri`; its line lies from `start` to `end` in the journal."""

    session: Session
    tracking_uri: str
    event: RunEvent
    start: int
    end: int


@dataclass(slots=True)
class RunMemory:
    """What the journal said of a run so far, kept for the documents that are written at its end."""

    began: RunBegan
    first_cell: int
    cells: list[int] = field(default_factory=list)
    datasets: list[DatasetRecord] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class Session:
    """Follows one journal.

    Raises
    ------
    SpoolError
        On construction, when the journal does not begin with a session that this version can read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = folder / JOURNAL
        self.blobs = folder / BLOBS
        self.cursor = Cursor.load(folder)
        self.opened = _read_opening(self.journal)
        self.loaded_size = self.journal.stat().st_size
        self.position = 0
        self.closed = False
        self.corrupt: list[Entry] = []
        self.last_seen_ms = int(self.journal.stat().st_mtime * 1000)
        self.runs: dict[str, RunMemory] = {}
        self._open: dict[str, RunMemory] = {}
        self._cells: list[tuple[int, int, int]] = []
        self._running: dict[int, CellExecution] = {}

    @property
    def open_runs(self) -> list[str]:
        """The runs that began and did not end, oldest first."""
        return list(self._open)

    @property
    def waits(self) -> bool:
        """Whether the journal holds what is not applied yet."""
        return self.cursor.applied < self.journal.stat().st_size

    def is_alive(self) -> bool | None:
        """Say whether the kernel lives; None when it belongs to another host."""
        alive = is_alive(self.opened.process)
        if alive:
            self.last_seen_ms = time.time_ns() // 1_000_000
        return alive

    def poll(self) -> list[Task]:
        """Read what was appended since the last call, and return what of it is for a store."""
        if self.journal.stat().st_size <= self.position:
            return []
        part = read_journal(self.journal, self.position)
        self.position = part.end
        return [task for entry in part.entries for task in self._take(entry)]

    def _take(self, entry: Entry) -> list[Task]:
        event = entry.event
        if event is None:
            self.corrupt.append(entry)
            for run in self._open.values():
                run.warnings.append(f"an event of the kernel was unreadable and is left out: {entry.error}")
            return []
        if isinstance(event, CellBegan | CellExecuted):
            self._note_cell(event, entry)
        elif isinstance(event, SessionClosed):
            self.closed = True
        elif isinstance(event, RunBegan | RunLogged | RunEnded):
            return self._route(event, entry)
        return []

    def _note_cell(self, event: CellBegan | CellExecuted, entry: Entry) -> None:
        index = event.cell.index
        self._cells.append((index, entry.start, entry.end))
        if isinstance(event, CellBegan):
            self._running[index] = event.cell
        else:
            self._running.pop(index, None)
        for run in self._open.values():
            if index >= run.first_cell and index not in run.cells:
                run.cells.append(index)

    def _route(self, event: RunEvent, entry: Entry) -> list[Task]:
        if isinstance(event, RunBegan):
            self._open[event.run] = self.runs[event.run] = self._remember(event)
        run = self.runs.get(event.run)
        if run is None:
            return []
        if isinstance(event, RunLogged):
            run.datasets.extend(event.datasets)
            run.warnings.extend(event.warnings)
        elif isinstance(event, RunEnded):
            self._open.pop(event.run, None)
        return [Task(self, run.began.tracking_uri, event, entry.start, entry.end)]

    def _remember(self, began: RunBegan) -> RunMemory:
        newest = max((index for index, _, _ in self._cells), default=-1)
        first = newest + 1 if began.cell is None else began.cell
        return RunMemory(began, first, [index for index in self._running if index >= first])

    def cells_until(self, end: int) -> tuple[CellExecution, ...]:
        """Return the newest state of every cell execution that was written before byte `end`, in ledger order."""
        newest = {index: (start, stop) for index, start, stop in list(self._cells) if stop <= end}
        cells = []
        with self.journal.open("rb") as file:
            for index in sorted(newest):
                start, stop = newest[index]
                file.seek(start)
                event = decode_line(file.read(stop - start).strip(b"\n"))
                if isinstance(event, CellBegan | CellExecuted):
                    cells.append(event.cell)
        return tuple(cells)

    def supply_end(self) -> None:
        """Write the events that a dead process could not: cells killed, runs KILLED, session closed.

        They go into the journal itself, so that everything behind sees one kind of session, and a recorder that
        dies in the middle goes on from what it wrote.
        """
        if self.opened.output:  # first, as a session that is closed is not looked at again
            mark_dead(Path(self.opened.output), self.cells_until(self.journal.stat().st_size))
        of_runner = self.opened.holder == "runner"
        self.write_end(self.last_seen_ms, RUNNER_DEATH_REASON if of_runner else DEATH_REASON)

    def write_end(self, ended_ms: int, reason: str, outcome: RunEnded | None = None) -> None:
        """Close the session: cells that still run are killed, and so are the runs that `outcome` says nothing of."""
        events: list[Event] = [CellExecuted(_killed(cell, ended_ms)) for cell in self._running.values()]
        for name, run in reversed(self._open.items()):
            killed = RunEnded(name, RunStatus.KILLED, ended_ms, reason)
            ended = outcome if outcome is not None and outcome.run == name else killed
            cells = ended.cells or tuple(run.cells)
            events.append(replace(ended, cells=cells, needed=ended.needed or cells))
        events.append(SessionClosed(ended_ms))
        _append_all(self.journal, events)


def _killed(cell: CellExecution, ended_ms: int) -> CellExecution:
    wall = max(0.0, (ended_ms - cell.started_ms) / 1000) if cell.started_ms else 0.0
    return replace(cell, status=CellStatus.KILLED, wall_seconds=wall)


def _append_all(journal: Path, events: list[Event]) -> None:
    """Append after the last whole line; a torn line is cut off, nothing of it was ever an event."""
    whole = read_journal(journal).end
    with journal.open("r+b") as file:
        file.truncate(whole)
        file.seek(0, os.SEEK_END)
        file.write(b"".join(encode_line(event) for event in events))


def _read_opening(journal: Path) -> SessionOpened:
    with journal.open("rb") as file:
        line = file.readline()
    try:
        opened = decode_line(line.rstrip(b"\n"))
    except ValueError as error:
        raise SpoolError(f"{journal}: corrupt line at byte 0: {error}") from error
    if not isinstance(opened, SessionOpened):
        raise SpoolError(f"{journal}: begins with {type(opened).__name__}, not with SessionOpened")
    if opened.format_version > FORMAT_VERSION:
        raise SpoolError(
            f"{journal}: written in format {opened.format_version} by nbship {opened.nbship_version}; "
            f"this version reads up to {FORMAT_VERSION}. Upgrade nbship to drain it."
        )
    return opened
