"""What a cell contributes to a run: parameters and data before it runs, metrics, files and a model after."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbship.capture import datasets
from nbship.capture.models import find_model, is_model, save_model
from nbship.capture.references import log_profiles
from nbship.capture.secrets import Masker, is_secret_name
from nbship.capture.selection import find_metrics, find_parameters
from nbship.errors import ModelSaveError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbship.capture.open_run import OpenRun
    from nbship.capture.session import Session
    from nbship.capture.watch import EndedCell, WatchedCell
    from nbship.model.data import DatasetRecord, FileRecord

__all__ = ["log_inputs", "log_results", "mask_params", "save_run_model"]


def mask_params(found: Mapping[str, Any], masker: Masker, run: OpenRun) -> dict[str, str]:
    """Return parameters as text, with secrets masked and counted."""
    params = {}
    for key, value in found.items():
        masked = masker.mask(str(value), python=False)
        secret = is_secret_name(key) and isinstance(value, str)
        params[key] = "***" if secret else masked.text
        run.masked += 1 if secret else sum(masked.kinds.values())
    return params


def log_inputs(session: Session, run: OpenRun, cell: WatchedCell) -> None:
    """Log what is known before the cell's own code runs: parameters and the data that it will read."""
    index = cell.execution.index
    reads = session.ledger.reads_with_calls(cell.flow.reads, index)
    found = find_parameters(session.ledger, cell.flow, index, reads, cell.execution.tags)
    params = run.new_params(mask_params(found, session.masker, run))
    records = []
    if session.settings().fingerprints:
        names = reads | {name for name in run.request.data if name in session.namespace}
        records = datasets.unseen(
            run, datasets.fingerprint_variables(names, session.namespace, session.ledger, index, run.warnings)
        )
    if session.settings().files:
        records += datasets.unseen(run, _earlier_files(session, run, reads, index))
    if params or records:
        session.sink().append(run.log(params=params, datasets=tuple(records)))
    _snapshot(session, run, records)
    log_profiles(session, run, records)


def _earlier_files(session: Session, run: OpenRun, reads: frozenset[str], index: int) -> list[DatasetRecord]:
    """Fingerprint the files that the cells before read, on which this one depends."""
    entries = session.ledger.entries
    files: dict[str, FileRecord] = {}
    for position in session.ledger.slice(reads, index).indices:
        files.update({record.path: record for record in entries[position].cell.files_read})
    return datasets.fingerprint_earlier_files(files.values(), session.settings().project, run.warnings)


def log_results(session: Session, run: OpenRun, ended: EndedCell) -> None:
    """Log what the cell produced; for a cell that failed, what it had produced until then."""
    execution = ended.execution
    identity = execution.cell_id or execution.source_hash
    if ended.ok:
        run.failures.pop(identity, None)
    elif execution.error is not None:
        run.failures[identity] = f"{execution.error.ename}: {execution.error.evalue}"
    assigned = None if ended.ok else frozenset(execution.changed)
    metrics = _narrowed(
        session, run, find_metrics(ended.flow, session.namespace, ended.outcome.value, assigned), ended
    )
    records = datasets.unseen(run, _files(session, run, ended) + _assigned_data(session, run, ended))
    _note_model(session, run, ended)
    if metrics or records:
        session.sink().append(run.log(metrics=run.new_points(metrics), datasets=tuple(records)))
    _snapshot(session, run, records)
    log_profiles(session, run, records)


def _snapshot(session: Session, run: OpenRun, records: list[DatasetRecord]) -> None:
    variables = [record for record in records if record.source == "variable"]
    if run.request.snapshot and variables:
        copies = datasets.snapshot(variables, session.namespace, session.sink(), run.warnings)
        session.sink().append(run.log(artifacts=copies))


def _narrowed(session: Session, run: OpenRun, found: dict[str, float], ended: EndedCell) -> dict[str, float]:
    wanted = run.request.metrics
    if not wanted:
        return found
    chosen = {key: value for key, value in found.items() if key in wanted or key.split(".")[0] in wanted}
    chosen |= datasets.scalars_by_name(wanted, session.namespace, chosen)
    missing = [
        name for name in wanted if not any(key == name or key.startswith(f"{name}.") for key in chosen)
    ]
    if missing and ended.ok and run.cell is not None:
        run.problems.append(
            f"--metric {', '.join(missing)}: the cell left no number of that name; it left "
            f"{', '.join(found) or 'none at all'}"
        )
    return chosen


def _files(session: Session, run: OpenRun, ended: EndedCell) -> list[DatasetRecord]:
    settings = session.settings()
    if not settings.files:
        return []
    return datasets.fingerprint_files(ended.opened, settings.project, run.warnings)


def _assigned_data(session: Session, run: OpenRun, ended: EndedCell) -> list[DatasetRecord]:
    """Fingerprint what ``--data`` names and the cell itself assigned."""
    logged = {name.split("[")[0] for name, _ in run.datasets}
    names = [name for name in run.request.data if name not in logged]
    if not names or not ended.ok:
        return []
    found = datasets.fingerprint_variables(names, session.namespace, session.ledger, None, run.warnings)
    missing = sorted(set(names) - {record.name.split("[")[0] for record in found})
    if missing:
        run.problems.append(f"--data {', '.join(missing)}: not a table or array that has a fingerprint")
    return found


def _note_model(session: Session, run: OpenRun, ended: EndedCell) -> None:
    fitted = dict(ended.flow.fits)
    candidates = [*(name for name in fitted if name not in ended.flow.computed), *ended.flow.computed]
    name = run.request.model or find_model(candidates, session.namespace)
    if name is not None:
        run.model_variable = name
        run.fit_argument = fitted.get(name) or ended.flow.asked.get(name) or run.fit_argument
        run.trained_on, run.target = ended.flow.trained.get(name, (run.trained_on, run.target))


def save_run_model(session: Session, run: OpenRun) -> None:
    """Save the model that the run's cells fitted last, or that ``--model`` names."""
    name = run.model_variable
    if name is None or not session.settings().models:
        return
    value = session.namespace.get(name)
    if not is_model(value):
        run.problems.append(
            f"--model {name}: {type(value).__name__} has no predict(); name a fitted estimator"
        )
        return
    try:
        record, warnings = save_model(
            name,
            value,
            namespace=session.namespace,
            candidates=_names_of(session, run),
            fit_argument=run.fit_argument,
            put_blob=session.sink().put_blob,
        )
    except ModelSaveError as error:
        run.warnings.append(f"the model {name} was not saved: {error}")
        return
    run.model = f"{name} ({record.class_name.rsplit('.', 1)[-1]})"
    run.warnings.extend(warnings)
    params = mask_params(record.params, session.masker, run)
    session.sink().append(run.log(model=replace(record, params=params), tags={"nbship.model": run.model}))


def _names_of(session: Session, run: OpenRun) -> list[str]:
    names: dict[str, None] = {}
    for index in reversed(run.cells):
        flow = session.ledger.entries[index].flow
        names.update(dict.fromkeys(sorted(flow.reads) + sorted(flow.writes)))
    return list(names)
