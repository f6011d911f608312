"""What runs now, and what waits, on the wire."""

from __future__ import annotations

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from nbship.model.live import LiveCell
from nbship.model.run import DatasetSummary, RunStatus
from nbship.recording.status import Outage

__all__ = ["LiveJson", "LivePointJson", "LiveRunJson", "LiveSessionJson", "SpoolJson", "SyncJson"]


class LivePointJson(TypedDict):
    """A value of a metric; one that is no number of JSON is ``NaN``, ``Infinity`` or ``-Infinity``."""

    step: int
    value: float | str
    timestamp_ms: int


class LiveRunJson(TypedDict):
    """A run that goes on, or has just ended; see `nbship.model.live.LiveRun`."""

    run: str
    name: str
    experiment: str
    kind: str
    started_ms: int
    status: RunStatus
    ended_ms: int | None
    reason: str
    store_run_id: str | None
    parent: str | None
    cells: int
    cell_list: list[LiveCell]
    param_count: int
    params: dict[str, str]
    metric_count: int
    metrics: dict[str, float | str]
    histories: dict[str, list[LivePointJson]]
    dataset_count: int
    datasets: list[DatasetSummary]
    model: str | None
    warning_count: int
    warnings: list[str]
    arrived: bool


class LiveSessionJson(TypedDict):
    """A kernel or process that records; see `nbship.model.live.LiveSession`."""

    session: str
    source: str | None
    holder: str
    pid: int
    alive: bool
    project: str
    started_ms: int
    cell: LiveCell | None
    runs: list[LiveRunJson]
    foreign: bool


class SpoolJson(TypedDict):
    """What waits for the store; see `nbship.recording.status.SpoolStatus`."""

    sessions: int
    events: int
    size_bytes: int
    oldest_ms: int | None
    recorder_pid: int | None
    outages: list[Outage]
    set_aside: list[str]
    left_alone: list[str]
    drained: bool


class LiveJson(TypedDict):
    """What runs now; `outage` is that of the project's own store."""

    sessions: list[LiveSessionJson]
    spool: SpoolJson
    tracking_uri: str
    experiment: str
    outage: Outage | None


class SyncJson(TypedDict):
    """How long to wait for an empty queue, in seconds; 3 where nothing is said, at most 30."""

    wait_seconds: NotRequired[Annotated[float, Field(ge=0, le=30)]]
