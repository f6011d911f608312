"""A parameters cell for a notebook that has none: proposed from its constants, shown as a diff, never written here."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from nbship.errors import UsageError
from nbship.pipeline.parameters.cell_constants import Cell, Constant, movable_constants, read_cell
from nbship.pipeline.parameters.cell_diff import CellChange, changes_text
from nbship.pipeline.parameters.cell_python import cell_tags, is_python, tagged_cell

__all__ = ["Proposal", "propose"]

_TAG = "parameters"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A notebook with a parameters cell.

    Attributes
    ----------
    names
        The parameters, in the order of the cell; empty where there is nothing to do.
    notebook
        The notebook as it would be; the given one where there is nothing to do.
    cell_source
        The source of the cell tagged ``parameters``.
    diff
        What changes, cell by cell, as a unified diff of the sources.
    reason
        Why there is nothing to do.
    """

    names: tuple[str, ...] = ()
    notebook: dict[str, Any] = field(default_factory=dict)
    cell_source: str = ""
    diff: str = ""
    reason: str = ""


def propose(notebook: dict[str, Any]) -> Proposal:
    """Propose which constants of a notebook become parameters.

    Taken are small literals that the top level of a cell binds once, that later code reads and that nothing rebinds
    or changes. Where a cell holds nothing else, it gets the tag. Otherwise the assignments move, with their comments, into a new
    cell after the imports at the start; one stays where it is if code between there and here knows its name.

    Parameters
    ----------
    notebook
        nbformat 4 JSON, sources as joined text. It is not changed.

    Returns
    -------
    Proposal
        Without names where the notebook has a parameters cell already.

    Raises
    ------
    UsageError
        When the notebook is not Python, or no constant can become a parameter.
    """
    tagged = tagged_cell(notebook)
    if tagged is not None:
        return Proposal(notebook=notebook, reason=f"cell {tagged + 1} carries the tag '{_TAG}' already")
    if not is_python(notebook):
        raise UsageError(
            "parameters can be proposed for Python notebooks only; this one is in another language"
        )
    cells = [read_cell(cell) for cell in notebook["cells"]]
    constants = movable_constants(cells)
    proposal = _tag_only(notebook, cells, constants) or _move(notebook, cells, constants)
    if proposal is None:
        raise UsageError(
            "no constant of this notebook can become a parameter: none is bound once at the top of a cell, "
            f"read later and never changed. Write them into one cell and give it the tag '{_TAG}'"
        )
    return proposal


def _tag_only(notebook: dict[str, Any], cells: list[Cell], constants: list[Constant]) -> Proposal | None:
    for index, cell in enumerate(cells):
        names = tuple(constant.name for constant in constants if constant.cell == index)
        if not names or not cell.flow.only_constants or cell.flow.constants.keys() - set(names):
            continue
        changed = copy.deepcopy(notebook)
        _add_tag(changed["cells"][index])
        change = CellChange(index, index, cell.source, cell.source, f"gets the tag '{_TAG}'")
        return Proposal(names, changed, cell.source, changes_text([change]))
    return None


def _move(notebook: dict[str, Any], cells: list[Cell], constants: list[Constant]) -> Proposal | None:
    place = _place(cells, constants)
    moved = [constant for constant in constants if _may_move(constant, cells, place)]
    moved = [constant for constant in moved if _shows_the_same(constant, cells, moved)]
    if not moved:
        return None
    source = "\n".join(constant.text(cells[constant.cell].source) for constant in moved)
    names = tuple(constant.name for constant in moved)
    changed, changes = _rewritten(notebook, cells, moved, (place, source))
    return Proposal(names, changed, source, changes_text(changes))


def _place(cells: list[Cell], constants: list[Constant]) -> int:
    """Return where the new cell goes: after the imports that open the notebook, else after its opening text."""
    after_imports = after_text = 0
    for index, cell in enumerate(cells):
        lines = {constant.first for constant in constants if constant.cell == index}
        if cell.is_code and not cell.only_imports_besides(lines):
            break
        if cell.is_code and cell.statements:
            after_imports = index + 1
        elif not cell.is_code and not after_imports:
            after_text = index + 1
    return after_imports or after_text


def _may_move(constant: Constant, cells: list[Cell], place: int) -> bool:
    """Say whether nothing between the old and the new place knows the name, and the annotation can be read there."""
    if place <= constant.cell:
        between = cells[place : constant.cell]
        near = cells[constant.cell].words_before(constant)
    else:
        between = cells[constant.cell + 1 : place]
        near = cells[constant.cell].words_after(constant)
    if constant.name in near or any(constant.name in cell.words for cell in between):
        return False
    known = set().union(*(cell.flow.writes for cell in cells[:place]))
    return constant.needs <= known


def _shows_the_same(constant: Constant, cells: list[Cell], moved: list[Constant]) -> bool:
    """Keep what ends a cell where the statement before it would become the displayed one."""
    cell = cells[constant.cell]
    lines = {item.first for item in moved if item.cell == constant.cell}
    return not (constant.first == cell.last_line and cell.would_show_besides(lines))


def _rewritten(
    notebook: dict[str, Any], cells: list[Cell], moved: list[Constant], new: tuple[int, str]
) -> tuple[dict[str, Any], list[CellChange]]:
    place, source = new
    changed = copy.deepcopy({**notebook, "cells": []})
    changes: list[CellChange] = []
    for index, cell in enumerate(cells):
        if index == place:
            _insert(notebook, changed, source, changes)
        remaining = cell.without([constant for constant in moved if constant.cell == index])
        position = len(changed["cells"])
        if remaining == cell.source:
            changed["cells"].append(copy.deepcopy(notebook["cells"][index]))
        elif remaining:
            changed["cells"].append({**copy.deepcopy(notebook["cells"][index]), "source": remaining})
            changes.append(CellChange(index, position, cell.source, remaining))
        else:
            changes.append(CellChange(index, None, cell.source, ""))
    if place == len(cells):
        _insert(notebook, changed, source, changes)
    return changed, changes


def _insert(
    notebook: dict[str, Any], changed: dict[str, Any], source: str, changes: list[CellChange]
) -> None:
    changes.append(CellChange(None, len(changed["cells"]), "", source, f"with the tag '{_TAG}'"))
    changed["cells"].append(_new_cell(notebook, source))


def _new_cell(notebook: dict[str, Any], source: str) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source,
    }
    _add_tag(cell)
    if (notebook.get("nbformat", 4), notebook.get("nbformat_minor", 0)) >= (4, 5):
        taken = {other.get("id") for other in notebook["cells"]}
        candidates = (f"{_TAG}-{number}" if number else _TAG for number in range(len(taken) + 1))
        cell["id"] = next(name for name in candidates if name not in taken)
    return cell


def _add_tag(cell: dict[str, Any]) -> None:
    cell.setdefault("metadata", {})["tags"] = [*cell_tags(cell), _TAG]
