"""The code that every step of a tagged notebook begins with, and what of it a step uses."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbship.capture.callsites import called_name
from nbship.capture.flow_walker import FlowWalker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbship.capture.scopes import FreeNames

__all__ = ["SharedCode", "shared_code"]

# Objects that give something else each time they are asked, without looking changed in the source.
_STATEFUL = frozenset({"default_rng", "RandomState", "Random", "Generator", "iter", "count", "cycle"})


@dataclass(frozen=True, slots=True)
class SharedCode:
    """What the shared cells define.

    Attributes
    ----------
    body
        Their statements, in order.
    names
        Every name that they bind.
    functions
        Function, class or lambda to what it takes from around it when it is called.
    definitions
        Name of a function or class to its statement.
    flows
        For each statement, the names that it reads and those that it binds or changes.
    imported
        Names of modules and of their parts.
    stateful
        Names of random generators and iterators, those that a step makes included.
    """

    body: tuple[ast.stmt, ...]
    names: frozenset[str]
    functions: dict[str, FreeNames]
    definitions: dict[str, ast.stmt]
    flows: tuple[tuple[set[str], set[str]], ...]
    imported: frozenset[str]
    stateful: frozenset[str]

    @property
    def constants(self) -> frozenset[str]:
        """Names of values: neither functions and classes nor modules."""
        return self.names - self.functions.keys() - self.imported

    def reached(self, names: Iterable[str]) -> set[str]:
        """Return the functions that code with these names can call, directly or through each other."""
        found: set[str] = set()
        waiting = [name for name in names if name in self.functions]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [read for read in self.functions[name].reads if read in self.functions]
        return found

    def behind(self, names: Iterable[str]) -> set[str]:
        """Return the names with all those that their values are computed from, and what runs for its effect alone."""
        needed = set(names)
        before = -1
        while len(needed) != before:
            before = len(needed)
            for statement, (reads, writes) in zip(self.body, self.flows, strict=True):
                if isinstance(statement, ast.Expr) or writes & needed:
                    needed |= reads
        return needed


def shared_code(body: Iterable[ast.stmt], others: Iterable[ast.stmt] = ()) -> SharedCode:
    """Return what the shared statements define; `others` are those of the steps."""
    statements = tuple(body)
    walker = FlowWalker()
    walker.walk(statements)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return SharedCode(
        body=statements,
        names=frozenset(walker.writes),
        functions=dict(walker.deferred),
        definitions={node.name: node for node in statements if isinstance(node, kinds)},
        flows=tuple(_flow(statement, walker.deferred) for statement in statements),
        imported=frozenset(walker.imported_names),
        stateful=frozenset(_stateful([*statements, *others])),
    )


def _flow(statement: ast.stmt, functions: dict[str, FreeNames]) -> tuple[set[str], set[str]]:
    walker = FlowWalker()
    walker.deferred = dict(functions)
    walker.walk([statement])
    return walker.reads, walker.writes | walker.mutates


def _stateful(statements: Iterable[ast.stmt]) -> set[str]:
    return {
        target.id
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and called_name(node.value) in _STATEFUL
        for target in node.targets
        if isinstance(target, ast.Name)
    }
