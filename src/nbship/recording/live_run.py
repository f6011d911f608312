"""A run as its journal tells it so far, with bounds on what is kept of it.

Events are taken as JSON objects: making dataclasses of them, with all outputs of all cells, takes eight times as long.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from nbship.model.cell import CellStatus
from nbship.model.live import LiveCell, LivePoint, LiveRun
from nbship.model.run import DatasetSummary, RunStatus

if TYPE_CHECKING:
    from nbship.recording.cursor import Cursor

__all__ = ["CELLS_AT_MOST", "ENTRIES_AT_MOST", "POINTS_AT_MOST", "RunSoFar", "live_cell"]

CELLS_AT_MOST = 50
ENTRIES_AT_MOST = 50
POINTS_AT_MOST = 100

_COUNTED_AT_MOST = 10_000
_LINE_CHARACTERS = 200
_ERROR_CHARACTERS = 500

T = TypeVar("T")


class _First(Generic[T]):
    """The first entries of a growing mapping, and how many there are in all."""

    def __init__(self) -> None:
        self.entries: dict[str, T] = {}
        self._names: set[str] = set()

    @property
    def count(self) -> int:
        return len(self._names)

    def put(self, name: str, value: T) -> None:
        if name in self.entries or len(self.entries) < ENTRIES_AT_MOST:
            self.entries[name] = value
        if len(self._names) < _COUNTED_AT_MOST:
            self._names.add(name)


class RunSoFar:
    """One run of a journal; `first_cell` is the ledger index from which on cells belong to it.

    Attributes
    ----------
    ended_at
        Where in the journal its end ends; None while it goes on.
    forget_at
        When nobody needs to see it any more, seconds since the epoch; None while that is not known.
    """

    def __init__(self, began: dict[str, Any], first_cell: int) -> None:
        self.run: str = began["run"]
        self.tracking_uri: str = began["tracking_uri"]
        self.first_cell = first_cell
        self.ended_at: int | None = None
        self.ended_ms: int | None = None
        self.forget_at: float | None = None
        self._name: str = began["name"]
        self._experiment: str = began["experiment"]
        self._started_ms: int = began["started_ms"]
        self._store_run_id: str | None = began.get("store_run_id")
        self._parent: str | None = began.get("parent")
        self._kind = _kind(began)
        self._status = RunStatus.RUNNING
        self._reason = ""
        self._cells: dict[int, LiveCell] = {}
        self._cell_count = 0
        self._newest_cell = -1
        self._params: _First[str] = _First()
        self._metrics: _First[float] = _First()
        self._histories: dict[str, deque[LivePoint]] = {}
        self._datasets: _First[DatasetSummary] = _First()
        self._model: str | None = None
        self._warning_count = 0
        self._warnings: deque[str] = deque(maxlen=ENTRIES_AT_MOST)
        self._put_params(began.get("params", {}))

    def note_cell(self, cell: LiveCell) -> None:
        """Take the newest state of a cell execution; those before the run's first are none of its own."""
        if cell.index < self.first_cell:
            return
        if cell.index > self._newest_cell:
            self._newest_cell = cell.index
            self._cell_count += 1
        if cell.index in self._cells or len(self._cells) < CELLS_AT_MOST or cell.index > min(self._cells):
            self._cells[cell.index] = cell
        if len(self._cells) > CELLS_AT_MOST:
            del self._cells[min(self._cells)]

    def log(self, event: dict[str, Any]) -> None:
        """Take a `RunLogged`."""
        self._put_params(event.get("params", {}))
        for point in event.get("metrics", ()):
            self._put_point(point)
        for record in event.get("datasets", ()):
            found = record["fingerprint"]
            summary = DatasetSummary(record["name"], found["digest"], found.get("rows"))
            self._datasets.put(f"{summary.name}\0{summary.digest}", summary)
        if event.get("model") is not None:
            self._model = event["model"]["class_name"]
        self.warn(event.get("warnings", ()))

    def warn(self, texts: list[str] | tuple[str, ...]) -> None:
        """Add warnings."""
        self._warning_count += len(texts)
        self._warnings.extend(texts)

    def end(self, event: dict[str, Any], offset: int) -> None:
        """Take a `RunEnded`, which lies before byte `offset`."""
        self._status = RunStatus(event["status"])
        self.ended_ms = event["ended_ms"]
        self._reason = event.get("reason", "")
        own = event.get("cells") or ()
        if own:
            self._cell_count = len(own)
            kept = set(own)
            self._cells = {index: cell for index, cell in self._cells.items() if index in kept}
        self.ended_at = offset

    def is_settled(self, cursor: Cursor) -> bool:
        """Say whether the recorder has brought the end of the run to the store, or given the run up."""
        done = max(cursor.applied, cursor.lanes.get(self.tracking_uri, 0))
        return self.ended_at is not None and done >= self.ended_at

    def snapshot(self, cursor: Cursor, *, settled: bool) -> LiveRun:
        """Return the run as it stands; `settled` is what `is_settled` says, or that the session is gone."""
        said = (*self._warnings, *cursor.warnings.get(self.run, ()))
        in_store = cursor.runs.get(self.run)
        return LiveRun(
            run=self.run,
            name=self._name,
            experiment=self._experiment,
            kind=self._kind,
            started_ms=self._started_ms,
            status=self._status,
            ended_ms=self.ended_ms,
            reason=self._reason,
            store_run_id=in_store or self._store_run_id,
            parent=self._parent,
            cells=self._cell_count,
            cell_list=tuple(self._cells[index] for index in sorted(self._cells)),
            param_count=self._params.count,
            params=dict(self._params.entries),
            metric_count=self._metrics.count,
            metrics=dict(self._metrics.entries),
            histories={key: tuple(points) for key, points in self._histories.items()},
            dataset_count=self._datasets.count,
            datasets=tuple(self._datasets.entries.values()),
            model=self._model,
            warning_count=self._warning_count + len(cursor.warnings.get(self.run, ())),
            warnings=said[-ENTRIES_AT_MOST:],
            arrived=settled and in_store is not None,
        )

    def _put_params(self, params: dict[str, str]) -> None:
        for key, value in params.items():
            self._params.put(key, value)

    def _put_point(self, point: dict[str, Any]) -> None:
        key, value = point["key"], float(point["value"])
        self._metrics.put(key, value)
        if key in self._metrics.entries:
            history = self._histories.setdefault(key, deque(maxlen=POINTS_AT_MOST))
            history.append(LivePoint(point.get("step", 0), value, point["timestamp_ms"]))


def _kind(began: dict[str, Any]) -> str:
    tagged = began.get("tags", {}).get("nbship.kind")
    return str(tagged) if tagged else ("session" if began.get("cell") is None else "cell")


def live_cell(cell: dict[str, Any]) -> LiveCell:
    """Return what is shown of a cell execution while runs go on."""
    status = CellStatus(cell["status"])
    error = cell.get("error")
    return LiveCell(
        index=int(cell["index"]),
        status=status,
        cell_id=cell.get("cell_id"),
        execution_count=cell.get("execution_count"),
        started_ms=cell.get("started_ms", 0),
        seconds=None if status is CellStatus.RUNNING else cell.get("wall_seconds", 0.0),
        first_line=_first_line(cell.get("source", "")),
        error=f"{error['ename']}: {error['evalue']}"[:_ERROR_CHARACTERS] if error else "",
    )


def _first_line(source: str) -> str:
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    # What a tracked cell does begins below its %%track.
    telling = next((line for line in lines if not line.startswith("%%track")), lines[0] if lines else "")
    return telling[:_LINE_CHARACTERS]
