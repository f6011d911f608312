"""Steps on any `concurrent.futures.Executor`: process pools, loky, joblib, Parsl, ``client.get_executor()`` of Dask."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, CancelledError, Future
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.pipeline.executors.outcomes import could_not_start, lost_worker, taken_back

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor

    from nbship.model.step import StepRequest, StepResult
    from nbship.pipeline.executors.protocol import Progress, RunStep

__all__ = ["FutureExecutor"]


class FutureExecutor:
    """Runs steps through another library's executor.

    Parameters
    ----------
    executor
        Must be able to send `run` and plain data to its workers.
    run
        What executes a step; for executors of other processes a function that can be imported there.
    workers
        How many steps to hand over at once; by default what the executor says of itself.

    Raises
    ------
    UsageError
        When `workers` is not given and the executor does not tell.

    Notes
    -----
    The interface knows no way to stop what runs: `cancel` takes back what waits, and a running step goes on to its end.
    Nor does it carry progress: a step is seen to begin and to end.
    """

    def __init__(self, executor: Executor, run: RunStep, *, workers: int | None = None) -> None:
        self.name = type(executor).__name__
        self.workers = workers or _width(executor)
        self._executor = executor
        self._run = run
        self._inner: dict[Future[StepResult], Future[Any]] = {}

    def prepare(self, modules: tuple[str, ...], kernels: int) -> None:
        """Do nothing: where the steps will run is not known."""

    def submit(
        self,
        request: StepRequest,
        progress: Progress | None = None,  # noqa: ARG002 - see Notes
        *,
        resources: Mapping[str, float] | None = None,  # noqa: ARG002 - the interface has none
    ) -> Future[StepResult]:
        """Hand a step over; a broken pool gives the result ``lost worker``."""
        future: Future[StepResult] = Future()
        try:
            inner = self._executor.submit(self._run, request)
        except BrokenExecutor as error:
            future.set_result(lost_worker(request, str(error)))
            return future
        self._inner[future] = inner
        inner.add_done_callback(lambda done: self._settle(future, request, done))
        return future

    def cancel(self, future: Future[StepResult]) -> None:
        """Take a waiting step back; a running one cannot be stopped this way."""
        if (inner := self._inner.get(future)) is not None:
            inner.cancel()

    def shutdown(self, *, wait: bool = True, cancel_futures: bool = False) -> None:
        """Shut the executor down."""
        self._executor.shutdown(wait=wait, cancel_futures=cancel_futures)

    def _settle(self, future: Future[StepResult], request: StepRequest, done: Future[Any]) -> None:
        self._inner.pop(future, None)
        try:
            result = done.result()
        except CancelledError:
            result = taken_back(request)
        except BrokenExecutor as error:
            result = lost_worker(request, str(error))
        except Exception as error:  # noqa: BLE001 - whatever the other library raises is this step's end
            result = could_not_start(request, error)
        future.set_result(result)


def _width(executor: Executor) -> int:
    width = getattr(executor, "_max_workers", None)
    if not isinstance(width, int):
        raise UsageError(f"{type(executor).__name__} does not tell how many workers it has; give workers=N")
    return width
