"""All that is known of one run, part by part, as a page about it shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nbship.model.cell import CellError, CellStatus
from nbship.model.codec import encode
from nbship.model.data import ColumnFingerprint
from nbship.model.profile import Profile
from nbship.model.registry import ModelVersion

__all__ = [
    "CellOutput",
    "GitState",
    "Lineage",
    "LineageNode",
    "MetricHistory",
    "Rerun",
    "RunBadges",
    "RunCell",
    "RunCells",
    "RunData",
    "RunDataset",
    "RunEnvironment",
    "RunModel",
    "SeedCall",
]


@dataclass(frozen=True, slots=True)
class CellOutput:
    """An output of a cell, as nbformat 4 has it.

    Attributes
    ----------
    output
        The output itself; where it is `omitted`, a note of a line in its place.
    omitted
        Whether it is too large for a list; ``run_output`` gives it.
    size_bytes
        Of its JSON form.
    """

    output: dict[str, Any]
    omitted: bool = False
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class RunCell:
    """One execution of one cell in the kernel of a run.

    Attributes
    ----------
    index
        Position in the kernel's ledger, from 0: the true order.
    needed
        Whether the result of the run depends on it.
    tracked
        Whether it ran inside the run, rather than before it.
    outputs
        In their order, the error that ended the cell last.
    outputs_cut
        Whether the record lacks some of its outputs: they were too large, or the cell ran again later.
    """

    index: int
    source: str
    status: CellStatus
    cell_id: str | None = None
    execution_count: int | None = None
    started_ms: int = 0
    seconds: float = 0.0
    needed: bool = False
    tracked: bool = False
    outputs: tuple[CellOutput, ...] = ()
    outputs_cut: bool = False
    error: CellError | None = None


@dataclass(frozen=True, slots=True)
class RunCells:
    """One page of the ledger of a run; `total` counts all its cells, `lacks` says why there are none."""

    cells: tuple[RunCell, ...] = ()
    total: int = 0
    offset: int = 0
    lacks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        data: dict[str, Any] = encode(self)
        return data


@dataclass(frozen=True, slots=True)
class RunDataset:
    """A dataset of a run.

    Attributes
    ----------
    name
        The name by which the cell knew it, or a path for a file.
    role
        ``variable`` or ``file``; empty where plain MLflow recorded it.
    type
        Qualified type name, e.g. ``pandas.DataFrame``.
    kind
        ``table``, ``array``, ``sparse``, ``file`` or ``folder``.
    columns, index
        With the digest of each.
    produced_by
        Ledger index of the cell that bound it; None where it is not known.
    target
        The column that the run's model learnt to predict, where the dataset has it; else empty.
    profile
        Its statistical summary; None where none was recorded.
    """

    name: str
    digest: str
    role: str = ""
    type: str = ""
    kind: str = ""
    rows: int | None = None
    shape: tuple[int, ...] = ()
    size_bytes: int = 0
    algorithm: str = ""
    weak: bool = False
    columns: tuple[ColumnFingerprint, ...] = ()
    index: tuple[ColumnFingerprint, ...] = ()
    produced_by: int | None = None
    target: str = ""
    profile: Profile | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with; the profile in that of ``nbship profile --json``."""
        return {**encode(self), "profile": None if self.profile is None else self.profile.to_dict()}


@dataclass(frozen=True, slots=True)
class RunData:
    """The datasets of a run, and what of them could not be read, in plain words."""

    datasets: tuple[RunDataset, ...] = ()
    lacks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        return {"datasets": [one.to_dict() for one in self.datasets], "lacks": list(self.lacks)}


@dataclass(frozen=True, slots=True)
class GitState:
    """The repository when the run began; `diff` is what was not committed, with secrets masked."""

    commit: str = ""
    branch: str = ""
    remote: str = ""
    dirty: bool = False
    diff: str = ""


@dataclass(frozen=True, slots=True)
class SeedCall:
    """A call that was given a seed: what was called, the seed as written, and the ledger index of the cell."""

    call: str
    value: str
    cell: int


@dataclass(frozen=True, slots=True)
class RunEnvironment:
    """Where a run ran.

    Attributes
    ----------
    python, platform
        Fact to its value, e.g. ``version``, ``implementation``; ``system``, ``machine``, ``cpus``.
    packages
        Distribution to version, as it was loaded.
    upgraded
        Distributions that were replaced on disk under the running kernel, to the version on disk.
    variables
        Environment variables with an influence, masked as recorded.
    git
        None where the run was made outside a repository.
    seeds
        The calls that were given a seed.
    random_state_used
        Generators that the run drew from.
    lacks
        What is not there or cannot be read, in plain words.
    """

    python: dict[str, Any] = field(default_factory=dict)
    platform: dict[str, Any] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    upgraded: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    git: GitState | None = None
    seeds: tuple[SeedCall, ...] = ()
    random_state_used: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        data: dict[str, Any] = encode(self)
        return data


@dataclass(frozen=True, slots=True)
class RunModel:
    """A model of a run.

    Attributes
    ----------
    name
        What the run calls it; ``runs:/RUN/NAME`` names it everywhere.
    class_name
        Qualified class name, where it was recorded.
    flavor, flavor_version
        As MLflow has them: ``sklearn``, ``xgboost`` …, or ``python_function`` alone.
    serialization
        ``skops``, ``cloudpickle`` or ``pickle``; empty for kinds that cannot be shipped.
    inputs, outputs
        The signature: one ``{"name", "type", "required"}`` a column, or ``{"type": "tensor", "tensor-spec": …}``.
    requirements
        ``name==version`` each.
    size_bytes
        Of all its files; None where they cannot be listed.
    has_example
        Whether it has an example of its input.
    target
        The column that it learnt to predict; empty where it is not known.
    importance, importance_method
        Column to its share of what matters to the model, and in plain words where the shares come from; None where that
        is not known.
    versions
        Those of it that are registered.
    shippable
        Whether ``package`` and ``serve`` take models of this kind; `obstacle` tells why not.
    """

    name: str
    class_name: str = ""
    flavor: str = ""
    flavor_version: str = ""
    serialization: str = ""
    python: str = ""
    inputs: tuple[dict[str, Any], ...] = ()
    outputs: tuple[dict[str, Any], ...] = ()
    requirements: tuple[str, ...] = ()
    size_bytes: int | None = None
    has_example: bool = False
    target: str = ""
    importance: dict[str, float] | None = None
    importance_method: str = ""
    versions: tuple[ModelVersion, ...] = ()
    shippable: bool = True
    obstacle: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        return {**encode(self), "versions": [one.to_dict() for one in self.versions]}


@dataclass(frozen=True, slots=True)
class LineageNode:
    """A thing that a run came from or led to.

    Attributes
    ----------
    id
        Unique within one lineage.
    kind
        ``file``, ``dataset``, ``run``, ``model``, ``version``, ``image`` or ``service``.
    label, detail
        What to call it, and one short line more.
    run
        Id of the run that it is, where it is one; else empty.
    """

    id: str
    kind: str
    label: str
    detail: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a run came from and led to: pairs of node ids, from the earlier to the later."""

    nodes: tuple[LineageNode, ...] = ()
    edges: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        data: dict[str, Any] = encode(self)
        return data


@dataclass(frozen=True, slots=True)
class MetricHistory:
    """The values of a metric, thinned: `total` counts them all. A value that is no finite number is None."""

    key: str
    steps: tuple[int, ...] = ()
    values: tuple[float | None, ...] = ()
    times_ms: tuple[int, ...] = ()
    total: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        data: dict[str, Any] = encode(self)
        return data


@dataclass(frozen=True, slots=True)
class RunBadges:
    """What became of a run.

    Attributes
    ----------
    packaged
        Reference of the newest image of its model; None without one.
    served
        Name of a service that answers with its model now; None without one.
    data_changed
        Whether a dataset of the same name had other content in the previous run of the same notebook; None where there
        is nothing to compare with.
    """

    packaged: str | None = None
    served: str | None = None
    data_changed: bool | None = None


@dataclass(frozen=True, slots=True)
class Rerun:
    """What is needed to run the notebook of a run again.

    Attributes
    ----------
    path
        The notebook's file, relative to the project; None where it is not there any more, several have its name, or the
        run does not say which it was.
    candidates
        Where several files of the project have its name: all of them.
    kind
        ``notebook`` (a kernel's run), ``step``, ``point``, ``sweep`` or ``pipeline``.
    parameters
        Those that the notebook declares, as `ParameterSchema.to_dict` gives them; None without a readable notebook.
    values
        Of the declared parameters in that run, as texts to be parsed by their types.
    """

    path: str | None
    kind: str
    parameters: dict[str, Any] | None = None
    values: dict[str, str] = field(default_factory=dict)
    candidates: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        data: dict[str, Any] = encode(self)
        return data
