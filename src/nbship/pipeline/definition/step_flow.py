"""What the code of a step takes from before it and leaves behind it, told from the source."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbship.capture.flow_names import GIVEN
from nbship.capture.flow_walker import FlowWalker
from nbship.pipeline.definition.argument_effects import changed_arguments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nbship.pipeline.definition.shared_code import SharedCode
    from nbship.pipeline.definition.step_cells import PlacedCell

__all__ = ["StepFlow", "joined", "step_flow", "taken_names"]


@dataclass(frozen=True, slots=True)
class StepFlow:
    """The dataflow of a step.

    Attributes
    ----------
    reads
        Names whose value at the start can matter, those read by shared functions that the step uses included.
    writes, mutates
        Names that it binds, and names whose object it changes, or probably changes, in place.
    certain
        Names that are bound at its end on every path.
    deletes
        Names that it surely deletes and does not bind again.
    aliases
        Pairs of names that are one object at its end, because of ``b = a`` at the top.
    binders
        Name to the last statement at the top that binds it, or deletes it.
    """

    reads: frozenset[str]
    writes: frozenset[str]
    mutates: frozenset[str]
    certain: frozenset[str]
    deletes: frozenset[str]
    aliases: frozenset[tuple[str, str]]
    binders: dict[str, ast.stmt]

    @property
    def needs(self) -> frozenset[str]:
        """Names that must be there at the start, so that those at the end have the value that they should have."""
        return self.reads | (self.writes - self.certain - self.deletes)


def joined(cells: Iterable[PlacedCell]) -> list[ast.stmt]:
    """Return the statements of cells; a call that ends a cell is shown, and does not count as made for its effect."""
    return [
        _shown(statement) if statement is cell.body[-1] else statement
        for cell in cells
        for statement in cell.body
    ]


def _shown(statement: ast.stmt) -> ast.stmt:
    if not isinstance(statement, ast.Expr):
        return statement
    kept = ast.Expr(ast.Tuple([statement.value], ast.Load()))
    return ast.fix_missing_locations(ast.copy_location(kept, statement))


def taken_names(bodies: Iterable[list[ast.stmt]]) -> frozenset[str]:
    """Return the names of builtins that some step binds, as in ``input = read()``: elsewhere they may mean either."""
    return GIVEN & {name for body in bodies for name in _binders(body)}


def step_flow(body: list[ast.stmt], shared: SharedCode, taken: frozenset[str] = frozenset()) -> StepFlow:
    """Return the dataflow of a step's statements, which run after the shared code; `taken` is of `taken_names`."""
    walker = FlowWalker()
    walker.deferred = dict(shared.functions)
    walker.walk(body)
    names = {node.id for statement in body for node in ast.walk(statement) if isinstance(node, ast.Name)}
    used = shared.reached(names)
    for found in (names, *(shared.functions[name].reads for name in used)):
        walker.reads |= found & taken
    mutates = walker.mutates | changed_arguments(body, shared.definitions) | (walker.reads & shared.stateful)
    for name in used:
        mutates |= shared.functions[name].mutates
    writes = walker.writes.union(*(shared.functions[name].writes for name in used))
    binders = _binders(body)
    return StepFlow(
        reads=frozenset(walker.reads),
        writes=frozenset(writes),
        mutates=frozenset(_with_aliases(mutates, body)),
        certain=frozenset(walker.bound),
        deletes=frozenset(name for name, last in binders.items() if isinstance(last, ast.Delete)),
        aliases=frozenset(_aliases(body, binders)),
        binders=binders,
    )


def _with_aliases(names: set[str], body: list[ast.stmt]) -> set[str]:
    """Add the other names of the same objects: after ``b = a``, what changes `b` changes `a`."""
    pairs = [
        (target.id, node.value.id)
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    found, before = set(names), -1
    while len(found) != before:
        before = len(found)
        for pair in pairs:
            if found.intersection(pair):
                found.update(pair)
    return found


def _aliases(body: list[ast.stmt], binders: dict[str, ast.stmt]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of ``b = a`` of which neither was bound again."""
    for position, statement in enumerate(body):
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Name):
            continue
        source = statement.value.id
        if binders.get(source) not in body[position:]:
            for target in statement.targets:
                if isinstance(target, ast.Name) and binders[target.id] is statement:
                    yield target.id, source


def _binders(body: Iterable[ast.stmt]) -> dict[str, ast.stmt]:
    binders: dict[str, ast.stmt] = {}
    for statement in body:
        walker = FlowWalker()
        walker.walk([statement])
        names = walker.writes | (walker.deletes if isinstance(statement, ast.Delete) else set())
        binders.update(dict.fromkeys(names, statement))
    return binders
