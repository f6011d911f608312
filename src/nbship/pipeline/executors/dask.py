"""Steps on the workers of a Dask cluster, by the extra ``dask``.

Dask's own retries are off: `nbship.pipeline.scheduling.attempts` decides. When a worker dies Dask gives its tasks to another one by
itself; a step that had begun is not begun again that way, since its first execution may have left something half done and
may even go on where only the connection was lost. It ends as ``lost worker`` instead, and a new attempt follows.
"""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nbship import __version__
from nbship.config import prepare_home
from nbship.errors import UsageError
from nbship.model.codec import decode
from nbship.model.step import StepProgress
from nbship.pipeline.executors.outcomes import could_not_start, is_lost, lost_worker, stopped, taken_back

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbship.config import Settings
    from nbship.model.step import StepRequest, StepResult
    from nbship.pipeline.executors.protocol import Progress, RunStep

__all__ = ["DaskExecutor"]

CONNECT_SECONDS = 10.0
WATCH_SECONDS = 1.0
"""How often to look whether the workers of the running steps are still there."""


@dataclass(slots=True)
class _Task:
    """A step on its way; `worker` is the address of the one that has begun it, `inner` Dask's future."""

    request: StepRequest
    progress: Progress | None
    future: Future[StepResult] = field(default_factory=Future)
    inner: Any = None
    worker: str | None = None
    cancelled: bool = False


class DaskExecutor:
    """Runs steps on the workers of a Dask cluster.

    Parameters
    ----------
    scheduler
        Address, e.g. ``tcp://10.0.0.1:8786``.
    run
        What executes a step; a function that the workers can import.
    settings
        Name the project folder, which each worker must see under the same path.
    connect_seconds
        How long to wait for the scheduler, and for its first worker.

    Raises
    ------
    UsageError
        When Dask is not installed, the scheduler does not answer or has no workers, or a worker has another version of
        nbship or does not see the project.
    """

    def __init__(
        self, scheduler: str, run: RunStep, settings: Settings, *, connect_seconds: float = CONNECT_SECONDS
    ) -> None:
        self.name = f"dask {scheduler}"
        self._run = run
        self._distributed = _distributed()
        self._client = self._connect(scheduler, connect_seconds)
        self._topic = f"nbship-{uuid.uuid4().hex}"
        self._lock = threading.Lock()
        self._tasks: dict[str, _Task] = {}
        self._closed = threading.Event()
        try:
            self.workers = self._check_workers(scheduler, settings, connect_seconds)
        except BaseException:
            self._client.close()
            raise
        self._functions = import_module("nbship.pipeline.executors.dask_worker")
        self._client.register_plugin(self._functions.StepWorkerPlugin())
        self._client.subscribe_topic(self._topic, self._hear)
        self._watcher = threading.Thread(target=self._watch, name="nbship-dask-watch", daemon=True)
        self._watcher.start()

    def prepare(self, modules: tuple[str, ...], kernels: int) -> None:
        """Get warm kernels ready on every worker."""
        each = max(1, min(kernels, self.workers) // max(1, len(self._client.ncores())))
        self._client.run(self._functions.prepare_kernels, modules, each, on_error="ignore")

    def submit(
        self,
        request: StepRequest,
        progress: Progress | None = None,
        *,
        resources: Mapping[str, float] | None = None,
    ) -> Future[StepResult]:
        """Run a step on a worker that has the resources free."""
        token = uuid.uuid4().hex
        task = _Task(request, progress)
        with self._lock:
            self._tasks[token] = task  # before it can begin anywhere
        task.inner = self._client.submit(
            self._functions.run_on_worker,
            self._run,
            request,
            token,
            self._topic,
            key=f"nbship-{request.name}-{token}",
            resources=dict(resources) if resources else None,
            retries=0,
            pure=False,
        )
        task.inner.add_done_callback(partial(self._settle, token))
        return task.future

    def cancel(self, future: Future[StepResult]) -> None:
        """Take a waiting step back; tell the worker of a running one to stop it."""
        with self._lock:
            found = next(
                ((token, task) for token, task in self._tasks.items() if task.future is future), None
            )
        if found is None:
            return
        token, task = found
        task.cancelled = True
        threading.Thread(target=self._stop_on_workers, args=(token,), daemon=True).start()
        if task.worker is None:
            task.inner.cancel()

    def _stop_on_workers(self, token: str) -> None:
        """Tell all workers, which takes long where one of them is gone: whoever cancels many steps does not wait for it."""
        with suppress(Exception):  # a worker that cannot be told is one that is lost
            self._client.run(self._functions.cancel_step, token, on_error="ignore")

    def shutdown(self, *, wait: bool = True, cancel_futures: bool = False) -> None:
        """Leave the cluster; it goes on without this process."""
        with self._lock:
            tasks = list(self._tasks.values())
        for task in tasks:
            if cancel_futures:
                self.cancel(task.future)
        for task in tasks if wait else ():
            with suppress(Exception):  # what became of it is its submitter's to see
                task.future.result()
        self._closed.set()
        self._watcher.join()
        self._client.close()

    def _connect(self, scheduler: str, seconds: float) -> Any:
        try:
            return self._distributed.Client(scheduler, timeout=seconds, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise UsageError(
                f"no Dask scheduler answers at {scheduler} within {seconds:g} s ({type(error).__name__}). "
                "Start one with `dask scheduler`, or correct the address"
            ) from error

    def _check_workers(self, scheduler: str, settings: Settings, seconds: float) -> int:
        try:
            self._client.wait_for_workers(1, timeout=seconds)
        except TimeoutError as error:
            raise UsageError(
                f"the Dask scheduler at {scheduler} has no workers; start some with `dask worker {scheduler}`"
            ) from error
        token = uuid.uuid4().hex
        file = prepare_home(settings) / f".cluster-{token}"
        file.write_text(token, encoding="utf-8")
        try:
            seen = self._look(str(file))
        finally:
            file.unlink()
        for worker, answer in sorted(seen.items()):
            _check_worker(worker, answer, token, settings)
        return int(sum(self._client.ncores().values()))

    def _look(self, file: str) -> dict[str, Any]:
        from nbship.pipeline.executors.dask_worker import look_around  # noqa: PLC0415 - needs Dask

        found: dict[str, Any] = self._client.run(look_around, file, on_error="return")
        return found

    def _hear(self, event: tuple[float, Any]) -> None:
        message = event[1]
        with self._lock:
            task = self._tasks.get(message["token"])
        if task is None:
            return
        task.worker = message["worker"]
        if "progress" in message and task.progress is not None:
            task.progress(decode(StepProgress, message["progress"]))

    def _watch(self) -> None:
        """Give up steps whose worker is gone, whether or not another one is there that Dask could turn to."""
        while not self._closed.wait(WATCH_SECONDS):
            with self._lock:
                begun = [(token, task) for token, task in self._tasks.items() if task.worker is not None]
            if not begun:
                continue
            try:
                alive = set(self._client.ncores())
            except Exception:  # noqa: BLE001, S112 - the scheduler is gone for now: Dask connects anew, or cancels the tasks
                continue
            for token, task in begun:
                if task.worker not in alive:
                    task.inner.cancel()  # or Dask would try it on the next worker that comes
                    self._resolve(token, lost_worker(task.request, f"the worker {task.worker} went away"))

    def _settle(self, token: str, inner: Any) -> None:
        with self._lock:
            task = self._tasks.get(token)
        if task is not None:
            self._resolve(token, self._outcome(task, inner))

    def _outcome(self, task: _Task, inner: Any) -> StepResult:
        if inner.status == "finished":
            result: StepResult = inner.result()
            return result
        if inner.status == "error":
            error = inner.exception()
            if isinstance(error, self._distributed.KilledWorker):
                return lost_worker(task.request, "the worker that ran it went away")
            return could_not_start(task.request, error)
        if task.cancelled:
            return taken_back(task.request) if task.worker is None else stopped(task.request)
        return lost_worker(task.request, "the Dask scheduler let go of it")

    def _resolve(self, token: str, result: StepResult) -> None:
        with self._lock:
            task = self._tasks.pop(token, None)
        if task is None:
            return
        task.future.set_result(result)
        task.inner.release()
        if not is_lost(result):  # else Dask may yet try it again
            with suppress(Exception):  # an event that stays costs the scheduler a few bytes
                self._distributed.Event(self._functions.begun_event(token), client=self._client).clear()


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError as error:
        raise UsageError("running on Dask needs it installed: pip install 'nbship[dask]'") from error


def _check_worker(worker: str, answer: Any, token: str, settings: Settings) -> None:
    if not isinstance(answer, dict):
        raise UsageError(
            f"the Dask worker {worker} cannot run nbship ({type(answer).__name__}: {answer}); install it there too"
        )
    if answer["version"] != __version__:
        raise UsageError(
            f"the Dask worker {worker} has nbship {answer['version']}, and here is {__version__}; install the same"
        )
    if answer["token"] != token:
        raise UsageError(
            f"the Dask worker {worker} does not see the project folder {settings.project}; "
            "steps read and write there, so it has to be shared under the same path"
        )
