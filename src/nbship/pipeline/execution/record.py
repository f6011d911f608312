"""Recording runs from outside a kernel: the run of a step whose notebook is executed here, and of a whole pipeline or sweep.

Every execution has one journal of its own in the spool. The process that executes holds it; the kernel, where it can,
writes its cells into the same file. So a kernel that dies leaves a record that its runner ends truthfully, and a
runner that dies leaves one that the recorder ends.
"""

from __future__ import annotations

import time
import uuid
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from nbship import __version__
from nbship.capture.git import snapshot_git
from nbship.capture.manifest import git_record, source_tags
from nbship.capture.secrets import Masker
from nbship.config import prepare_home
from nbship.errors import SpoolError
from nbship.model.event import (
    ArtifactRecord,
    CellBegan,
    CellExecuted,
    MetricPoint,
    RunBegan,
    RunEnded,
    RunLogged,
)
from nbship.model.run import RunStatus
from nbship.model.step import RunTicket
from nbship.recording.journal import SpoolWriter
from nbship.recording.launch import ensure_recorder
from nbship.recording.layout import JOURNAL, new_session_name
from nbship.recording.process import this_process
from nbship.recording.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbship.config import Settings
    from nbship.model.cell import CellExecution

__all__ = ["RunRecord", "close_lost", "ticket"]


def ticket(
    settings: Settings,
    name: str,
    *,
    parent: str | None = None,
    tags: Mapping[str, str] | None = None,
    source: str | None = None,
) -> RunTicket:
    """Return where a new run is to be recorded; nothing is written yet.

    Parameters
    ----------
    name
        The run's name.
    parent
        `run` of the ticket of the enclosing pipeline or sweep.
    source
        The notebook or pipeline file, as the run shall name it.
    """
    prepare_home(settings)
    return RunTicket(
        spool=str(settings.spool),
        session=new_session_name(),
        holder=this_process(),
        run=uuid.uuid4().hex,
        name=name,
        tracking_uri=settings.tracking_uri,
        experiment=settings.experiment,
        project=str(settings.project),
        artifact_root=settings.artifact_root,
        parent=parent,
        tags=dict(tags or {}),
        source=source,
    )


class RunRecord:
    """Writes one run to the spool, from `begin` to `end`.

    Parameters
    ----------
    ticket
        Where the run is recorded.
    output
        The executed notebook that is being written, so that the recorder can mark it when this process dies.
    """

    def __init__(self, ticket: RunTicket, *, output: str = "") -> None:
        self.ticket = ticket
        self.started_ms = int(time.time() * 1000)
        self._writer = SpoolWriter.create(Path(ticket.spool), ticket.opening(__version__, output))

    @property
    def folder(self) -> Path:
        """The session's folder in the spool."""
        return self._writer.folder

    def open(self) -> None:
        """Make the journal, before anything runs.

        Raises
        ------
        SpoolError
            When the disk refuses.
        """
        self._writer.reserve_blob()

    def begin(self, params: Mapping[str, str]) -> None:
        """Begin the run; for a kernel that records by itself this is the kernel's part."""
        asked = self.ticket
        self._writer.append(
            RunBegan(
                run=asked.run,
                name=asked.name,
                tracking_uri=asked.tracking_uri,
                experiment=asked.experiment,
                started_ms=self.started_ms,
                parent=asked.parent,
                artifact_root=asked.artifact_root,
                tags={**source_tags(asked.name, asked.source), **asked.tags},
                params=dict(params),
            )
        )
        ensure_recorder(self._writer.spool)

    def log(
        self,
        *,
        params: Mapping[str, str] | None = None,
        metrics: Mapping[str, float] | None = None,
        tags: Mapping[str, str] | None = None,
        warnings: tuple[str, ...] = (),
        step: int = 0,
    ) -> None:
        """Add to the run."""
        now = int(time.time() * 1000)
        points = tuple(MetricPoint(key, value, now, step) for key, value in (metrics or {}).items())
        self._writer.append(
            RunLogged(self.ticket.run, dict(params or {}), points, dict(tags or {}), warnings=warnings)
        )

    def put(self, path: str, data: bytes) -> None:
        """Add an artifact."""
        blob = self._writer.put_blob(data)
        self._writer.append(RunLogged(self.ticket.run, artifacts=(ArtifactRecord(path, blob),)))

    def log_git(self) -> None:
        """Describe the repository."""
        tags, texts = _git_record(self.ticket.project, int(time.monotonic() // _GIT_SECONDS))
        artifacts = tuple(
            ArtifactRecord(path, self._writer.put_blob(text.encode(errors="replace"), ".txt"))
            for path, text in texts.items()
        )
        if tags or artifacts:
            self._writer.append(RunLogged(self.ticket.run, tags=dict(tags), artifacts=artifacts))

    def cell(self, execution: CellExecution, *, ended: bool) -> None:
        """Add the beginning or the end of a cell, for a kernel that does not record by itself."""
        self._writer.append(CellExecuted(execution) if ended else CellBegan(execution))

    def end(
        self,
        status: RunStatus,
        reason: str = "",
        *,
        cells: tuple[int, ...] = (),
        needed: tuple[int, ...] = (),
    ) -> None:
        """End the run and close the journal: cells that still run, and runs inside, are killed."""
        now = int(time.time() * 1000)
        outcome = RunEnded(self.ticket.run, status, now, reason, cells, needed)
        self._writer.close()
        _close(self.folder, reason or "the notebook ended before it", outcome)
        ensure_recorder(self._writer.spool)

    def began(self) -> bool:
        """Say whether the journal holds the beginning of the run; a kernel may have died before it wrote that."""
        return self.ticket.run in _follow(self.folder).runs

    def discard(self) -> None:
        """Close the journal of an execution of which nothing is to be recorded."""
        self._writer.close()
        if (self.folder / JOURNAL).exists():
            _close(self.folder, "", None)


_GIT_SECONDS = 30.0
"""How long the state of a repository is taken to be the same for the steps of one pipeline or sweep."""


@lru_cache(maxsize=8)
def _git_record(project: str, _period: int) -> tuple[dict[str, str], dict[str, str]]:
    state = snapshot_git(Path(project), Masker())
    return git_record(state) if state is not None else ({}, {})


def _follow(folder: Path) -> Session:
    session = Session(folder)
    session.poll()
    return session


def _close(folder: Path, reason: str, outcome: RunEnded | None) -> None:
    _follow(folder).write_end(int(time.time() * 1000), reason, outcome)


def close_lost(ticket: RunTicket, reason: str) -> None:
    """End the record of a step whose worker died: KILLED, for `reason`. Does nothing where it has ended, or never began."""
    folder = Path(ticket.spool, ticket.session)
    try:
        session = _follow(folder)
    except (FileNotFoundError, SpoolError):
        return
    if not session.closed:
        killed = RunEnded(ticket.run, RunStatus.KILLED, int(time.time() * 1000), reason)
        session.write_end(killed.ended_ms, reason, killed)
        ensure_recorder(Path(ticket.spool))
