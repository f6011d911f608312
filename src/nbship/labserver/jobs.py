"""Long work: a command of nbship in a process of its own, and what it has said so far.

A job is a folder, so it outlives a reload of the page and a restart of the server, and every server on the project
sees it:

.. code-block:: text

    .nbship/jobs/<id>/
      job.json        what was asked, written once before it starts
      process.json    who runs it, written by the process itself
      log.txt         what it said, and its progress: one JSON object a line, each marked by its first character
      result.json     what the command printed
      exit.json       exit code and end; written last
      cancelled       an empty file: somebody asked for its end
"""

from __future__ import annotations

import atexit
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nbship.config import ENVIRONMENT, prepare_home
from nbship.errors import NbshipError, UsageError
from nbship.labserver.job_log import JobLog, last_progress, last_words, read_log
from nbship.model.codec import decode
from nbship.model.event import ProcessIdentity
from nbship.recording.layout import read_json, write_json
from nbship.recording.process import is_alive

if TYPE_CHECKING:
    from pathlib import Path

    from nbship.config import Settings

__all__ = ["IN_JOB", "Job", "JobBook", "JobLog", "JobMissingError", "JobState", "JobWork"]

JOB, PROCESS, LOG, RESULT, EXIT, CANCELLED = (
    "job.json",
    "process.json",
    "log.txt",
    "result.json",
    "exit.json",
    "cancelled",
)
IN_JOB = "\x00job"
"""Stands in a word of a command for the folder of its job. No argument of a process may hold a zero byte, so no user's can."""

KEPT_JOBS = 50
"""So many ended jobs are kept; older ones go when a new one starts."""

_START_SECONDS = 20.0
"""A process that has not said who it is for so long has not started."""

_INSIST_SECONDS = 15.0
"""After so long, a second wish to cancel is not a polite one."""


class JobMissingError(NbshipError, LookupError):
    """No job of this project has the given id."""


class JobState(StrEnum):
    """How a job stands. ``lost`` is one whose process ended without a word."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class JobWork:
    """What is to be done.

    Attributes
    ----------
    kind
        ``step``, ``sweep``, ``pipeline``, ``drift``, ``package`` or ``serve``.
    words
        The command line behind ``nbship``, without ``--json`` and ``--progress``; `IN_JOB` in a word becomes the folder
        of the job.
    path
        The notebook, file or run that it is about.
    folder
        Where the command runs, absolute.
    secrets
        Environment variable to value; never written down.
    asked
        What the panel asked for, as JSON: whoever wants the same again sends it again.
    """

    kind: str
    title: str
    words: tuple[str, ...]
    path: str
    folder: str
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    asked: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands now.

    Attributes
    ----------
    command
        What one would type for the same.
    progress
        The newest that the command told of itself: a report of a pipeline, a stage of packaging ...
    message
        Why it failed, in the words of the command.
    """

    id: str
    kind: str
    title: str
    command: str
    path: str
    state: JobState
    started_ms: int
    seconds: float
    progress: dict[str, Any] | None = None
    message: str = ""
    exit_code: int | None = None


class JobBook:
    """The jobs of a project."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.home / "jobs"

    def start(self, work: JobWork) -> Job:
        """Start a command; it goes on when this process ends."""
        prepare_home(self._settings)
        self._forget_old()
        folder = self._folder / f"{time.time_ns():016x}{uuid.uuid4().hex[:8]}"
        folder.mkdir(parents=True)
        work = replace(work, words=tuple(word.replace(IN_JOB, str(folder)) for word in work.words))
        write_json(folder / JOB, _description(work))
        line = [sys.executable, "-P", "-m", "nbship.labserver.job_process", str(folder), *work.words]
        with (folder / LOG).open("wb") as log, (folder / RESULT).open("wb") as result:
            process = subprocess.Popen(
                line,
                cwd=work.folder,
                env={**os.environ, **self._environment(), **work.secrets},
                stdin=subprocess.DEVNULL,
                stdout=result,
                stderr=log,
                start_new_session=True,
            )
        _children.append(process)
        return self.get(folder.name)

    def all(self) -> tuple[Job, ...]:
        """Return the jobs, newest first."""
        found = (self._read(folder) for folder in self._folders())
        return tuple(job for job in found if job is not None)

    def get(self, job: str) -> Job:
        """Return one job.

        Raises
        ------
        JobMissingError
            When there is none with that id.
        """
        found = self._read(self._home_of(job))
        if found is None:
            raise _missing(job)
        return found

    def log(self, job: str, start: int = 0) -> JobLog:
        """Return what a job said from a position on; at first only the last of a long log."""
        try:
            return read_log(self._home_of(job) / LOG, start)
        except FileNotFoundError as error:
            raise _missing(job) from error

    def result(self, job: str) -> Any:
        """Return what the command printed as JSON; None while there is nothing."""
        try:
            return json.loads((self._home_of(job) / RESULT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def asked(self, job: str) -> dict[str, Any]:
        """Return what the panel asked for when it started a job; empty where it did not say."""
        asked: dict[str, Any] = read_json(self._home_of(job) / JOB).get("asked") or {}
        return asked

    def file(self, job: str, name: str) -> Path:
        """Return the path of a file that the command was told to write into the folder of its job."""
        return self._home_of(job) / name

    def cancel(self, job: str) -> Job:
        """Ask a job to end: as Ctrl-C does, and harder when it was asked some time ago."""
        folder = self._home_of(job)
        found = self.get(job)
        if found.state is JobState.RUNNING:
            mark = folder / CANCELLED
            asked_before = mark.exists() and time.time() - mark.stat().st_mtime > _INSIST_SECONDS
            if not mark.exists():
                mark.touch()
            _signal(_identity(folder), signal.SIGTERM if asked_before else signal.SIGINT)
        return self.get(job)

    def forget(self, job: str) -> None:
        """Remove what is known of a job that has ended.

        Raises
        ------
        UsageError
            While it runs.
        """
        if self.get(job).state is JobState.RUNNING:
            raise UsageError(f"job {job} is running; cancel it first")
        shutil.rmtree(self._home_of(job), ignore_errors=True)

    def _home_of(self, job: str) -> Path:
        if not job.isalnum():  # an id is hexadecimal; anything else might be a path
            raise _missing(job)
        return self._folder / job

    def _folders(self) -> list[Path]:
        try:
            return sorted(self._folder.iterdir(), reverse=True)
        except FileNotFoundError:
            return []

    def _forget_old(self) -> None:
        ended = [folder for folder in self._folders() if (folder / EXIT).exists()]
        for folder in ended[KEPT_JOBS:]:
            shutil.rmtree(folder, ignore_errors=True)

    def _environment(self) -> dict[str, str]:
        # Not on the command line, which every user of the machine can read: an address may hold a password.
        return {ENVIRONMENT["tracking_uri"][0]: self._settings.tracking_uri}

    def _read(self, folder: Path) -> Job | None:
        _reap()
        try:
            ended_at = (folder / EXIT).stat().st_mtime_ns
        except FileNotFoundError:
            return _read_job(folder)
        return _read_ended(folder, ended_at)


@lru_cache(maxsize=4 * KEPT_JOBS)
def _read_ended(folder: Path, _ended_at: int) -> Job | None:
    """Return a job that has ended: nothing of it changes any more, and a list of jobs is asked for each second."""
    return _read_job(folder)


def _read_job(folder: Path) -> Job | None:
    said = read_json(folder / JOB)
    if not said:
        return None
    end = read_json(folder / EXIT)
    state = _state(folder, said, end)
    ended_ms = end.get("ended_ms") or (_now_ms() if state is JobState.RUNNING else _last_ms(folder))
    return Job(
        id=folder.name,
        kind=said["kind"],
        title=said["title"],
        command=said["command"],
        path=said["path"],
        state=state,
        started_ms=said["started_ms"],
        seconds=max(0.0, (ended_ms - said["started_ms"]) / 1000),
        progress=last_progress(folder / LOG),
        message=_message(folder / LOG, state),
        exit_code=end.get("exit_code"),
    )


_children: list[subprocess.Popen[bytes]] = []


@atexit.register
def _let_go() -> None:
    """Tell `subprocess` that jobs outlive this process on purpose, or it warns of it."""
    for child in _children:
        child.returncode = child.poll() or 0


def _reap() -> None:
    """Let ended processes go: a zombie would look alive."""
    for child in list(_children):
        if child.poll() is not None:
            with suppress(ValueError):  # another thread was quicker
                _children.remove(child)


def _description(work: JobWork) -> dict[str, Any]:
    return {
        "kind": work.kind,
        "title": work.title,
        "command": shlex.join(["nbship", *work.words]),
        "path": work.path,
        "started_ms": _now_ms(),
        "asked": work.asked,
    }


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _last_ms(folder: Path) -> int:
    return int((folder / LOG).stat().st_mtime * 1000) if (folder / LOG).exists() else _now_ms()


def _missing(job: str) -> JobMissingError:
    return JobMissingError(f"there is no job {job} in this project; it may have been removed")


def _state(folder: Path, said: dict[str, Any], end: dict[str, Any]) -> JobState:
    if end:
        if end["exit_code"] in (0, 1):  # 1: it was done, and the answer is "no"
            return JobState.COMPLETED
        return JobState.CANCELLED if (folder / CANCELLED).exists() else JobState.FAILED
    identity = _identity(folder)
    if identity is None:
        return JobState.RUNNING if _now_ms() - said["started_ms"] < _START_SECONDS * 1000 else JobState.LOST
    if is_alive(identity) is not False:  # None: a process of another machine on a shared folder
        return JobState.RUNNING
    return JobState.CANCELLED if (folder / CANCELLED).exists() else JobState.LOST


def _identity(folder: Path) -> ProcessIdentity | None:
    known = read_json(folder / PROCESS)
    return decode(ProcessIdentity, known) if known else None


def _signal(identity: ProcessIdentity | None, number: int) -> None:
    if identity is not None and is_alive(identity):
        with suppress(ProcessLookupError):
            os.kill(identity.pid, number)


def _message(log: Path, state: JobState) -> str:
    """Return why a job did not complete."""
    if state not in (JobState.FAILED, JobState.LOST):
        return ""
    return last_words(log) or "its process ended without a word (killed, or out of memory)"
