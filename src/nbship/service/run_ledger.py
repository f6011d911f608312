"""The ledger of a run as its file tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.model.cell import CellExecution
from nbship.model.codec import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Ledger", "parse_ledger"]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Executions in true order, and the indices of the run's own and of those that its result depends on."""

    executions: tuple[CellExecution, ...]
    own: frozenset[int]
    needed: frozenset[int]


def parse_ledger(data: Mapping[str, Any]) -> Ledger:
    """Return the content of ``nbship/ledger.json``.

    Raises
    ------
    TypeError, ValueError, KeyError, AttributeError
        When it has another form.
    """
    for one in data["executions"]:
        _check(one)
    executions = [decode(CellExecution, one) for one in data["executions"]]
    own = frozenset(int(index) for index in data["cells"])
    needed = frozenset(int(index) for index in data["needed"]) or own
    return Ledger(tuple(sorted(executions, key=lambda one: one.index)), own, needed)


def _check(cell: Mapping[str, Any]) -> None:
    """Look at what the codec takes as it comes."""
    if not isinstance(cell["index"], int) or not isinstance(cell["source"], str):
        raise TypeError("a cell without a number or a source")
    if not all(isinstance(output, dict) for output in cell.get("outputs", ())):
        raise TypeError(f"an output of cell {cell['index']} is no object")
