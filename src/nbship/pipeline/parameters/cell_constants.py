"""Which assignments of a notebook could be parameters: constants that are read later and never change."""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nbship.capture.dataflow import CellFlow, analyse
from nbship.pipeline.parameters.cell_python import cell_magic, parse_python, plain_python

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Cell", "Constant", "movable_constants", "read_cell"]

_WORD = re.compile(r"[^\W\d]\w*")
_SHELL = ("get_ipython().", "run_line_magic", "run_cell_magic")
_SCALARS = (bool, int, float, complex, str, bytes, type(None))


@dataclass(frozen=True, slots=True)
class Constant:
    """One assignment of a literal; `first` to `last` are its lines from 1, the comment lines right above it included.

    `needs` are the names that its annotation reads.
    """

    name: str
    value: Any
    cell: int
    first: int
    last: int
    needs: frozenset[str]

    def text(self, source: str) -> str:
        """Return its lines of the source of its cell."""
        return "\n".join(source.split("\n")[self.first - 1 : self.last])


class Cell:
    """A cell and what is known of it; one that is no code knows nothing."""

    def __init__(self, source: str, *, is_code: bool) -> None:
        self.source = source
        self.is_code = is_code
        python = plain_python(source) if is_code else ""
        self.flow: CellFlow = analyse(python)
        # Without what `%time` runs: the lines of that are not lines of the cell.
        self.statements = _statements(python)
        self.first_lines = _first_lines(source, self.statements)
        # The body of a cell magic is parsed apart from the cell, and IPython takes the indentation of a first line away.
        self.has_own_lines = is_code and cell_magic(source) is None and not source.lstrip("\n")[:1].isspace()

    @cached_property
    def words(self) -> frozenset[str]:
        """Every name in the cell, those in text and in magics included: ``!wget {url}`` reads one."""
        return frozenset(_WORD.findall(self.source)) if self.is_code else frozenset()

    def words_before(self, constant: Constant) -> frozenset[str]:
        """Return the words above an assignment."""
        return self._words(range(1, constant.first))

    def words_after(self, constant: Constant) -> frozenset[str]:
        """Return the words below an assignment."""
        return self._words(range(constant.last + 1, self.source.count("\n") + 2))

    def _words(self, lines: range) -> frozenset[str]:
        return frozenset(_WORD.findall("\n".join(self.source.split("\n")[lines.start - 1 : lines.stop - 1])))

    @property
    def last_line(self) -> int:
        """The line on which the last statement begins, its own comment lines included; 0 without statements."""
        return self.first_lines[-1] if self.first_lines else 0

    def only_imports_besides(self, lines: set[int]) -> bool:
        """Say whether everything but the statements that begin on these lines is imports and magics."""
        if cell_magic(self.source) is not None or (self.source.strip() and not self.statements):
            return not _WORD.search(re.sub(r"(?m)#.*$", "", self.source))
        return all(_is_setup(statement) for statement in self._besides(lines))

    def would_show_besides(self, lines: set[int]) -> bool:
        """Say whether the cell, without the statements on these lines, would display a value that it does not now."""
        remaining = self._besides(lines)
        return (
            bool(remaining)
            and isinstance(remaining[-1], ast.Expr)
            and remaining[-1] is not self.statements[-1]
        )

    def _besides(self, lines: set[int]) -> list[ast.stmt]:
        pairs = zip(self.first_lines, self.statements, strict=True)
        return [statement for first, statement in pairs if first not in lines]

    def without(self, constants: list[Constant]) -> str:
        """Return the source without these assignments; empty where only blanks are left."""
        if not constants:
            return self.source
        gone = {line for item in constants for line in range(item.first, item.last + 1)}
        lines = self.source.split("\n")
        kept = [line for number, line in enumerate(lines, start=1) if number not in gone]
        return "\n".join(kept).strip("\n") if any(line.strip() for line in kept) else ""


def read_cell(cell: dict[str, Any]) -> Cell:
    """Return what is known of a cell of a notebook."""
    source = cell["source"].replace("\r\n", "\n").replace("\r", "\n")
    return Cell(source, is_code=cell["cell_type"] == "code")


def movable_constants(cells: list[Cell]) -> list[Constant]:
    """Return the constants that are bound once in the notebook, read afterwards and never changed, in order."""
    found = [
        constant
        for index, cell in enumerate(cells)
        if cell.has_own_lines
        for constant in _constants(cell, index)
    ]
    return [constant for constant in found if _is_settled(constant, cells) and _is_read(constant, cells)]


def _constants(cell: Cell, index: int) -> Iterable[Constant]:
    for position, statement in enumerate(cell.statements):
        target = _target(statement)
        if target is None or target not in cell.flow.constants or not _owns_lines(cell, position):
            continue
        needs = _names(statement.annotation) if isinstance(statement, ast.AnnAssign) else frozenset()
        yield Constant(
            target,
            cell.flow.constants[target],
            index,
            cell.first_lines[position],
            statement.end_lineno or statement.lineno,
            needs - frozenset(dir(builtins)),
        )


def _target(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        target: ast.expr = statement.target
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
    else:
        return None
    return target.id if isinstance(target, ast.Name) else None


def _names(node: ast.expr) -> frozenset[str]:
    return frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def _owns_lines(cell: Cell, position: int) -> bool:
    """Say whether no other statement stands on the lines of this one."""
    statement = cell.statements[position]
    before = cell.statements[position - 1].end_lineno if position else 0
    after = cell.statements[position + 1 : position + 2]
    return (before or 0) < statement.lineno and all(
        (statement.end_lineno or 0) < item.lineno for item in after
    )


def _statements(python: str) -> list[ast.stmt]:
    try:
        return parse_python(python).body
    except SyntaxError:
        return []


def _first_lines(source: str, statements: list[ast.stmt]) -> list[int]:
    """Return the line where each statement begins: that of the comment right above it, where there is one."""
    lines, end, found = source.split("\n"), 0, []
    for statement in statements:
        first = statement.lineno
        while first - 1 > end and lines[first - 2].startswith("#"):
            first -= 1
        found.append(first)
        end = statement.end_lineno or statement.lineno
    return found


def _is_settled(constant: Constant, cells: list[Cell]) -> bool:
    """Say whether only its own cell binds the name, and nothing changes what it holds."""
    for index, cell in enumerate(cells):
        if index != constant.cell and constant.name in cell.flow.writes | cell.flow.deletes:
            return False
        if constant.name in cell.flow.mutates and type(constant.value) not in _SCALARS:
            return False
        if cell.is_code and not cell.statements and constant.name in _assigned_in_text(cell.source):
            return False
    return constant.name not in cells[constant.cell].flow.deletes


def _assigned_in_text(source: str) -> frozenset[str]:
    """Return names that cells which are no Python for us may bind."""
    return frozenset(re.findall(r"([^\W\d]\w*)\s*(?:[-+*/|&^%@]|//|\*\*|<<|>>|:)?=(?!=)", source))


def _is_read(constant: Constant, cells: list[Cell]) -> bool:
    own = cells[constant.cell]
    if constant.name in _loads(own, after=constant.last) or constant.name in _magic_words(own):
        return True
    later = cells[constant.cell + 1 :]
    return any(constant.name in cell.flow.loads | cell.flow.reads | _magic_words(cell) for cell in later)


def _loads(cell: Cell, *, after: int) -> frozenset[str]:
    nodes = (node for item in cell.statements if item.lineno > after for node in ast.walk(item))
    return frozenset(
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )


def _magic_words(cell: Cell) -> frozenset[str]:
    if not cell.is_code or not any(mark in cell.source for mark in "%!"):
        return frozenset()
    lines = [line for line in cell.source.split("\n") if re.search(r"^\s*[%!]|=\s*[%!]", line)]
    text = cell.source if cell_magic(cell.source) else "\n".join(lines)
    return frozenset(_WORD.findall(text))


def _is_setup(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
        return True
    if not isinstance(statement, ast.Expr):
        return False
    return isinstance(statement.value, ast.Constant) or ast.unparse(statement).startswith(_SHELL)
