"""Comparisons: what differs between runs.

No field holds NaN or infinity as a number: such metrics are the texts ``NaN``, ``Infinity``, ``-Infinity``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from nbship.model.codec import decode, encode
from nbship.model.drift import ColumnDrift
from nbship.model.run import Run
from nbship.model.shown import Shown

__all__ = [
    "CellChange",
    "CellDiff",
    "ColumnChange",
    "Comparison",
    "DatasetDiff",
    "DiffLine",
    "FactDiff",
    "MetricDiff",
    "MetricSeries",
    "PackageDiff",
    "ParamDiff",
    "RunsComparison",
]


class CellChange(StrEnum):
    """What became of a cell from the first run to the second."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a diff: `sign` is ``+``, ``-`` or a blank; ``@`` stands for unchanged lines left out."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class CellDiff:
    """A cell of either run, in the order of the second.

    `left` and `right` are positions (from 1) among the cells that the run depends on; None where the run lacks it.
    """

    change: CellChange
    left: int | None
    right: int | None
    lines: tuple[DiffLine, ...] = ()
    cell_id: str | None = None


@dataclass(frozen=True, slots=True)
class ParamDiff:
    """A parameter; None where the run lacks it."""

    name: str
    left: str | None
    right: str | None


@dataclass(frozen=True, slots=True)
class MetricDiff:
    """A metric; None where the run lacks it. `delta` is right less left, `relative` delta over the size of left."""

    name: str
    left: float | str | None
    right: float | str | None
    delta: float | None = None
    relative: float | None = None


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column of a dataset that differs.

    Attributes
    ----------
    change
        ``changed``, ``new``, ``gone``, ``type`` (dtype changed) or ``moved``.
    text
        What changed in plain words, e.g. ``mean 12.6 -> 15.1``; from the profiles where both runs have them.
    drift
        The full comparison of the two profiles; None where one is lacking.
    """

    name: str
    change: str
    text: str
    drift: ColumnDrift | None = None


@dataclass(frozen=True, slots=True)
class DatasetDiff:
    """A dataset of either run.

    `change` is ``same``, ``changed``, ``new`` or ``gone``; `text` says it in one line, e.g. ``336,776 -> 336,770 rows``.
    """

    name: str
    change: str
    text: str
    columns: tuple[ColumnChange, ...] = ()
    left_rows: int | None = None
    right_rows: int | None = None


@dataclass(frozen=True, slots=True)
class PackageDiff:
    """A package whose version differs; None where the environment lacks it."""

    name: str
    left: str | None
    right: str | None


@dataclass(frozen=True, slots=True)
class FactDiff:
    """Any other fact of a run: commit, branch, seed, Python, status, duration, model, notebook."""

    name: str
    left: str | None
    right: str | None


@dataclass(frozen=True, slots=True)
class Comparison(Shown):
    """What differs between two runs; equal things are only counted.

    Attributes
    ----------
    params, metrics, packages, git, seeds, facts
        Those that differ.
    equal
        How many parameters, metrics, cells, datasets, packages are equal, by those names.
    code
        Cells that are not the same; equal cells are counted in `equal`.
    lacks
        What cannot be compared because a run does not have it, in plain words.
    """

    left: Run
    right: Run
    params: tuple[ParamDiff, ...] = ()
    metrics: tuple[MetricDiff, ...] = ()
    code: tuple[CellDiff, ...] = ()
    data: tuple[DatasetDiff, ...] = ()
    packages: tuple[PackageDiff, ...] = ()
    git: tuple[FactDiff, ...] = ()
    seeds: tuple[FactDiff, ...] = ()
    facts: tuple[FactDiff, ...] = ()
    equal: dict[str, int] | None = None
    lacks: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether code, parameters, data, environment, git state, seeds or metrics differ."""
        return any((self.params, self.metrics, self.code, self.data, self.packages, self.git, self.seeds))

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        own = {
            name: encode(getattr(self, name))
            for name in (
                "params",
                "metrics",
                "code",
                "data",
                "packages",
                "git",
                "seeds",
                "facts",
                "equal",
                "lacks",
            )
        }
        return {"runs": [self.left.to_dict(), self.right.to_dict()], "differs": self.differs, **own}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Comparison:
        """Build the comparison that `to_dict` described."""
        placeholder = {"id": "", "name": "", "status": "FINISHED", "experiment": "", "started_ms": 0}
        parts = decode(cls, {**data, "left": placeholder, "right": placeholder})
        left, right = (Run.from_dict(run) for run in data["runs"])
        return replace(parts, left=left, right=right)


@dataclass(frozen=True, slots=True)
class MetricSeries:
    """The history of a metric in a run: steps and values, thinned where there are too many."""

    run: str
    metric: str
    steps: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RunsComparison(Shown):
    """What varies over many runs.

    Attributes
    ----------
    runs
        All runs, in the order asked for.
    params, metrics
        Names that vary over the runs, those that most runs have first.
    constant
        Parameters that all runs share, with their value.
    code
        How many different versions of the code there are, and the version number (from 1) of each run; None where a
        run has no code.
    data
        Dataset name to the version number (from 1) of each run; None where a run lacks it.
    histories
        Of metrics with more than one value.
    """

    runs: tuple[Run, ...]
    params: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    constant: dict[str, str] | None = None
    code: tuple[int | None, ...] = ()
    data: dict[str, tuple[int | None, ...]] | None = None
    histories: tuple[MetricSeries, ...] = ()
    lacks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        own = {
            name: encode(getattr(self, name))
            for name in ("params", "metrics", "constant", "code", "data", "histories", "lacks")
        }
        return {"runs": [run.to_dict() for run in self.runs], **own}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> RunsComparison:
        """Build the comparison that `to_dict` described."""
        parts = decode(cls, {**data, "runs": []})
        return replace(parts, runs=tuple(Run.from_dict(run) for run in data["runs"]))
