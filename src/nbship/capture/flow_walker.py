"""One walk over the statements of a cell, in order, keeping what is certainly bound so far.

What is bound on some paths only (a branch, a loop body) counts as not bound: a needless read makes a record longer,
a missing one makes it wrong.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, ClassVar

from nbship.capture.callsites import (
    FIT_METHODS,
    called_name,
    data_argument,
    mutated_roots,
    path_argument,
    root_name,
    training_arguments,
)
from nbship.capture.flow_names import NameFlow
from nbship.capture.scopes import CHILD_FIELDS, evaluated_at_definition, free_names, imported_packages
from nbship.capture.syntax import TIMED_BODY

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FlowWalker"]

_LEAVES = (ast.Raise, ast.Return, ast.Continue, ast.Break)


class FlowWalker(NameFlow):
    """Collects the facts of one cell; `walk` once, then read the attributes."""

    _last: ast.stmt | None = None

    def walk(self, body: Iterable[ast.stmt]) -> None:
        """Visit the statements of the cell."""
        statements = list(body)
        self._last = statements[-1] if statements else None
        self._block(statements)

    # Statements

    def _block(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            visit = self._STATEMENTS.get(type(statement))
            if visit is None:
                self._children(statement)
            else:
                visit(self, statement)

    def _branch(self, body: list[ast.stmt], before: set[str], *, also: Iterable[str] = ()) -> set[str] | None:
        """Visit a body that may not run; return what is bound after it, None where it never falls through."""
        self.bound = before | set(also)
        self._depth += 1
        self._block(body)
        self._depth -= 1
        return None if body and isinstance(body[-1], _LEAVES) else self.bound

    def _join(self, before: set[str], *after: set[str] | None) -> None:
        open_ends = [bound for bound in after if bound is not None]
        self.bound = set.intersection(*open_ends) if open_ends else set(before)

    def _if(self, node: ast.If) -> None:
        self._expression(node.test)
        before = self.bound
        then = self._branch(node.body, before)
        self._join(before, then, self._branch(node.orelse, before))

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self._expression(node.iter)
        before = self.bound
        self.bound = set(before)
        self._target(node.target, None, counted=False)
        self._branch(node.body, self.bound)
        self._branch(node.orelse, before)
        self.bound = before

    def _while(self, node: ast.While) -> None:
        self._expression(node.test)
        before = self.bound
        self._branch(node.body, before)
        self._branch(node.orelse, before)
        self.bound = before

    def _try(self, node: Any) -> None:
        before = self.bound
        ends = [self._branch([*node.body, *node.orelse], before)]
        for handler in node.handlers:
            self.bound = before
            if handler.type is not None:
                self._expression(handler.type)
            ends.append(self._branch(handler.body, before, also=[handler.name] if handler.name else ()))
            if handler.name and ends[-1] is not None:
                ends[-1].discard(handler.name)  # Python deletes it
        self._join(before, *ends)
        self._block(node.finalbody)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self._expression(item.context_expr)
            if item.optional_vars is not None:
                self._target(item.optional_vars, None, counted=False)
        self._block(node.body)

    def _match(self, node: ast.Match) -> None:
        self._expression(node.subject)
        before, ends = self.bound, []
        for case in node.cases:
            self.bound = set(before)
            self._pattern(case.pattern)
            if case.guard is not None:
                self._expression(case.guard)
            ends.append(self._branch(case.body, self.bound))
        last = node.cases[-1]
        catches_all = (
            isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None and last.guard is None
        )
        self._join(before, *ends, *([] if catches_all else [set(before)]))

    def _pattern(self, pattern: ast.pattern) -> None:
        for node in ast.walk(pattern):
            if isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
                self._bind(node.name)
            elif isinstance(node, ast.MatchMapping) and node.rest:
                self._bind(node.rest)
            elif isinstance(node, ast.Name):
                self._load(node.id)

    def _assign(self, node: ast.Assign) -> None:
        if isinstance(node.value, ast.Lambda) and all(
            isinstance(target, ast.Name) for target in node.targets
        ):
            self._define_lambda(node)
            return
        self._expression(node.value)
        for target in node.targets:
            self._target(target, node.value)
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            self._fit_of_new(node.targets[0].id, node.value)

    def _define_lambda(self, node: ast.Assign) -> None:
        assert isinstance(node.value, ast.Lambda)
        for default in evaluated_at_definition(node.value):
            self._expression(default)
        free = free_names(node.value)
        for target in node.targets:
            assert isinstance(target, ast.Name)
            self._define(target.id, free)

    def _annotated(self, node: ast.AnnAssign) -> None:
        self._expression(node.annotation)
        if node.value is not None:
            self._expression(node.value)
            self._target(node.target, node.value)
            if isinstance(node.target, ast.Name):
                self._fit_of_new(node.target.id, node.value)

    def _augmented(self, node: ast.AugAssign) -> None:
        target = node.target
        if isinstance(target, ast.Name):
            self._load(target.id)
            self._expression(node.value)
            self._mutate(target.id)
            self._bind(target.id)
            self._compute(target.id)
        else:
            self._expression(node.value)
            self._target(target, None)

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            names = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
            for name in names:
                if isinstance(name, ast.Name):
                    self._forget(name.id)
                else:
                    self._target(name, None)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.imports |= imported_packages(node)
        for alias in node.names:
            if alias.name != "*":
                name = alias.asname or alias.name.partition(".")[0]
                self._bind(name)
                self.imported_names.add(name)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in evaluated_at_definition(node):
            self._expression(part)
        free = free_names(node)
        self._define(node.name, free)
        if node.decorator_list:  # a decorator may call what it is given, as `interact` does
            self._use(node.name, set())

    def _class(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self._expression(part)
        before = set(self.bound)
        self._class_depth += 1
        self._block(node.body)
        self._class_depth -= 1
        self.bound = before
        if node.name != TIMED_BODY:
            self._define(node.name, free_names(node))

    def _expression_statement(self, node: ast.Expr) -> None:
        self._expression(node.value)
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        if node is not self._last and isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            root = root_name(value.func)
            if root is not None:
                self._mutate(root)

    def _scope_declaration(self, _node: ast.stmt) -> None:
        """Do nothing: at the top of a cell, ``global`` changes nothing."""

    # Bindings

    def _target(self, node: ast.expr, value: ast.expr | None, *, counted: bool = True) -> None:
        """Bind a target; `counted` says that the value is a result (not the item of a loop or a context)."""
        if isinstance(node, ast.Name):
            self._bind(node.id)
            if counted:
                self._assigned(node.id, value)
        elif isinstance(node, ast.Tuple | ast.List):
            for target, part in zip(node.elts, _parts(node, value), strict=True):
                self._target(target, part, counted=counted)
        elif isinstance(node, ast.Starred):
            self._target(node.value, None, counted=counted)
        else:
            self._children(node)
            root = root_name(node)
            if root is not None:
                self._mutate(root)

    # Expressions

    def _expression(self, node: ast.AST) -> None:
        visit = self._EXPRESSIONS.get(type(node))
        if visit is None:
            self._children(node)
        else:
            visit(self, node)

    def _children(self, node: ast.AST) -> None:
        for name in CHILD_FIELDS[type(node)]:
            value = getattr(node, name, None)
            if type(value) is list:
                for item in value:
                    if isinstance(item, ast.AST):
                        self._expression(item)
            elif isinstance(value, ast.AST):
                self._expression(value)

    def _name(self, node: ast.Name) -> None:
        self._load(node.id)

    def _constant(self, _node: ast.Constant) -> None:
        """Do nothing: a leaf."""

    def _named(self, node: ast.NamedExpr) -> None:
        self._expression(node.value)
        self._target(node.target, node.value)

    def _inner_scope(self, node: Any) -> None:
        """Visit a comprehension or a lambda that is handed on: it runs now."""
        if isinstance(node, ast.Lambda):
            for default in evaluated_at_definition(node):
                self._expression(default)
        else:
            self._expression(node.generators[0].iter)
        free = free_names(node)
        for name in free.reads:
            self._load(name)
        self.mutates |= free.mutates
        self.paths.update(dict.fromkeys(free.paths))
        if not self._class_depth:
            self.writes |= free.walrus
            self.bindings.update(free.walrus)

    def _call(self, node: ast.Call) -> None:
        self._children(node)
        name = called_name(node)
        for root in mutated_roots(node, name):
            self._mutate(root)
        path = path_argument(node, name)
        if path is not None:
            self.paths[path] = None
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            self._method(node.func.value.id, name, node)

    def _method(self, variable: str, name: str, node: ast.Call) -> None:
        """Note what a variable was fitted on, or asked about."""
        if name in FIT_METHODS:
            self.fits[variable, data_argument(node)] = None
            self.trained[variable] = training_arguments(node)
        elif name == "predict":
            self.asked[variable] = data_argument(node)

    def _fit_of_new(self, name: str, value: ast.expr) -> None:
        """Note ``model = Klass(...).fit(X, y)``; what `fit_transform` returns is data."""
        if (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and value.func.attr in ("fit", "partial_fit")
            and root_name(value.func) is None
        ):
            self.fits[name, data_argument(value)] = None
            self.trained[name] = training_arguments(value)

    _STATEMENTS: ClassVar[dict[type, Any]] = {
        ast.If: _if,
        ast.For: _for,
        ast.AsyncFor: _for,
        ast.While: _while,
        ast.Try: _try,
        ast.TryStar: _try,
        ast.With: _with,
        ast.AsyncWith: _with,
        ast.Match: _match,
        ast.Assign: _assign,
        ast.AnnAssign: _annotated,
        ast.AugAssign: _augmented,
        ast.Delete: _delete,
        ast.Import: _import,
        ast.ImportFrom: _import,
        ast.FunctionDef: _function,
        ast.AsyncFunctionDef: _function,
        ast.ClassDef: _class,
        ast.Expr: _expression_statement,
        ast.Global: _scope_declaration,
        ast.Nonlocal: _scope_declaration,
    }
    _EXPRESSIONS: ClassVar[dict[type, Any]] = {
        ast.Name: _name,
        ast.Constant: _constant,
        ast.NamedExpr: _named,
        ast.Call: _call,
        ast.Lambda: _inner_scope,
        ast.ListComp: _inner_scope,
        ast.SetComp: _inner_scope,
        ast.DictComp: _inner_scope,
        ast.GeneratorExp: _inner_scope,
    }


def _parts(target: ast.Tuple | ast.List, value: ast.expr | None) -> list[ast.expr | None]:
    starred = any(isinstance(item, ast.Starred) for item in target.elts)
    if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts) and not starred:
        return list(value.elts)
    return [None] * len(target.elts)
