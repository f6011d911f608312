"""Pipelines as ``pipeline.toml``: one notebook a step, and the names of what they hand to each other.

.. code-block:: toml

    name = "flights"                      # default: the name of the folder
    description = "From the raw tables to a model"

    [sources]                             # files that no step makes
    planes = "data/planes.csv"

    [steps.prepare]
    notebook = "prepare.ipynb"
    inputs = ["planes"]
    outputs = { flights = "data/flights.parquet" }

    [steps.train]
    notebook = "train.ipynb"
    inputs = ["flights"]                  # so it runs after prepare
    outputs = { model = "out/model.skops" }
    parameters = { max_depth = 6 }
    retries = 2
    retry_wait_seconds = 1                # twice as long before each further try
    timeout_seconds = 600                 # for the step
    cell_timeout_seconds = 60
    after = ["prepare"]                   # an order that no artifact tells
    cache = true                          # false: run it every time
    kernel = "python3"
    resources = { GPU = 1 }               # for executors that know them
    secrets = { token = "env:API_TOKEN" } # env:NAME or file:PATH, for parameters declared as Secret

Paths start from the folder of the file, which is where the notebooks run. Outputs stay inside it; a source may lie
anywhere. Where a notebook declares a parameter with the name of one of its inputs or outputs, it gets the path.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.model.pipeline import Pipeline, PipelineStep
from nbship.pipeline.definition.graph import nearest
from nbship.pipeline.definition.step_parameters import step_parameters
from nbship.pipeline.definition.toml_fields import STEP_FIELDS, TOP_FIELDS, check_fields, check_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbship.model.parameter import ParameterSchema

__all__ = ["read_toml"]


def read_toml(path: Path, given: Mapping[str, Mapping[str, str]]) -> Pipeline:
    """Return the pipeline of a TOML file, steps in the order of the file.

    Parameters
    ----------
    given
        Step to parameter to text, as on the command line.

    Raises
    ------
    UsageError
        When the file, a step of it or a notebook is wrong; what steps are to each other is not checked here.
    """
    table = _read(path)
    check_fields(table, TOP_FIELDS, str(path))
    steps, sources = table.get("steps", {}), table.get("sources", {})
    for name, step in steps.items():
        check_name(name, "step", str(path))
        _check_step(step, f"{path}: step {name}")
    for source in sources:
        check_name(source, "source", str(path))
    paths = {**sources, **{name: text for step in steps.values() for name, text in _outputs(step).items()}}
    return Pipeline(
        name=table.get("name", path.resolve().parent.name),
        path=str(path),
        folder=str(path.parent),
        steps=tuple(_step(path, name, step, paths, given.get(name, {})) for name, step in steps.items()),
        sources=sources,
        description=table.get("description", ""),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is no valid TOML: {error}") from error
    except FileNotFoundError as error:
        raise UsageError(f"there is no pipeline file {path}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the pipeline file {path}: {error}") from error


def _check_step(step: Any, where: str) -> None:
    if not isinstance(step, dict):
        raise UsageError(f"{where} is no table: write [steps.NAME] and its keys below")
    check_fields(step, STEP_FIELDS, where)
    if "notebook" not in step:
        raise UsageError(f'{where} has no notebook: write notebook = "NAME.ipynb"')
    for output in _outputs(step):
        check_name(output, "output", where)


def _outputs(step: dict[str, Any]) -> dict[str, str]:
    outputs: dict[str, str] = step.get("outputs", {})
    return outputs


def _step(
    path: Path, name: str, step: dict[str, Any], paths: Mapping[str, str], texts: Mapping[str, str]
) -> PipelineStep:
    where = f"{path}: step {name}"
    content = _notebook(path.parent / step["notebook"], where)
    inputs = tuple(dict.fromkeys(step.get("inputs", [])))
    unknown = next((artifact for artifact in inputs if artifact not in paths), None)
    if unknown is not None:
        raise UsageError(
            f"{where}: no step makes the input {unknown!r}, and it is no source. {nearest(unknown, paths)}"
        )
    artifacts = {key: paths[key] for key in (*inputs, *_outputs(step))}
    parameters, secrets = step_parameters(
        _schema(content, f"{where}: {step['notebook']}"),
        where,
        path.parent,
        artifacts=artifacts,
        values=step.get("parameters", {}),
        texts=texts,
        secrets=step.get("secrets", {}),
    )
    return PipelineStep(
        name=name,
        notebook=step["notebook"],
        content=content,
        parameters=parameters,
        inputs=inputs,
        outputs=_outputs(step),
        after=tuple(dict.fromkeys(step.get("after", []))),
        retries=step.get("retries", 0),
        retry_wait_seconds=float(step.get("retry_wait_seconds", 1.0)),
        timeout_seconds=step.get("timeout_seconds"),
        cell_timeout_seconds=step.get("cell_timeout_seconds"),
        resources={key: float(amount) for key, amount in step.get("resources", {}).items()},
        cache=step.get("cache", True),
        kernel_name=step.get("kernel"),
        secrets=secrets,
    )


def _notebook(path: Path, where: str) -> dict[str, Any]:
    from nbship.pipeline.execution.notebook_file import read_notebook  # noqa: PLC0415 - reads notebooks only when asked

    try:
        return read_notebook(path)
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error


def _schema(content: dict[str, Any], where: str) -> ParameterSchema:
    from nbship.pipeline.parameters.declared import read_parameters  # noqa: PLC0415 - reads notebooks only when asked

    try:
        return read_parameters(content)
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error
