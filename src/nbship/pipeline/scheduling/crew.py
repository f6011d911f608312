"""Jobs on threads, whose words all come to the one thread that asked for them."""

from __future__ import annotations

import heapq
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from nbship.pipeline.scheduling.attempts import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbship.pipeline.executors.protocol import StepExecutor

__all__ = ["Clock", "Crew", "Ended", "Told"]

T = TypeVar("T")

LONGEST_WAIT_SECONDS = 1.0
"""A lock that is waited for without end does not hear Ctrl-C on Windows."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a job says on its way."""

    job: str
    word: Any


@dataclass(frozen=True, slots=True)
class Ended(Generic[T]):
    """What came of a job."""

    job: str
    outcome: T


@dataclass(frozen=True, slots=True)
class _Done:
    job: str
    future: Future[Any]


class Clock:
    """Time as a crew knows it; tests give another."""

    def now(self) -> float:
        """Return seconds on a clock that nobody sets."""
        return time.monotonic()

    def receive(self, mail: SimpleQueue[Any], seconds: float | None) -> Any:
        """Return the next message; None when there was none for `seconds`."""
        bounded = LONGEST_WAIT_SECONDS if seconds is None else min(seconds, LONGEST_WAIT_SECONDS)
        try:
            return mail.get(timeout=max(bounded, 0))
        except Empty:
            return None


class Crew(Generic[T]):
    """Runs jobs as the executor has room, now or later, and can stop them all.

    Parameters
    ----------
    executor
        Where the attempts of the jobs run; as many jobs are at work as it has workers.
    clock
        What waits are measured by.
    """

    def __init__(self, executor: StepExecutor, clock: Clock | None = None) -> None:
        self._executor = executor
        self._clock = clock or Clock()
        self._threads = ThreadPoolExecutor(executor.workers, thread_name_prefix="nbship-crew")
        self._mail: SimpleQueue[Any] = SimpleQueue()
        self._attempts: dict[str, tuple[Attempt, Future[T]]] = {}
        self._later: list[tuple[float, str, Callable[[Attempt, Callable[[Any], None]], T]]] = []

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits for its time."""
        return bool(self._attempts or self._later)

    def start(
        self, job: str, work: Callable[[Attempt, Callable[[Any], None]], T], after_seconds: float = 0.0
    ) -> None:
        """Begin a job, after a wait that holds nothing else up; `work` gets its attempt and where to tell."""
        if after_seconds > 0:
            heapq.heappush(self._later, (self._clock.now() + after_seconds, job, work))
            return
        attempt = Attempt(self._executor)
        future = self._threads.submit(work, attempt, lambda word: self._mail.put(Told(job, word)))
        self._attempts[job] = (attempt, future)
        future.add_done_callback(lambda done: self._mail.put(_Done(job, done)))

    def listen(self) -> Iterator[Told | Ended[T]]:
        """Wait until something is told or ends, and yield all there is; starts what has waited long enough.

        Raises
        ------
        Exception
            What a job raised: jobs answer for their own failures, so this is an error of the program.
        """
        due = self._later[0][0] - self._clock.now() if self._later else None
        message = self._clock.receive(self._mail, due)
        self._start_due()
        while message is not None:
            yield from self._open(message)
            message = None if self._mail.empty() else self._mail.get()

    def stop(self, seconds: float) -> list[Ended[T]]:
        """Cancel everything, and return what ends within `seconds`."""
        self._later.clear()
        working = dict(self._attempts)
        for attempt, future in working.values():
            attempt.cancel()
            future.cancel()
        deadline = time.monotonic() + seconds
        waiting = {future for _, future in working.values()}
        while waiting and (left := deadline - time.monotonic()) > 0:
            waiting = wait(waiting, min(left, LONGEST_WAIT_SECONDS)).not_done
        self._attempts.clear()
        return [
            Ended(job, future.result())
            for job, (_, future) in working.items()
            if future.done() and not future.cancelled()
        ]

    def close(self) -> None:
        """Let the threads go; those that still wait for a step end with it."""
        self._later.clear()
        for attempt, _ in self._attempts.values():
            attempt.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _open(self, message: Told | _Done) -> Iterator[Told | Ended[T]]:
        if isinstance(message, Told):
            yield message
            return
        self._attempts.pop(message.job, None)
        if not message.future.cancelled():
            yield Ended(message.job, message.future.result())

    def _start_due(self) -> None:
        while self._later and self._later[0][0] <= self._clock.now():
            _, job, work = heapq.heappop(self._later)
            self.start(job, work)
