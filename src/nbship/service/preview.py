"""What is captured in a project, and what tracking a cell would record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from nbship.model.preview import Captured, CellPreview, PreviewParameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbship.capture.dataflow import CellFlow
    from nbship.capture.ledger import Ledger
    from nbship.capture.secrets import Masker
    from nbship.config import Settings
    from nbship.model.preview import PreviewedCell

__all__ = ["captured", "preview_cell"]

_ALWAYS = ("source, outputs and timing of cells", "parameters", "metrics")
_LONGEST_VALUE = 200
_MOST_NAMES = 50
_PYTHON_MAGICS = frozenset({"track", "time", "timeit", "capture", "prun", "memit"})
_TRACKED = re.compile(r"\s*%%track\b")


def captured(settings: Settings) -> tuple[Captured, ...]:
    """Return what a tracked cell leaves in its run, and which setting switches it."""
    from nbship.display.status_page import CAPTURED

    switches = (
        Captured(name, text, on=bool(getattr(settings, name)), origin=settings.origins.get(name, "default"))
        for name, text in CAPTURED.items()
    )
    return (*(Captured("", text, on=True, origin="always") for text in _ALWAYS), *switches)


def preview_cell(cell: PreviewedCell, earlier: Sequence[PreviewedCell] = ()) -> CellPreview:
    """Return what ``%%track`` on a cell would record, as the library tells it before the cell runs.

    Parameters
    ----------
    cell
        The cell.
    earlier
        The code cells above it; they count as having run in this order.
    """
    from nbship.capture.secrets import Masker

    masker = Masker()
    tracked = _TRACKED.match(cell.source) is not None
    read = _read(cell.source)
    if read.problem:
        lines = _secret_lines(cell.source, masker)
        return CellPreview(tracked, read.problem, secrets=len(lines), secret_lines=lines)
    above = [_read(one.source) for one in earlier]
    ledger = _ledger(earlier, above)
    names = ledger.reads_with_calls(read.flow.reads, len(above))
    parameters = _parameters(ledger, read.flow, names, cell.tags, masker)
    no_data = _modules_and_functions([*above, read]) | {one.name for one in parameters}
    lines = _secret_lines(cell.source, masker)
    hidden = [one for one in parameters if "***" in one.value and one.cell is not None]
    return CellPreview(
        tracked=tracked,
        parameters=parameters,
        reads=_shown(name for name in names - no_data if ledger.writer(name, len(above)) is not None),
        unset=_shown(name for name in names - no_data if ledger.writer(name, len(above)) is None),
        files=_shown(path for kind, path in read.flow.paths if kind == "literal"),
        writes=_shown(read.flow.writes - no_data),
        metrics=read.metrics[:_MOST_NAMES],
        model=read.flow.fits[-1][0] if read.flow.fits else None,
        trained_on=read.flow.fits[-1][1] if read.flow.fits else None,
        needed=ledger.slice(names, len(above)).indices,
        secrets=len(lines) + len(hidden),
        secret_lines=lines,
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """A cell as the analysis sees it."""

    flow: CellFlow
    imports: frozenset[str]
    metrics: tuple[str, ...]
    problem: str = ""


@lru_cache(maxsize=4096)  # a panel asks at each stroke, with all the cells above
def _read(source: str) -> _Read:
    from nbship.capture.dataflow import CellFlow, analyse
    from nbship.capture.foreseen import imported_names, likely_metrics
    from nbship.pipeline.parameters.cell_python import cell_magic, parse_python, plain_python

    rest = source
    while (magic := cell_magic(rest)) in _PYTHON_MAGICS:
        rest = rest.lstrip().partition("\n")[2]
    if magic is not None:
        return _Read(CellFlow(), frozenset(), (), f"it is %%{magic}: its source, outputs and timing are kept")
    python = plain_python(rest)
    try:
        tree = parse_python(python)
    except SyntaxError as error:
        above = source.count("\n") - rest.count("\n")
        where = "" if error.lineno is None else f" in line {error.lineno + above}"
        return _Read(CellFlow(), frozenset(), (), f"it does not parse{where}: {error.msg}")
    if not tree.body:
        return _Read(CellFlow(), frozenset(), (), "it is empty")
    flow = analyse(python)
    return _Read(flow, imported_names(python), likely_metrics(python, flow))


def _ledger(cells: Sequence[PreviewedCell], read: Sequence[_Read]) -> Ledger:
    from nbship.capture.ledger import Ledger
    from nbship.model.cell import CellExecution, CellStatus

    ledger = Ledger()
    for index, (cell, found) in enumerate(zip(cells, read, strict=True)):
        execution = CellExecution(index, "", "", CellStatus.UNOBSERVED, tags=tuple(cell.tags))
        ledger.append(execution, found.flow)
    return ledger


def _parameters(
    ledger: Ledger, flow: CellFlow, names: frozenset[str], tags: tuple[str, ...], masker: Masker
) -> tuple[PreviewParameter, ...]:
    from nbship.capture.selection import find_parameters

    index = len(ledger.entries)
    found = find_parameters(ledger, flow, index, names, tuple(tags))
    for name, value in found.items():
        masker.learn(name, value)
    return tuple(
        PreviewParameter(
            name, _text(name, value, masker), None if name in flow.constants else ledger.writer(name, index)
        )
        for name, value in found.items()
    )


def _text(name: str, value: object, masker: Masker) -> str:
    from nbship.capture.secrets import MASK, is_secret_name

    if is_secret_name(name) and isinstance(value, str):
        return MASK
    text = masker.mask(str(value), python=False).text
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _modules_and_functions(cells: Sequence[_Read]) -> set[str]:
    found: set[str] = set()
    for one in cells:
        found -= one.flow.writes
        found |= one.imports | one.flow.deferred.keys()
    return found


def _secret_lines(source: str, masker: Masker) -> tuple[int, ...]:
    masked = masker.mask(source).text  # has as many lines
    pairs = zip(source.split("\n"), masked.split("\n"), strict=False)
    return tuple(number for number, (before, after) in enumerate(pairs, 1) if before != after)


def _shown(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))[:_MOST_NAMES]
