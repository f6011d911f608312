"""One attempt at a step, and whether to try again."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbship.model.step import StepState
from nbship.pipeline.executors.outcomes import INTERRUPTED, could_not_start, is_lost, taken_back

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

    from nbship.model.step import StepRequest, StepResult
    from nbship.pipeline.executors.protocol import Progress, StepExecutor

__all__ = ["Attempt", "RetryRule"]

LOST_WORKER_ATTEMPTS = 2
"""How often a step is begun anew after its worker was lost, besides its own retries: a step that kills every worker
that it meets must not take the whole cluster down."""

_AGAIN = frozenset({StepState.FAILED, StepState.TIMED_OUT, StepState.KILLED})


@dataclass(slots=True)
class RetryRule:
    """Counts the failures of one step: each wait is twice the one before, without jitter, so that it can be foretold.

    A lost worker is not the step's fault, so it is counted apart, and the step begins elsewhere at once.
    """

    retries: int = 0
    first_wait_seconds: float = 1.0
    failures: int = 0
    losses: int = 0

    def seconds_to_next(self, result: StepResult) -> float | None:
        """Count an attempt that did not complete; return the wait before the next one, None for giving up."""
        if result.state not in _AGAIN or (result.failure is not None and result.failure.kind == INTERRUPTED):
            return None
        if is_lost(result):
            self.losses += 1
            return 0.0 if self.losses <= LOST_WORKER_ATTEMPTS else None
        self.failures += 1
        if self.failures > self.retries:
            return None
        return float(self.first_wait_seconds * 2 ** (self.failures - 1))


class Attempt:
    """One execution of a step on an executor; it can be cancelled from another thread at any time."""

    def __init__(self, executor: StepExecutor) -> None:
        self._executor = executor
        self._lock = threading.Lock()
        self._future: Future[StepResult] | None = None
        self.cancelled = False

    def cancel(self) -> None:
        """Stop the step, or keep it from beginning."""
        with self._lock:
            self.cancelled = True
            future = self._future
        if future is not None:
            self._executor.cancel(future)

    def run(
        self, request: StepRequest, progress: Progress, resources: Mapping[str, float] | None = None
    ) -> StepResult:
        """Execute the step and wait for its result; never raises for what happens on the other side."""
        try:
            with self._lock:
                if self.cancelled:
                    return taken_back(request)
                self._future = self._executor.submit(request, progress, resources=resources)
            return self._future.result()
        except CancelledError:
            return taken_back(request)
        except Exception as error:  # noqa: BLE001 - any executor may raise anything, and other steps go on
            return could_not_start(request, error)
