"""Cells of a kernel that does not record itself, as who executes them sees them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nbship.capture.dataflow import source_hash
from nbship.capture.outputs import plain_traceback
from nbship.model.cell import CellError, CellExecution, CellStatus
from nbship.model.step import CellState
from nbship.pipeline.execution.hiding import hidden

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["observed_cell"]

_STATUS = {
    CellState.RUNNING: CellStatus.RUNNING,
    CellState.COMPLETED: CellStatus.OK,
    CellState.FAILED: CellStatus.ERROR,
    CellState.TIMED_OUT: CellStatus.INTERRUPTED,
}
"""Every other state is `KILLED`."""


_MAX_OUTPUT_CHARACTERS = 4_000_000


def observed_cell(
    cell: Any,
    cell_id: str,
    index: int,
    state: CellState,
    *,
    started_ms: int,
    seconds: float,
    hide: Callable[[str], str],
) -> CellExecution:
    """Return what is seen of a cell from outside the kernel.

    Parameters
    ----------
    index
        Position among the executed cells.
    hide
        Takes secrets out of text.
    """
    outputs = hidden(json.loads(json.dumps(cell.outputs)), hide)
    truncated = sum(len(json.dumps(output)) for output in outputs) > _MAX_OUTPUT_CHARACTERS
    errors = [output for output in outputs if output["output_type"] == "error"]
    source = hide(cell.source)
    return CellExecution(
        index=index,
        source=source,
        source_hash=source_hash(source),
        status=_STATUS.get(state, CellStatus.KILLED),
        execution_count=cell.get("execution_count"),
        cell_id=cell_id,
        tags=tuple(map(str, cell.metadata.get("tags", ()))),
        started_ms=started_ms,
        wall_seconds=seconds,
        outputs=() if truncated else tuple(outputs),
        outputs_truncated=truncated,
        error=_error(errors[-1]) if errors else None,
    )


def _error(output: dict[str, Any]) -> CellError:
    return CellError(str(output["ename"]), str(output["evalue"]), plain_traceback(output["traceback"]))
