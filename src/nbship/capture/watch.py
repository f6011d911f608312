"""Watching single cells: what went in, what came out, what it cost."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbship.capture.dataflow import CellFlow, analyse, source_hash
from nbship.capture.datasets import file_records, with_native_reads
from nbship.capture.files import FileWatch, OpenedFiles
from nbship.capture.outputs import collect_outputs, plain_traceback
from nbship.capture.resources import Meter
from nbship.capture.rng import digest_rng
from nbship.capture.secrets import Masker, is_secret_name
from nbship.model.cell import CellError, CellExecution, CellStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["CellIdentity", "CellOutcome", "CellWatch", "EndedCell", "WatchedCell", "error_text"]


@dataclass(frozen=True, slots=True)
class CellIdentity:
    """What the front end says about a cell that is about to run."""

    execution_count: int | None = None
    cell_id: str | None = None
    tags: tuple[str, ...] = ()
    deleted_cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CellOutcome:
    """How a cell ended: exception, traceback lines as shown, IPython's recorded outputs, value of a last expression."""

    error: BaseException | None = None
    traceback: tuple[str, ...] = ()
    outputs: tuple[Any, ...] = ()
    value: Any = None


@dataclass(frozen=True, slots=True)
class WatchedCell:
    """A cell that runs now; `execution` is its record so far, `before` the identity of every variable."""

    execution: CellExecution
    flow: CellFlow
    before: Mapping[str, int]
    masked: int


@dataclass(frozen=True, slots=True)
class EndedCell:
    """A cell that has ended, with what is not part of its record."""

    execution: CellExecution
    flow: CellFlow
    outcome: CellOutcome
    opened: OpenedFiles
    masked: int

    @property
    def ok(self) -> bool:
        """Whether the cell ran to its end."""
        return self.execution.status is CellStatus.OK


@dataclass(slots=True)
class CellWatch:
    """Measures one cell at a time in a namespace that it only reads."""

    namespace: Mapping[str, Any]
    masker: Masker
    hidden_names: frozenset[str] = frozenset()
    _meter: Meter = field(default_factory=Meter)
    _files: FileWatch = field(default_factory=FileWatch)

    def begin(self, identity: CellIdentity, source: str, python: str, index: int) -> WatchedCell:
        """Start to watch; `python` is `source` as IPython executes it, `index` its place in the ledger."""
        masked = self.masker.mask(source)
        flow = analyse(python)
        execution = CellExecution(
            index=index,
            source=masked.text,
            source_hash=source_hash(source),
            status=CellStatus.RUNNING,
            execution_count=identity.execution_count,
            cell_id=identity.cell_id,
            tags=identity.tags,
            started_ms=int(time.time() * 1000),
            reads=tuple(sorted(flow.reads)),
            writes=tuple(sorted(flow.writes)),
            rng_before=digest_rng(),
        )
        watched = WatchedCell(execution, flow, self._identities(), sum(masked.kinds.values()))
        self._files.start()
        self._meter.start()
        return watched

    def restart_meter(self) -> None:
        """Leave out of the measures what nbship itself did since `begin`."""
        self._meter.start()

    def end(self, cell: WatchedCell, outcome: CellOutcome, project: Path) -> EndedCell:
        """Stop watching and return the whole record."""
        usage = self._meter.stop()
        opened = with_native_reads(self._files.stop(), cell.flow, self.namespace)
        changed = self._changed(cell.before)
        self._learn_secrets(changed)
        begun = cell.execution
        outputs, truncated = collect_outputs(outcome.outputs, begun.execution_count, masker=self.masker)
        execution = CellExecution(
            index=begun.index,
            source=begun.source,
            source_hash=begun.source_hash,
            status=_status(outcome.error),
            execution_count=begun.execution_count,
            cell_id=begun.cell_id,
            tags=begun.tags,
            started_ms=begun.started_ms,
            wall_seconds=usage.wall_seconds,
            cpu_seconds=usage.cpu_seconds,
            peak_memory_bytes=usage.peak_memory_bytes,
            reads=begun.reads,
            writes=begun.writes,
            changed=changed,
            outputs=outputs,
            outputs_truncated=truncated,
            error=_cell_error(outcome, self.masker),
            files_read=file_records(opened, project),
            files_written=tuple(str(path) for path in opened.written),
            rng_before=begun.rng_before,
            rng_after=digest_rng(),
        )
        return EndedCell(execution, cell.flow, outcome, opened, cell.masked)

    def _identities(self) -> dict[str, int]:
        return {name: id(value) for name, value in list(self.namespace.items()) if self._is_users(name)}

    def _is_users(self, name: str) -> bool:
        return not name.startswith("_") and name not in self.hidden_names

    def _changed(self, before: Mapping[str, int]) -> dict[str, str]:
        """Name to type of what was bound anew. Identity suffices: the source adds what a reused address hides."""
        items = list(self.namespace.items())
        return {
            name: _type_name(value)
            for name, value in items
            if self._is_users(name) and before.get(name) != id(value)
        }

    def _learn_secrets(self, changed: Mapping[str, str]) -> None:
        for name in changed:
            if is_secret_name(name):
                self.masker.learn(name, self.namespace[name])


def _type_name(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _status(error: BaseException | None) -> CellStatus:
    if error is None:
        return CellStatus.OK
    return CellStatus.INTERRUPTED if isinstance(error, KeyboardInterrupt) else CellStatus.ERROR


def _cell_error(outcome: CellOutcome, masker: Masker) -> CellError | None:
    error = outcome.error
    if error is None:
        return None
    lines = tuple(masker.mask(line, python=False).text for line in plain_traceback(outcome.traceback))
    return CellError(type(error).__name__, masker.mask(error_text(error), python=False).text, lines)


def error_text(error: BaseException) -> str:
    """Return the message of an exception of the user's, whose own `__str__` may fail."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the code is the user's
        return "(its message cannot be shown)"
