"""Changes of a notebook as people read them: a unified diff of the source of each changed cell."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CellChange", "changes_text"]


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell before and after; a position of None says that it is not there. Positions count from 0."""

    before: int | None
    after: int | None
    old: str
    new: str
    note: str = ""


def changes_text(changes: Iterable[CellChange]) -> str:
    """Return all changes, each under a line that names its cell; cells are counted from 1."""
    return "\n\n".join("\n".join([_title(change), *_lines(change)]) for change in changes)


def _title(change: CellChange) -> str:
    if change.before is None:
        text = f"new cell {(change.after or 0) + 1}"
    elif change.after is None:
        text = f"cell {change.before + 1} goes: nothing is left in it"
    else:
        text = f"cell {change.before + 1}"
        text += f", now cell {change.after + 1}" if change.after != change.before else ""
    return f"{text} {change.note}".rstrip()


def _lines(change: CellChange) -> list[str]:
    old, new = change.old.splitlines(), change.new.splitlines()
    if old == new:
        return [f"  {line}".rstrip() for line in new]
    lines = list(difflib.unified_diff(old, new, n=2, lineterm=""))[2:]
    return [line.rstrip() for line in lines]
