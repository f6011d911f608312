"""Stand-ins for what costs seconds: a kernel that executes cells in this process, and records that go to a list."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from nbship.config import Settings
from nbship.hashing import digest_file
from nbship.model.data import FileRecord
from nbship.model.event import ProcessIdentity
from nbship.model.pipeline import Pipeline, PipelineStep
from nbship.model.run import RunStatus
from nbship.model.step import RunTicket, StepFailure, StepProgress, StepRequest, StepResult, StepState
from nbship.pipeline.scheduling.crew import Clock
from nbship.pipeline.scheduling.parameter_texts import ParameterTexts
from nbship.pipeline.scheduling.parent_run import Records

TEXTS = ParameterTexts(str, lambda value: f"{type(value).__name__}:{value!r}")


def notebook(*cells: str, tags: Mapping[int, list[str]] | None = None) -> dict[str, Any]:
    """Return a notebook of code cells; a text that begins with ``# `` alone on its line stays code."""
    return {
        "cells": [
            {
                "cell_type": "code",
                "source": source,
                "metadata": {"tags": (tags or {}).get(index, [])},
                "outputs": [],
                "execution_count": None,
                "id": f"c{index}",
            }
            for index, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def step(name: str, *cells: str, **settings: Any) -> PipelineStep:
    """Return a step; its cells see `here`, `read`, `metrics`, `stopped`, `modules`, `distributions` and the parameters."""
    return PipelineStep(name, f"{name}.ipynb", notebook(*cells), **settings)


def pipeline(folder: Path, *steps: PipelineStep, sources: dict[str, str] | None = None) -> Pipeline:
    """Return a pipeline whose file lies in `folder`."""
    return Pipeline("flights", str(folder / "pipeline.toml"), str(folder), steps, sources or {})


def settings_of(folder: Path) -> Settings:
    """Return the settings of a project without a store."""
    return Settings(folder, folder / ".nbship", "sqlite://", None, "flights")


@dataclass
class FakeKernel:
    """Executes the cells of a request in this process; what they open with `read` is what the step read."""

    calls: list[StepRequest] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def names(self) -> list[str]:
        return [call.name for call in self.calls]

    def __call__(self, request: StepRequest, *, progress: Any = None, cancel: Any = None) -> StepResult:
        self.calls.append(request)
        here, files = Path(request.cwd or "."), {}

        def read(path: str) -> str:
            status = (here / path).stat()
            digest = digest_file(here / path)
            files[path] = FileRecord(path, digest, status.st_size, status.st_mtime_ns // 1_000_000)
            return (here / path).read_text()

        names: dict[str, Any] = {
            "here": here,
            "read": read,
            "metrics": {},
            "modules": {},
            "distributions": {},
            "stopped": cancel or threading.Event(),
            **self.extra,
            **request.parameters,
        }
        failure = None
        cells = request.notebook["cells"]
        for index, cell in enumerate(cells):
            if progress is not None:
                progress(StepProgress(request.name, index, len(cells), 0.0, cell["source"]))
            try:
                exec(cell["source"], names)
            except Exception as error:  # noqa: BLE001 - as a kernel does
                lines = tuple(traceback.format_exc().splitlines())
                failure = StepFailure("exception", f"{type(error).__name__}: {error}", index, None, "", lines)
                break
        state = StepState.COMPLETED if failure is None else StepState.FAILED
        if names["stopped"].is_set():
            state, failure = StepState.KILLED, StepFailure("interrupted", "cancelled")
        return StepResult(
            request.name,
            state,
            seconds=0.01,
            failure=failure,
            output_path=request.output_path,
            metrics=names["metrics"],
            files_read=tuple(files.values()),
            modules=names["modules"],
            distributions=names["distributions"],
            run=request.ticket.run if request.ticket else None,
        )


@dataclass
class FakeRecord:
    """One run in a list."""

    ticket: RunTicket
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, bytes] = field(default_factory=dict)
    status: RunStatus | None = None
    reason: str = ""

    def begin(self, params: Mapping[str, str]) -> None:
        self.params.update(params)

    def log(self, *, params: Any = None, metrics: Any = None, tags: Any = None) -> None:
        self.params.update(params or {})
        self.metrics.update(metrics or {})
        self.tags.update(tags or {})

    def put(self, path: str, data: bytes) -> None:
        self.artifacts[path] = data

    def end(self, status: RunStatus, reason: str = "") -> None:
        assert self.status is None, "a run ends once"
        self.status, self.reason = status, reason


class FakeRecords:
    """All runs of a test: `parents` that were opened here, and `tickets` in the order they were made."""

    def __init__(self) -> None:
        self.tickets: list[RunTicket] = []
        self.parents: list[FakeRecord] = []
        self.lost: list[tuple[str, str]] = []

    def doors(self) -> Records:
        return Records(
            self._ticket, self._open, lambda ticket, reason: self.lost.append((ticket.name, reason))
        )

    def _ticket(self, settings: Settings, name: str, *, parent=None, tags=None, source=None) -> RunTicket:
        number = f"{len(self.tickets):032x}"
        made = RunTicket(
            spool=str(settings.spool),
            session=f"s{number}",
            holder=ProcessIdentity(1, 0.0, "here"),
            run=number,
            name=name,
            tracking_uri=settings.tracking_uri,
            experiment=settings.experiment,
            project=str(settings.project),
            parent=parent,
            tags=dict(tags or {}),
            source=source,
        )
        self.tickets.append(made)
        return made

    def _open(self, ticket: RunTicket) -> FakeRecord:
        self.parents.append(FakeRecord(ticket))
        return self.parents[-1]


class LeapingClock(Clock):
    """Jumps over every wait; `waits` are the seconds that were asked for when nothing else was going on."""

    def __init__(self) -> None:
        self.time = 0.0
        self.waits: list[float] = []

    def now(self) -> float:
        return self.time

    def receive(self, mail: Any, seconds: float | None) -> Any:
        if seconds is None:
            return super().receive(mail, None)
        try:
            return mail.get_nowait()
        except Empty:
            self.waits.append(seconds)
            self.time += max(seconds, 0)
            return None


def until(condition: Any, seconds: float = 20.0) -> None:
    """Wait for a condition; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.005)
