"""The executed notebook of a runner that died: what it claims must be true all the same."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from typing import TYPE_CHECKING, Any

from nbship.model.cell import CellStatus
from nbship.model.step import CellState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nbship.model.cell import CellExecution

__all__ = ["mark_dead", "replace_file"]

_STATES = {
    CellStatus.OK: CellState.COMPLETED,
    CellStatus.ERROR: CellState.FAILED,
    CellStatus.INTERRUPTED: CellState.KILLED,
    CellStatus.KILLED: CellState.KILLED,
    CellStatus.RUNNING: CellState.KILLED,
    CellStatus.UNOBSERVED: CellState.KILLED,
}


def mark_dead(path: Path, executions: Iterable[CellExecution] = ()) -> bool:
    """Bring an executed notebook to what the journal says, and mark what was to come as not run; say if it was changed.

    A notebook that has ended, and a file that is none, are left as they are.

    Parameters
    ----------
    path
        The notebook, last saved at some time before the death.
    executions
        The cells that ran, in order; they are the executed cells of the notebook, one after another.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        record = notebook["metadata"]["papermill"]
        tracked = [(i, cell) for i, cell in enumerate(notebook["cells"]) if "status" in _record_of(cell)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    if record.get("end_time") is not None:
        return False
    ran = {execution.cell_id: execution for execution in executions if execution.cell_id}
    for position, cell in tracked:
        _mark(cell, ran.get(cell.get("id") or f"#{position}"))
    record["exception"] = True
    replace_file(path, json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    return True


def _record_of(cell: dict[str, Any]) -> dict[str, Any]:
    return dict(cell["metadata"].get("papermill") or {})


def _mark(cell: dict[str, Any], execution: CellExecution | None) -> None:
    record = cell["metadata"]["papermill"]
    if execution is not None:
        state = _STATES[execution.status]
        record.update(status=state.value, exception=state is not CellState.COMPLETED)
        record["duration"] = execution.wall_seconds
        if execution.outputs and not cell.get("outputs"):
            cell["outputs"] = list(execution.outputs)
            cell["execution_count"] = execution.execution_count
    elif record["status"] == CellState.RUNNING:
        record.update(status=CellState.KILLED.value, exception=True)
    elif record["status"] == CellState.PENDING:
        record["status"] = CellState.NOT_RUN.value


def replace_file(path: Path, text: str) -> int:
    """Write a file in one step: a reader sees the old text or the new, never a part. Return the bytes written.

    A link stays a link, permissions stay as they are, and what is no file, such as ``/dev/null``, is written to.
    """
    data = text.encode("utf-8", "surrogatepass")
    target = path.resolve()
    if target.exists() and not target.is_file():
        target.write_bytes(data)
        return len(data)
    temporary = target.with_name(f".nbship-{os.getpid()}-{uuid.uuid4().hex[:8]}")
    try:
        temporary.write_bytes(data)
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return len(data)
