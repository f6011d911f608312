"""Parameters, steps, sweeps and pipelines on the wire."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

__all__ = [
    "ConvertBody",
    "FoundPipelineJson",
    "FoundPipelinesJson",
    "GraphEdgeJson",
    "GraphLayoutJson",
    "JobGraphJson",
    "JobRequestJson",
    "NotebookFileQuery",
    "NotebookParametersJson",
    "ParameterJson",
    "PipelineBody",
    "PipelineGraphJson",
    "PipelineStepJson",
    "ProposalJson",
    "StepBody",
    "SweepBody",
    "SweepPointsJson",
]


class NotebookFileQuery(TypedDict):
    """A notebook or a pipeline, by its path relative to the server's folder."""

    file: str


class ConvertBody(TypedDict):
    """The notebook that is to get a parameters cell."""

    file: str


class ParameterJson(TypedDict):
    """A parameter: `type` in words, `kind` for programs, `schema` as JSON Schema; `default` is left out where JSON has none."""

    name: str
    type: str
    kind: str
    default: NotRequired[Any]
    default_source: str
    required: bool
    help: str
    annotation: str
    inferred: bool
    secret: bool
    cell: int
    line: int
    schema: dict[str, Any]


class ProposalJson(TypedDict):
    """A parameters cell that a notebook could get; `diff` says what changes, cell by cell."""

    names: list[str]
    cell_source: str
    diff: str


class NotebookParametersJson(TypedDict):
    """What a notebook declares.

    Where no cell is tagged ``parameters``, `proposal` is the cell that it could get; null where there is none, and
    `reason` says why.
    """

    file: str
    tagged: bool
    parameters: list[ParameterJson]
    proposal: ProposalJson | None
    reason: str


class FoundPipelineJson(TypedDict):
    """A file that defines a pipeline; `kind` is ``toml`` or ``notebook``, `problem` says why it cannot be read."""

    file: str
    name: str
    kind: str
    steps: list[str]
    problem: str


class FoundPipelinesJson(TypedDict):
    """The pipelines of the project; `complete` is false where it is too large to be looked through."""

    pipelines: list[FoundPipelineJson]
    complete: bool


class GraphEdgeJson(TypedDict):
    """An edge: the numbers of its steps, and the points that it runs through, two a passage."""

    start: int
    end: int
    points: list[tuple[float, float]]


class GraphLayoutJson(TypedDict):
    """Where the steps stand, in pixels: left, top, width and height of each box, in the order of the steps."""

    width: float
    height: float
    boxes: list[tuple[float, float, float, float]]
    edges: list[GraphEdgeJson]


class PipelineStepJson(TypedDict):
    """A step before it runs; `notebook` is the path to open it by, `given` what the definition sets."""

    name: str
    notebook: str | None
    inputs: list[str]
    outputs: dict[str, str]
    needs: list[str]
    given: dict[str, Any]
    parameters: list[ParameterJson]


class PipelineGraphJson(TypedDict):
    """A pipeline before it runs; `edges` are pairs of step names, from maker to user."""

    file: str
    name: str
    description: str
    steps: list[PipelineStepJson]
    edges: list[tuple[str, str]]
    layout: GraphLayoutJson


class JobGraphJson(TypedDict):
    """How the steps of a pipeline that runs or ran are laid out, in the order of its report."""

    steps: list[str]
    layout: GraphLayoutJson


class JobRequestJson(TypedDict):
    """The body that a job was started with, without secrets; null for a job that keeps none."""

    request: dict[str, Any] | None


class StepBody(TypedDict):
    """A notebook to run; `secrets` are never written down, `output` and `notebook` are paths below the server's folder."""

    notebook: str
    parameters: NotRequired[dict[str, Any]]
    secrets: NotRequired[dict[str, str]]
    name: NotRequired[str | None]
    output: NotRequired[str | None]
    timeout: NotRequired[float | None]


class SweepBody(TypedDict):
    """A notebook to run once for each point.

    Values of `grid` are a list, or a range as text with `random`; `resume` keeps the points that completed before.
    """

    notebook: str
    grid: dict[str, list[Any] | str]
    parameters: NotRequired[dict[str, Any]]
    secrets: NotRequired[dict[str, str]]
    metric: NotRequired[str | None]
    maximize: NotRequired[bool]
    random: NotRequired[int | None]
    seed: NotRequired[int | None]
    resume: NotRequired[bool]
    workers: NotRequired[int | None]


class SweepPointsJson(TypedDict):
    """The first points of a sweep, and how many there are."""

    points: list[dict[str, Any]]
    total: int


class PipelineBody(TypedDict):
    """A pipeline to run; `parameters` are by step, `only` names steps, `start` one with all behind it."""

    file: str
    parameters: NotRequired[dict[str, dict[str, Any]]]
    only: NotRequired[list[str]]
    start: NotRequired[str | None]
    force: NotRequired[bool]
    resume: NotRequired[bool]
    workers: NotRequired[int | None]
