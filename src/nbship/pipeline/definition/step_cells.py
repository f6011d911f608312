"""Which cell of a tagged notebook belongs to which step, and which belong to all of them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.capture.callsites import called_name
from nbship.capture.dataflow import analyse
from nbship.capture.syntax import parse_cell
from nbship.errors import UsageError
from nbship.pipeline.definition.toml_fields import check_name
from nbship.pipeline.parameters.cell_python import cell_tags, parse_python, plain_python
from nbship.pipeline.parameters.imported_names import imported_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["STEP_TAG", "CellLayout", "PlacedCell", "split_cells"]

STEP_TAG = "step:"
_SHARED_TAGS = frozenset({"parameters", "injected-parameters"})
_SKIP_TAG = "skip"
_SHARED = ""
"""Stands for the owner of what every step gets."""

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_SETTING_MAGICS = frozenset({"autoreload", "config", "load_ext", "matplotlib", "reload_ext"})


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A cell, its position among all cells from 0, and its statements; none for text and for foreign languages."""

    position: int
    cell: dict[str, Any]
    source: str = ""
    body: tuple[ast.stmt, ...] = ()


@dataclass(frozen=True, slots=True)
class CellLayout:
    """The cells of a tagged notebook, in its order: those of every step, and each step's own."""

    shared: tuple[PlacedCell, ...]
    steps: dict[str, tuple[PlacedCell, ...]]


def split_cells(notebook: Mapping[str, Any], where: str) -> CellLayout:
    """Give each cell to its step.

    Cells before the first tagged one, cells tagged ``parameters``, and cells that hold nothing but definitions and
    imports belong to every step. A code cell without a tag belongs to the step of the cell before it, text to
    the code cell that follows it. Cells tagged ``skip`` are left out.

    Raises
    ------
    UsageError
        When a cell does not parse or carries two steps, a step has no usable name or nothing to do, or the cells of
        a step do not stand together.
    """
    owned = _owned(notebook["cells"], where)
    moved = _definitions_for_all(owned)
    shared = tuple(cell for owner, cell in owned if owner == _SHARED or cell.position in moved)
    steps: dict[str, list[PlacedCell]] = {}
    last = ""
    for owner, cell in owned:
        if owner == _SHARED or cell.position in moved:
            continue
        if owner in steps and owner != last:
            raise UsageError(
                f"{where}: the cells of step {owner} stand on both sides of step {last} (cell {cell.position + 1}). "
                "Move them together, or give the second part a name of its own"
            )
        steps.setdefault(owner, []).append(cell)
        last = owner
    _check_work(owned, steps, where)
    return CellLayout(shared, {name: tuple(cells) for name, cells in steps.items()})


def _check_work(owned: list[tuple[str, PlacedCell]], steps: dict[str, list[PlacedCell]], where: str) -> None:
    for name in dict.fromkeys(owner for owner, _ in owned if owner != _SHARED):
        if not any(cell.body for cell in steps.get(name, ())):
            raise UsageError(
                f"{where}: step {name} has nothing to do: its cells hold no code but definitions and imports, "
                "which every step gets"
            )


def _owned(cells: list[dict[str, Any]], where: str) -> list[tuple[str, PlacedCell]]:
    owned: list[tuple[str, PlacedCell]] = []
    texts: list[PlacedCell] = []
    current = _SHARED
    for position, cell in enumerate(cells):
        tags = cell_tags(cell)
        if _SKIP_TAG in tags:
            continue
        shared = bool(_SHARED_TAGS.intersection(tags))
        named = _SHARED if shared else _step_name(tags, f"{where}: cell {position + 1}")
        if cell["cell_type"] != "code" and not named:
            texts.append(PlacedCell(position, cell))
            continue
        current = named or current
        owner = _SHARED if shared else current
        owned += [(owner, text) for text in texts]
        owned.append((owner, _placed(position, cell, where)))
        texts = []
    return owned + [(current, text) for text in texts]


def _step_name(tags: Iterable[str], where: str) -> str:
    names = list(
        dict.fromkeys(str(tag).removeprefix(STEP_TAG) for tag in tags if str(tag).startswith(STEP_TAG))
    )
    if len(names) > 1:
        raise UsageError(
            f"{where} is tagged as a part of {' and of '.join(names)}: a cell belongs to one step"
        )
    for name in names:
        check_name(name, "step", where)
    return names[0] if names else ""


def _placed(position: int, cell: dict[str, Any], where: str) -> PlacedCell:
    if cell["cell_type"] != "code":
        return PlacedCell(position, cell)
    source = plain_python(cell["source"])
    try:
        parse_python(source)
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise UsageError(f"{where}: cell {position + 1}{line} is not valid Python: {error.msg}") from error
    body = parse_cell(source).body
    if any(map(_changes_folder, (node for statement in body for node in ast.walk(statement)))):
        raise UsageError(
            f"{where}: cell {position + 1} changes the current folder. Steps begin in the folder of the notebook, each "
            "anew, and find there what other steps left: name files by their path from it instead"
        )
    return PlacedCell(position, cell, source, body)


def _changes_folder(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    return called_name(node) == "chdir" or _line_magic(node) in ("cd", "pushd", "popd")


def _definitions_for_all(owned: list[tuple[str, PlacedCell]]) -> set[int]:
    """Return the positions of the cells in steps that can be handed to every step without changing a meaning."""
    cells = [cell for _, cell in owned if cell.body]
    moved = {cell.position for owner, cell in owned if owner != _SHARED and _only_defines(cell)}
    fixed = {cell.position for owner, cell in owned if owner == _SHARED}
    while True:
        made = _names(cell for cell in cells if cell.position not in moved | fixed)
        stay = {
            cell.position
            for cell in cells
            if cell.position in moved and (analyse(cell.source).reads & made or _bound_elsewhere(cell, cells))
        }
        if not stay:
            return moved
        moved -= stay


def _names(cells: Iterable[PlacedCell]) -> set[str]:
    return {name for cell in cells for name in analyse(cell.source).writes}


def _bound_elsewhere(cell: PlacedCell, cells: Iterable[PlacedCell]) -> bool:
    """Say whether another cell gives one of the names of this cell another meaning."""
    names, imports = analyse(cell.source).writes, imported_names(cell.body)
    for other in cells:
        if other is not cell:
            theirs = imported_names(other.body)
            common = names & analyse(other.source).writes
            if any(name not in imports or imports[name] != theirs.get(name) for name in common):
                return True
    return False


def _only_defines(cell: PlacedCell) -> bool:
    found = [statement for statement in cell.body if not _is_text(statement)]
    return bool(found) and all(map(_is_definition, found))


def _is_definition(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Try):  # the import of a library that may be missing
        parts = [
            *statement.body,
            *statement.orelse,
            *(part for one in statement.handlers for part in one.body),
        ]
        return not statement.finalbody and all(
            _is_definition(part) or _is_default(part) or isinstance(part, ast.Pass) for part in parts
        )
    return isinstance(statement, _DEFINITIONS) or _is_setting(statement)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_default(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)


def _is_setting(statement: ast.stmt) -> bool:
    """Say whether a statement is a magic such as ``%matplotlib inline``, as often stands among imports."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    return _line_magic(statement.value) in _SETTING_MAGICS


def _line_magic(call: ast.Call) -> object:
    """Return the name of the magic that a call runs; None of any other call."""
    if called_name(call) != "run_line_magic" or not call.args or not isinstance(call.args[0], ast.Constant):
        return None
    return call.args[0].value
