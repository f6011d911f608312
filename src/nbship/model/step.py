"""A step: one parameterized execution of a notebook, asked for and answered.

`StepRequest` and `StepResult` cross processes and machines, so they hold nothing but plain data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nbship.model.codec import encode
from nbship.model.data import FileRecord
from nbship.model.event import ProcessIdentity, SessionOpened

__all__ = [
    "CellState",
    "CellTiming",
    "RunTicket",
    "StepFailure",
    "StepProgress",
    "StepRequest",
    "StepResult",
    "StepState",
]


class CellState(StrEnum):
    """How far a cell of an executed notebook came; papermill's words where papermill has one."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    KILLED = "killed"
    NOT_RUN = "not run"
    SKIPPED = "skipped"
    """It carries the tag ``skip``."""


class StepState(StrEnum):
    """How a step stands."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETED = "completed"
    CACHED = "cached"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    KILLED = "killed"
    NOT_RUN = "not run"
    """Something before it failed, or it was cancelled before it began."""

    @property
    def succeeded(self) -> bool:
        """Whether what the step makes is there."""
        return self in (StepState.COMPLETED, StepState.CACHED)

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self not in (StepState.WAITING, StepState.RUNNING)


@dataclass(frozen=True, slots=True)
class CellTiming:
    """One code cell of an executed notebook; `index` is its position among all cells."""

    index: int
    state: CellState
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class StepFailure:
    """Why a step did not complete.

    Attributes
    ----------
    kind
        ``exception``, ``timeout``, ``dead kernel``, ``interrupted``, ``lost worker``, ``start``,
        ``output`` (the executed notebook could not be written) or ``missing output`` (what it should have made).
    message
        One line, e.g. ``ValueError: no rows``.
    cell
        Position of the cell among all cells of the executed notebook; None where none was running.
    source
        The cell's source.
    traceback
        Lines as Python shows them, without ANSI colours.
    """

    kind: str
    message: str
    cell: int | None = None
    execution_count: int | None = None
    source: str = ""
    traceback: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunTicket:
    """Where a run is to be recorded: chosen by who asks, before anything runs.

    Attributes
    ----------
    spool
        The spool folder.
    session
        Name of the session's folder in it: one journal an execution.
    holder
        The process that answers for the journal: when it dies, the recorder supplies the end.
    run
        The run's own id, 32 hexadecimal digits; the store chooses another.
    parent
        `run` of the enclosing pipeline or sweep, in a journal of its own.
    """

    spool: str
    session: str
    holder: ProcessIdentity
    run: str
    name: str
    tracking_uri: str
    experiment: str
    project: str
    artifact_root: str | None = None
    parent: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    source: str | None = None

    def opening(self, nbship_version: str, output: str = "") -> SessionOpened:
        """Return the first event of the journal; `output` is the executed notebook's file."""
        return SessionOpened(
            session=self.session,
            process=self.holder,
            nbship_version=nbship_version,
            source=self.source,
            project=self.project,
            holder="runner",
            output=output,
        )


@dataclass(frozen=True, slots=True)
class StepRequest:
    """What to execute, and how.

    Attributes
    ----------
    name
        What messages call the step.
    notebook
        The notebook in nbformat 4 JSON, as read; parameters are not injected yet.
    input_path, output_path
        As the executed notebook shall name them, and where it goes: a local path, any scheme of papermill, ``-`` or
        None for nowhere.
    parameters
        Resolved values by name, injected as Python (or the kernel's language).
    secrets
        Values of `Secret` parameters; they reach the kernel through its environment and nothing else.
    cwd
        The kernel's current folder; None for this process's own.
    kernel_name
        None takes the notebook's own.
    timeout_seconds
        For the whole step, None without bound.
    cell_timeout_seconds
        For each cell, None without bound.
    environment
        Environment variables that are added to those of the process that runs the step.
    warm
        False starts a fresh interpreter.
    ticket
        Where the run is recorded; None records nothing.
    report_mode
        Hide the code in the executed notebook.
    expects
        Files or folders that must be there at the end, relative to `cwd`; a notebook that did not write them has failed.
    capture
        False leaves the record to the runner: parameters, states and the notebook, no look into the kernel.
    injected
        The parameters stand in the notebook already; they are given for the record.
    """

    name: str
    notebook: dict[str, Any]
    input_path: str = ""
    output_path: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    cwd: str | None = None
    kernel_name: str | None = None
    language: str | None = None
    timeout_seconds: float | None = None
    cell_timeout_seconds: float | None = None
    start_timeout_seconds: float = 60.0
    environment: dict[str, str] = field(default_factory=dict)
    warm: bool = True
    ticket: RunTicket | None = None
    capture: bool = True
    injected: bool = False
    report_mode: bool = False
    expects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepResult:
    """How a step went.

    Attributes
    ----------
    parameters
        Name to the text that the run shows; secrets as ``***``.
    metrics
        The newest value of each metric that the kernel's record holds.
    files_read
        The files that the step really opened, with digests.
    modules
        Local modules that the step imported: path to digest.
    distributions
        Installed packages that the step loaded: name to version.
    seconds
        From the request to the end of the last cell.
    run
        The run's own id, None where nothing was recorded.
    """

    name: str
    state: StepState
    seconds: float = 0.0
    failure: StepFailure | None = None
    cells: tuple[CellTiming, ...] = ()
    output_path: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    files_read: tuple[FileRecord, ...] = ()
    modules: dict[str, str] = field(default_factory=dict)
    distributions: dict[str, str] = field(default_factory=dict)
    run: str | None = None
    warm: bool = False
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        return dict(encode(self))


@dataclass(frozen=True, slots=True)
class StepProgress:
    """A step has just begun a cell: `done` of `total` code cells have ended after `seconds`; `heading` is its first line."""

    step: str
    done: int
    total: int
    seconds: float
    heading: str = ""
