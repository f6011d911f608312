"""Which variables a call of a notebook's own function changes: ``add_features(frame)`` changes `frame`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbship.capture.callsites import root_name
from nbship.capture.flow_walker import FlowWalker

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["changed_arguments"]

Function = ast.FunctionDef | ast.AsyncFunctionDef


def changed_arguments(body: Iterable[ast.stmt], definitions: Mapping[str, ast.stmt]) -> set[str]:
    """Return the names that statements hand to functions which change that argument in place.

    Parameters
    ----------
    body
        Statements; functions that they define at their top are known too.
    definitions
        Name to definition of the functions that exist before.
    """
    statements = list(body)
    own = {node.name: node for node in statements if isinstance(node, Function)}
    known = {name: node for name, node in {**definitions, **own}.items() if isinstance(node, Function)}
    return _handed_on(statements, known, _effects(known))


def _effects(known: Mapping[str, Function]) -> dict[str, set[str]]:
    """Return function to the parameters whose object it changes, by itself or through another function."""
    effects = {name: _changed_parameters(node, set()) for name, node in known.items()}
    while True:
        further = {
            name: effects[name] | _changed_parameters(node, _handed_on(node.body, known, effects))
            for name, node in known.items()
        }
        if further == effects:
            return effects
        effects = further


def _changed_parameters(node: Function, handed_on: set[str]) -> set[str]:
    """Return the parameters that are changed before the name is bound to another object."""
    open_names, changed = set(_parameters(node)), set[str]()
    for statement in node.body:
        walker = FlowWalker()
        walker.walk([statement])
        touched = walker.mutates | (handed_on & walker.reads)
        if not isinstance(statement, ast.Assign):
            changed |= touched & open_names
        else:  # the value is computed before the name is bound
            changed |= (touched - walker.writes) & open_names
        open_names -= walker.writes
    return changed


def _parameters(node: Function) -> list[str]:
    return [item.arg for item in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]


def _handed_on(
    statements: Iterable[ast.stmt], known: Mapping[str, Function], effects: Mapping[str, set[str]]
) -> set[str]:
    found: set[str | None] = set()
    for statement in statements:
        for call in ast.walk(statement):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in known:
                names = _parameters(known[call.func.id])
                pairs = [
                    *zip(names, call.args, strict=False),
                    *((keyword.arg, keyword.value) for keyword in call.keywords),
                ]
                found |= {root_name(value) for name, value in pairs if name in effects[call.func.id]}
    return {name for name in found if name is not None}
