"""The notebook of one step of a tagged notebook: what every step begins with, what it loads, its cells, what it saves."""

from __future__ import annotations

import ast
import copy
from functools import cache
from typing import TYPE_CHECKING, Any

from nbship.pipeline.kernels.preload import modules_to_preload

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbship.pipeline.definition.border_plan import StepBorders
    from nbship.pipeline.definition.step_cells import CellLayout, PlacedCell

__all__ = ["LOAD_TAG", "SAVE_TAG", "step_notebook"]

LOAD_TAG = "nbship-load"
SAVE_TAG = "nbship-save"
_IMPORTS_TAG = "nbship-imports"
_MODULE = "nbship.pipeline.borders"
_LINE = 100


def step_notebook(
    notebook: Mapping[str, Any],
    layout: CellLayout,
    step: str,
    *,
    borders: StepBorders,
    folder: str,
    known: Sequence[str],
) -> dict[str, Any]:
    """Return the notebook of a step in nbformat 4.5 JSON, without outputs.

    Parameters
    ----------
    folder
        Where the artifacts of the pipeline lie, relative to the kernel's folder.
    known
        Functions and classes that every step defines.
    """
    cells = [*map(_copied, layout.shared)]
    if borders.imports:
        cells.append(_cell(_IMPORTS_TAG, "\n".join(borders.imports)))
    if borders.loads:
        cells.append(_cell(LOAD_TAG, _load(borders, folder)))
    cells += map(_copied, layout.steps[step])
    if borders.saves:
        cells.append(_cell(SAVE_TAG, _save(step, borders, folder, known)))
    # One set of imports for all steps, so that they share a fork server; what crosses a border needs them too.
    metadata = {**copy.deepcopy(dict(notebook["metadata"])), "nbship": {"imports": _imports(notebook)}}
    minor = max(5, notebook.get("nbformat_minor", 5))
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}


@cache
def _imports_of(sources: tuple[str, ...]) -> tuple[str, ...]:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    found = modules_to_preload({"cells": cells})
    return (*found, "skops.io") if any(name.startswith("sklearn") for name in found) else found


def _imports(notebook: Mapping[str, Any]) -> list[str]:
    return list(
        _imports_of(tuple(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"))
    )


def _copied(placed: PlacedCell) -> dict[str, Any]:
    cell = copy.deepcopy(placed.cell)
    cell.setdefault("id", f"cell-{placed.position + 1}")
    if cell["cell_type"] == "code":
        cell.update(outputs=[], execution_count=None)
    return cell


def _cell(tag: str, source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": tag,
        "metadata": {"tags": [tag]},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def _load(borders: StepBorders, folder: str) -> str:
    lines = ["# What earlier steps left for this one."]
    sure = {name: step for name, step in borders.loads.items() if name not in borders.unsure_loads}
    if sure:
        targets = ", ".join(sure) if len(sure) > 1 else f"({next(iter(sure))},)"
        lines.append(f"{targets} = {_call('load', [folder, *_artifacts(sure)])}")
    unsure = {name: step for name, step in borders.loads.items() if name in borders.unsure_loads}
    if unsure:
        lines.append(f"globals().update({_call('load_bound', [folder, *_artifacts(unsure)])})")
    return "\n".join(lines)


def _artifacts(variables: Mapping[str, str]) -> list[str]:
    return [f"{step}.{name}" for name, step in variables.items()]


def _save(step: str, borders: StepBorders, folder: str, known: Sequence[str]) -> str:
    lines = ["# What later steps read."]
    special = borders.unsure_saves | borders.kept_saves
    sure = [name for name in borders.saves if name not in special]
    first = [folder, step, tuple(known)] if known else [folder, step]
    if sure:
        lines.append(_call("save", first, [f"{name}={name}" for name in sure]))
    kept = [name for name in borders.saves if name in borders.kept_saves]
    if kept:
        lines.append(_call("save_kept", first, [f"{name}={name}" for name in kept]))
    unsure = [name for name in borders.saves if name in borders.unsure_saves - borders.kept_saves]
    if unsure:
        names = ["globals()", *map(_text, unsure)]
        lines.append(_call("save_bound", [folder, step, tuple(known)], names))
    return "\n".join(lines)


def _call(function: str, values: Iterable[object], more: Iterable[str] = ()) -> str:
    called = f'__import__("{_MODULE}", fromlist=["{function}"]).{function}'
    arguments = [*map(_text, values), *more]
    text = f"{called}({', '.join(arguments)})"
    if len(text) <= _LINE:
        return text
    return "\n".join([f"{called}(", *(f"    {argument}," for argument in arguments), ")"])


def _text(value: object) -> str:
    """Return a literal with double quotes, as formatters write them."""
    if isinstance(value, tuple):
        items = ", ".join(map(_text, value))
        return f"({items},)" if len(value) == 1 else f"({items})"
    text = repr(value)
    double = f'"{text[1:-1]}"'
    plain = '"' not in text and isinstance(value, str)
    return double if plain and ast.literal_eval(double) == value else text
