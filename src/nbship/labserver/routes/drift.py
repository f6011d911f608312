"""Drift: what can be compared, reports, and how things stand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nbship import service
from nbship.display.drift_page import drift_html
from nbship.errors import NbshipError
from nbship.labserver.drift_jobs import asked_of, drift_work, newest_states, read_report, typed
from nbship.labserver.endpoint import EXECUTE, get, post
from nbship.labserver.place import Place
from nbship.labserver.wire.drift import (
    DriftBody,
    DriftCommandJson,
    DriftReportJson,
    DriftSideJson,
    DriftSourceJson,
    DriftSourcesJson,
    DriftSourcesQuery,
    DriftStatesJson,
    ServedColumnJson,
    ServedDriftJson,
    report_json,
)
from nbship.labserver.wire.jobs import JobJson, ReportJson, job_json
from nbship.service.served_drift import served_drift
from nbship.service.served_logs import log_folders
from nbship.service.table_files import table_files

if TYPE_CHECKING:
    from nbship.model.image import ServedModel
    from nbship.model.run import Run
    from nbship.model.served_drift import ServedDrift

__all__ = ["drift_command", "drift_page", "drift_report", "drift_sources", "drift_states", "start_drift"]

_SOURCES = 50
_RUNS = 100
_SHOWN_COLUMNS = 5
_WAIT_SECONDS = 1.0


@post("/jobs/drift", EXECUTE)
def start_drift(place: Place, body: DriftBody) -> JobJson:
    """Start a drift report."""
    return job_json(place.jobs.start(drift_work(place, body)))


@post("/drift/command")
def drift_command(place: Place, body: DriftBody) -> DriftCommandJson:
    """Return the command that a drift report would run, or say why it cannot."""
    return {"command": typed(drift_work(place, body))}


@get("/drift/reports/{job}")
def drift_report(place: Place, job: str) -> DriftReportJson:
    """Return the report that a job has made."""
    return report_json(read_report(place, job), asked_of(place, job))


@get("/drift/reports/{job}/page")
def drift_page(place: Place, job: str) -> ReportJson:
    """Return the report that a job has made as a notebook shows it."""
    return {"html": drift_html(read_report(place, job))}


@get("/drift/states")
def drift_states(place: Place) -> DriftStatesJson:
    """Return the newest report of each pair of datasets, and what running services say of drift."""
    served = {model.name: model for model in service.services(place.settings).services}
    told = [_served(one, served[one.service]) for one in served_drift(tuple(served.values()))]
    return {"states": newest_states(place), "services": told}


@get("/drift/sources")
def drift_sources(place: Place, query: DriftSourcesQuery) -> DriftSourcesJson:
    """Return what can be compared: datasets of runs, files, and logs of services."""
    words, limit = query.get("search", ""), query.get("limit", _SOURCES)
    runs, problem = _runs(place, words)
    files, more_files = _files(place, words, limit)
    return {
        "runs": runs[:limit],
        "files": files,
        "services": _services(place, words),
        "more": more_files or len(runs) > limit,
        "problem": problem,
    }


def _runs(place: Place, words: str) -> tuple[list[DriftSourceJson], str]:
    """Return the tables of the newest runs, and of those that match, and why they cannot be read."""
    found: dict[str, Run] = {}
    try:
        for query in dict.fromkeys((None, words or None)):
            page = service.runs(place.settings, query, limit=_RUNS, wait_seconds=_WAIT_SECONDS)
            found |= {run.id: run for run in page.runs}
    except NbshipError as error:  # files and services can be compared all the same
        return [], str(error)
    sources = [source for run in found.values() for source in _datasets(run)]
    return [source for source in sources if _has(source, words)], ""


def _datasets(run: Run) -> list[DriftSourceJson]:
    when = _when(run.started_ms)
    return [
        _source(
            DriftSideJson(kind="run", name=run.id, dataset=data.name, label=f"{run.name}:{data.name}"),
            run=run.name,
            rows=data.rows,
            when=when,
        )
        for data in run.datasets
        if data.rows is not None  # a file that was read: its rows were never looked at
    ]


def _files(place: Place, words: str, limit: int) -> tuple[list[DriftSourceJson], bool]:
    found, more = table_files(place.root, words, limit=limit)
    sources = [
        _source(
            DriftSideJson(kind="file", name=path, label=path),
            size_bytes=file.size_bytes,
            when=_when(file.modified_ms),
        )
        for file in found
        if (path := place.shown(file.path)) is not None  # a link may lead outside
    ]
    return sources, more


def _services(place: Place, words: str) -> list[DriftSourceJson]:
    sources = [
        _source(
            DriftSideJson(kind="service", name=name, label=f"log of {name}"),
            when=_when(folder.stat().st_mtime_ns // 1_000_000),
            current_only=True,
        )
        for name, folder in log_folders(place.settings).items()
    ]
    return [source for source in sources if _has(source, words)]


def _source(
    side: DriftSideJson,
    *,
    run: str = "",
    rows: int | None = None,
    size_bytes: int | None = None,
    when: str | None = None,
    current_only: bool = False,
) -> DriftSourceJson:
    return DriftSourceJson(
        side=side,
        label=side.get("label", side["name"]),
        run=run,
        rows=rows,
        size_bytes=size_bytes,
        when=when,
        current_only=current_only,
    )


def _has(source: DriftSourceJson, words: str) -> bool:
    text = f"{source['label']} {source['side']['name']}".casefold()
    return all(word in text for word in words.casefold().split())


def _when(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")


def _served(told: ServedDrift, model: ServedModel) -> ServedDriftJson:
    columns = [
        ServedColumnJson(
            name=column.name, distance=column.distances.get("jensen_shannon"), missing=column.missing
        )
        for column in told.columns[:_SHOWN_COLUMNS]
    ]
    return ServedDriftJson(
        service=told.service,
        run=model.run_id,
        run_name=model.run_name,
        rows=told.rows,
        watched=len(told.columns),
        columns=columns,
        prediction=told.prediction.get("jensen_shannon"),
        problem=told.problem,
        logged=bool(model.log_folder) and Path(model.log_folder).is_dir(),
    )
