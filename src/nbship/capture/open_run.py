"""The state of a run while it is open."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbship.capture.samples import SampleStore
from nbship.model.event import MetricPoint, RunLogged
from nbship.model.report import TrackReport

if TYPE_CHECKING:
    from nbship.capture.references import PendingArtifact
    from nbship.capture.request import TrackRequest
    from nbship.model.run import RunStatus

__all__ = ["OpenRun"]


@dataclass(slots=True)
class OpenRun:
    """A run that has begun; `cell` is the ledger index of a ``%%track`` cell, None for a session run."""

    request: TrackRequest
    name: str
    tracking_uri: str
    cell: int | None
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    started: float = field(default_factory=time.perf_counter)
    started_ms: int = field(default_factory=lambda: int(time.time() * 1000))
    store_run_id: str | None = None
    cells: list[int] = field(default_factory=list)
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    datasets: dict[tuple[str, str], None] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    masked: int = 0
    model_variable: str | None = None
    model: str | None = None
    fit_argument: str | None = None
    trained_on: str | None = None
    target: tuple[str, str] | None = None
    failures: dict[str, str] = field(default_factory=dict)
    rng_before: dict[str, str] = field(default_factory=dict)
    cancelled: bool = False
    profiled: dict[str, None] = field(default_factory=dict)
    pending: list[PendingArtifact] = field(default_factory=list)
    samples: SampleStore = field(default_factory=SampleStore)

    def new_params(self, found: dict[str, str]) -> dict[str, str]:
        """Return the parameters that were not sent yet, and remember them; the first value of a key stays."""
        fresh = {key: value for key, value in found.items() if key not in self.params}
        self.params.update(fresh)
        return fresh

    def new_points(self, found: dict[str, float]) -> tuple[MetricPoint, ...]:
        """Return the values as points, each at the next step of its metric."""
        now = int(time.time() * 1000)
        points = []
        for key, value in found.items():
            step = self.steps.get(key, -1) + 1
            self.steps[key] = step
            self.metrics[key] = value
            points.append(MetricPoint(key, value, now, step))
        return tuple(points)

    def log(self, **parts: object) -> RunLogged:
        """Return an event of this run."""
        return RunLogged(self.key, **parts)  # type: ignore[arg-type]

    def report(self, status: RunStatus, reason: str) -> TrackReport:
        """Return what the user is told."""
        return TrackReport(
            run=self.key,
            name=self.name,
            status=status,
            where=self.tracking_uri,
            duration_seconds=time.perf_counter() - self.started,
            reason=reason,
            metrics=dict(self.metrics),
            params=len(self.params),
            datasets=tuple(dict.fromkeys(name for name, _ in self.datasets)),
            model=self.model,
            cells=len(self.cells),
            masked=self.masked,
            warnings=tuple(self.warnings),
            store_run_id=self.store_run_id,
        )
