"""What tracking a cell would record, told from sources alone, and what is captured at all."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Captured", "CellPreview", "PreviewParameter", "PreviewedCell"]


@dataclass(frozen=True, slots=True)
class Captured:
    """One thing that a tracked cell leaves in its run.

    Attributes
    ----------
    setting
        The setting that switches it; empty for what is always captured.
    text
        What it is, for people.
    origin
        Where the value of the setting came from.
    """

    setting: str
    text: str
    on: bool
    origin: str


@dataclass(frozen=True, slots=True)
class PreviewedCell:
    """A cell as the front end has it: source with its magics, and tags."""

    source: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewParameter:
    """A constant that would become a parameter.

    Attributes
    ----------
    value
        As text; ``***`` where it would be masked, cut after 200 characters.
    cell
        Position of the cell that sets it among the earlier ones; None for the cell itself.
    """

    name: str
    value: str
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class CellPreview:
    """What ``%%track`` on a cell would record, if the cells above it had run in their order.

    Attributes
    ----------
    tracked
        The cell says ``%%track`` already.
    problem
        Why nothing can be told of the cell: it is empty, no Python, or does not parse. Empty where all is well.
    reads
        Variables that it takes from the cells above, without parameters, modules and functions.
    unset
        Those of the names it needs that no cell above sets.
    files
        Paths that it may open, where they are written out.
    writes
        Variables that it leaves.
    metrics
        Names whose values would be metrics if they turn out to be numbers.
    model
        The variable that would be saved as the model; None where the cell fits none.
    needed
        Positions of the earlier cells that it depends on.
    secrets
        How many secrets would be masked in its source and parameters.
    secret_lines
        The lines of its source that hold them, from 1.
    """

    tracked: bool = False
    problem: str = ""
    parameters: tuple[PreviewParameter, ...] = ()
    reads: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    model: str | None = None
    trained_on: str | None = None
    needed: tuple[int, ...] = ()
    secrets: int = 0
    secret_lines: tuple[int, ...] = ()
