"""The kernel's side of cells that call mlflow themselves: one run for their calls and ours.

Public: ``open_run(tracking_uri, experiment, name, tags, timeout_seconds, artifact_root=None) -> str | None``,
``close_run(run_id, status)``.

This imports mlflow into the kernel, so it is called only for a cell that would import it anyway.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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

    It is adopted by the first call of the cell that wants a run, unless the cell turns to another store or experiment
    before: mlflow then starts a run of its own there, as a child of this one.

    Parameters
    ----------
    tracking_uri, experiment, name, tags, artifact_root
        As in `nbship.model.event.RunBegan`; an experiment that the user has set with mlflow wins.
    timeout_seconds
        How long the store may take; the import of mlflow is not counted.

    Returns
    -------
    str or None
        The store's run id; None when the store did not answer in time or refused, and when the user has mlflow at
        work elsewhere: on another store, or in a run that is open already. That then stays as it is.
    """
    import mlflow

    if mlflow.active_run() is not None or _ADOPT_VARIABLE in os.environ:
        return None
    if not mlflow.is_tracking_uri_set():  # type: ignore[no-untyped-call]
        mlflow.set_tracking_uri(tracking_uri)
    if mlflow.get_tracking_uri() != tracking_uri:
        return None
    order = _Order(tracking_uri, experiment, name, dict(tags), artifact_root, _active_experiment())
    made = _within(timeout_seconds, order)
    if made is None:
        return None
    os.environ[_ADOPT_VARIABLE] = os.environ[_ACTIVE_VARIABLE] = made.run_id
    _offer(made, tracking_uri)
    return made.run_id


def close_run(run_id: str, status: RunStatus = RunStatus.FINISHED) -> None:
    """Let go of a run of `open_run`: later mlflow calls of this process no longer land in it.

    Never raises for a store that is down; the recorder closes the run in any case.
    """
    import mlflow

    for variable in (_ADOPT_VARIABLE, _ACTIVE_VARIABLE):
        if os.environ.get(variable) == run_id:
            del os.environ[variable]
    _withdraw()
    active = mlflow.active_run()
    if active is not None and active.info.run_id == run_id:
        # end_run forgets the run before it asks the store, so whatever that raises changes nothing here.
        with set_for_a_while(IMPATIENT), suppress(Exception):
            mlflow.end_run(status.value)


@dataclass(frozen=True, slots=True)
class _Order:
    tracking_uri: str
    experiment: str
    name: str
    tags: dict[str, str]
    artifact_root: str | None
    experiment_id: str | None


@dataclass(frozen=True, slots=True)
class _Made:
    run_id: str
    experiment_id: str


class _ConditionalVariable:
    """Stands before mlflow's ``MLFLOW_RUN_ID`` and shows our run only where mlflow could adopt it.

    Otherwise `start_run` would raise into the user's cell after ``mlflow.set_experiment`` or
    ``mlflow.set_tracking_uri`` (mlflow/tracking/fluent.py, "active experiment ID does not match").
    """

    def __init__(self, variable: Any, made: _Made, tracking_uri: str) -> None:
        self.variable = variable
        self._made = made
        self._tracking_uri = tracking_uri

    def __getattr__(self, name: str) -> Any:
        return getattr(self.variable, name)

    def get(self) -> str | None:
        import mlflow

        value: str | None = self.variable.get()
        if value != self._made.run_id:
            return value
        fits = _active_experiment() in (None, self._made.experiment_id)
        return value if fits and mlflow.get_tracking_uri() == self._tracking_uri else None


def _offer(made: _Made, tracking_uri: str) -> None:
    from mlflow.tracking import fluent

    _withdraw()
    if hasattr(fluent, _ADOPT_VARIABLE):  # else this mlflow reads the environment by itself
        variable = _ConditionalVariable(getattr(fluent, _ADOPT_VARIABLE), made, tracking_uri)
        setattr(fluent, _ADOPT_VARIABLE, variable)


def _withdraw() -> None:
    from mlflow.tracking import fluent

    variable = getattr(fluent, _ADOPT_VARIABLE, None)
    if isinstance(variable, _ConditionalVariable):
        setattr(fluent, _ADOPT_VARIABLE, variable.variable)


def _active_experiment() -> str | None:
    """Return the id of the experiment that the user has set in this process, if any."""
    from mlflow.tracking import fluent

    return getattr(fluent, "_active_experiment_id", None)


def _within(timeout_seconds: float, order: _Order) -> _Made | None:
    """Create the run in a thread, and stop waiting when the time is over."""
    made: list[_Made] = []
    late = threading.Event()
    decided = threading.Lock()

    def create() -> None:
        with suppress(StoreError):
            one = _create(order)
            with decided:
                made.append(one)
            if late.is_set():  # nobody will ever close it
                _delete(order.tracking_uri, one.run_id)

    thread = threading.Thread(target=create, name="nbship-open-run", daemon=True)
    thread.start()
    thread.join(timeout_seconds)
    with decided:
        if not made:
            late.set()
        return made[0] if made else None


def _create(order: _Order) -> _Made:
    from nbship.store.connection import connect  # noqa: PLC0415
    from nbship.store.mlflow import ensure_experiment  # noqa: PLC0415
    from nbship.store.refusal import translated  # noqa: PLC0415

    with translated():
        client = connect(order.tracking_uri)
        experiment_id = order.experiment_id or ensure_experiment(
            client, order.tracking_uri, order.experiment, order.artifact_root
        )
        run = client.create_run(experiment_id, tags=order.tags, run_name=order.name)
        return _Made(str(run.info.run_id), str(experiment_id))


def _delete(tracking_uri: str, run_id: str) -> None:
    from nbship.store.connection import connect  # noqa: PLC0415
    from nbship.store.refusal import translated  # noqa: PLC0415

    with translated():
        connect(tracking_uri).delete_run(run_id)
