"""What differs between runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.display import looks as _looks  # noqa: F401 - comparisons show themselves from here on
from nbship.errors import RunNotFoundError, UsageError
from nbship.model.comparison import Comparison, RunsComparison
from nbship.model.run import Run
from nbship.service.apart import answer_apart, asking, needs_mlflow
from nbship.service.history import await_spool
from nbship.store import reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.config import Settings

__all__ = ["MOST_RUNS", "KnownRuns", "compare", "compare_known", "figures_of", "table_of"]

MOST_RUNS = 1000
"""How many runs are compared at most."""

_PAIR = 2


def compare(
    settings: Settings,
    runs: Sequence[str | Run] = (),
    *,
    query: str | None = None,
    limit: int = MOST_RUNS,
    experiment: str | None = None,
    apart: bool = False,
) -> Comparison | RunsComparison:
    """Return what differs between two runs, or what varies over many.

    Parameters
    ----------
    runs
        Each a RUN: an id, an unambiguous prefix, a name, or ``latest``; or a `Run`.
    query
        Adds the runs that `nbship.service.runs` would list for it, newest first, `limit` at most.
    apart
        True keeps mlflow out of this process, as a kernel wants.

    Raises
    ------
    UsageError, RunNotFoundError, AmbiguousRunError
        When there are not at least two runs.
    StoreError
        When the store does not answer.
    """
    if not 1 < limit <= MOST_RUNS:
        raise UsageError(f"--limit {limit}: from 2 to {MOST_RUNS:,} runs can be compared")
    named = [_named(run) for run in runs]
    await_spool(settings)
    if apart and needs_mlflow(settings, query):
        return _compare_apart(settings, named, query, limit, experiment)
    with asking(settings):
        found = _find(settings, named, query, limit, experiment)
        if len(found) == _PAIR:
            return _compare_pair(settings.tracking_uri, *found)
        from nbship.provenance.compare_many import compare_many

        return compare_many(settings.tracking_uri, found)


@dataclass(frozen=True, slots=True)
class KnownRuns:
    """What differs between those of some runs that are there, and the ids of those that are not."""

    comparison: Comparison | RunsComparison
    missing: tuple[str, ...] = ()


def compare_known(settings: Settings, runs: Sequence[str]) -> KnownRuns:
    """Compare those of the runs that the store has: some may have been deleted since they were chosen.

    Raises
    ------
    UsageError, RunNotFoundError
        When fewer than two are there.
    StoreError
        When the store does not answer.
    """
    await_spool(settings)
    with asking(settings):
        found, missing = _sorted_out(settings, runs)
        if len(found) == _PAIR:
            return KnownRuns(_compare_pair(settings.tracking_uri, *found), missing)
        from nbship.provenance.compare_many import compare_many

        return KnownRuns(compare_many(settings.tracking_uri, found, histories=False), missing)


def figures_of(settings: Settings, runs: Sequence[str]) -> list[dict[str, Any]]:
    """Return the mimebundles of the charts of runs: their metrics over time, and of more than two how they relate.

    Each has plotly's form, a drawing as HTML for where nothing shows that, and words. Runs that are not there are left out.

    Raises
    ------
    UsageError, RunNotFoundError, StoreError
        As `compare_known`.
    """
    from nbship.display.runs_comparison_figures import PLOTLY, runs_comparison_figures
    from nbship.provenance.compare_many import compare_many

    with asking(settings):
        found, _ = _sorted_out(settings, runs)
        table = compare_many(settings.tracking_uri, found)
    figures = runs_comparison_figures(table)
    return [
        figure for figure in figures if len(found) > _PAIR or figure[PLOTLY]["data"][0]["type"] != "parcoords"
    ]


def _sorted_out(settings: Settings, runs: Sequence[str]) -> tuple[list[Run], tuple[str, ...]]:
    """Return the runs that are there, each once, and those that are not."""
    found: dict[str, Run] = {}
    missing: dict[str, None] = {}
    for name in runs:
        try:
            run = reader.get(settings.tracking_uri, name)
            found[run.id] = run
        except RunNotFoundError:
            missing[name] = None
    if len(found) < _PAIR:
        gone = ", ".join(missing)
        raise (
            RunNotFoundError(f"not in the store any more: {gone}")
            if gone
            else _too_few(runs, list(found.values()))
        )
    if len(found) > MOST_RUNS:
        raise UsageError(f"{len(found):,} runs: at most {MOST_RUNS:,} can be compared")
    return list(found.values()), tuple(missing)


def table_of(comparison: Comparison) -> RunsComparison:
    """Return the two runs of a comparison as a table of what varies, without asking the store again."""
    from nbship.provenance.compare_many import vary

    return vary((comparison.left, comparison.right))


def _named(run: object) -> str:
    if isinstance(run, Run):
        return run.id
    if not isinstance(run, str):
        raise UsageError(f"{run!r:.80} is no RUN: give its id, an unambiguous prefix, a name, or latest")
    return run


def _find(
    settings: Settings, runs: Sequence[str], query: str | None, limit: int, experiment: str | None
) -> list[Run]:
    found = [reader.get(settings.tracking_uri, run) for run in runs]
    if query is not None or experiment is not None:
        page = reader.search(settings.tracking_uri, query, limit=limit, experiment=experiment)
        found += page.runs
    different = list({run.id: run for run in found}.values())
    if len(different) < _PAIR:
        raise _too_few(runs, different)
    if len(different) > MOST_RUNS:
        raise UsageError(f"{len(different):,} runs: at most {MOST_RUNS:,} can be compared")
    return different


def _too_few(runs: Sequence[str], found: Sequence[Run]) -> UsageError | RunNotFoundError:
    if not found:
        return RunNotFoundError("no runs to compare; `nbship runs` lists them")
    named = " and ".join(runs)
    same = f"{named} are the same run" if len(runs) > 1 else f"only {found[0].name!r} is there"
    return UsageError(f"{same}; a comparison wants two runs or more")


def _compare_pair(tracking_uri: str, left: Run, right: Run) -> Comparison:
    from nbship.provenance.compare import compare_runs
    from nbship.provenance.evidence import read_evidence

    return compare_runs(read_evidence(tracking_uri, left), read_evidence(tracking_uri, right))


def _compare_apart(
    settings: Settings, runs: Sequence[str], query: str | None, limit: int, experiment: str | None
) -> Comparison | RunsComparison:
    options = ["--limit", str(limit)]
    options += [f"--query={query}"] if query is not None else []
    options += ["--experiment", experiment] if experiment else []
    answer = answer_apart(settings, "compare", options, list(runs))
    return Comparison.from_dict(answer) if "differs" in answer else RunsComparison.from_dict(answer)
