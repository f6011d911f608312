"""What a notebook calls by name: `nbship.drift`, `nbship.compare`, `nbship.profile`."""

from __future__ import annotations

from dataclasses import fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.model.drift import DriftOptions, DriftReport
from nbship.service import comparisons, drift_reports
from nbship.service.apart import in_kernel
from nbship.service.here import settings_here
from nbship.service.served_logs import tabled
from nbship.service.sources import find_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.comparison import Comparison, RunsComparison
    from nbship.model.profile import Profile
    from nbship.model.run import Run

__all__ = ["compare", "drift", "profile"]

_PARAMETERS = ("by", "time", "columns")
_THRESHOLDS = tuple(field.name for field in fields(DriftOptions) if field.name not in _PARAMETERS)
_SIDES = 2


def drift(
    reference: object,
    current: object,
    *,
    by: str | int | None = None,
    time: str | None = None,
    columns: str | Sequence[str] = (),
    model: str | None = None,
    target: str | None = None,
    prediction: str | None = None,
    names: tuple[str, str] = ("reference", "current"),
    **thresholds: Any,
) -> DriftReport:
    """Compare two datasets column by column, and say which columns drifted.

    A column drifts when the difference is larger than a practical threshold and the p-value, corrected for all the
    tests of the report, is below q. Every column of either side gets a row.

    Parameters
    ----------
    reference, current
        A pandas or polars frame, an Arrow table, a NumPy array, a `Profile`; the path of a CSV, Parquet, Feather or
        profile file; or ``RUN:dataset``, the profile that a tracked run kept.
    by
        Also cut the current side into windows: ``"D"``, ``"W"``, ``"MS"`` or another period of pandas, a number of rows
        as ``1000``, or a number of windows as ``"/12"``.
    time
        The column that periods are cut by; by default the only one with times.
    columns
        The only columns to look at, or the only one.
    model
        A RUN whose model's importances weigh the columns; by default the run of the reference.
    target, prediction
        Names of the columns that hold the label and what a model said.
    names
        What to call the two sides where they have no name of their own.
    **thresholds
        ``q``, ``correction``, ``wasserstein``, ``jensen_shannon``, ``missing``, ``novelty``, ``harmless``; see
        `nbship.model.drift.DriftOptions`.

    Returns
    -------
    DriftReport
        Shows itself in a notebook; ``.to_text()``, ``.to_html()`` and ``.to_dict()`` give its other forms.

    Raises
    ------
    UsageError, RunNotFoundError
        When a side cannot be found or read, or an option has a value that it cannot have.
    """
    _check_names(thresholds, names)
    options = DriftOptions(
        by=None if by is None else str(by),
        time=None if time is None else str(time),
        columns=(columns,) if isinstance(columns, str) else tuple(map(str, columns)),
        **thresholds,
    )
    named = {target: "target", prediction: "prediction"}
    request = drift_reports.DriftRequest(
        reference,
        current,
        options,
        names,
        model,
        roles={str(name): role for name, role in named.items() if name is not None},
    )
    return drift_reports.drift(settings_here(), request, apart=in_kernel())


def _check_names(thresholds: dict[str, Any], names: object) -> None:
    """Raise `UsageError` for a threshold that there is none of, and for anything but two names."""
    unknown = next((name for name in thresholds if name not in _THRESHOLDS), None)
    if unknown is not None:
        near = get_close_matches(unknown, (*_PARAMETERS, *_THRESHOLDS), n=1)
        hint = f"did you mean {near[0]}?" if near else f"known thresholds are {', '.join(_THRESHOLDS)}"
        raise UsageError(f"drift has no option {unknown!r}; {hint}")
    if isinstance(names, str) or not isinstance(names, list | tuple) or len(names) != _SIDES:
        raise UsageError(f"names = {names!r:.80}: give two, of the reference and of the current data")


def compare(
    *runs: str | Run,
    query: str | None = None,
    limit: int = comparisons.MOST_RUNS,
    experiment: str | None = None,
) -> Comparison | RunsComparison:
    """Return what differs between two tracked runs, or what varies over many.

    Parameters
    ----------
    *runs
        Each a run id, an unambiguous prefix of one, the name of a run, or ``latest``; or a `Run`.
    query
        Adds all runs that match: words, or MLflow's filter syntax.
    limit
        How many of those at most, the newest.
    experiment
        Only runs of this experiment; without `query` all of them.

    Returns
    -------
    Comparison or RunsComparison
        Shows itself in a notebook; ``.to_text()``, ``.to_html()`` and ``.to_dict()`` give its other forms.

    Raises
    ------
    UsageError, RunNotFoundError, AmbiguousRunError
        When there are not at least two runs.
    StoreError
        When the store does not answer.
    """
    return comparisons.compare(
        settings_here(), runs, query=query, limit=limit, experiment=experiment, apart=in_kernel()
    )


def profile(data: object, *, name: str = "", like: Profile | None = None, min_count: int = 0) -> Profile:
    """Return the statistical summary of a dataset: a few kilobytes a column, without any of its rows.

    Parameters
    ----------
    data
        A pandas or polars frame, an Arrow table, a NumPy array, or the path of a file; see `drift`.
    name
        What the dataset is called.
    like
        Use the bin edges and levels of this profile. Profiles that share them can be merged exactly by
        `nbship.merge_profiles`.
    min_count
        Withhold the names of levels that fewer rows have.

    Returns
    -------
    Profile
        ``.to_dict()`` and ``Profile.from_dict`` give and take JSON.

    Raises
    ------
    UsageError
        When `data` is no table.
    """
    from nbship.profiling.build import profile as build

    source = find_source(settings_here(), data, name, apart=in_kernel())
    return build(tabled(source.data), name=name or source.name, like=like, min_count=min_count)
