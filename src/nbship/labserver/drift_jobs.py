"""Drift reports as jobs: the command that makes one, and what those that were made have found."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from nbship.errors import UsageError
from nbship.labserver.jobs import IN_JOB, JobState, JobWork
from nbship.labserver.wire.drift import verdict_json
from nbship.model.codec import decode
from nbship.model.drift import DriftOptions, DriftReport
from nbship.service.drift_reports import check_options
from nbship.service.served_logs import log_folders

if TYPE_CHECKING:
    from nbship.labserver.jobs import Job
    from nbship.labserver.place import Place
    from nbship.labserver.wire.drift import (
        DriftBody,
        DriftOptionsJson,
        DriftSideJson,
        DriftStateJson,
        DriftVerdictJson,
    )

__all__ = ["KIND", "asked_of", "drift_work", "newest_states", "read_report", "typed"]

KIND = "drift"
_REPORT = "report.html"


def drift_work(place: Place, body: DriftBody) -> JobWork:
    """Return the work of a drift report.

    Raises
    ------
    UsageError, FileMissingError
        When a side is not there, or an option has a value that it cannot have.
    """
    options = body.get("options", {})
    _check(options)
    reference, current = body["reference"], body["current"]
    if reference["kind"] == "service":
        raise UsageError("the log of a service is the current side: choose what the model learnt from first")
    sides = _side(place, reference), _side(place, current)
    words = (KIND, *sides, *_options(options))
    for word in words:
        _check_word(word)
    return JobWork(
        kind=KIND,
        title=f"{_label(reference)} → {_label(current)}",
        words=(*words, f"--html={IN_JOB}/{_REPORT}"),
        path=current["name"] if current["kind"] == "file" else "",
        folder=str(place.settings.project),
        asked=cast("dict[str, Any]", body),
    )


def typed(work: JobWork) -> str:
    """Return what one would type for the same."""
    words = [word.replace(f"{IN_JOB}/", "") for word in work.words]
    return shlex.join(["nbship", *words])


def _label(side: DriftSideJson) -> str:
    return side.get("label") or ":".join(filter(None, (side["name"], side.get("dataset", ""))))


def _side(place: Place, side: DriftSideJson) -> str:
    """Return the word of the command for a side; never one that could be taken for an option."""
    if side["kind"] == "file":
        return _shown(place, place.file(side["name"]))
    if side["kind"] == "service":
        return _shown(place, _log_of(place, side["name"]))
    if not side["name"].isalnum():
        raise UsageError(f"{side['name']!r:.80} is no id of a run; choose one from the list")
    dataset = side.get("dataset", "")
    return f"{side['name']}:{dataset}" if dataset else side["name"]


def _shown(place: Place, path: Path) -> str:
    project = place.settings.project
    if not path.is_relative_to(project):
        return str(path)
    word = path.relative_to(project).as_posix()
    return f"./{word}" if word.startswith(("-", "~")) or word == "selfcheck" else word


def _log_of(place: Place, name: str) -> Path:
    found = log_folders(place.settings).get(name)
    if found is None:
        raise UsageError(f"{name!r:.80} has logged no predictions: serve it, and ask it for some first")
    return found


def _check(options: DriftOptionsJson) -> None:
    numbers = {name: value for name, value in options.items() if isinstance(value, int | float)}
    check_options(replace(DriftOptions(), **cast("dict[str, Any]", numbers)))
    for column in options.get("columns", []):
        if "," in column or not column.strip():
            raise UsageError(f"{column!r:.80}: --columns takes names without a comma")


def _options(options: DriftOptionsJson) -> tuple[str, ...]:
    given = {name: value for name, value in options.items() if value not in (None, "", [])}
    return tuple(
        f"--{name.replace('_', '-')}={','.join(value) if isinstance(value, list) else value}"
        for name, value in given.items()
    )


def _check_word(word: str) -> None:
    if "\x00" in word:
        raise UsageError("a name holds a zero byte; give it without")
    try:
        word.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"{word!r:.80} is no text: half of a character is missing") from error


def asked_of(place: Place, job: str) -> DriftBody | None:
    """Return what was asked for, to ask it again."""
    asked = place.jobs.asked(job)
    return cast("DriftBody", asked) if asked else None


def read_report(place: Place, job: str) -> DriftReport:
    """Return the report that a job has made.

    Raises
    ------
    JobMissingError, UsageError
        When there is no such job, or it has made none.
    """
    found = place.jobs.get(job)
    if found.kind != KIND or found.state is not JobState.COMPLETED:
        raise UsageError(f"job {job} has made no drift report; look at its log")
    return decode(DriftReport, place.jobs.result(job))


def newest_states(place: Place) -> list[DriftStateJson]:
    """Return the newest report of each reference and current data."""
    states: dict[str, DriftStateJson] = {}
    for job in place.jobs.all():
        if job.kind != KIND or job.state is not JobState.COMPLETED:
            continue
        asked = asked_of(place, job.id)
        pair = _pair(asked) if asked else job.title
        if pair not in states and (verdict := _verdict(place.jobs.file(job.id, "result.json"))):
            states[pair] = {"job": job.id, "finished": _end(job), "verdict": verdict, "asked": asked}
    return list(states.values())


def _pair(asked: DriftBody) -> str:
    """Return what tells a pair of sides from others."""
    sides = (asked["reference"], asked["current"])
    return json.dumps([[side["kind"], side["name"], side.get("dataset", "")] for side in sides])


def _end(job: Job) -> str:
    ended = job.started_ms / 1000 + job.seconds
    return datetime.fromtimestamp(ended, UTC).isoformat(timespec="milliseconds")


@lru_cache(maxsize=256)  # a result is written once, and that of many columns takes a while to read
def _verdict(result: Path) -> DriftVerdictJson | None:
    try:
        return verdict_json(decode(DriftReport, json.loads(result.read_text(encoding="utf-8"))))
    except (OSError, ValueError, TypeError, KeyError):  # what another version wrote, or half of it
        return None
