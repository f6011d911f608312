"""What a kernel tells the recorder, one event a line of the spool.

A session is one kernel. Its events are, in order: one `SessionOpened`; any number of `CellBegan`,
`CellExecuted`, `RunBegan`, `RunLogged` and `RunEnded`; at an orderly exit one `SessionClosed`.
A kernel that dies leaves out the end, and the recorder supplies it.

`FORMAT_VERSION` is written with every session. Adding a field with a default needs no bump: readers ignore
what they do not know. Renaming, removing or giving a field another meaning does: raise the number, and keep
a reader for the older one in `nbship.recording.journal` until no spool of that age can be left.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nbship.model.cell import CellExecution
from nbship.model.codec import decode, encode
from nbship.model.data import DatasetRecord
from nbship.model.run import RunStatus

__all__ = [
    "FORMAT_VERSION",
    "ArtifactRecord",
    "CellBegan",
    "CellExecuted",
    "Event",
    "MetricPoint",
    "ModelRecord",
    "ProcessIdentity",
    "RunBegan",
    "RunEnded",
    "RunLogged",
    "SessionClosed",
    "SessionOpened",
    "event_from_json",
    "event_to_json",
]

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process that cannot be mistaken for another: ids are reused, start times are not.

    `host` names the machine and its process namespace, since a project folder may be shared by several.
    """

    pid: int
    created: float
    host: str


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One value of a metric at one step."""

    key: str
    value: float
    timestamp_ms: int
    step: int = 0


@dataclass(frozen=True, slots=True)
class ArtifactRecord:
    """A file for the run: `path` among the run's artifacts, `blob` its name in the session's blob folder."""

    path: str
    blob: str


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A model that waits in the session's blob folder as a pickle.

    Attributes
    ----------
    blob
        Name of the pickle in the blob folder.
    variable
        Name of the variable that held the estimator.
    class_name
        Qualified class name.
    framework
        ``sklearn`` for estimators of scikit-learn or with its interface, ``python`` for anything else with `predict`.
    framework_version
        Version of the library that `framework` names, or of Python.
    signature
        MLflow's own JSON form: ``{"inputs": "[…]", "outputs": "[…]", "params": None}``; None when no input was found.
    input_example
        MLflow's ``dataframe_split`` or ``{"inputs": …}`` JSON value; None likewise.
    predictions
        What the model answered to `input_example`, as JSON values.
    requirements
        Pinned, one ``name==version`` each.
    params
        The estimator's own parameters, as text.
    """

    blob: str
    variable: str
    class_name: str
    framework: str
    framework_version: str
    signature: dict[str, Any] | None = None
    input_example: Any = None
    predictions: Any = None
    requirements: tuple[str, ...] = ()
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """A kernel began to record, or a runner that executes a notebook in a kernel.

    Attributes
    ----------
    process
        Who answers for the journal: when it dies, the recorder supplies the end.
    source
        The notebook, where it is known.
    holder
        What `process` is: ``kernel`` or ``runner``.
    output
        The executed notebook that a runner writes, absolute; empty where there is none.
    """

    session: str
    process: ProcessIdentity
    format_version: int = FORMAT_VERSION
    nbship_version: str = ""
    source: str | None = None
    project: str = ""
    holder: str = "kernel"
    output: str = ""


@dataclass(frozen=True, slots=True)
class CellBegan:
    """A cell of a run started; `cell.status` is ``running``. An end may never come."""

    cell: CellExecution


@dataclass(frozen=True, slots=True)
class CellExecuted:
    """A cell ended."""

    cell: CellExecution


@dataclass(frozen=True, slots=True)
class RunBegan:
    """A run started.

    Attributes
    ----------
    run
        32 hexadecimal digits chosen by the kernel; the store chooses its own id, and keeps this one in a tag.
    store_run_id
        The store's id, where the kernel had to create the run itself because the user's cell calls mlflow.
    parent
        `run` of the enclosing run, if any: of this session, or of the pipeline or sweep that asked for it.
    cells
        Ledger index of the tracked cell for ``%%track``; None for a session run.
    """

    run: str
    name: str
    tracking_uri: str
    experiment: str
    started_ms: int
    store_run_id: str | None = None
    parent: str | None = None
    cell: int | None = None
    artifact_root: str | None = None
    """Artifact location for the experiment when it has to be created; None leaves it to the store."""
    tags: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunLogged:
    """More of a run became known."""

    run: str
    params: dict[str, str] = field(default_factory=dict)
    metrics: tuple[MetricPoint, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    datasets: tuple[DatasetRecord, ...] = ()
    artifacts: tuple[ArtifactRecord, ...] = ()
    model: ModelRecord | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run ended. `needed` are the ledger indices that its result depends on, its own cells included."""

    run: str
    status: RunStatus
    ended_ms: int
    reason: str = ""
    cells: tuple[int, ...] = ()
    needed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """The kernel ended in good order; no run of it is open."""

    ended_ms: int


Event = SessionOpened | CellBegan | CellExecuted | RunBegan | RunLogged | RunEnded | SessionClosed

_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (SessionOpened, CellBegan, CellExecuted, RunBegan, RunLogged, RunEnded, SessionClosed)
}


def event_to_json(event: Event) -> dict[str, Any]:
    """Return the event as a JSON object; ``kind`` names its class."""
    return {"kind": type(event).__name__, **encode(event)}


def event_from_json(data: dict[str, Any]) -> Event:
    """Build the event that `event_to_json` was given.

    Raises
    ------
    ValueError
        When ``kind`` is unknown or a field does not fit.
    """
    try:
        event: Event = decode(_KINDS[data["kind"]], data)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an event of format {FORMAT_VERSION}: {error}") from error
    return event
