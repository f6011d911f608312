"""Cells as syntax trees: parsed once, without warnings, with the code inside ``%%time`` and its kind in place."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["TIMED_BODY", "ParsedCell", "parse_cell"]

TIMED_BODY = "<timeit>"
"""Name of the class that stands for code whose assignments do not reach the user's namespace."""

_FILENAME = "<nbship>"
# The user's own compilation shows warnings of syntax; showing them twice would be an added output.
_QUIET = ("ignore", None, Warning, re.compile(re.escape(_FILENAME)), 0)
_PYTHON_MAGICS = frozenset({"time", "timeit", "capture", "prun", "memit", "track", "snakeviz"})
_SILENT_MAGICS = frozenset({"timeit", "capture", "prun", "memit", "snakeviz"})
_OPTIONS = re.compile(r"(?:(?:-[nrp]\s*\d+|-[a-zA-Z]+|--[\w-]+)\s+)*")


@dataclass(frozen=True, slots=True)
class ParsedCell:
    """The statements of a cell; `shown` says that the value of a last expression is displayed."""

    body: tuple[ast.stmt, ...]
    shown: bool


_EMPTY = ParsedCell((), shown=False)


@lru_cache(maxsize=64)
def parse_cell(source: str) -> ParsedCell:
    """Parse plain Python; what does not parse is an empty cell."""
    try:
        statements = _parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # null bytes and deep nesting among them
        return _EMPTY
    if not statements:
        return _EMPTY
    shown = isinstance(statements[-1], ast.Expr) and not _ends_with_semicolon(source, statements[-1])
    if "run_cell_magic" not in source and "run_line_magic" not in source:
        return ParsedCell(tuple(statements), shown)
    return _inline_magics(statements, shown=shown)


def _parse(source: str) -> list[ast.stmt]:
    # Inserted by hand: `warnings.catch_warnings` would make every library repeat its warnings in the next cell.
    filters: list[object] = warnings.filters  # type: ignore[assignment]
    filters.insert(0, _QUIET)
    try:
        return ast.parse(source, _FILENAME).body
    finally:
        filters.remove(_QUIET)


def _ends_with_semicolon(source: str, last: ast.stmt) -> bool:
    lines = source.splitlines()
    line = lines[(last.end_lineno or 1) - 1].encode()
    return line[last.end_col_offset or 0 :].lstrip().startswith(b";")


def _inline_magics(statements: list[ast.stmt], *, shown: bool) -> ParsedCell:
    body: list[ast.stmt] = []
    for statement in statements:
        inner = _magic_body(statement)
        if inner is None:
            body.append(statement)
            continue
        parsed, name = inner
        if isinstance(statement, ast.Assign):
            body.append(_assign_last(statement, parsed))
        elif name == "timeit":
            body.append(_own_namespace(parsed))
        else:
            body.extend(parsed.body)
        if statement is statements[-1]:
            shown = shown and parsed.shown and name not in _SILENT_MAGICS
    return ParsedCell(tuple(body), shown)


def _magic_body(statement: ast.stmt) -> tuple[ParsedCell, str] | None:
    """Return the Python inside a call such as ``get_ipython().run_cell_magic('time', '', 'x = 1')``."""
    if not isinstance(statement, ast.Expr | ast.Assign) or not isinstance(statement.value, ast.Call):
        return None
    function, arguments = statement.value.func, statement.value.args
    if not isinstance(function, ast.Attribute) or function.attr not in ("run_cell_magic", "run_line_magic"):
        return None
    texts = [
        item.value for item in arguments if isinstance(item, ast.Constant) and isinstance(item.value, str)
    ]
    if len(texts) != len(arguments) or len(texts) < 2 or texts[0] not in _PYTHON_MAGICS:  # noqa: PLR2004 - name, text
        return None
    code = texts[-1] if function.attr == "run_cell_magic" else _OPTIONS.sub("", texts[-1], count=1)
    parsed = parse_cell(_to_python(code))
    return (parsed, texts[0]) if parsed.body else None


def _to_python(code: str) -> str:
    transformer = sys.modules.get("IPython.core.inputtransformer2")
    if transformer is None or not any(mark in code for mark in "%!?"):
        return code
    try:
        return str(transformer.TransformerManager().transform_cell(code))
    except SyntaxError:
        return code


def _assign_last(statement: ast.Assign, parsed: ParsedCell) -> ast.stmt:
    last = parsed.body[-1]
    if not isinstance(last, ast.Expr):
        return statement
    return ast.Assign(targets=statement.targets, value=last.value, lineno=statement.lineno)


def _own_namespace(parsed: ParsedCell) -> ast.stmt:
    # A class body runs at once, reads globals, and keeps what it binds: what %timeit does.
    node = ast.ClassDef(name=TIMED_BODY, bases=[], keywords=[], body=list(parsed.body), decorator_list=[])
    node.lineno = parsed.body[0].lineno
    return node
