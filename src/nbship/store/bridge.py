"""The kernel's side of cells that call mlflow themselves: one run for their calls and ours.

Public: ``open_run(tracking_uri, experiment, name, tags, timeout_seconds, artifact_root=None) -> str | None``,
``close_run(run_id, status)``.

This imports mlflow into the kernel, so it is called only for a cell that would import it anyway.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from nbship.errors import StoreError
from nbship.model.run import RunStatus
from nbship.store.variables import IMPATIENT, set_for_a_while

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["close_run", "open_run"]

# The name of mlflow's own variable: the first `start_run` of a process takes the run that it names, and unsets it.
_ADOPT_VARIABLE = "MLFLOW_RUN_ID"
_ACTIVE_VARIABLE = "NBSHIP_ACTIVE_RUN"


def open_run(
    tracking_uri: str,
    experiment: str,
    name: str,
    tags: Mapping[str, str],
    timeout_seconds: float,
    *,
    artifact_root: str | None = None,
) -> str | None:
    """Create a run that the mlflow calls of this process land in.

    Parameters
    ----------
    tracking_uri, experiment, name, tags, artifact_root
        As in `nbship.model.event.RunBegan`.
    timeout_seconds
        How long the store may take; the import of mlflow is not counted.

    Returns
    -------
    str or None
        The store's run id; None when the store did not answer in time, refused, or when the user's own mlflow run
        is already active, which then stays what it is.
    """
    import mlflow

    if mlflow.active_run() is not None:
        return None
    run_id = _within(timeout_seconds, tracking_uri, experiment, name, dict(tags), artifact_root)
    if run_id is None:
        return None
    if not mlflow.is_tracking_uri_set():  # type: ignore[no-untyped-call]
        mlflow.set_tracking_uri(tracking_uri)
    os.environ[_ADOPT_VARIABLE] = os.environ[_ACTIVE_VARIABLE] = run_id
    return run_id


def close_run(run_id: str, status: RunStatus = RunStatus.FINISHED) -> None:
    """Let go of a run of `open_run`: later mlflow calls of this process no longer land in it.

    Never raises for a store that is down; the recorder closes the run in any case.
    """
    import mlflow

    for variable in (_ADOPT_VARIABLE, _ACTIVE_VARIABLE):
        if os.environ.get(variable) == run_id:
            del os.environ[variable]
    active = mlflow.active_run()
    if active is not None and active.info.run_id == run_id:
        # end_run forgets the run before it asks the store, so whatever that raises changes nothing here.
        with set_for_a_while(IMPATIENT), suppress(Exception):
            mlflow.end_run(status.value)


def _within(timeout_seconds: float, *arguments: object) -> str | None:
    """Create the run in a thread, and stop waiting when the time is over."""
    created: list[str] = []

    def create() -> None:
        try:
            created.append(_create(*arguments))  # type: ignore[arg-type]
        except StoreError:
            return

    thread = threading.Thread(target=create, name="nbship-open-run", daemon=True)
    thread.start()
    thread.join(timeout_seconds)
    return created[0] if created else None


def _create(
    tracking_uri: str, experiment: str, name: str, tags: dict[str, str], artifact_root: str | None
) -> str:
    from nbship.store.connection import connect  # noqa: PLC0415
    from nbship.store.mlflow import ensure_experiment  # noqa: PLC0415
    from nbship.store.refusal import translated  # noqa: PLC0415

    with translated():
        client = connect(tracking_uri)
        experiment_id = ensure_experiment(client, tracking_uri, experiment, artifact_root)
        return str(client.create_run(experiment_id, tags=tags, run_name=name).info.run_id)
