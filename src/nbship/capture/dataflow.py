"""What a cell reads, binds and changes, told from its source before it runs."""

from __future__ import annotations

import ast
import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from nbship.capture.callsites import called_name
from nbship.capture.flow_names import GIVEN
from nbship.capture.flow_walker import FlowWalker
from nbship.capture.literals import NOT_LITERAL, literal
from nbship.capture.syntax import parse_cell

__all__ = ["CellFlow", "analyse", "source_hash"]

_ROUNDERS = frozenset({"round", "float", "int"})
_TRACK_LINE = re.compile(
    r"\s*(?:%%track\b[^\n]*|%_begin_track\b[^\n]*|get_ipython\(\)\.run_line_magic\('_begin_track'[^\n]*)(?:\n|\Z)"
)


@dataclass(frozen=True, slots=True)
class CellFlow:
    """The dataflow of one cell.

    Attributes
    ----------
    reads
        Names whose value at the start of the cell can matter, those read by functions that the cell both defines
        and uses included; names of Python's builtins are left out.
    deferred
        Function, class or lambda defined by the cell, to the global names that are read when it is called.
    loads
        Every name that the cell loads anywhere, its own included.
    calls_deferred
        The part of `reads` that comes from calling functions of this cell.
    writes, deletes
        Names that the cell binds and deletes.
    mutates
        Names whose object the cell changes, or probably changes, in place. Modules can be among them
        (``plt.figure()``); who knows the values leaves those out.
    constants
        Names bound exactly once, at the top, to a small literal or to arithmetic on numbers.
    only_constants
        True when the cell holds nothing but such assignments.
    computed
        Names bound to anything but a literal or the reading of a clock, in the order of their last assignment.
    last_expression
        A label for the value that the cell displays; None when it displays none.
    fits
        ``(estimator, training data)`` of each `fit`; the data as source text, None where it is no name.
    trained
        Estimator to the source text of what it was fitted on last, and the column that it learnt to predict:
        ``("literal", text)`` or ``("name", variable)``, None where it is no column of a table.
    asked
        Variable to the source text of what its ``predict`` was called with last.
    paths
        ``("literal", text)`` or ``("name", variable)``: what may be opened by libraries that read files natively.
    imports
        Top-level packages.
    uses_mlflow
        True when the cell imports or names ``mlflow``.
    """

    reads: frozenset[str] = frozenset()
    loads: frozenset[str] = frozenset()
    deferred: dict[str, frozenset[str]] = field(default_factory=dict)
    calls_deferred: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    deletes: frozenset[str] = frozenset()
    mutates: frozenset[str] = frozenset()
    constants: dict[str, Any] = field(default_factory=dict)
    only_constants: bool = False
    computed: tuple[str, ...] = ()
    last_expression: str | None = None
    fits: tuple[tuple[str, str | None], ...] = ()
    trained: dict[str, tuple[str, tuple[str, str] | None]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    paths: tuple[tuple[str, str], ...] = ()
    imports: frozenset[str] = frozenset()
    uses_mlflow: bool = False


_EMPTY = CellFlow()


@lru_cache(maxsize=512)
def analyse(source: str) -> CellFlow:
    """Return the dataflow of a cell.

    Parameters
    ----------
    source
        Plain Python, as IPython's transformations leave it; the code inside ``%%time`` and its kind is followed.

    Returns
    -------
    CellFlow
        Shared between calls: not to be changed. Empty when the source does not parse.
    """
    cell = parse_cell(source)
    if not cell.body:
        return _EMPTY
    walker = FlowWalker()
    try:
        walker.walk(cell.body)
    except RecursionError:
        return _EMPTY
    last = cell.body[-1]
    label = _label(last.value) if cell.shown and isinstance(last, ast.Expr) else None
    return _flow(walker, cell.body, label)


def _flow(walker: FlowWalker, body: tuple[ast.stmt, ...], label: str | None) -> CellFlow:
    mutates = walker.mutates - walker.imported_names
    constants = {
        name: value
        for name, value in walker.constants.items()
        if walker.bindings[name] == 1 and name not in mutates
    }
    deferred = {name: frozenset(free.reads - GIVEN) for name, free in walker.deferred.items()}
    return CellFlow(
        reads=frozenset(walker.reads),
        loads=_loads(body),
        deferred=deferred,
        calls_deferred=frozenset(walker.called_reads),
        writes=frozenset(walker.writes),
        deletes=frozenset(walker.deletes),
        mutates=frozenset(mutates),
        constants=constants,
        only_constants=_only_constants(body, constants),
        computed=tuple(walker.computed),
        last_expression=label,
        fits=tuple(walker.fits),
        trained={name: found for name, found in walker.trained.items() if found is not None},
        asked={name: found for name, found in walker.asked.items() if found is not None},
        paths=tuple(walker.paths),
        imports=frozenset(walker.imports),
        uses_mlflow="mlflow" in walker.imports
        or "mlflow" in walker.reads
        or any("mlflow" in names for names in deferred.values()),
    )


def _loads(body: tuple[ast.stmt, ...]) -> frozenset[str]:
    nodes = (node for statement in body for node in ast.walk(statement))
    return frozenset(
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )


def _only_constants(body: tuple[ast.stmt, ...], constants: dict[str, Any]) -> bool:
    found = False
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        names = _assigned_names(statement)
        if not names or not names <= constants.keys():
            return False
        found = True
    return found


def _assigned_names(statement: ast.stmt) -> set[str]:
    """Return the names that a plain assignment of literals binds; none for any other statement."""
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return set()
    if statement.value is None or literal(statement.value) is NOT_LITERAL:
        return set()
    parts = [
        part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])
    ]
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    return names if len(names) == len(parts) else set()


def _label(node: ast.expr) -> str:
    if isinstance(node, ast.Await):
        return _label(node.value)
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call):
        name = called_name(node)
        if name in _ROUNDERS and isinstance(node.func, ast.Name) and node.args:
            inner = _label(node.args[0])
            return inner if inner != "result" else name
        return name or "result"
    return "result"


def source_hash(source: str) -> str:
    """Return 16 hexadecimal digits that tell one cell from another.

    A leading ``%%track`` line, line ends, blanks at line ends and blank lines around the cell do not count.
    """
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    text = _TRACK_LINE.sub("", text, count=1) if _TRACK_LINE.match(text) else text
    lines = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
    return hashlib.blake2b(lines.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
