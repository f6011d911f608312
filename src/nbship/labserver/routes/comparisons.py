"""What differs between runs."""

from __future__ import annotations

from nbship.labserver.endpoint import get
from nbship.labserver.place import Place
from nbship.labserver.wire.comparisons import (
    ComparisonQuery,
    FiguresJson,
    KnownRunsJson,
    chosen_runs,
    known_runs_json,
)
from nbship.service.comparisons import compare_known, figures_of

__all__ = ["compare_runs", "comparison_figures"]


@get("/comparison")
def compare_runs(place: Place, query: ComparisonQuery) -> KnownRunsJson:
    """Return what differs between two runs, or what varies over many."""
    return known_runs_json(compare_known(place.settings, chosen_runs(query)))


@get("/comparison/figures")
def comparison_figures(place: Place, query: ComparisonQuery) -> FiguresJson:
    """Return the charts of runs."""
    return {"figures": figures_of(place.settings, chosen_runs(query))}
