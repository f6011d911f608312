"""One thread a store: it takes the events for that store one after another, and waits while the store is down."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbship.errors import StoreError
from nbship.store.refusal import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.recording.session import Session, Task

__all__ = ["Outage", "StoreWorker"]

_log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
GIVE_UP_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Outage:
    """Why a store takes nothing now, and since when."""

    text: str
    since_ms: int


class StoreWorker:
    """Applies tasks to one store, in order, until it is told to stop.

    `apply(task, in_doubt)` does the work. It raises `StoreError` when the store is down, which is repeated with
    growing pauses, and `RefusedError` when the store will never take the event, which is noted and left out.
    `answers()` says whether the store takes other requests meanwhile: an event that it fails at again and again while
    it is up would block all others for ever, so that one is given up.
    """

    def __init__(
        self, tracking_uri: str, apply: Callable[[Task, bool], None], answers: Callable[[], bool]
    ) -> None:
        self.tracking_uri = tracking_uri
        self.outage: Outage | None = None
        self._apply = apply
        self._answers = answers
        self._failures = 0
        self._tasks: deque[Task] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._hurried = False
        self._thread = threading.Thread(target=self._run, name=f"store {tracking_uri}", daemon=True)
        self._thread.start()

    def put(self, task: Task) -> None:
        """Queue a task."""
        with self._changed:
            self._tasks.append(task)
            self._changed.notify_all()

    def hurry(self) -> None:
        """End a pause between two attempts."""
        with self._changed:
            self._hurried = True
            self._changed.notify_all()

    def stop(self, timeout_seconds: float) -> None:
        """Finish the task at hand, leave the rest, and end the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(timeout_seconds)

    @property
    def idle(self) -> bool:
        """Whether nothing waits."""
        return not self._tasks

    def waiting_since(self, session: Session) -> int | None:
        """Return the journal offset before which nothing of the session waits here; None when nothing does."""
        with self._changed:
            return min((task.start for task in self._tasks if task.session is session), default=None)

    def _run(self) -> None:
        while (task := self._next()) is not None:
            self._attempt_until_done(task)

    def _next(self) -> Task | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or bool(self._tasks))
            return None if self._stopping else self._tasks[0]

    def _attempt_until_done(self, task: Task) -> None:
        pause, in_doubt = FIRST_PAUSE_SECONDS, task.end <= task.session.loaded_size
        while not self._attempt(task, in_doubt=in_doubt):
            in_doubt = True
            if self._is_hopeless():
                self._give_up(task)
                break
            if not self._rest(pause):
                return
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        self._failures = 0
        with self._changed:
            self._tasks.popleft()

    def _is_hopeless(self) -> bool:
        self._failures += 1
        return self._failures % GIVE_UP_ATTEMPTS == 0 and self._answers()

    def _give_up(self, task: Task) -> None:
        text = f"{type(task.event).__name__} was not stored: {self.outage.text if self.outage else ''}"
        _log.error("given up after %d attempts: %s", self._failures, text)
        self._leave_out(task, text)
        with suppress(OSError):  # without its cursor, the next recorder looks at the event once more
            self._done(task)

    def _attempt(self, task: Task, *, in_doubt: bool) -> bool:
        try:
            self._apply_or_leave_out(task, in_doubt=in_doubt)
            self._done(task)
        except OSError as error:  # a StoreError, or a disk that does not take the cursor
            self._note_outage(str(error))
            return False
        return True

    def _apply_or_leave_out(self, task: Task, *, in_doubt: bool) -> None:
        try:
            self._apply(task, in_doubt)
        except RefusedError as error:
            _log.warning("refused for good: %s", error)
            task.session.cursor.warn(task.event.run, (str(error),))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours in one event must not hold back all others
            _log.exception("cannot record %s", type(task.event).__name__)
            text = f"{type(task.event).__name__} could not be recorded: {type(error).__name__}: {error}"
            self._leave_out(task, text)

    def _leave_out(self, task: Task, text: str) -> None:
        task.session.cursor.warn(task.event.run, (text,))
        task.session.cursor.lost.append(text)

    def _done(self, task: Task) -> None:
        self.outage = None
        task.session.cursor.advance(self.tracking_uri, task.end)

    def _note_outage(self, text: str) -> None:
        since = self.outage.since_ms if self.outage else time.time_ns() // 1_000_000
        if self.outage is None or self.outage.text != text:
            _log.warning("%s does not answer: %s", self.tracking_uri, text)
        self.outage = Outage(text, since)

    def _rest(self, seconds: float) -> bool:
        """Pause before the next attempt; False when the thread shall end."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._hurried, seconds)
            self._hurried = False
            return not self._stopping
