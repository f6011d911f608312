"""The parameters of a notebook, read from its cell tagged ``parameters`` without running it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.model.parameter import Parameter, ParameterKind, ParameterSchema, ParameterType
from nbship.pipeline.parameters.cell_python import body_python, is_python, parse_python, tagged_cell
from nbship.pipeline.parameters.comments import Comment, trailing_comments
from nbship.pipeline.parameters.constants import NOT_LITERAL, constant
from nbship.pipeline.parameters.imported_names import imported_names
from nbship.pipeline.parameters.types import (
    Annotation,
    Names,
    read_annotation,
    read_type_text,
    type_of_default,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["parameters_source_of", "read_parameters"]

_HIDDEN = "***"
_HARMLESS_CALLS = frozenset({"from_env", "from_file", "getenv", "get"})


def read_parameters(notebook: dict[str, Any]) -> ParameterSchema:
    """Return the parameters that a notebook declares.

    Parameters
    ----------
    notebook
        nbformat 4 JSON, sources as joined text.

    Returns
    -------
    ParameterSchema
        One parameter for each name that the cell assigns at its top level, in that order. Names that begin with an
        underscore, imports, functions, classes and named types are none. Where several cells carry the tag
        ``parameters``, the first one counts, as in papermill: the injected cell comes right after it, so that what
        later cells assign cannot be given from outside. Not `tagged`, and empty, for a notebook without such a cell or in
        another language than Python.

    Raises
    ------
    UsageError
        When the cell is no Python.
    """
    index = tagged_cell(notebook) if is_python(notebook) else None
    if index is None:
        return ParameterSchema()
    source = body_python(notebook["cells"][index]["source"])
    try:
        statements = parse_python(source).body
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise UsageError(
            f"the cell tagged 'parameters' (cell {index + 1}{line}) is not valid Python: {error.msg}"
        ) from error
    reader = _Reader(source, _names(notebook, index, statements), index)
    return ParameterSchema(tuple(reader.read(statements)), tagged=True)


def parameters_source_of(notebook: dict[str, Any]) -> str:
    """Return the plain Python of the cell tagged ``parameters``; empty where there is none."""
    index = tagged_cell(notebook) if is_python(notebook) else None
    return "" if index is None else body_python(notebook["cells"][index]["source"])


def _names(notebook: dict[str, Any], index: int, statements: list[ast.stmt]) -> Names:
    imports: dict[str, str] = {}
    for cell in notebook["cells"][:index]:
        if cell["cell_type"] == "code" and "import" in cell["source"]:
            imports |= imported_names(_statements(cell["source"]))
    imports |= imported_names(statements)
    known = Names(imports)
    aliases = {
        statement.targets[0].id: statement.value
        for statement in statements
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and known.is_type(statement.value)
    }
    return Names(imports, aliases)


def _statements(source: str) -> list[ast.stmt]:
    try:
        return parse_python(body_python(source)).body
    except SyntaxError:
        return []


@dataclass(frozen=True, slots=True)
class _Binding:
    """One name bound by one statement; `value` is None for a declaration without a value."""

    name: str
    value: ast.expr | None
    source: str
    annotation: ast.expr | None
    statement: ast.stmt


class _Reader:
    """Reads the statements of one cell."""

    def __init__(self, source: str, names: Names, cell: int) -> None:
        self._source = source
        self._names = names
        self._cell = cell
        self._comments = trailing_comments(source)

    def read(self, statements: list[ast.stmt]) -> list[Parameter]:
        """Return the parameters in the order of their first mention; the last assignment gives the default."""
        found: dict[str, Parameter] = {}
        for binding in (item for statement in statements for item in self._bindings(statement)):
            if not binding.name.startswith("_") and binding.name not in self._names.aliases:
                found[binding.name] = _merged(found.get(binding.name), self._parameter(binding))
        return list(found.values())

    def _bindings(self, statement: ast.stmt) -> Iterator[_Binding]:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            source = self._text(statement.value) if statement.value is not None else ""
            yield _Binding(statement.target.id, statement.value, source, statement.annotation, statement)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                for name, value in _pairs(target, statement.value):
                    yield _Binding(name, value, self._text(value), None, statement)

    def _parameter(self, binding: _Binding) -> Parameter:
        comment = self._comments.get(binding.statement.end_lineno or 0, Comment())
        annotation, text = self._annotation(binding, comment)
        value = NOT_LITERAL if binding.value is None else constant(binding.value, self._names.imports)
        inferred = annotation is None and binding.value is not None
        kind = annotation.type if annotation else self._inferred(binding.value, value)
        parameter = Parameter(
            name=binding.name,
            type=replace(kind, nullable=True)
            if value is None and kind.kind is not ParameterKind.ANY
            else kind,
            default_source=binding.source,
            has_default=binding.value is not None,
            default=None if value is NOT_LITERAL else value,
            computed=binding.value is not None and value is NOT_LITERAL,
            help=comment.help or (annotation.help if annotation else ""),
            annotation=text,
            inferred=inferred,
            secret=annotation.secret if annotation else False,
            cell=self._cell,
            line=binding.statement.lineno,
        )
        return _hidden(parameter, binding.value) if parameter.secret else parameter

    def _annotation(self, binding: _Binding, comment: Comment) -> tuple[Annotation | None, str]:
        if binding.annotation is not None:
            return read_annotation(binding.annotation, self._names), self._text(binding.annotation).strip(
                "\"'"
            )
        if comment.type:
            found = read_type_text(comment.type, self._names)
            return found, comment.type if found else ""
        return None, ""

    def _inferred(self, node: ast.expr | None, value: Any) -> ParameterType:
        return ParameterType() if node is None else type_of_default(node, value, self._names)

    def _text(self, node: ast.expr) -> str:
        text = ast.get_source_segment(self._source, node)
        return text if text and "\n" not in text else ast.unparse(node)


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield each name of a target with its own part of the value, or with all of it where it cannot be told apart."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Starred):
        yield from _pairs(target.value, ast.Call(func=ast.Name("list"), args=[value], keywords=[]))
    elif isinstance(target, ast.Tuple | ast.List):
        starred = any(isinstance(part, ast.Starred) for part in target.elts)
        apart = (
            isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts) and not starred
        )
        for index, part in enumerate(target.elts):
            whole = ast.Subscript(value=value, slice=ast.Constant(index), ctx=ast.Load())
            yield from _pairs(part, value.elts[index] if apart else value if starred else whole)  # type: ignore[attr-defined]


def _merged(before: Parameter | None, now: Parameter) -> Parameter:
    """Let ``n: int`` on one line and ``n = 3`` on a later one be one parameter."""
    if before is None or now.annotation or not before.annotation:
        return now
    return replace(
        now,
        type=before.type,
        annotation=before.annotation,
        inferred=False,
        secret=before.secret,
        help=now.help or before.help,
    )


def _hidden(parameter: Parameter, node: ast.expr | None) -> Parameter:
    """Take a secret out of the default; where a secret comes from may be shown."""
    texts = [part for part in ast.walk(node) if isinstance(part, ast.Constant) and part.value] if node else []
    called = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
    names_a_place = called in _HARMLESS_CALLS or isinstance(node, ast.Subscript)
    if not texts or (names_a_place and len(texts) == 1):  # a second text is a fallback: the secret itself
        return replace(parameter, default=None)
    return replace(parameter, default=None, default_source=_HIDDEN)
