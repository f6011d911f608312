"""Drift: how two samples of the same columns differ, and whether that matters.

No field holds NaN or infinity: what is undefined is None, and a neighbouring text says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nbship.model.codec import encode
from nbship.model.profile import ColumnKind
from nbship.model.shown import Shown

__all__ = [
    "ColumnDrift",
    "ColumnSummary",
    "Distribution",
    "DriftOptions",
    "DriftReport",
    "DriftSide",
    "DriftState",
    "DriftWindow",
    "Effect",
    "LevelChange",
    "Measure",
    "MissingDrift",
    "SelfCheck",
    "SignificanceTest",
    "WindowCell",
]


class DriftState(StrEnum):
    """What became of a column."""

    DRIFTED = "drifted"
    HARMLESS = "drifted but harmless"
    """It drifted, and the model hardly looks at it."""
    STABLE = "stable"
    SKIPPED = "skipped"
    MISSING = "missing"
    """Only the reference has the column."""
    NEW = "new"
    """Only the current data has the column."""
    TYPE_CHANGED = "type changed"


@dataclass(frozen=True, slots=True)
class DriftOptions:
    """How drift is decided.

    Attributes
    ----------
    q
        Level of the corrected p-values, and so the share of false alarms: 0.05.
    correction
        ``bh`` (Benjamini and Hochberg 1995), ``holm`` (Holm 1979) or ``none``.
    wasserstein
        Practical threshold of numeric, datetime and text-length columns: Wasserstein-1 distance in robust spreads of
        the reference.
    jensen_shannon
        Practical threshold of levels: Jensen-Shannon distance, base 2, from 0 to 1.
    missing
        Practical threshold of the change in the share of missing values, as a share.
    novelty
        Practical threshold of the share of words that the reference does not know, beyond what chance explains.
    harmless
        A drifted column whose share of the model's importance is below this is harmless.
    by
        Cut the current side into windows: a number of rows as ``"1000"``, a number of windows as ``"/12"``, or a period
        of pandas such as ``"D"``, ``"W"``, ``"MS"``; None for no windows.
    time
        The column that periods are cut by; None takes the only datetime column.
    columns
        The only columns to look at; empty for all.
    """

    q: float = 0.05
    correction: str = "bh"
    wasserstein: float = 0.1
    jensen_shannon: float = 0.1
    missing: float = 0.02
    novelty: float = 0.05
    harmless: float = 0.01
    by: str | None = None
    time: str | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DriftSide:
    """One side of the comparison.

    `exact` is False for a profile, whose distances are known up to the width of its bins.
    """

    name: str
    rows: int
    columns: int
    exact: bool = True
    sampled_from: int | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """How large the difference is, in the measure that decides.

    Attributes
    ----------
    measure
        ``wasserstein``, ``jensen_shannon`` or ``novelty``.
    value
        As the measure gives it.
    threshold
        What it has to exceed: the practical threshold, raised by what chance gives samples of these two sizes.
    """

    measure: str
    value: float
    threshold: float


@dataclass(frozen=True, slots=True)
class SignificanceTest:
    """A test of equal distributions. `p_corrected` accounts for all tests of the report."""

    name: str
    statistic: float | None
    p_value: float
    p_corrected: float = 1.0


@dataclass(frozen=True, slots=True)
class Measure:
    """A distance: ``ks``, ``wasserstein``, ``psi``, ``jensen_shannon``, ``chi_square``, ``cramers_v``, ``novelty``.

    `chance` is what the measure exceeds in 5 % of cases when nothing changed, at these sample sizes; None where unknown.
    """

    name: str
    value: float
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class MissingDrift:
    """How the share of missing values changed; `test` is None when no value is missing on either side."""

    reference: float
    current: float
    drifted: bool = False
    test: SignificanceTest | None = None


@dataclass(frozen=True, slots=True)
class LevelChange:
    """A level that only one side has, with its share of that side's values."""

    level: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """One side of one column. Times are ISO 8601 text, lengths of texts characters; None where undefined.

    `quantiles` are those at 5, 25, 50, 75 and 95 %; `levels` is the number of distinct levels, and `top` the most
    frequent one.
    """

    count: int
    missing: int
    dtype: str = ""
    infinite: int = 0
    mean: float | str | None = None
    std: float | None = None
    minimum: float | str | None = None
    maximum: float | str | None = None
    quantiles: tuple[float | str, ...] = ()
    levels: int | None = None
    top: str | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    """Both sides of a column as shares, to be drawn.

    Attributes
    ----------
    edges
        Of ordered values: ``len(reference) + 1`` numbers (seconds since the epoch for datetimes). The outermost bins
        also hold what lies beyond; `clipped` says that something does.
    levels
        Of levels, the most frequent of both sides together, most frequent first; empty for ordered values. The last
        one may be `other`, then `has_other` is True.
    reference, current
        Share of the side's values in each bin or level.
    """

    reference: tuple[float, ...]
    current: tuple[float, ...]
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    clipped: bool = False
    has_other: bool = False


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """One row of the report: every column of either side has one.

    Attributes
    ----------
    drifted
        Whether the column counts as drifted, in its values or in what is missing; harmless drift included.
    reason
        Why it is in this state, in plain words.
    effect, test
        What decided about the values; None where they were not compared.
    measures
        All distances that were computed.
    new_levels, vanished_levels
        The most frequent ones first; at most 20. `new_count` and `vanished_count` say how many there are.
    importance
        The column's share of the model's importance, 0 to 1; None where no model is known.
    score
        How much the row matters, for sorting: effect over threshold, weighted with the importance.
    role
        ``feature``, ``target`` or ``prediction``.
    """

    name: str
    kind: ColumnKind
    state: DriftState
    drifted: bool
    reason: str
    role: str = "feature"
    effect: Effect | None = None
    test: SignificanceTest | None = None
    measures: tuple[Measure, ...] = ()
    missing: MissingDrift | None = None
    reference: ColumnSummary | None = None
    current: ColumnSummary | None = None
    distribution: Distribution | None = None
    new_levels: tuple[LevelChange, ...] = ()
    vanished_levels: tuple[LevelChange, ...] = ()
    new_count: int = 0
    vanished_count: int = 0
    importance: float | None = None
    score: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WindowCell:
    """One column in one window; `effect` over `threshold` above 1 is practically relevant.

    `value` is the mean of an ordered column or the share of the reference's top level; None where undefined.
    """

    name: str
    drifted: bool
    effect: float | None = None
    threshold: float | None = None
    p_corrected: float | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class DriftWindow:
    """A part of the current side against the whole reference; times are ISO 8601, None for windows by count."""

    label: str
    rows: int
    cells: tuple[WindowCell, ...] = ()
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class SelfCheck(Shown):
    """How often a report on halves of the same data raises an alarm.

    Attributes
    ----------
    splits
        How often the data was split at random.
    rows
        Rows of each half.
    alarms
        Splits with at least one drifted column.
    significant
        Splits with at least one corrected p-value below q, large effect or not.
    columns
        Column to the number of splits in which it drifted, for those with any.
    expected
        What the report promises: at most this share of alarms.
    """

    name: str
    splits: int
    rows: int
    alarms: int
    significant: int
    tests: int
    expected: float
    columns: dict[str, int]
    notes: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Share of splits with an alarm."""
        return self.alarms / self.splits

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        return {**encode(self), "rate": self.rate}


@dataclass(frozen=True, slots=True)
class DriftReport(Shown):
    """The drift of all columns.

    Attributes
    ----------
    columns
        Sorted by how much they matter.
    tests
        How many p-values were corrected together, those of windows included.
    model
        Name of the run whose model gave the importances; empty without one.
    importance_method
        How the importances came about, in plain words.
    """

    reference: DriftSide
    current: DriftSide
    columns: tuple[ColumnDrift, ...]
    options: DriftOptions
    tests: int
    windows: tuple[DriftWindow, ...] = ()
    model: str = ""
    importance_method: str = ""
    notes: tuple[str, ...] = ()

    @property
    def drifted(self) -> bool:
        """Whether any column drifted, or is missing, new or of another type."""
        changed = {DriftState.MISSING, DriftState.NEW, DriftState.TYPE_CHANGED}
        return any(column.drifted or column.state in changed for column in self.columns)

    def column(self, name: str) -> ColumnDrift | None:
        """Return the row of that column."""
        return next((column for column in self.columns if column.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        return {**encode(self), "drifted": self.drifted}
