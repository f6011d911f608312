"""Drift between two datasets, and the profiles that stand for them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from numbers import Real
from typing import TYPE_CHECKING, Any

from nbship.display import looks as _looks  # noqa: F401 - reports show themselves from here on
from nbship.errors import UsageError
from nbship.model.drift import DriftOptions, DriftReport, SelfCheck
from nbship.model.profile import Profile
from nbship.model.served_log import ServedLog
from nbship.service.served_logs import LogSides, sides_of_log, tabled
from nbship.service.sources import Source, find_source, importance_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbship.config import Settings
    from nbship.profiling.table import Table

__all__ = ["DriftRequest", "drift", "profile", "selfcheck"]

CORRECTIONS = ("bh", "holm", "none")
_DERIVED = "prediction"
_SHORT_ID = 8
_THRESHOLDS = ("wasserstein", "jensen_shannon", "missing", "novelty", "harmless")
_DEFAULT = DriftOptions()


@dataclass(frozen=True, slots=True)
class DriftRequest:
    """What a drift report shall be about.

    Attributes
    ----------
    reference, current
        Values, or texts that name a dataset; see `nbship.service.sources.find_source`.
    names
        What to call values that have no name of their own.
    model
        A RUN whose model's importances weigh the columns; by default the run of the reference, where it is one.
    roles
        Column to ``target`` or ``prediction``.
    """

    reference: object
    current: object
    options: DriftOptions = field(default_factory=DriftOptions)
    names: tuple[str, str] = ("reference", "current")
    model: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)


def drift(
    settings: Settings,
    request: DriftRequest,
    progress: Callable[[str, float], None] | None = None,
    *,
    apart: bool = False,
) -> DriftReport:
    """Compare two datasets column by column.

    Parameters
    ----------
    progress
        Told what is being done, and which share of all is done by then.

    Raises
    ------
    UsageError, RunNotFoundError
        When a side cannot be found or read, or an option has a value that it cannot have.
    StoreError
        When the store of a run does not answer.
    """
    from nbship.detection.report import detect

    tell = progress or _untold
    check_options(request.options)
    tell("reading the reference", 0.0)
    reference = find_source(settings, request.reference, request.names[0], apart=apart)
    tell("reading the current data", 0.3)
    current = find_source(settings, request.current, request.names[1], apart=apart)
    tell("comparing the columns", 0.6)
    names = _told_apart(reference, current)
    weights = _weights(settings, request, reference, apart=apart)
    sides = _sides(reference.data, current.data, request.options)
    left, right = _read_both(sides.reference, sides.current)
    _check_columns(request, left, right)
    left, right, notes = _without_lone_predictions(left, right)
    notes = (*sides.notes, *notes)
    report = detect(
        left,
        right,
        reference_name=names[0],
        current_name=names[1],
        options=request.options,
        importance=weights.importance,
        model=weights.run if weights.importance else "",
        importance_method=weights.importance_method,
        roles=request.roles,
    )
    return replace(report, notes=(*report.notes, *notes)) if notes else report


def _untold(_what: str, _done: float) -> None:
    """Tell nobody."""


def selfcheck(
    settings: Settings,
    reference: object,
    *,
    name: str = "reference",
    options: DriftOptions | None = None,
    splits: int = 200,
    apart: bool = False,
) -> SelfCheck:
    """Split a dataset at random again and again, and count how often a report on the halves raises an alarm.

    Raises
    ------
    UsageError
        When the dataset cannot be read, is only a profile, or has too few rows.
    """
    from nbship.detection.selfcheck import selfcheck as check
    from nbship.profiling.table import read_table

    chosen = options or DriftOptions()
    check_options(chosen)
    source = find_source(settings, reference, name, apart=apart)
    if isinstance(source.data, Profile):
        raise UsageError(f"{source.name} is a profile, which has no rows to split; give the data itself")
    return check(read_table(tabled(source.data)), name=source.name, options=chosen, splits=splits)


def profile(
    settings: Settings, given: object, *, name: str = "", min_count: int = 0, apart: bool = False
) -> Source:
    """Return the source of a dataset with its profile as `data`.

    Raises
    ------
    UsageError, RunNotFoundError
        When the dataset cannot be found or read.
    """
    from nbship.profiling.build import profile as build

    source = find_source(settings, given, name, apart=apart)
    if isinstance(source.data, Profile):
        return source
    return replace(source, data=build(tabled(source.data), name=source.name, min_count=min_count))


def check_options(options: DriftOptions) -> None:
    """Raise `UsageError` for a value that an option cannot have."""
    for name in ("q", *_THRESHOLDS):
        value = getattr(options, name)
        if isinstance(value, bool) or not isinstance(value, Real):
            raise UsageError(f"{name} = {value!r:.80}: give a number, such as {getattr(_DEFAULT, name)}")
    if not 0 < options.q < 1:
        raise UsageError(f"q = {options.q}: a level lies between 0 and 1; 0.05 is usual")
    if options.correction not in CORRECTIONS:
        raise UsageError(f"correction = {options.correction!r}; known are {', '.join(CORRECTIONS)}")
    for name in _THRESHOLDS:
        value = getattr(options, name)
        if not value >= 0:
            raise UsageError(f"{name} = {value}: a threshold is not negative")


def _told_apart(reference: Source, current: Source) -> tuple[str, str]:
    """Return the names of both sides; with the beginning of their ids where two runs bear one name."""
    if reference.name != current.name or reference.run_id == current.run_id:
        return reference.name, current.name
    left, right = (
        f"{side.name} ({side.run_id[:_SHORT_ID]})" if side.run_id else side.name
        for side in (reference, current)
    )
    return left, right


def _weights(settings: Settings, request: DriftRequest, reference: Source, *, apart: bool) -> Source:
    """Return the source that tells the importances: the model's run, else the reference's."""
    if request.model is None:
        return reference
    run, importance, method = importance_of(settings, request.model, apart=apart)
    return Source(run, None, run, importance, method)


def _sides(reference: Any, current: Any, options: DriftOptions) -> LogSides:
    """Return both sides; where the current one is the log of a server, cut to what they have in common."""
    if isinstance(reference, ServedLog):
        raise UsageError("the prediction log of a server is the current side; name the run or its data first")
    if not isinstance(current, ServedLog):
        return LogSides(reference, current)
    return sides_of_log(reference, current, timed=options.by is not None)


def _read_both(reference: Any, current: Any) -> tuple[Table | Profile, Table | Profile]:
    """Read what is not a profile yet, both sides as columns of the same kinds."""
    from nbship.profiling.table import read_table

    if isinstance(reference, Profile) and isinstance(current, Profile):
        return reference, current
    if isinstance(reference, Profile):
        return reference, read_table(current, kinds=_kinds(reference))
    left = read_table(reference, kinds=_kinds(current) if isinstance(current, Profile) else None)
    right = current if isinstance(current, Profile) else read_table(current, kinds=_kinds(left))
    return left, right


def _kinds(side: Table | Profile) -> dict[str, Any]:
    return {column.name: column.kind for column in side.columns}


def _without_lone_predictions(
    reference: Table | Profile, current: Table | Profile
) -> tuple[Table | Profile, Table | Profile, tuple[str, ...]]:
    """Leave out predictions that a run kept beside its data, where the other side has none to compare them with."""
    left, lone = _only_with(reference, current)
    right, new = _only_with(current, reference)
    notes = []
    if lone:
        notes.append(f"not compared, as the current data has no such column: {lone} of the reference's run")
    if new:
        notes.append(
            f"not compared, as the reference has no such column: {new} of the run of the current data"
        )
    return left, right, tuple(notes)


def _only_with(side: Table | Profile, other: Table | Profile) -> tuple[Table | Profile, str]:
    """Return a side without the predictions that the other side lacks, and their names."""
    names = {column.name for column in other.columns}
    if not isinstance(side, Profile):
        return side, ""
    lone = [c.name for c in side.columns if c.role == _DERIVED and c.name not in names]
    kept = tuple(column for column in side.columns if column.name not in lone)
    return replace(side, columns=kept) if lone else side, ", ".join(lone)


def _check_columns(request: DriftRequest, reference: Table | Profile, current: Table | Profile) -> None:
    known = list(dict.fromkeys(column.name for side in (reference, current) for column in side.columns))
    options = request.options
    wanted = (*options.columns, *((options.time,) if options.time else ()), *request.roles)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        from difflib import get_close_matches

        near = get_close_matches(unknown[0], known, n=3)
        hint = f"; did you mean {', '.join(near)}?" if near else f"; there are {', '.join(known[:10])}"
        raise UsageError(f"no column {unknown[0]!r} on either side{hint}")
