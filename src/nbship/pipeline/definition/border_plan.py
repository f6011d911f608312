"""Which variables cross from which step into which, of a notebook whose steps stand one below the other.

A variable that a step needs comes from the step that bound or changed it last, above. What a step changes and a later
one needs is saved again by the step that changed it, under that step's name: no artifact is written twice.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbship.capture.flow_names import GIVEN
from nbship.errors import UsageError
from nbship.pipeline.definition.unsavable_values import unsavable
from nbship.pipeline.parameters.imported_names import imported_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbship.pipeline.definition.shared_code import SharedCode
    from nbship.pipeline.definition.step_flow import StepFlow

__all__ = ["StepBorders", "plan_borders"]

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)


@dataclass(slots=True)
class StepBorders:
    """What a step loads and saves.

    Attributes
    ----------
    loads
        Variable to the step that it comes from.
    saves
        Variables for later steps.
    imports
        Import statements of earlier steps that it needs too.
    unsure_loads, unsure_saves
        Those among them that may have no value, because they are bound on some paths only.
    kept_saves
        Those that every step makes anew and this one changed: where they cannot be saved, each step keeps its own.
    """

    loads: dict[str, str] = field(default_factory=dict)
    saves: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    unsure_loads: set[str] = field(default_factory=set)
    unsure_saves: set[str] = field(default_factory=set)
    kept_saves: set[str] = field(default_factory=set)


def plan_borders(flows: Mapping[str, StepFlow], shared: SharedCode, where: str) -> dict[str, StepBorders]:
    """Return what each step loads and saves.

    Parameters
    ----------
    flows
        Step to its dataflow, in the order of the notebook.

    Raises
    ------
    UsageError
        When a step needs what cannot be saved, a function of another step, or what only a later step makes.
    """
    planner = _Planner(flows, shared, where)
    for step in flows:
        planner.place(step)
    return planner.borders


class _Planner:
    def __init__(self, flows: Mapping[str, StepFlow], shared: SharedCode, where: str) -> None:
        self.borders = {step: StepBorders() for step in flows}
        self._flows = flows
        self._shared = shared
        self._where = where
        self._needs, self._wanted = _needs(flows)
        self._aliases: dict[tuple[str, str], str] = {}
        self._owners: dict[str, str] = {}
        self._imports = imported_names([*shared.body, *_import_statements(flows)])
        # The object behind these names is made again in every step; what a step changes in it stays there.
        self._fixed = shared.imported | shared.definitions.keys()

    def place(self, step: str) -> None:
        """Decide where the needs of a step come from, and what it is from then on the last to have made."""
        flow = self._flows[step]
        self._check_aliases(step)
        for name in sorted(self._needs[step]):
            owner = self._owners.get(name)
            if owner is None:
                self._check_made_above(name, step)
            else:
                self._cross(name, owner, step)
        for name in flow.writes | (flow.mutates - self._fixed):
            if name in flow.writes or self._can_change(name):
                self._owners[name] = step
        for name in flow.deletes:
            self._owners.pop(name, None)

    def _check_aliases(self, step: str) -> None:
        """Refuse to change an object of which a later step reads the other name: the two names are two files."""
        flow = self._flows[step]
        self._aliases = {
            pair: origin for pair, origin in self._aliases.items() if not flow.writes.intersection(pair)
        }
        for pair, origin in self._aliases.items():
            for changed, other in (pair, pair[::-1]):
                if changed in flow.mutates and other in self._wanted[step]:
                    raise UsageError(
                        f"{self._where}: {pair[0]} and {pair[1]} are one object since step {origin}, step {step} "
                        f"changes it as {changed}, and a later step reads {other}. Write {pair[0]} = {pair[1]}.copy() "
                        "where two are meant, or one name everywhere"
                    )
        self._aliases.update(dict.fromkeys(flow.aliases, step))

    def _can_change(self, name: str) -> bool:
        """Say whether what a step changes in an object must reach later steps: a module is another one in each."""
        owner = self._owners.get(name)
        if owner is None:
            return name in self._shared.names
        return not isinstance(self._flows[owner].binders.get(name), _IMPORTS)

    def _cross(self, name: str, owner: str, step: str) -> None:
        binder = self._flows[owner].binders.get(name)
        if isinstance(binder, _IMPORTS):
            statement = ast.unparse(_only(binder, name))
            if statement not in self.borders[step].imports:
                self.borders[step].imports.append(statement)
            return
        self._check_savable(name, binder, owner, step)
        self.borders[step].loads[name] = owner
        if name not in self.borders[owner].saves:
            self.borders[owner].saves.append(name)
            self.borders[owner].saves.sort()
        if not self._is_bound(name, owner):
            self.borders[owner].unsure_saves.add(name)
        if name in self._shared.names and not any(name in flow.writes for flow in self._flows.values()):
            self.borders[owner].kept_saves.add(name)
        if name in self.borders[owner].unsure_saves | self.borders[owner].kept_saves:
            self.borders[step].unsure_loads.add(name)

    def _is_bound(self, name: str, step: str) -> bool:
        """Say whether a name surely has a value at the end of a step."""
        if name in self._flows[step].certain or name in self._shared.names:
            return True
        borders = self.borders[step]
        return name in borders.loads and name not in borders.unsure_loads

    def _check_savable(self, name: str, binder: ast.stmt | None, owner: str, step: str) -> None:
        if isinstance(binder, _DEFINITIONS):
            shown = name if isinstance(binder, ast.ClassDef) else f"{name}()"
            raise UsageError(
                f"{self._where}: {shown} is defined in step {owner} and used in step {step}: move it above the first "
                "step, or into a cell of its own with nothing but definitions"
            )
        what = unsavable(binder, self._imports)
        if what:
            raise UsageError(
                f"{self._where}: {name} is {what}, made in step {owner} and used in step {step}, and cannot be saved "
                f"between them. Make it in step {step}, or above the first step"
            )

    def _check_made_above(self, name: str, step: str) -> None:
        flow = self._flows[step]
        if name in self._shared.names | flow.writes | GIVEN or name not in flow.reads:
            return
        order = list(self._flows)
        below = (later for later in order[order.index(step) + 1 :] if name in self._flows[later].writes)
        maker = next(below, None)
        if maker is not None:
            raise UsageError(
                f"{self._where}: step {step} reads {name}, which is made further down, in step {maker}. "
                f"Move step {maker} above step {step}"
            )


def _needs(
    flows: Mapping[str, StepFlow],
) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Return the names that each step must be given, and those that are wanted by later steps at its end.

    What a step binds on some paths only must be there before it where a later step wants it; the variable of a loop
    that nobody looks at afterwards must not.
    """
    needs: dict[str, frozenset[str]] = {}
    wanted: dict[str, frozenset[str]] = {}
    later: frozenset[str] = frozenset()
    for step, flow in reversed(list(flows.items())):
        wanted[step] = later
        needs[step] = flow.reads | ((flow.writes - flow.certain - flow.deletes) & later)
        later = (later - flow.certain - flow.deletes) | needs[step]
    return needs, wanted


def _import_statements(flows: Mapping[str, StepFlow]) -> list[ast.stmt]:
    return [
        binder for flow in flows.values() for binder in flow.binders.values() if isinstance(binder, _IMPORTS)
    ]


def _only(statement: ast.Import | ast.ImportFrom, name: str) -> ast.stmt:
    """Return the part of an import that binds one name."""
    names = [alias for alias in statement.names if (alias.asname or alias.name.partition(".")[0]) == name]
    if isinstance(statement, ast.Import):
        return ast.Import(names)
    return ast.ImportFrom(statement.module, names, statement.level)
