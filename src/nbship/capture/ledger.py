"""The ledger of a kernel, and what a cell really depends on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbship.model.cell import CellExecution, CellStatus

if TYPE_CHECKING:
    from nbship.capture.dataflow import CellFlow

__all__ = ["Ledger", "Slice"]


_RAN_THROUGH = (CellStatus.OK, CellStatus.UNOBSERVED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One execution with the names that flow through it; `binds` are those that held a new value afterwards."""

    cell: CellExecution
    flow: CellFlow
    binds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Slice:
    """The executions that a set of reads depends on.

    Attributes
    ----------
    indices
        Ledger indices in ascending order.
    bindings
        Ledger index to the names for which that execution supplied the value.
    """

    indices: tuple[int, ...]
    bindings: dict[int, frozenset[str]]


@dataclass(slots=True)
class Ledger:
    """The executions of a kernel in true order, and the cells that the front end has deleted since."""

    entries: list[Entry] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)

    def append(self, cell: CellExecution, flow: CellFlow) -> None:
        """Add an execution that has ended."""
        self.entries.append(Entry(cell, flow, _binds(cell, flow)))
        self.deleted.discard(cell.cell_id or "")  # a cell that runs is there: its deletion was undone

    def writer(self, name: str, before: int) -> int | None:
        """Return the index of the last execution before `before` that bound `name`."""
        return next((i for i in range(before - 1, -1, -1) if name in self.entries[i].binds), None)

    def slice(self, reads: frozenset[str], before: int) -> Slice:
        """Return the executions before index `before` that `reads` depend on, directly or not."""
        needed: dict[int, set[str]] = defaultdict(set)
        pending = [(name, before) for name in reads]
        seen = set(pending)
        while pending:
            name, limit = pending.pop()
            for index, supplies in self._sources(name, limit):
                if supplies:
                    needed[index].add(name)
                else:
                    needed.setdefault(index, set())
                for step in self._reads_of(index, name, limit):
                    if step not in seen:
                        seen.add(step)
                        pending.append(step)
        return Slice(tuple(sorted(needed)), {index: frozenset(names) for index, names in needed.items()})

    def _sources(self, name: str, limit: int) -> list[tuple[int, bool]]:
        """The execution that bound `name`, and those that changed the object in place since."""
        found = []
        for index in range(limit - 1, -1, -1):
            entry = self.entries[index]
            if name in entry.binds:
                if entry.cell.changed.get(name) == "module":
                    return [(index, True)]  # a call such as plt.figure() changes no value of the notebook
                found.append((index, True))
                break
            if name in entry.flow.mutates and entry.cell.status in _RAN_THROUGH:
                found.append((index, False))
        return found

    def _reads_of(self, index: int, name: str, limit: int) -> list[tuple[str, int]]:
        """What the execution itself read, and what the function `name` reads when it is called later."""
        flow = self.entries[index].flow
        later = flow.deferred.get(name, frozenset())
        return [(read, index) for read in flow.reads] + [(read, limit) for read in later]

    def reads_with_calls(self, reads: frozenset[str], before: int) -> frozenset[str]:
        """Extend `reads` by the globals that the functions among them read when they are called."""
        result, pending = set(reads), list(reads)
        while pending:
            name = pending.pop()
            index = self.writer(name, before)
            later = (
                self.entries[index].flow.deferred.get(name, frozenset()) if index is not None else frozenset()
            )
            pending.extend(later - result)
            result |= later
        return frozenset(result)

    def hidden(self, indices: tuple[int, ...]) -> tuple[int, ...]:
        """Return those of `indices` whose cell was deleted, or has been run with other source since."""
        newest: dict[str, str] = {}
        for entry in self.entries:
            if entry.cell.cell_id:
                newest[entry.cell.cell_id] = entry.cell.source_hash
        return tuple(index for index in indices if self._is_hidden(self.entries[index].cell, newest))

    def _is_hidden(self, cell: CellExecution, newest: dict[str, str]) -> bool:
        if cell.cell_id is None:
            return False
        return cell.cell_id in self.deleted or newest[cell.cell_id] != cell.source_hash


def _binds(cell: CellExecution, flow: CellFlow) -> frozenset[str]:
    """Return the names that an execution bound. What a failed cell bound is known only from the namespace."""
    changed = frozenset(cell.changed)
    return flow.writes | changed if cell.status in _RAN_THROUGH else changed
