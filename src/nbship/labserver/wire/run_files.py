"""One run on the wire, part by part."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Annotated, Any, NotRequired
from urllib.parse import quote, urlsplit

from pydantic import Field
from typing_extensions import TypedDict

from nbship.display.graph_layout import laid_out
from nbship.display.profile_words import (
    drawn_profile,
    profile_mean,
    profile_missing,
    profile_span,
    profile_words,
)
from nbship.labserver.wire.runs import RunJson
from nbship.labserver.wire.steps import GraphLayoutJson, ParameterJson
from nbship.model.cell import CellError, CellStatus
from nbship.model.codec import encode
from nbship.model.data import ColumnFingerprint
from nbship.model.run_record import CellOutput, GitState, LineageNode, MetricHistory, RunBadges, SeedCall

if TYPE_CHECKING:
    from nbship.model.profile import ColumnProfile, Profile
    from nbship.model.run_record import Lineage, RunDataset
    from nbship.service.data_changes import DataChanges

__all__ = [
    "CellsQuery",
    "ColumnChangeJson",
    "ColumnSummaryJson",
    "DataChangesJson",
    "DataSummaryJson",
    "DatasetChangeJson",
    "LineageJson",
    "MetricsJson",
    "MetricsQuery",
    "ModelVersionJson",
    "ParametersJson",
    "RerunJson",
    "RunBadges",
    "RunCellJson",
    "RunCellsJson",
    "RunDataJson",
    "RunDatasetJson",
    "RunDetailJson",
    "RunEnvironmentJson",
    "RunModelJson",
    "RunModelsJson",
    "changes_json",
    "dataset_json",
    "lineage_json",
    "store_page",
]

_MOST_CELLS = 500
_BOX = (208.0, 44.0)
"""Width and height of a node of a lineage, in pixels."""


class RunDetailJson(RunJson):
    """A run with what its files say.

    `notebook` is the path by which the panel opens the notebook that it came from, null where that is gone or outside of
    the server's folder. `page` is the run's page in MLflow, null where the store has no web address.
    """

    artifacts: list[str]
    warnings: list[str]
    notebook: str | None
    page: str | None


class CellsQuery(TypedDict):
    """Which cells of the ledger: so many, from that index on."""

    offset: NotRequired[Annotated[int, Field(ge=0)]]
    limit: NotRequired[Annotated[int, Field(ge=1, le=_MOST_CELLS)]]


class RunCellJson(TypedDict):
    """One execution of one cell; see `nbship.model.run_record.RunCell`."""

    index: int
    source: str
    status: CellStatus
    cell_id: str | None
    execution_count: int | None
    started_ms: int
    seconds: float
    needed: bool
    tracked: bool
    outputs: list[CellOutput]
    outputs_cut: bool
    error: CellError | None


class RunCellsJson(TypedDict):
    """One page of the ledger; `total` counts all its cells, `lacks` says why there are none."""

    cells: list[RunCellJson]
    total: int
    offset: int
    lacks: list[str]


class ColumnSummaryJson(TypedDict):
    """What a profile says of a column: in words, and as shares of even bins or of levels; empty where nothing is drawn."""

    name: str
    kind: str
    dtype: str
    role: str
    missing: str
    minimum: str
    mean: str
    maximum: str
    words: str
    shares: list[float]
    edges: list[float]
    levels: list[str]


class DataSummaryJson(TypedDict):
    """What a profile says; `sampled_from` counts the rows where only some of them were summarised."""

    rows: int
    sampled_from: int | None
    notes: list[str]
    columns: list[ColumnSummaryJson]


class RunDatasetJson(TypedDict):
    """A dataset of a run; see `nbship.model.run_record.RunDataset`. Its profile travels ready to be drawn."""

    name: str
    digest: str
    role: str
    type: str
    kind: str
    rows: int | None
    shape: list[int]
    size_bytes: int
    algorithm: str
    weak: bool
    columns: list[ColumnFingerprint]
    index: list[ColumnFingerprint]
    produced_by: int | None
    target: str
    summary: DataSummaryJson | None


class RunDataJson(TypedDict):
    """The datasets of a run, and what of them could not be read, in plain words."""

    datasets: list[RunDatasetJson]
    lacks: list[str]


class ColumnChangeJson(TypedDict):
    """A column that differs; see `nbship.model.comparison.ColumnChange`."""

    name: str
    change: str
    text: str


class DatasetChangeJson(TypedDict):
    """A dataset that differs; see `nbship.model.comparison.DatasetDiff`."""

    name: str
    change: str
    text: str
    columns: list[ColumnChangeJson]


class DataChangesJson(TypedDict):
    """What of the data of a run is other than in the run before it of the same notebook; null is the first run."""

    previous: RunJson | None
    datasets: list[DatasetChangeJson]
    equal: int


class RunEnvironmentJson(TypedDict):
    """Where a run ran; see `nbship.model.run_record.RunEnvironment`."""

    python: dict[str, Any]
    platform: dict[str, Any]
    packages: dict[str, str]
    upgraded: dict[str, str]
    variables: dict[str, str]
    git: GitState | None
    seeds: list[SeedCall]
    random_state_used: list[str]
    lacks: list[str]


class ModelVersionJson(TypedDict):
    """A version of a registered model; see `nbship.model.registry.ModelVersion`."""

    name: str
    version: str
    run_id: str
    aliases: list[str]
    model: str
    uri: str


class RunModelJson(TypedDict):
    """A model of a run; see `nbship.model.run_record.RunModel`."""

    name: str
    class_name: str
    flavor: str
    flavor_version: str
    serialization: str
    python: str
    inputs: list[dict[str, Any]]
    outputs: list[dict[str, Any]]
    requirements: list[str]
    size_bytes: int | None
    has_example: bool
    target: str
    importance: dict[str, float] | None
    importance_method: str
    versions: list[ModelVersionJson]
    shippable: bool
    obstacle: str


class RunModelsJson(TypedDict):
    """The models of a run; none where it has none."""

    models: list[RunModelJson]


class LineageJson(TypedDict):
    """What a run came from and led to: pairs of node ids, from the earlier to the later; and where the nodes stand."""

    nodes: list[LineageNode]
    edges: list[tuple[str, str]]
    layout: GraphLayoutJson


class MetricsQuery(TypedDict):
    """Which metrics, separated by commas; all of them without."""

    keys: NotRequired[str]


class MetricsJson(TypedDict):
    """The values of metrics over their steps."""

    metrics: list[MetricHistory]


class ParametersJson(TypedDict):
    """The parameters of a notebook; `tagged` says whether a cell declares them."""

    tagged: bool
    parameters: list[ParameterJson]


class RerunJson(TypedDict):
    """What is needed to run a notebook again.

    `path` is the one that the panel sends and opens, null where it is not below the server's folder any more;
    `candidates` are several files of its name, of which one may be meant; `parameters` is null without a readable notebook.
    """

    path: str | None
    kind: str
    parameters: ParametersJson | None
    values: dict[str, str]
    candidates: list[str]


def dataset_json(dataset: RunDataset) -> RunDatasetJson:
    """Return a dataset with its profile ready to be drawn."""
    summary = None if dataset.profile is None else _summary(dataset.profile)
    plain = {name: value for name, value in dataset.to_dict().items() if name != "profile"}
    return {**plain, "summary": summary}  # type: ignore[typeddict-item]


def _summary(profile: Profile) -> DataSummaryJson:
    columns = [_column(column) for column in profile.columns]
    return DataSummaryJson(
        rows=profile.rows, sampled_from=profile.sampled_from, notes=list(profile.notes), columns=columns
    )


def _column(column: ColumnProfile) -> ColumnSummaryJson:
    drawn = drawn_profile(column)
    low, high = profile_span(column)
    return ColumnSummaryJson(
        name=column.name,
        kind=column.kind.value,
        dtype=column.dtype,
        role=column.role,
        missing=profile_missing(column),
        minimum=low,
        mean=profile_mean(column),
        maximum=high,
        words=profile_words(column),
        shares=[] if drawn is None else encode(drawn.current),
        edges=[] if drawn is None else encode(drawn.edges),
        levels=[] if drawn is None else encode(drawn.levels),
    )


def changes_json(changes: DataChanges) -> DataChangesJson:
    """Return what changed in words; the comparison of two runs has the distributions."""
    datasets = [
        DatasetChangeJson(
            name=one.name,
            change=one.change,
            text=one.text,
            columns=[{"name": each.name, "change": each.change, "text": each.text} for each in one.columns],
        )
        for one in changes.datasets
    ]
    previous = None if changes.previous is None else changes.previous.to_dict()
    return {"previous": previous, "datasets": datasets, "equal": changes.equal}  # type: ignore[typeddict-item]


def lineage_json(lineage: Lineage) -> LineageJson:
    """Return a lineage with where its nodes stand: from left to right, the earlier first."""
    ordered = _earlier_first(lineage)
    number = {node.id: index for index, node in enumerate(ordered)}
    known = [(start, end) for start, end in lineage.edges if start in number and end in number]
    pairs = tuple((number[start], number[end]) for start, end in known)
    found = laid_out((_BOX[0],) * len(ordered), pairs, _BOX[1])
    layout = GraphLayoutJson(
        width=found.width,
        height=found.height,
        boxes=list(found.boxes),
        edges=[{"start": start, "end": end, "points": list(points)} for start, end, points in found.edges],
    )
    return LineageJson(nodes=ordered, edges=known, layout=layout)


def _earlier_first(lineage: Lineage) -> list[LineageNode]:
    nodes = {node.id: node for node in lineage.nodes}
    sorter = TopologicalSorter(dict.fromkeys(nodes, ()))
    for start, end in lineage.edges:
        sorter.add(end, start)
    try:
        return [nodes[name] for name in sorter.static_order() if name in nodes]
    except CycleError:  # tags can be written by anybody; what leads back is not drawn then
        return list(lineage.nodes)


def store_page(tracking_uri: str, run: str) -> str | None:
    """Return the address of a run's page in MLflow, without who signs in; None for a store that is no web server."""
    address = urlsplit(tracking_uri)
    if address.scheme not in ("http", "https"):
        return None
    host = address.netloc.rpartition("@")[2]
    return f"{address.scheme}://{host}{address.path.rstrip('/')}/#/runs/{quote(run, safe='')}"
