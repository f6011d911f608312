"""Jobs on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NotRequired

from typing_extensions import TypedDict

from nbship.labserver.jobs import Job, JobState

__all__ = ["JobDetailJson", "JobJson", "JobListJson", "JobLogQuery", "ReportJson", "job_json"]


class JobJson(TypedDict):
    """A job; `started` is ISO 8601 in UTC, `progress` the newest that its command told of itself."""

    id: str
    kind: str
    title: str
    command: str
    path: str
    state: JobState
    started: str
    seconds: float
    progress: dict[str, Any] | None
    message: str
    exit_code: int | None


class JobListJson(TypedDict):
    """The jobs of a project, newest first."""

    jobs: list[JobJson]


class JobLogQuery(TypedDict):
    """From where on the log is wanted: 0, or the `log_end` of the part before."""

    log_from: NotRequired[int]


class JobDetailJson(TypedDict):
    """A job, a part of what it said, and what its command printed once it has ended."""

    job: JobJson
    log: str
    log_end: int
    result: Any


class ReportJson(TypedDict):
    """A report of the library as one HTML page, to be shown as what a notebook shows."""

    html: str


def job_json(job: Job) -> JobJson:
    """Return a job as JSON."""
    started = datetime.fromtimestamp(job.started_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return JobJson(
        id=job.id,
        kind=job.kind,
        title=job.title,
        command=job.command,
        path=job.path,
        state=job.state,
        started=started,
        seconds=job.seconds,
        progress=job.progress,
        message=job.message,
        exit_code=job.exit_code,
    )
