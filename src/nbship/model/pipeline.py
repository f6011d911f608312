"""Pipelines and sweeps: what is to run, and how it went."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nbship.model.codec import encode
from nbship.model.step import StepFailure, StepProgress, StepState

__all__ = ["Pipeline", "PipelineReport", "PipelineStep", "StepReport", "SweepPoint", "SweepReport"]


@dataclass(frozen=True, slots=True)
class PipelineStep:
    """One step of a pipeline.

    Attributes
    ----------
    notebook
        Path of the notebook, relative to the pipeline's folder.
    content
        The step's own notebook in nbformat 4 JSON: the file's, or for a tagged notebook the cells of this step
        between those that load and save what crosses its borders.
    parameters
        Values of the notebook's parameters.
    inputs
        Names of artifacts that other steps make, or of parameters of `Pipeline.sources`.
    outputs
        Artifact name to its path, relative to the pipeline's folder; a folder for variables that cross a border.
    after
        Steps that must have completed before, besides those that make the inputs.
    retries, retry_wait_seconds
        How often to try again, and how long to wait before the first time; each wait is twice the one before.
    timeout_seconds, cell_timeout_seconds
        None without bound.
    resources
        Abstract resources that one execution holds, e.g. ``{"GPU": 1}``; for executors that know them.
    cache
        False runs the step every time.
    variables
        For a tagged notebook: names of the variables among `inputs` and `outputs`, all of them.
    """

    name: str
    notebook: str
    content: dict[str, Any]
    parameters: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    outputs: dict[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    retries: int = 0
    retry_wait_seconds: float = 1.0
    timeout_seconds: float | None = None
    cell_timeout_seconds: float | None = None
    resources: dict[str, float] = field(default_factory=dict)
    cache: bool = True
    kernel_name: str | None = None
    secrets: dict[str, str] = field(default_factory=dict)
    """Name of a `Secret` parameter to its value, which goes into the kernel's environment only."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A DAG of steps.

    Attributes
    ----------
    path
        The file that defines it: ``pipeline.toml`` or a notebook.
    folder
        What relative paths start from, and where the steps run.
    steps
        In an order that respects the dependencies, and the file's where those leave a choice.
    sources
        Artifact name to path of the inputs that no step makes, relative to `folder`.
    """

    name: str
    path: str
    folder: str
    steps: tuple[PipelineStep, ...]
    sources: dict[str, str] = field(default_factory=dict)
    description: str = ""

    def maker(self, artifact: str) -> str | None:
        """Return the name of the step that makes an artifact; None for a source."""
        return next((step.name for step in self.steps if artifact in step.outputs), None)

    def dependencies(self, step: PipelineStep) -> tuple[str, ...]:
        """Return the names of the steps that must have completed before `step`, each once, in order."""
        makers = (self.maker(artifact) for artifact in step.inputs)
        return tuple(dict.fromkeys([name for name in makers if name is not None] + list(step.after)))

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """Pairs of step names, from the one that comes before to the one that needs it."""
        return tuple((before, step.name) for step in self.steps for before in self.dependencies(step))


@dataclass(frozen=True, slots=True)
class StepReport:
    """How a step of a pipeline stands.

    Attributes
    ----------
    reason
        Why it ran, or why it did not: ``nothing changed``, ``clean.py changed``, ``step train failed`` …
    attempts
        How often it was started.
    run
        The run's own id; for a cached step, of the run that made its outputs.
    outputs
        Artifact name to content digest.
    """

    name: str
    state: StepState = StepState.WAITING
    reason: str = ""
    seconds: float = 0.0
    attempts: int = 0
    metrics: dict[str, float] = field(default_factory=dict)
    run: str | None = None
    output_path: str | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    failure: StepFailure | None = None
    progress: StepProgress | None = None


@dataclass(frozen=True, slots=True)
class PipelineReport:
    """How a pipeline stands; a new one is made at every change.

    `edges` are pairs of step names, from maker to user.
    """

    name: str
    path: str
    steps: tuple[StepReport, ...]
    edges: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    run: str | None = None
    interrupted: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether every step's outputs are there."""
        return all(step.state.succeeded for step in self.steps)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        return {**encode(self), "succeeded": self.succeeded}


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """One point of a sweep: its parameters and how its step stands."""

    index: int
    params: dict[str, Any]
    state: StepState = StepState.WAITING
    metrics: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    run: str | None = None
    output_path: str | None = None
    failure: StepFailure | None = None
    progress: StepProgress | None = None
    resumed: bool = False
    """The result is of an earlier sweep."""


@dataclass(frozen=True, slots=True)
class SweepReport:
    """How a sweep stands; a new one is made at every change.

    `best` is the index of the point with the best value of `metric`, None while there is none.
    """

    name: str
    notebook: str
    points: tuple[SweepPoint, ...]
    metric: str | None = None
    maximize: bool = True
    best: int | None = None
    seconds: float = 0.0
    run: str | None = None
    interrupted: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether every point completed."""
        return all(point.state.succeeded for point in self.points)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        points = [{**encode(point), "params": encode(_plain(point.params))} for point in self.points]
        return {**encode(self), "points": points, "succeeded": self.succeeded}


def _plain(params: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as JSON types; what JSON has no type for as text."""
    kinds = (bool, int, float, str, type(None))
    return {name: value if isinstance(value, kinds) else str(value) for name, value in params.items()}
