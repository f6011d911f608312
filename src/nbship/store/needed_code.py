"""The code that a run rests on, as its ledger tells it, and the digest of that code.

Public: ``needed_code(ledger) -> tuple[CodeCell, ...]``, ``code_version(cells) -> str``, ``plain_source(source) -> str``;
`ledger` is the content of ``nbship/ledger.json``.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["CODE_TAG", "CodeCell", "code_version", "needed_code", "plain_source"]

CODE_TAG = "nbship.code"
"""Tag of a run that holds its `code_version`, so that a thousand runs can be told apart without their ledgers."""

_INJECTED = "injected-parameters"
_TRACK_LINE = re.compile(r"\s*%%track\b[^\n]*(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class CodeCell:
    """A cell of a run.

    Attributes
    ----------
    source
        As `plain_source` leaves it, secrets masked.
    cell_id
        The front end's id; None where it gave none.
    index
        Place in the ledger of the execution that counts.
    """

    source: str
    cell_id: str | None = None
    index: int = 0


def plain_source(source: str) -> str:
    """Return the source without what does not count: a ``%%track`` line, blanks at line ends, blank lines around it."""
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    text = _TRACK_LINE.sub("", text, count=1) if _TRACK_LINE.match(text) else text
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def needed_code(ledger: Mapping[str, Any]) -> tuple[CodeCell, ...]:
    """Return the cells that a run depends on, in the order in which they ran last.

    Each cell of the run itself counts once, as it ran last. A cell from before the run counts once for each source
    that the result still rests on: such is the hidden state of a notebook that was edited without being run again.
    The cell that a runner injects holds parameters, and no code.

    Raises
    ------
    TypeError, KeyError, ValueError
        When the ledger is not one.
    """
    own = {int(index) for index in ledger["cells"]}
    needed = {int(index) for index in ledger["needed"]} or own
    chosen: dict[tuple[str, ...], CodeCell] = {}
    executions = [
        one
        for one in ledger["executions"]
        if one["index"] in needed and _INJECTED not in (one.get("tags") or ())
    ]
    for one in sorted(executions, key=lambda one: int(one["index"]), reverse=True):
        cell = CodeCell(plain_source(one["source"]), one.get("cell_id"), int(one["index"]))
        superseded = cell.index in own and (cell.cell_id or "",) in chosen
        if cell.source and not superseded:
            chosen.setdefault((cell.cell_id or "", cell.source), cell)
            if cell.cell_id:
                chosen.setdefault((cell.cell_id,), cell)
    return tuple(sorted(set(chosen.values()), key=lambda cell: cell.index))


def code_version(cells: Iterable[CodeCell]) -> str:
    """Return 32 hexadecimal digits that are equal for runs with the same cells in the same order."""
    whole = "".join(f"{len(cell.source)}:{cell.source}" for cell in cells)
    return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
