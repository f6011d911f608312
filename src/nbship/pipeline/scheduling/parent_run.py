"""The run of a whole pipeline or sweep, which its steps' runs are nested in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from nbship.model.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbship.config import Settings
    from nbship.model.step import RunTicket

__all__ = ["ParentRun", "Record", "Records", "fitting", "real_records"]

LONGEST_TAG = 5000
"""Characters; MLflow refuses tags that are longer."""


class Record(Protocol):
    """One run that this process writes to the spool; `nbship.pipeline.execution.record.RunRecord` is the real one."""

    def begin(self, params: Mapping[str, str]) -> None:
        """Begin the run."""
        ...

    def log(
        self,
        *,
        params: Mapping[str, str] | None = None,
        metrics: Mapping[str, float] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Add to the run."""
        ...

    def put(self, path: str, data: bytes) -> None:
        """Add an artifact."""
        ...

    def end(self, status: RunStatus, reason: str = "") -> None:
        """End the run."""
        ...


class TicketMaker(Protocol):
    """Says where a new run is to be recorded."""

    def __call__(
        self,
        settings: Settings,
        name: str,
        *,
        parent: str | None = None,
        tags: Mapping[str, str] | None = None,
        source: str | None = None,
    ) -> RunTicket:
        """Return the ticket."""
        ...


@dataclass(frozen=True, slots=True)
class Records:
    """The functions that record runs."""

    ticket: TicketMaker
    open: Callable[[RunTicket], Record]
    close_lost: Callable[[RunTicket, str], None]


def real_records() -> Records:
    """Return what records into the project's spool."""
    from nbship.pipeline.execution import record  # noqa: PLC0415 - brings the recorder, which tests of schedules do without

    return Records(record.ticket, record.RunRecord, record.close_lost)


class ParentRun:
    """The enclosing run.

    Parameters
    ----------
    tags
        Are set on the run itself, e.g. ``{"nbship.kind": "pipeline"}``.
    source
        The pipeline's file or the sweep's notebook.
    """

    def __init__(
        self, records: Records, settings: Settings, name: str, *, tags: Mapping[str, str], source: str
    ) -> None:
        self._records = records
        self._settings = settings
        self._ticket = records.ticket(settings, name, tags=tags, source=source)
        self.record = records.open(self._ticket)

    @property
    def run(self) -> str:
        """The run's own id."""
        return self._ticket.run

    def child(self, name: str, *, tags: Mapping[str, str], source: str) -> RunTicket:
        """Return a ticket for the run of a step, nested in this one."""
        return self._records.ticket(self._settings, name, parent=self.run, tags=tags, source=source)

    def close_lost(self, ticket: RunTicket | None, reason: str) -> None:
        """End the record of a step whose worker is gone."""
        if ticket is not None:
            self._records.close_lost(ticket, reason)

    def abandon(self, error: BaseException) -> None:
        """End the run of which `error` is the end."""
        killed = isinstance(error, KeyboardInterrupt)
        self.record.end(
            RunStatus.KILLED if killed else RunStatus.FAILED, f"{type(error).__name__}: {error}".rstrip(": ")
        )

    def finish(self, status: RunStatus, reason: str, document: str, report: Mapping[str, Any]) -> None:
        """End the run, with the report as its artifact `document`."""
        self.record.put(document, json.dumps(report, indent=1).encode())
        self.record.end(status, reason)


def fitting(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags that the store takes: what is longer is in the report."""
    return {name: text for name, text in tags.items() if len(text) <= LONGEST_TAG}
