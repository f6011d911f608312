"""Steps on this machine: a thread each, since kernels are processes of their own."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from nbship.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Future

    from nbship.model.step import StepRequest, StepResult
    from nbship.pipeline.executors.protocol import Progress, RunStep

    WarmUp = Callable[[tuple[str, ...], int], None]

__all__ = ["LocalExecutor"]


class LocalExecutor:
    """Runs up to `workers` steps at the same time, each in a kernel of this machine.

    Parameters
    ----------
    workers
        How many steps run at once, 1 or more.
    run
        What executes a step.
    warm_up
        Gets kernels ready: `nbship.pipeline.kernels.managers.prepare`; None leaves that to each step.

    Raises
    ------
    UsageError
        When `workers` is less than 1.
    """

    name = "local"

    def __init__(self, workers: int, run: RunStep, warm_up: WarmUp | None = None) -> None:
        if workers < 1:
            raise UsageError(f"{workers} workers cannot run anything; give 1 or more")
        self.workers = workers
        self._run = run
        self._warm_up = warm_up
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="nbship-step")
        self._cancels: dict[Future[StepResult], threading.Event] = {}

    def prepare(self, modules: tuple[str, ...], kernels: int) -> None:
        """Get kernels ready on this machine."""
        if self._warm_up is not None:
            self._warm_up(modules, kernels)

    def submit(
        self,
        request: StepRequest,
        progress: Progress | None = None,
        *,
        resources: Mapping[str, float] | None = None,  # noqa: ARG002 - a machine of one's own has what it has
    ) -> Future[StepResult]:
        """Run a step as soon as a thread is free."""
        cancel = threading.Event()
        future = self._threads.submit(self._run, request, progress=progress, cancel=cancel)
        self._cancels[future] = cancel
        future.add_done_callback(self._forget)
        return future

    def cancel(self, future: Future[StepResult]) -> None:
        """Take a waiting step back, or stop a running one."""
        if not future.cancel() and (cancel := self._cancels.get(future)) is not None:
            cancel.set()

    def shutdown(self, *, wait: bool = True, cancel_futures: bool = False) -> None:
        """Accept no more steps; with `cancel_futures` stop the running ones too."""
        if cancel_futures:
            for future in list(self._cancels):
                self.cancel(future)
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)

    def _forget(self, future: Future[StepResult]) -> None:
        self._cancels.pop(future, None)
