"""What runs now, as the journals of the spool tell it: sessions, their open runs and the cells of these.

The JSON forms are made by `to_dict`, not by `nbship.model.codec.encode`: metrics may be NaN or infinite, for which JSON
has no number.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from nbship.model.cell import CellStatus
from nbship.model.codec import encode
from nbship.model.run import DatasetSummary, RunStatus, json_number

__all__ = ["LiveCell", "LivePoint", "LiveRun", "LiveSession"]


@dataclass(frozen=True, slots=True)
class LiveCell:
    """One execution of a cell of a run.

    Attributes
    ----------
    index
        Position in the kernel's ledger, from 0.
    cell_id
        The front end's id; None under nbclient, papermill and the terminal.
    execution_count
        As the notebook shows it; None where it is not known.
    started_ms
        Milliseconds since the epoch; 0 for a cell that ran before nbship was loaded.
    seconds
        Wall time; None while the cell runs.
    first_line
        The first line of the source that is not blank, at most 200 characters.
    error
        ``ename: evalue`` of the exception that ended it, at most 500 characters; empty where there is none.
    """

    index: int
    status: CellStatus
    cell_id: str | None = None
    execution_count: int | None = None
    started_ms: int = 0
    seconds: float | None = None
    first_line: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class LivePoint:
    """One value of a metric; `value` may be NaN or infinite."""

    step: int
    value: float
    timestamp_ms: int

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        return {"step": self.step, "value": json_number(self.value), "timestamp_ms": self.timestamp_ms}


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A run that goes on, or that has just ended.

    Attributes
    ----------
    run
        The run's own id, 32 hexadecimal digits.
    store_run_id
        The store's id; None until the recorder has created the run there, or the kernel has because the cell uses mlflow.
    kind
        ``cell`` (``%%track``), ``session`` (``%track on``), ``step`` (``nbship run`` and steps of a pipeline),
        ``point`` (of a sweep), ``pipeline`` or ``sweep``.
    status
        RUNNING until the journal holds the end, also for a process that has died meanwhile: see `LiveSession.alive`.
    reason
        Why it ended as it did; empty for FINISHED.
    parent
        The own id of the enclosing run, which may be of another session.
    cells
        How many cell executions belong to the run so far.
    cell_list
        The newest of them in ledger order, at most 50; the one that runs now is among them.
    param_count, params
        How many parameters are known, and the first 50.
    metric_count, metrics
        How many metrics are known, and the newest values of the first 50; only what the journal holds, see `LiveView`.
    histories
        Metric name to its newest points, at most 100 each, oldest first.
    dataset_count, datasets
        How many datasets are known, and the first 50.
    model
        Qualified class name of the model that was saved; None while there is none.
    warning_count, warnings
        How many warnings there are, and the newest 50.
    arrived
        The store holds the run with its end.
    """

    run: str
    name: str
    experiment: str
    kind: str
    started_ms: int
    status: RunStatus = RunStatus.RUNNING
    ended_ms: int | None = None
    reason: str = ""
    store_run_id: str | None = None
    parent: str | None = None
    cells: int = 0
    cell_list: tuple[LiveCell, ...] = ()
    param_count: int = 0
    params: dict[str, str] = field(default_factory=dict)
    metric_count: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    histories: dict[str, tuple[LivePoint, ...]] = field(default_factory=dict)
    dataset_count: int = 0
    datasets: tuple[DatasetSummary, ...] = ()
    model: str | None = None
    warning_count: int = 0
    warnings: tuple[str, ...] = ()
    arrived: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        # Field by field: a panel asks each second, and the points are most of what there is.
        plain = {
            item.name: encode(getattr(self, item.name)) for item in fields(self) if item.name != "histories"
        }
        return {
            **plain,
            "metrics": {key: json_number(value) for key, value in self.metrics.items()},
            "histories": {
                key: [point.to_dict() for point in points] for key, points in self.histories.items()
            },
        }


@dataclass(frozen=True, slots=True)
class LiveSession:
    """One kernel that records, or one process that executes a notebook and records it.

    Attributes
    ----------
    session
        Name of the session's folder in the spool.
    source
        The notebook (or pipeline file) as the session names it; None where it is not known.
    holder
        What `pid` is: ``kernel`` or ``runner``.
    alive
        Whether that process lives. For a process of another host, where nobody here can know: whether it has not
        closed its journal.
    foreign
        The process belongs to another host.
    project
        The project folder.
    started_ms
        When the session's first event was written, milliseconds since the epoch.
    cell
        The cell that runs now; None when none does, or none that belongs to a run.
    runs
        Open runs, and those that ended and have not been in the store for long; oldest first.
    """

    session: str
    source: str | None
    holder: str
    pid: int
    alive: bool
    project: str
    started_ms: int
    cell: LiveCell | None = None
    runs: tuple[LiveRun, ...] = ()
    foreign: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        plain = {item.name: encode(getattr(self, item.name)) for item in fields(self) if item.name != "runs"}
        return {**plain, "runs": [run.to_dict() for run in self.runs]}
