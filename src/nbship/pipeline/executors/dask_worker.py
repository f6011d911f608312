"""What runs on a Dask worker: steps, how they are stopped, and warm kernels. Loaded where `distributed` is installed."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import distributed
from distributed import WorkerPlugin, get_worker

from nbship import __version__
from nbship.model.codec import encode
from nbship.pipeline.executors.outcomes import lost_worker, taken_back
from nbship.pipeline.kernels.environment import kernel_environment

if TYPE_CHECKING:
    from nbship.model.step import StepProgress, StepRequest, StepResult
    from nbship.pipeline.executors.protocol import RunStep

__all__ = [
    "StepWorkerPlugin",
    "begun_event",
    "cancel_step",
    "look_around",
    "prepare_kernels",
    "run_on_worker",
]

_Event: Any = distributed.Event  # it has no annotations

_lock = threading.Lock()
_leaving = threading.Event()
_running: dict[str, threading.Event] = {}
_cancelled: set[str] = set()


class StepWorkerPlugin(WorkerPlugin):
    """Stops the steps of a worker that leaves, and with them their kernels."""

    name = "nbship-steps"
    idempotent = True

    def teardown(self, worker: Any) -> None:  # noqa: ARG002 - the signature is Dask's
        """Cancel what runs."""
        _leaving.set()
        with _lock:
            for cancel in _running.values():
                cancel.set()


def look_around(token_file: str) -> dict[str, str | None]:
    """Return this worker's version of nbship, and what it reads in a file of the project; None where it sees none."""
    try:
        token = Path(token_file).read_text(encoding="utf-8")
    except OSError:
        token = None
    return {"version": __version__, "token": token}


def begun_event(token: str) -> str:
    """Return the name of the event that says that a step has begun on some worker."""
    return f"nbship-begun-{token}"


def run_on_worker(run: RunStep, request: StepRequest, token: str, topic: str) -> StepResult:
    """Run a step, unless it was begun before: Dask gives the tasks of a dead worker to another one by itself."""
    worker = get_worker()
    begun = _Event(begun_event(token))
    if begun.is_set():
        return lost_worker(request, "the worker that ran it went away")
    begun.set()
    worker.log_event(topic, {"token": token, "worker": worker.address})

    def progress(now: StepProgress) -> None:
        worker.log_event(topic, {"token": token, "progress": encode(now)})

    with _lock:
        if token in _cancelled:
            return taken_back(request)
        cancel = _running[token] = threading.Event()
    try:
        result = run(request, progress=progress, cancel=cancel)
    finally:
        with _lock:
            del _running[token]
    if _leaving.is_set() and not result.state.succeeded:
        return lost_worker(request, "the worker was shut down")
    return result


def cancel_step(token: str) -> None:
    """Stop a step if it runs on this worker, and keep it from beginning."""
    with _lock:
        _cancelled.add(token)
        if (cancel := _running.get(token)) is not None:
            cancel.set()


def prepare_kernels(modules: tuple[str, ...], kernels: int) -> None:
    """Get warm kernels ready on this worker's machine."""
    from nbship.pipeline.kernels.managers import prepare  # noqa: PLC0415 - loads jupyter_client

    prepare(modules, kernels, kernel_environment())
