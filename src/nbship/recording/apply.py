"""What each event of a run means for the store."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbship.model.codec import encode
from nbship.model.event import RunBegan, RunEnded, RunLogged
from nbship.model.run import RunStatus
from nbship.recording.models import remember_pickle
from nbship.recording.notebook import ledger_to_html, ledger_to_notebook, newest_and_needed
from nbship.store.needed_code import CODE_TAG, code_version, needed_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.model.cell import CellExecution
    from nbship.recording.session import RunMemory, Session, Task
    from nbship.store.mlflow import StoreWriter

__all__ = ["LEDGER_VERSION", "apply_task"]

LEDGER_VERSION = 1
"""Format of ``nbship/ledger.json`` and ``nbship/data.json``; raise it when a field changes its meaning or goes."""


def apply_task(
    writer: StoreWriter,
    task: Task,
    *,
    in_doubt: bool,
    store_id: Callable[[str], str | None] = lambda _: None,
) -> None:
    """Bring one event to the store.

    Parameters
    ----------
    writer
        The store of the run.
    task
        The event and its session.
    in_doubt
        An earlier attempt may have come through in part, so whatever must not exist twice is looked up first.
    store_id
        Returns the store's id of a run of another session, by its own; None when it is not known here.

    Raises
    ------
    RefusedError, StoreError
        As the store answers; after a `StoreError` the same task can be applied again.
    """
    session, event = task.session, task.event
    if isinstance(event, RunBegan):
        parent = _parent(writer, session, event, store_id)
        created, warnings = writer.begin(event, parent_id=parent, in_doubt=in_doubt)
        session.cursor.runs[event.run] = created
        session.cursor.warn(event.run, warnings)
        return
    run_id = session.cursor.runs.get(event.run)
    if run_id is None:
        session.cursor.lost.append(
            f"{type(event).__name__} of run {event.run}, which the store refused to create"
        )
    elif isinstance(event, RunLogged):
        warnings = writer.log(run_id, event, session.blobs, in_doubt=in_doubt)
        session.cursor.warn(event.run, warnings)
        if event.model is not None and session.is_alive() is not None:
            remember_pickle(session.blobs / event.model.blob, run_id, event.model.class_name)
    else:
        _end(writer, session, event, run_id, session.cells_until(task.end))


def _parent(
    writer: StoreWriter, session: Session, event: RunBegan, store_id: Callable[[str], str | None]
) -> str | None:
    """Return the store's id of the enclosing run, which began before: here, in another session, or long ago."""
    if not event.parent:
        return None
    known = session.cursor.runs.get(event.parent) or store_id(event.parent)
    found = known or writer.find_run(event.experiment, event.parent)
    if found is None:
        session.cursor.warn(event.run, (f"its parent run {event.parent} is not in the store",))
    return found


def _end(
    writer: StoreWriter, session: Session, event: RunEnded, run_id: str, ledger: tuple[CellExecution, ...]
) -> None:
    memory = session.runs[event.run]
    cut = max(event.cells, default=ledger[-1].index if ledger else 0)
    ledger = tuple(cell for cell in ledger if cell.index <= cut)
    lineage, warnings = writer.find_lineage(run_id, memory.began.started_ms, memory.datasets)
    session.cursor.warn(event.run, warnings)
    record = _ledger_record(ledger, event)
    session.cursor.warn(event.run, writer.put_files(run_id, _documents(ledger, event, memory, record)))
    said = [*memory.warnings, *session.cursor.warnings.get(event.run, ())]
    if said:
        writer.put_files(run_id, {"nbship/warnings.json": _json(said)})
    tags = {"nbship.warnings": str(len(said))} | ({"nbship.reason": event.reason} if event.reason else {})
    cells = needed_code(record)
    if cells:
        tags[CODE_TAG] = code_version(cells)
    if lineage:
        tags["nbship.lineage"] = json.dumps(lineage)
    writer.end(run_id, RunStatus(event.status), event.ended_ms, tags)
    memory.datasets.clear()  # a kernel may live for weeks


def _ledger_record(ledger: tuple[CellExecution, ...], event: RunEnded) -> dict[str, Any]:
    return {
        "version": LEDGER_VERSION,
        "cells": list(event.cells),
        "needed": list(event.needed),
        "reason": event.reason,
        "executions": encode(_without_superseded_outputs(ledger, event.needed or event.cells)),
    }


def _documents(
    ledger: tuple[CellExecution, ...], event: RunEnded, memory: RunMemory, record: dict[str, Any]
) -> dict[str, bytes]:
    """Return the files that tell how the run came about."""
    notebook = ledger_to_notebook(ledger, event.needed or event.cells, title=memory.began.name)
    files = {"nbship/ledger.json": _json(record), "notebook.ipynb": _json(notebook)}
    html = ledger_to_html(notebook, title=memory.began.name)
    if html is not None:
        files["notebook.html"] = html.encode("utf-8", "replace")
    if memory.datasets:
        files["nbship/data.json"] = _json({"version": LEDGER_VERSION, "datasets": encode(memory.datasets)})
    return files


def _without_superseded_outputs(
    ledger: tuple[CellExecution, ...], needed: tuple[int, ...]
) -> tuple[CellExecution, ...]:
    """Leave out the outputs of executions that the run does not show: each run holds the whole ledger again."""
    shown = {cell.index for cell in newest_and_needed(ledger, needed)}
    return tuple(
        cell if cell.index in shown else replace(cell, outputs=(), outputs_truncated=bool(cell.outputs))
        for cell in ledger
    )


def _json(data: object) -> bytes:
    return json.dumps(data, indent=1).encode("ascii")
