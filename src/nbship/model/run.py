"""Runs, as they are listed and shown."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from nbship.model.codec import decode, encode

__all__ = ["DatasetSummary", "Run", "RunPage", "RunStatus", "json_number"]


class RunStatus(StrEnum):
    """The states of a run, as in MLflow."""

    RUNNING = "RUNNING"
    SCHEDULED = "SCHEDULED"
    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """A dataset of a run as the store lists it; `rows` is None where the recorder of the run did not say."""

    name: str
    digest: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the store.

    Attributes
    ----------
    id
        MLflow's run id.
    started_ms, ended_ms
        Milliseconds since the epoch; `ended_ms` is None while the run goes on.
    metrics
        The newest value of each metric.
    artifact_uri
        Where the run's files lie.
    """

    id: str
    name: str
    status: RunStatus
    experiment: str
    started_ms: int
    ended_ms: int | None = None
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    datasets: tuple[DatasetSummary, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    artifact_uri: str = ""

    @property
    def duration_seconds(self) -> float | None:
        """Seconds from start to end; None while the run goes on."""
        return None if self.ended_ms is None else (self.ended_ms - self.started_ms) / 1000

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        started = datetime.fromtimestamp(self.started_ms / 1000, UTC).isoformat(timespec="milliseconds")
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status.value,
            "experiment": self.experiment,
            "started": started,
            "duration_seconds": self.duration_seconds,
            "params": dict(self.params),
            "metrics": {key: json_number(value) for key, value in self.metrics.items()},
            "datasets": encode(self.datasets),
            "tags": dict(self.tags),
            "artifact_uri": self.artifact_uri,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Run:
        """Build the run that `to_dict` described."""
        started_ms = round(datetime.fromisoformat(data["started"]).timestamp() * 1000)
        seconds = data["duration_seconds"]
        ended_ms = None if seconds is None else started_ms + round(seconds * 1000)
        metrics = {key: float(value) for key, value in data["metrics"].items()}
        return decode(cls, {**data, "started_ms": started_ms, "ended_ms": ended_ms, "metrics": metrics})


def json_number(value: float) -> float | str:
    """Return what JSON has no number for as text, the way MLflow's REST API does.

    Source: https://protobuf.dev/programming-guides/json/ (``NaN``, ``Infinity``, ``-Infinity``).
    """
    if math.isnan(value):
        return "NaN"
    return ("Infinity" if value > 0 else "-Infinity") if math.isinf(value) else value


@dataclass(frozen=True, slots=True)
class RunPage:
    """One page of runs, newest first unless sorted otherwise.

    `more` says that the store holds further ones; `waiting` counts the events that are still on their way to it; `total`
    counts all that match, None where the store cannot tell without reading them.
    """

    runs: tuple[Run, ...]
    more: bool = False
    tracking_uri: str = ""
    waiting: int = 0
    total: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        return {
            "runs": [run.to_dict() for run in self.runs],
            "more": self.more,
            "tracking_uri": self.tracking_uri,
            "waiting": self.waiting,
            "total": self.total,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> RunPage:
        """Build the page that `to_dict` described."""
        return cls(
            tuple(Run.from_dict(run) for run in data["runs"]),
            data["more"],
            data["tracking_uri"],
            data["waiting"],
            data.get("total"),
        )
