"""Pipelines before they run: which there are, and what each is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbship.model.parameter import ParameterSchema
from nbship.model.pipeline_outline import FoundPipelines, PipelineOutline, StepOutline
from nbship.pipeline.definition import search
from nbship.pipeline.definition.loading import load_pipeline
from nbship.pipeline.parameters.declared import read_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbship.model.pipeline import Pipeline, PipelineStep

__all__ = ["find_pipelines", "pipeline_outline"]


def find_pipelines(folder: Path) -> FoundPipelines:
    """Return the pipelines below a folder: ``pipeline.toml`` files, and notebooks with cells tagged ``step:NAME``."""
    return search.find_pipelines(folder)


def pipeline_outline(path: str) -> PipelineOutline:
    """Return what a pipeline is made of.

    Raises
    ------
    UsageError
        When the definition is wrong in any way that can be told before running.
    """
    pipeline = load_pipeline(Path(path))
    users = _users(Path(pipeline.path))
    return PipelineOutline(
        pipeline.name,
        str(Path(pipeline.path).absolute()),
        pipeline.description,
        tuple(_step(pipeline, step, users) for step in pipeline.steps),
        pipeline.edges,
    )


def _users(path: Path) -> dict[str, tuple[str, ...]] | None:
    """Return parameter to the steps that take it; None where each step has a notebook of its own."""
    from nbship.pipeline.definition.tagged import parameter_users

    return parameter_users(path) if path.suffix == ".ipynb" else None


def _step(pipeline: Pipeline, step: PipelineStep, users: Mapping[str, tuple[str, ...]] | None) -> StepOutline:
    schema = read_parameters(step.content)
    artifacts = {*step.inputs, *step.outputs}
    free = tuple(
        parameter
        for parameter in schema.parameters
        if parameter.name not in artifacts and (users is None or step.name in users.get(parameter.name, ()))
    )
    names = {parameter.name for parameter in free}
    return StepOutline(
        name=step.name,
        notebook=str((Path(pipeline.folder) / step.notebook).absolute()),
        parameters=ParameterSchema(free, schema.tagged),
        given={name: value for name, value in step.parameters.items() if name in names},
        inputs=step.inputs,
        outputs=step.outputs,
        needs=pipeline.dependencies(step),
    )
