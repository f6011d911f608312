"""Names that a function, lambda or comprehension takes from the namespace around it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, ClassVar

from nbship.capture.callsites import called_name, mutated_roots, path_argument, root_name

__all__ = [
    "CHILD_FIELDS",
    "COMPREHENSIONS",
    "FreeNames",
    "evaluated_at_definition",
    "free_names",
    "imported_packages",
]

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

_NOT_NODES = frozenset(
    {"ctx", "op", "ops", "id", "attr", "kind", "type_comment", "lineno", "is_async", "conversion"}
)


@dataclass(slots=True)
class FreeNames:
    """What a scope takes from outside and does to it; names are those that the scope does not bind itself.

    `writes` come from ``global`` statements, `walrus` are targets of ``:=`` that a comprehension leaves to its
    surroundings.
    """

    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    walrus: set[str] = field(default_factory=set)
    mutates: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    paths: list[tuple[str, str]] = field(default_factory=list)


class _ChildFields(dict[type, tuple[str, ...]]):
    """The fields of a node class that can hold other nodes, in order of evaluation; filled as classes are met."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        self[kind] = names = tuple(name for name in kind._fields if name not in _NOT_NODES)
        return names


CHILD_FIELDS = _ChildFields()


def free_names(node: ast.AST) -> FreeNames:
    """Analyse one function, lambda, comprehension or class body (not what is evaluated at its definition)."""
    return _Scope(node).resolve()


def evaluated_at_definition(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.expr]:
    """Return decorators, defaults and annotations: they run when the definition does."""
    arguments = node.args
    found: list[ast.expr | None] = [*arguments.defaults, *arguments.kw_defaults]
    if not isinstance(node, ast.Lambda):
        found += node.decorator_list
        if not getattr(node, "type_params", ()):  # else annotations may name the type parameters
            found += [node.returns, *(argument.annotation for argument in _arguments(arguments))]
    return [item for item in found if item is not None]


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return named + [item for item in (arguments.vararg, arguments.kwarg) if item is not None]


class _Scope:
    """One scope: names are collected without regard to order, then the local ones are taken out."""

    __slots__ = ("direct", "free", "globals", "locals", "nested", "node", "outer")

    def __init__(self, node: ast.AST) -> None:
        self.node = node
        self.locals: set[str] = set()
        self.outer: set[str] = set()  # declared global or nonlocal
        self.globals: set[str] = set()
        self.direct: set[str] = set()
        self.nested: set[str] = set()
        self.free = FreeNames()
        self._walk(self._body())

    def resolve(self) -> FreeNames:
        free, own = self.free, self.locals - self.outer
        free.writes |= self.locals & self.globals
        # Functions inside a class body do not see the names of the class.
        hidden = set() if isinstance(self.node, ast.ClassDef) else own
        free.reads = (self.direct - own) | (self.nested - hidden)
        free.mutates -= own
        free.paths = [path for path in free.paths if path[0] == "literal" or path[1] not in own]
        return free

    def _body(self) -> list[Any]:
        node = self.node
        if isinstance(node, ast.ClassDef):
            return list(node.body)
        if isinstance(node, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef):
            self.locals.update(argument.arg for argument in _arguments(node.args))
            return [node.body] if isinstance(node, ast.Lambda) else list(node.body)
        assert isinstance(node, COMPREHENSIONS)
        first = node.generators[0]
        parts: list[Any] = [first.target, *first.ifs, *node.generators[1:]]
        return [*parts, node.key, node.value] if isinstance(node, ast.DictComp) else [*parts, node.elt]

    def _walk(self, stack: list[Any]) -> None:
        while stack:
            node = stack.pop()
            kind = type(node)
            if kind is ast.Name:
                (self.direct if type(node.ctx) is ast.Load else self.locals).add(node.id)
            elif kind is not ast.Constant:
                special = self._SPECIAL.get(kind)
                if special is None or special(self, node, stack):
                    _push_children(node, kind, stack)

    def _inner(self, node: Any) -> FreeNames:
        inner = free_names(node)
        self.nested |= inner.reads
        self.free.writes |= inner.writes
        self.free.mutates |= inner.mutates
        self.free.imports |= inner.imports
        self.free.paths += inner.paths
        return inner

    def _function(self, node: Any, stack: list[Any]) -> bool:
        if not isinstance(node, ast.Lambda):
            self.locals.add(node.name)
        stack += evaluated_at_definition(node)
        self._inner(node)
        return False

    def _class(self, node: Any, stack: list[Any]) -> bool:
        self.locals.add(node.name)
        stack += [*node.bases, *node.keywords, *node.decorator_list]
        self._inner(node)
        return False

    def _comprehension(self, node: Any, stack: list[Any]) -> bool:
        stack.append(node.generators[0].iter)  # the first source is evaluated outside
        walrus = self._inner(node).walrus
        if isinstance(self.node, COMPREHENSIONS):
            self.free.walrus |= walrus
        else:
            self.locals |= walrus
        return False

    def _named(self, node: Any, stack: list[Any]) -> bool:
        if not isinstance(self.node, COMPREHENSIONS):
            return True
        self.free.walrus.add(node.target.id)
        stack.append(node.value)
        return False

    def _declaration(self, node: Any, _stack: list[Any]) -> bool:
        self.outer.update(node.names)
        if isinstance(node, ast.Global):
            self.globals.update(node.names)
        else:
            self.direct.update(node.names)
        return False

    def _import(self, node: Any, _stack: list[Any]) -> bool:
        for alias in node.names:
            self.locals.add(alias.asname or alias.name.partition(".")[0])
        self.free.imports |= imported_packages(node)
        return False

    def _capture(self, node: Any, _stack: list[Any]) -> bool:
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name:
            self.locals.add(name)
        return True

    def _call(self, node: Any, _stack: list[Any]) -> bool:
        name = called_name(node)
        self.free.mutates.update(mutated_roots(node, name))
        path = path_argument(node, name)
        if path is not None:
            self.free.paths.append(path)
        return True

    def _part(self, node: Any, _stack: list[Any]) -> bool:
        if type(node.ctx) is not ast.Load:
            root = root_name(node)
            if root is not None:
                self.free.mutates.add(root)
        return True

    _SPECIAL: ClassVar[dict[type, Any]] = {
        ast.FunctionDef: _function,
        ast.AsyncFunctionDef: _function,
        ast.Lambda: _function,
        ast.ClassDef: _class,
        ast.ListComp: _comprehension,
        ast.SetComp: _comprehension,
        ast.DictComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.NamedExpr: _named,
        ast.Global: _declaration,
        ast.Nonlocal: _declaration,
        ast.Import: _import,
        ast.ImportFrom: _import,
        ast.ExceptHandler: _capture,
        ast.MatchAs: _capture,
        ast.MatchStar: _capture,
        ast.MatchMapping: _capture,
        ast.Call: _call,
        ast.Attribute: _part,
        ast.Subscript: _part,
    }


def imported_packages(node: ast.Import | ast.ImportFrom) -> set[str]:
    """Return the top-level packages that a statement imports; none for relative imports."""
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    return {node.module.partition(".")[0]} if node.module and not node.level else set()


def _push_children(node: Any, kind: type[Any], stack: list[Any]) -> None:
    for name in CHILD_FIELDS[kind]:
        value = getattr(node, name, None)
        if type(value) is list:
            stack += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            stack.append(value)
