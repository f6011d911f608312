"""The ledger: the cell executions of a kernel, in true order."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nbship.model.data import FileRecord

__all__ = ["CellError", "CellExecution", "CellStatus"]


class CellStatus(StrEnum):
    """How one execution of a cell ended."""

    RUNNING = "running"
    OK = "ok"
    ERROR = "error"
    INTERRUPTED = "interrupted"
    KILLED = "killed"
    UNOBSERVED = "unobserved"
    """It ran before nbship was loaded: the source is known, the rest is not."""


@dataclass(frozen=True, slots=True)
class CellError:
    """The exception that ended a cell; `traceback` holds the lines as shown, without ANSI colours."""

    ename: str
    evalue: str
    traceback: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CellExecution:
    """One execution of one cell.

    Attributes
    ----------
    index
        Position in the kernel's ledger, from 0.
    source
        The source as the user wrote it, with secrets masked.
    source_hash
        Digest of the normalised source (no magics line, no trailing blanks); the identity where `cell_id` is None.
    cell_id
        The front end's id; None under nbclient, papermill and the terminal.
    changed
        Name to type, of every variable that the execution bound or replaced.
    outputs
        nbformat 4 outputs, capped; `outputs_truncated` says whether something was cut.
    rng_before, rng_after
        Generator name (``random``, ``numpy``, ``torch``) to digest of its state.
    peak_memory_bytes
        Highest resident size during the execution; None where the platform cannot tell.
    """

    index: int
    source: str
    source_hash: str
    status: CellStatus
    execution_count: int | None = None
    cell_id: str | None = None
    tags: tuple[str, ...] = ()
    started_ms: int = 0
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_bytes: int | None = None
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    changed: dict[str, str] = field(default_factory=dict)
    outputs: tuple[dict[str, Any], ...] = ()
    outputs_truncated: bool = False
    error: CellError | None = None
    files_read: tuple[FileRecord, ...] = ()
    files_written: tuple[str, ...] = ()
    rng_before: dict[str, str] = field(default_factory=dict)
    rng_after: dict[str, str] = field(default_factory=dict)
