"""Which steps of a pipeline are to run, and whether what they need is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import UsageError
from nbship.pipeline.definition.graph import nearest

if TYPE_CHECKING:
    from nbship.model.pipeline import Pipeline, PipelineStep

__all__ = ["check_inputs", "chosen_steps"]


def chosen_steps(pipeline: Pipeline, selected: frozenset[str] | None) -> tuple[PipelineStep, ...]:
    """Return the selected steps in the pipeline's order; all of them for None.

    Raises
    ------
    UsageError
        When a name is no step's.
    """
    names = [step.name for step in pipeline.steps]
    for name in sorted(selected or ()):
        if name not in names:
            raise UsageError(f"pipeline {pipeline.name} has no step {name!r}. {nearest(name, names)}")
    return tuple(step for step in pipeline.steps if selected is None or step.name in selected)


def check_inputs(pipeline: Pipeline, steps: tuple[PipelineStep, ...]) -> None:
    """Look for the inputs that none of `steps` makes.

    Raises
    ------
    UsageError
        When one is not on the disk; the message says which step makes it.
    """
    made = {name for step in steps for name in step.outputs}
    outputs = {name: path for step in pipeline.steps for name, path in step.outputs.items()}
    for step in steps:
        for name in step.inputs:
            path = {**pipeline.sources, **outputs}.get(name)
            if path is None:
                raise UsageError(f"step {step.name} wants {name!r}, which no step makes and no source names")
            if name not in made and not (Path(pipeline.folder) / path).exists():
                raise UsageError(_missing(pipeline, step, name, path))


def _missing(pipeline: Pipeline, step: PipelineStep, name: str, path: str) -> str:
    maker = pipeline.maker(name)
    if maker is None:
        return f"step {step.name} needs {name} from {path}, and there is no such file in {pipeline.folder}"
    return (
        f"step {step.name} needs {name} from {path}, which is not there yet. "
        f"Step {maker} makes it: run it too, or the whole pipeline."
    )
