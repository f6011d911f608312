"""Long work, whatever it is: listed, followed, cancelled, forgotten. What starts it lies with its feature."""

from __future__ import annotations

from typing_extensions import TypedDict

from nbship.errors import UsageError
from nbship.labserver.endpoint import EXECUTE, delete, get, post
from nbship.labserver.jobs import JobState
from nbship.labserver.place import Place
from nbship.labserver.wire.jobs import JobDetailJson, JobJson, JobListJson, JobLogQuery, ReportJson, job_json

__all__ = ["cancel_job", "forget_job", "job_report", "list_jobs", "show_job", "where_is"]

REPORT = "report.html"
"""What a job calls the page that it writes."""


@get("/jobs")
def list_jobs(place: Place) -> JobListJson:
    """List the jobs of the project, newest first."""
    return {"jobs": [job_json(job) for job in place.jobs.all()]}


@get("/jobs/{job}")
def show_job(place: Place, job: str, query: JobLogQuery) -> JobDetailJson:
    """Return a job with what it has said since."""
    found = place.jobs.get(job)
    said = place.jobs.log(job, query.get("log_from", 0))
    ended = found.state is not JobState.RUNNING
    result = place.jobs.result(job) if ended else None
    return {"job": job_json(found), "log": said.text, "log_end": said.end, "result": result}


@get("/jobs/{job}/report")
def job_report(place: Place, job: str) -> ReportJson:
    """Return the page that a job has written."""
    place.jobs.get(job)
    try:
        return {"html": place.jobs.file(job, REPORT).read_text(encoding="utf-8")}
    except FileNotFoundError as error:
        raise UsageError(f"job {job} has written no report; look at its log") from error


@post("/jobs/{job}/cancel", EXECUTE)
def cancel_job(place: Place, job: str) -> JobJson:
    """Ask a job to end, as Ctrl-C does."""
    return job_json(place.jobs.cancel(job))


@delete("/jobs/{job}", EXECUTE)
def forget_job(place: Place, job: str) -> JobListJson:
    """Remove what is known of a job that has ended."""
    place.jobs.forget(job)
    return list_jobs.answer(place)  # type: ignore[no-any-return]


class FileQuery(TypedDict):
    """A file, by its path on the machine or relative to the project."""

    file: str


class WhereJson(TypedDict):
    """The path by which the panel opens a file; null for one outside of the server's folder."""

    path: str | None


@get("/where")
def where_is(place: Place, query: FileQuery) -> WhereJson:
    """Return the path by which the panel opens a file that a run or a job names."""
    return {"path": place.shown(query["file"])}
