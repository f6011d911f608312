"""What the scheduler wants of an executor; the shape is that of `concurrent.futures.Executor`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from nbship.model.step import StepProgress

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping
    from concurrent.futures import Future

    from nbship.model.step import StepRequest, StepResult

__all__ = ["Progress", "RunStep", "StepExecutor"]

Progress = Callable[[StepProgress], None]
"""Told of each cell that begins, from any thread."""


class RunStep(Protocol):
    """Executes one notebook; `nbship.pipeline.execution.step.run_step` is the real one.

    A notebook that fails is a result like any other, not an exception. Setting `cancel` interrupts the running cell,
    then stops the kernel.
    """

    def __call__(
        self,
        request: StepRequest,
        *,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
    ) -> StepResult:
        """Run the step to its end."""
        ...


class StepExecutor(Protocol):
    """Runs steps somewhere."""

    @property
    def name(self) -> str:
        """What messages call it, e.g. ``local`` or ``dask tcp://10.0.0.1:8786``."""
        ...

    @property
    def workers(self) -> int:
        """How many steps run at the same time."""
        ...

    def prepare(self, modules: tuple[str, ...], kernels: int) -> None:
        """Get kernels ready that have imported `modules`, where that is possible; steps run without it all the same."""
        ...

    def submit(
        self,
        request: StepRequest,
        progress: Progress | None = None,
        *,
        resources: Mapping[str, float] | None = None,
    ) -> Future[StepResult]:
        """Run a step as soon as there is room; where a worker is lost the result says so, with kind ``lost worker``.

        Parameters
        ----------
        resources
            What the step holds while it runs, e.g. ``{"GPU": 1}``; executors without resources ignore it.
        """
        ...

    def cancel(self, future: Future[StepResult]) -> None:
        """Take a waiting step back; interrupt a running one, then stop it: its result says killed."""
        ...

    def shutdown(self, *, wait: bool = True, cancel_futures: bool = False) -> None:
        """Accept no more steps, and let go of what was started."""
        ...
