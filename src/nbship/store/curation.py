"""Changing runs that are in the store: their tags, and whether they are deleted.

Public: ``change_tags(tracking_uri, runs, tags)``, ``delete_runs(tracking_uri, runs)``, ``restore_runs(tracking_uri, runs)``,
``find_deleted(tracking_uri, run) -> Run``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbship.store.connection import connect
from nbship.store.mlflow_loading import load_mlflow
from nbship.store.model_lookup import asking
from nbship.store.names import MAX_BATCH_TAGS
from nbship.store.reader import is_missing, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbship.model.run import Run

__all__ = ["change_tags", "delete_runs", "find_deleted", "restore_runs"]


def change_tags(tracking_uri: str, runs: Sequence[Run], tags: Mapping[str, str | None]) -> None:
    """Set tags of runs; None removes one, where the run has it.

    Raises
    ------
    StoreError
        When the store does not answer; `RefusedError` when it takes a tag for malformed.
    """
    load_mlflow()
    from mlflow.entities import RunTag

    given = [RunTag(key, value) for key, value in tags.items() if value is not None]
    batches = [given[start : start + MAX_BATCH_TAGS] for start in range(0, len(given), MAX_BATCH_TAGS)]
    client = connect(tracking_uri)
    with asking():
        for run in runs:
            for batch in batches:
                client.log_batch(run.id, tags=batch)
            for key in (key for key, value in tags.items() if value is None and key in run.tags):
                client.delete_tag(run.id, key)


def delete_runs(tracking_uri: str, runs: Sequence[Run]) -> None:
    """Mark runs as deleted, as MLflow's own page does; nothing of them is lost until ``mlflow gc``.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    _each(tracking_uri, "delete_run", runs)


def restore_runs(tracking_uri: str, runs: Sequence[Run]) -> None:
    """Take the mark of deletion from runs.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    _each(tracking_uri, "restore_run", runs)


def _each(tracking_uri: str, method: str, runs: Sequence[Run]) -> None:
    client: Any = connect(tracking_uri)
    with asking():
        for run in runs:
            getattr(client, method)(run.id)


def find_deleted(tracking_uri: str, run: str) -> Run:
    """Return the deleted run that `run` names, in the ways of `nbship.store.reader.get` but for ``latest``.

    Raises
    ------
    RunNotFoundError, AmbiguousRunError
        When no deleted run answers to it, or several do.
    StoreError
        When the store does not answer.
    """
    from nbship.store.mlflow_read import MlflowReader  # noqa: PLC0415 - seconds of import

    reader = None if is_missing(tracking_uri) else MlflowReader(tracking_uri, deleted=True)
    return resolve(reader, tracking_uri, run, what="deleted run")
