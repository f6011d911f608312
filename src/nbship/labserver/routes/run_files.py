"""One run, part by part: what a page about it shows. What is done to runs lies with their list."""

from __future__ import annotations

from typing import Any

from nbship import service
from nbship.errors import RunNotFoundError, UsageError
from nbship.labserver.endpoint import get
from nbship.labserver.place import Place
from nbship.labserver.wire.run_files import (
    CellsQuery,
    DataChangesJson,
    LineageJson,
    MetricsJson,
    MetricsQuery,
    RerunJson,
    RunBadges,
    RunCellsJson,
    RunDataJson,
    RunDetailJson,
    RunEnvironmentJson,
    RunModelsJson,
    changes_json,
    dataset_json,
    lineage_json,
    store_page,
)
from nbship.model.codec import encode
from nbship.service.data_changes import data_changes
from nbship.store.query import NOTEBOOK_TAG

__all__ = [
    "run_badges",
    "run_cells",
    "run_data",
    "run_data_changes",
    "run_environment",
    "run_lineage",
    "run_metrics",
    "run_models",
    "run_notebook",
    "run_output",
    "run_rerun",
    "show_run",
]

_CELLS = 100
_ON_ITS_WAY_SECONDS = 20.0


@get("/runs/{run}")
def show_run(place: Place, run: str) -> RunDetailJson:
    """Return a run with what its files say."""
    try:
        detail = service.show(place.settings, run, wait_seconds=0)
    except RunNotFoundError:  # it may be on its way: a step has just ended, and its run is opened
        detail = service.show(place.settings, run, wait_seconds=_ON_ITS_WAY_SECONDS)
    source = detail.run.tags.get(NOTEBOOK_TAG)
    page = store_page(place.settings.tracking_uri, detail.run.id)
    return {**detail.to_dict(), "notebook": _openable(place, source), "page": page}  # type: ignore[typeddict-item]


@get("/runs/{run}/badges")
def run_badges(place: Place, run: str) -> RunBadges:
    """Return what became of a run."""
    found = service.show(place.settings, run, wait_seconds=0).run
    return encode(service.badges(place.settings, [found])[found.id])  # type: ignore[no-any-return]


@get("/runs/{run}/cells")
def run_cells(place: Place, run: str, query: CellsQuery) -> RunCellsJson:
    """Return a page of the ledger of a run, in true order."""
    offset, limit = query.get("offset", 0), query.get("limit", _CELLS)
    found = service.run_cells(place.settings, run, offset=offset, limit=limit)
    return found.to_dict()  # type: ignore[return-value]


@get("/runs/{run}/outputs/{cell}/{output}")
def run_output(place: Place, run: str, cell: str, output: str) -> dict[str, Any]:
    """Return one output of a cell whole, as nbformat 4 has it."""
    at = _whole(cell, "the index of a cell"), _whole(output, "the place of an output")
    return service.run_output(place.settings, run, *at)


@get("/runs/{run}/notebook")
def run_notebook(place: Place, run: str) -> dict[str, Any]:
    """Return the executed notebook of a run, as nbformat 4."""
    return service.run_notebook_json(place.settings, run)


@get("/runs/{run}/data")
def run_data(place: Place, run: str) -> RunDataJson:
    """Return the datasets of a run."""
    found = service.run_data(place.settings, run)
    return {"datasets": [dataset_json(one) for one in found.datasets], "lacks": list(found.lacks)}


@get("/runs/{run}/changes")
def run_data_changes(place: Place, run: str) -> DataChangesJson:
    """Return what of the data of a run is other than in the run before it of the same notebook."""
    return changes_json(data_changes(place.settings, run))


@get("/runs/{run}/environment")
def run_environment(place: Place, run: str) -> RunEnvironmentJson:
    """Return where a run ran."""
    return service.run_environment(place.settings, run).to_dict()  # type: ignore[return-value]


@get("/runs/{run}/models")
def run_models(place: Place, run: str) -> RunModelsJson:
    """Return the models of a run."""
    models = service.run_models(place.settings, run)
    return {"models": [model.to_dict() for model in models]}  # type: ignore[misc]


@get("/runs/{run}/lineage")
def run_lineage(place: Place, run: str) -> LineageJson:
    """Return what a run came from and led to."""
    return encode(lineage_json(service.run_lineage(place.settings, run)))  # type: ignore[no-any-return]


@get("/runs/{run}/metrics")
def run_metrics(place: Place, run: str, query: MetricsQuery) -> MetricsJson:
    """Return the values of metrics over their steps."""
    keys = [key for key in query.get("keys", "").split(",") if key]
    return {"metrics": [encode(one) for one in service.metric_history(place.settings, run, keys)]}


@get("/runs/{run}/rerun")
def run_rerun(place: Place, run: str) -> RerunJson:
    """Return what is needed to run the notebook of a run again."""
    found = service.rerun_source(place.settings, run)
    candidates = [_openable(place, one) for one in found.candidates]
    files = {"path": _openable(place, found.path), "candidates": [one for one in candidates if one]}
    return {**found.to_dict(), **files}  # type: ignore[typeddict-item]


def _openable(place: Place, path: str | None) -> str | None:
    """Return the path by which the panel opens a file; None where it cannot."""
    shown = place.shown(path) if path else None
    try:
        return shown if shown is not None and (place.root / shown).is_file() else None
    except OSError:  # a name that no file can have
        return None


def _whole(text: str, what: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise UsageError(f"{text!r:.40} is not {what}; give a number from 0")
    return int(text)
