"""Pipelines as one notebook: cells tagged ``step:NAME``, and the variables that cross from step to step.

.. code-block:: text

    import pandas as pd                              shared: before the first step
    limit = 30                                       tagged parameters: shared
    frame = pd.read_csv("flights.csv")               tagged step:prepare
    late = frame[frame.delay > limit]                no tag: the step of the cell before
    model = fit(late)                                tagged step:train: gets late from prepare
    late.describe()                                  tagged step:report: gets late too, and runs beside train

Each step is a notebook of its own, in a kernel of its own: the shared cells, a cell that loads what it needs, its cells,
and a cell that saves what later steps need (`nbship.pipeline.borders`). What a step needs is told from the source: a
variable that an earlier step bound or changed last. Steps wait for each other only where a variable crosses, or where both
touch a file of the same name. So a whole run gives what the notebook gives from top to bottom, except where the source
does not show it: a seed set above the first step is set in every step again; what a function of another module
changes in its arguments stays in the step; and two variables that share an object, other than by a plain ``b = a``,
are two objects in the steps after.
"""

from __future__ import annotations

import ast
from itertools import chain
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.model.parameter import ParameterSchema
from nbship.model.pipeline import Pipeline, PipelineStep
from nbship.pipeline.definition.border_plan import StepBorders, plan_borders
from nbship.pipeline.definition.file_order import FileUse, file_use
from nbship.pipeline.definition.graph import nearest
from nbship.pipeline.definition.shared_code import SharedCode, shared_code
from nbship.pipeline.definition.step_cells import STEP_TAG, CellLayout, split_cells
from nbship.pipeline.definition.step_flow import StepFlow, joined, step_flow, taken_names
from nbship.pipeline.definition.step_notebook import step_notebook
from nbship.pipeline.definition.step_parameters import step_parameters
from nbship.pipeline.parameters.cell_python import is_python

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["artifact_folder", "parameter_users", "read_tagged"]


def artifact_folder(pipeline: str) -> str:
    """Return where the variables of a pipeline lie between its steps, relative to its folder."""
    return f".nbship/pipelines/{pipeline}/artifacts"


def read_tagged(path: Path, given: Mapping[str, Mapping[str, str]]) -> Pipeline:
    """Return the pipeline of a tagged notebook, steps in the order of the notebook.

    Parameters
    ----------
    given
        Step to parameter to text, as on the command line; a step takes the parameters that it uses.

    Raises
    ------
    UsageError
        When the notebook or a cell of it is wrong, has no tags, or something must cross that cannot be saved.
    """
    from nbship.pipeline.execution.notebook_file import read_notebook  # noqa: PLC0415 - brings what reads notebooks
    from nbship.pipeline.parameters.declared import read_parameters  # noqa: PLC0415

    notebook = read_notebook(path)
    if not is_python(notebook):
        raise UsageError(
            f"{path} is no Python notebook: give each step a notebook, and name them in pipeline.toml"
        )
    layout, bodies, shared, flows = _analysed(notebook, str(path))
    borders = plan_borders(flows, shared, str(path))
    schema, folder = read_parameters(notebook), artifact_folder(path.stem)
    steps = tuple(
        PipelineStep(
            name=name,
            notebook=path.name,
            content=step_notebook(
                notebook,
                layout,
                name,
                borders=borders[name],
                folder=folder,
                known=sorted(shared.definitions),
            ),
            parameters=_parameters(path, name, schema, _users(schema, shared, flows), given.get(name, {})),
            inputs=tuple(f"{step}.{variable}" for variable, step in borders[name].loads.items()),
            outputs={f"{name}.{variable}": f"{folder}/{name}.{variable}" for variable in borders[name].saves},
            after=after,
        )
        for name, after in _order(bodies, borders, shared).items()
    )
    return Pipeline(path.stem, str(path), str(path.parent), steps)


def parameter_users(path: Path) -> dict[str, tuple[str, ...]]:
    """Return each parameter of a tagged notebook with the steps that use it, which are those that it can be given to.

    Raises
    ------
    UsageError
        As `read_tagged`.
    """
    from nbship.pipeline.execution.notebook_file import read_notebook  # noqa: PLC0415 - see read_tagged
    from nbship.pipeline.parameters.declared import read_parameters  # noqa: PLC0415

    notebook = read_notebook(path)
    _, _, shared, flows = _analysed(notebook, str(path))
    return _users(read_parameters(notebook), shared, flows)


def _analysed(
    notebook: dict[str, Any], where: str
) -> tuple[CellLayout, dict[str, list[ast.stmt]], SharedCode, dict[str, StepFlow]]:
    """Return the cells by step, the statements of each step, those of all of them, and what each step reads and binds."""
    layout = split_cells(notebook, where)
    if not layout.steps:
        raise UsageError(
            f"{where} has no steps: give the first cell of each step a tag such as {STEP_TAG}train, or name "
            "several notebooks in a pipeline.toml"
        )
    bodies = {name: joined(cells) for name, cells in layout.steps.items()}
    shared = shared_code(
        (statement for cell in layout.shared for statement in cell.body), chain.from_iterable(bodies.values())
    )
    taken = taken_names(bodies.values())
    return layout, bodies, shared, {name: step_flow(body, shared, taken) for name, body in bodies.items()}


def _order(
    bodies: Mapping[str, list[ast.stmt]], borders: Mapping[str, StepBorders], shared: SharedCode
) -> dict[str, tuple[str, ...]]:
    """Return the steps that each must follow because of a file, where no variable says so already."""
    uses: dict[str, FileUse] = {}
    order: dict[str, tuple[str, ...]] = {}
    for name, body in bodies.items():
        uses[name] = file_use(_with_functions(body, shared), shared.constants)
        order[name] = tuple(
            earlier
            for earlier in order
            if earlier not in borders[name].loads.values() and uses[name].must_follow(uses[earlier])
        )
    return order


def _with_functions(body: list[ast.stmt], shared: SharedCode) -> list[ast.stmt]:
    names = {node.id for statement in body for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return body + [shared.definitions[name] for name in shared.reached(names) if name in shared.definitions]


def _users(
    schema: ParameterSchema, shared: SharedCode, flows: Mapping[str, StepFlow]
) -> dict[str, tuple[str, ...]]:
    """Return parameter to the steps that use it."""
    used = {step: shared.behind(flow.needs) for step, flow in flows.items()}
    return {name: tuple(step for step, names in used.items() if name in names) for name in schema.names}


def _parameters(
    path: Path,
    step: str,
    schema: ParameterSchema,
    users: Mapping[str, tuple[str, ...]],
    texts: Mapping[str, str],
) -> dict[str, Any]:
    where = f"{path}: step {step}"
    for name in texts:
        if name not in users:
            hint = nearest(name, users) if users else "Tag the cell that declares it with: parameters"
            raise UsageError(f"{where}: the notebook has no parameter {name!r}. {hint}")
        if step not in users[name]:
            others = ", ".join(users[name]) or "no step does"
            raise UsageError(f"{where} does not use the parameter {name!r}. Steps that do: {others}")
    own = tuple(item for item in schema.parameters if step in users[item.name])
    values, _ = step_parameters(
        ParameterSchema(own, tagged=True),
        where,
        path.parent,
        artifacts={},
        values={},
        texts=texts,
        secrets={},
    )
    return values
