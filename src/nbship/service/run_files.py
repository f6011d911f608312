"""What a run left behind, part by part: cells, outputs, data, environment, metrics.

Functions take a RUN (an id, an unambiguous prefix, a name, or ``latest``) and raise

- `RunNotFoundError`, `AmbiguousRunError` when none or several answer to it, a deleted run among the former;
- `StoreError` when the store does not answer.

What a run has no record of, or only one that cannot be read, is not there in the answer; its `lacks` says why.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from nbship.errors import RunNotFoundError, UsageError
from nbship.model.run import RunStatus
from nbship.model.run_record import (
    CellOutput,
    GitState,
    MetricHistory,
    RunCell,
    RunCells,
    RunData,
    RunDataset,
    RunEnvironment,
)
from nbship.provenance.records import parse_datasets, parse_object, parse_profile, parse_summary
from nbship.provenance.run_files import OWN_TAG, RunFiles, label
from nbship.provenance.thinning import thinned
from nbship.service.apart import asking
from nbship.service.history import find_run
from nbship.service.run_ledger import Ledger, parse_ledger
from nbship.store import reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbship.config import Settings
    from nbship.model.cell import CellExecution
    from nbship.model.data import DatasetRecord
    from nbship.model.event import MetricPoint
    from nbship.model.profile import Profile
    from nbship.model.run import Run
    from nbship.provenance.records import RunSummary

__all__ = [
    "metric_history",
    "run_cells",
    "run_data",
    "run_environment",
    "run_notebook_json",
    "run_output",
]

MOST_CELLS = 1000
"""On one page."""

MOST_OUTPUT_BYTES = 1 << 20
MOST_PAGE_BYTES = 8 << 20
"""Of outputs in a page of cells; what is larger, or comes after that, is left to `run_output`."""

MOST_POINTS = 500
MOST_METRICS = 200

_LEDGER = "nbship/ledger.json"
_DATA = "nbship/data.json"
_ENVIRONMENT = "nbship/environment.json"
_SUMMARY = "nbship/run.json"
_CHANGES = "nbship/git.diff"
_PROFILES = "nbship/profiles/"
_NOTEBOOKS = ("executed.ipynb", "notebook.ipynb")  # the first is a step's own, with its text cells
_TARGET_TAG = "nbship.target"
_GIT = "mlflow.source.git."


def run_cells(settings: Settings, run: str, *, offset: int = 0, limit: int = 100) -> RunCells:
    """Return a page of the ledger of a run: the executions of cells in its kernel, in true order.

    Raises
    ------
    UsageError
        When `offset` or `limit` is out of range; the rest is said above.
    """
    if offset < 0 or not 0 < limit <= MOST_CELLS:
        raise UsageError(
            f"cells {offset} and {limit} more: take an offset from 0 and 1 to {MOST_CELLS:,} cells"
        )
    with asking(settings):
        files = RunFiles(settings.tracking_uri, find_run(settings, run))
        ledger = files.parsed(_LEDGER, parse_ledger)
    if ledger is None:
        return RunCells(offset=offset, lacks=(*files.lacks, *_absent(files, _LEDGER, "cells")))
    page = ledger.executions[offset : offset + limit]
    budget = _Budget(MOST_PAGE_BYTES)
    return RunCells(tuple(_cell(one, ledger, budget) for one in page), len(ledger.executions), offset)


def run_output(settings: Settings, run: str, cell: int, output: int) -> dict[str, Any]:
    """Return one output of a cell, whole, as nbformat 4.

    Parameters
    ----------
    cell
        `RunCell.index`.
    output
        Place among `RunCell.outputs`, from 0.

    Raises
    ------
    UsageError
        When there is no such cell or output; the rest is said above.
    """
    with asking(settings):
        files = RunFiles(settings.tracking_uri, find_run(settings, run))
        ledger = files.parsed(_LEDGER, parse_ledger)
    found = next((one for one in ledger.executions if one.index == cell), None) if ledger else None
    if found is None:
        raise UsageError(f"{label(files.run)} has no cell {cell}")
    outputs = _outputs(found)
    if not 0 <= output < len(outputs):
        raise UsageError(f"cell {cell} of {label(files.run)} has no output {output}; it has {len(outputs)}")
    return outputs[output]


class _Budget:
    """How many bytes of outputs still fit on a page."""

    def __init__(self, left: int) -> None:
        self._left = left

    def fits(self, size: int) -> bool:
        if size > MOST_OUTPUT_BYTES or size > self._left:
            return False
        self._left -= size
        return True


def _cell(one: CellExecution, ledger: Ledger, budget: _Budget) -> RunCell:
    return RunCell(
        index=one.index,
        source=one.source,
        status=one.status,
        cell_id=one.cell_id,
        execution_count=one.execution_count,
        started_ms=one.started_ms,
        seconds=one.wall_seconds,
        needed=one.index in ledger.needed,
        tracked=one.index in ledger.own,
        outputs=tuple(_shown(output, budget) for output in _outputs(one)),
        outputs_cut=one.outputs_truncated,
        error=one.error,
    )


def _outputs(one: CellExecution) -> list[dict[str, Any]]:
    """Return the outputs of a cell, its error as the last where none of them is one."""
    outputs, error = list(one.outputs), one.error
    if error is not None and not any(output.get("output_type") == "error" for output in outputs):
        traceback = list(error.traceback) or [f"{error.ename}: {error.evalue}"]
        outputs.append(
            {"output_type": "error", "ename": error.ename, "evalue": error.evalue, "traceback": traceback}
        )
    return outputs


def _shown(output: dict[str, Any], budget: _Budget) -> CellOutput:
    size = len(json.dumps(output, separators=(",", ":")))
    if budget.fits(size):
        return CellOutput(output, size_bytes=size)
    text = f"[an output of {size / 1e6:.1f} MB is left out here]\n"
    return CellOutput(
        {"output_type": "stream", "name": "stdout", "text": text}, omitted=True, size_bytes=size
    )


def run_notebook_json(settings: Settings, run: str) -> dict[str, Any]:
    """Return the executed notebook of a run as nbformat 4: that of a step whole, else the cells that tell the run.

    Raises
    ------
    RunNotFoundError
        When the run keeps none that can be read; the rest is said above.
    """
    with asking(settings):
        found = find_run(settings, run)
        for path in _NOTEBOOKS:
            notebook = _notebook(settings, found, path)
            if notebook is not None:
                return notebook
    reason = f": {_why_not(found)}" if _why_not(found) else ""
    raise RunNotFoundError(f"{label(found)} keeps no executed notebook{reason}")


def _notebook(settings: Settings, run: Run, path: str) -> dict[str, Any] | None:
    try:
        notebook = json.loads(reader.read_artifact(settings.tracking_uri, run, path))
    except (RunNotFoundError, ValueError):  # not there, or damaged: the other one may do
        return None
    return notebook if isinstance(notebook, dict) and isinstance(notebook.get("cells"), list) else None


def run_data(settings: Settings, run: str) -> RunData:
    """Return the datasets of a run, with the digests of their columns and their profiles.

    Of runs that MLflow alone recorded, what the store lists.
    """
    with asking(settings):
        files = RunFiles(settings.tracking_uri, find_run(settings, run))
        records = files.parsed(_DATA, parse_datasets)
        paths = sorted(path for path in files.listed if path.startswith(_PROFILES)) if records else []
        profiles = [files.parsed(path, parse_profile) for path in paths]
    if records is None:
        plain = tuple(RunDataset(one.name, one.digest, rows=one.rows) for one in files.run.datasets)
        return RunData(plain, tuple(files.lacks))
    by_dataset = {(one.name, one.digest): one for one in profiles if one is not None}
    target = files.run.tags.get(_TARGET_TAG, "")
    return RunData(tuple(_dataset(one, by_dataset, target) for one in records), tuple(files.lacks))


def _dataset(record: DatasetRecord, profiles: dict[tuple[str, str], Profile], target: str) -> RunDataset:
    found = record.fingerprint
    return RunDataset(
        name=record.name,
        digest=found.digest,
        role=record.source,
        type=record.type,
        kind=found.kind,
        rows=found.rows,
        shape=found.shape,
        size_bytes=found.size_bytes,
        algorithm=found.algorithm,
        weak=found.weak,
        columns=found.columns,
        index=found.index,
        produced_by=record.produced_by,
        target=target if any(column.name == target for column in found.columns) else "",
        profile=profiles.get((record.name, found.digest)),
    )


def run_environment(settings: Settings, run: str) -> RunEnvironment:
    """Return where a run ran: interpreter, machine, packages, variables, repository and seeds."""
    with asking(settings):
        files = RunFiles(settings.tracking_uri, find_run(settings, run))
        found = files.parsed(_ENVIRONMENT, _parse_environment) or {}
        summary = files.parsed(_SUMMARY, parse_summary)
        changes = files.text(_CHANGES) or ""
    lacks = (*files.lacks, *_absent(files, _ENVIRONMENT, "environment"))
    return RunEnvironment(**found, git=_git(files.run, changes), lacks=lacks, **_chance(summary))


def _parse_environment(data: Any) -> dict[str, Any]:
    found = parse_object(data)
    on_disk, loaded = dict(found["distributions"]), dict(found.get("loaded", {}))
    return {
        "python": parse_object(found["python"]),
        "platform": parse_object(found["platform"]),
        "packages": dict(sorted({**on_disk, **loaded}.items())),
        "upgraded": {name: on_disk[name] for name in sorted(loaded) if name in on_disk},
        "variables": parse_object(found.get("variables", {})),
    }


def _chance(summary: RunSummary | None) -> dict[str, Any]:
    if summary is None:
        return {}
    return {"seeds": summary.seeds, "random_state_used": summary.random_state_used}


def _git(run: Run, changes: str) -> GitState | None:
    commit = run.tags.get(f"{_GIT}commit", "")
    if not commit and not changes:
        return None
    return GitState(
        commit=commit,
        branch=run.tags.get(f"{_GIT}branch", ""),
        remote=run.tags.get(f"{_GIT}repoURL", ""),
        dirty=run.tags.get(f"{_GIT}dirty", "") == "true" or bool(changes),
        diff=changes,
    )


def metric_history(settings: Settings, run: str, keys: Sequence[str] = ()) -> tuple[MetricHistory, ...]:
    """Return the values of metrics by step, at most 500 of each and evenly spaced, the first and the last among them.

    Parameters
    ----------
    keys
        Which metrics; all without any, the first 200 by name.
    """
    with asking(settings):
        found = find_run(settings, run)
        wanted = list(dict.fromkeys(keys or sorted(found.metrics)))[:MOST_METRICS]
        series = reader.metric_histories(settings.tracking_uri, [(found.id, key) for key in wanted])
    return tuple(_history(key, points) for key, points in zip(wanted, series, strict=True))


def _history(key: str, points: Sequence[MetricPoint]) -> MetricHistory:
    few = thinned(list(points), MOST_POINTS)
    values = tuple(point.value if math.isfinite(point.value) else None for point in few)
    times = tuple(point.timestamp_ms for point in few)
    return MetricHistory(key, tuple(point.step for point in few), values, times, len(points))


def _absent(files: RunFiles, path: str, what: str) -> Iterable[str]:
    """Say why a run has no file of a kind; nothing where it has one, or the reason was said."""
    if path in files.listed or files.lacks:
        return ()
    reason = _why_not(files.run) or "its files are gone, or never came to the store"
    return (f"{label(files.run)} has no {what}: {reason}",)


def _why_not(run: Run) -> str:
    if run.status is RunStatus.RUNNING:
        return "it is still running, and the record comes with its end"
    return "" if OWN_TAG in run.tags else "nbship did not record it"
