"""The definition of a pipeline, from a file to what can run: everything that is wrong is found before anything runs."""

from __future__ import annotations

from dataclasses import replace
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import UsageError
from nbship.pipeline.definition.graph import dependencies, find_cycle, nearest, ordered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbship.model.pipeline import Pipeline

__all__ = ["load_pipeline"]

_NOTHING: Mapping[str, Mapping[str, str]] = {}


def load_pipeline(path: Path, parameters: Mapping[str, Mapping[str, str]] = _NOTHING) -> Pipeline:
    """Return the pipeline that a file defines.

    Parameters
    ----------
    path
        ``pipeline.toml`` (`nbship.pipeline.definition.toml_file`) or a notebook whose cells carry the tags ``step:NAME``
        (`nbship.pipeline.definition.tagged`).
    parameters
        Step to parameter to its value as text; it wins over what the file gives.

    Raises
    ------
    UsageError
        For whatever would keep the pipeline from running to its end and can be known now: the file, the graph, the
        notebooks and the parameters. The message names the file, the step and what to do.
    """
    pipeline = _read(path, parameters)
    _check_steps(pipeline, parameters)
    _check_artifacts(pipeline)
    _check_paths(pipeline)
    needs = dependencies(pipeline)
    cycle = find_cycle(needs)
    if cycle:
        raise UsageError(
            f"{path}: the steps wait for each other in a circle: {' -> '.join(cycle)}. "
            "Take out one of the inputs or of `after`"
        )
    steps = {step.name: step for step in pipeline.steps}
    return replace(pipeline, steps=tuple(steps[name] for name in ordered(needs)))


def _read(path: Path, parameters: Mapping[str, Mapping[str, str]]) -> Pipeline:
    from nbship.pipeline.definition.tagged import read_tagged  # noqa: PLC0415 - only one of the two is needed
    from nbship.pipeline.definition.toml_file import read_toml  # noqa: PLC0415

    if path.is_dir():
        path = path / "pipeline.toml"
    if path.suffix == ".toml":
        return read_toml(path, parameters)
    if path.suffix == ".ipynb":
        return read_tagged(path, parameters)
    raise UsageError(
        f"{path} is no pipeline: name a pipeline.toml, or a notebook with cells tagged step:NAME"
    )


def _check_steps(pipeline: Pipeline, parameters: Mapping[str, Mapping[str, str]]) -> None:
    names = [step.name for step in pipeline.steps]
    if not names:
        raise UsageError(f"{pipeline.path} has no steps: write [steps.NAME] with a notebook for each")
    for name in parameters:
        if name not in names:
            raise UsageError(
                f"{pipeline.path} has no step {name!r} to give a parameter to. {nearest(name, names)}"
            )
    for step in pipeline.steps:
        for name in step.after:
            if name not in names:
                raise UsageError(
                    f"{pipeline.path}: step {step.name} comes after {name!r}, which is no step. {nearest(name, names)}"
                )


def _check_artifacts(pipeline: Pipeline) -> None:
    makers = dict.fromkeys(pipeline.sources, "a source")
    for step in pipeline.steps:
        for artifact in step.outputs:
            if artifact in makers:
                raise UsageError(
                    f"{pipeline.path}: step {step.name} makes {artifact!r}, which is {makers[artifact]} already. "
                    "Give one of the two another name"
                )
            makers[artifact] = f"an output of step {step.name}"
    for name, path in pipeline.sources.items():
        if not (Path(pipeline.folder) / path).exists():
            raise UsageError(
                f"{pipeline.path}: there is no {path}, the source {name!r}. Correct the path, or let a step make it"
            )


def _check_paths(pipeline: Pipeline) -> None:
    """Raise UsageError where a step would write over what something else owns."""
    owners: dict[str, str] = {}
    above: dict[str, str] = {}
    for path, owner in _read_paths(pipeline):
        owners[path] = owner
        above.update(dict.fromkeys(_parents(path), owner))
    for step in pipeline.steps:
        for name, text in step.outputs.items():
            path = _normal(pipeline, text)
            found = (owners.get(place) for place in (path, *_parents(path)))
            owner_found = next((owner for owner in found if owner), None) or above.get(path)
            if owner_found:
                raise UsageError(
                    f"{pipeline.path}: step {step.name} writes {name!r} to {text}, where {owner_found} is. "
                    "Give it a path of its own"
                )
            owners[path] = f"{name!r} of step {step.name}"
            above.update(dict.fromkeys(_parents(path), owners[path]))


def _read_paths(pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    for name, text in pipeline.sources.items():
        yield _normal(pipeline, text), f"the source {name!r}"
    for step in pipeline.steps:
        yield _normal(pipeline, step.notebook), f"the notebook of step {step.name}"


def _normal(pipeline: Pipeline, text: str) -> str:
    """Return the path without ``.`` and ``..``, so that ``out/../a`` and ``a`` are one."""
    # pathlib only does this by following links
    return normpath(Path(pipeline.folder).absolute() / text)


def _parents(path: str) -> list[str]:
    return [str(parent) for parent in Path(path).parents]
