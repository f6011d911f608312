"""Work for a run that a small cell shall not wait for."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TYPE_CHECKING

from nbship.capture.files import ignore_this_thread

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Background"]

_HEAD_START_SECONDS = 0.05
"""How long a job waits, so that a cell of milliseconds is over before the job competes with it for the interpreter."""


@dataclass(slots=True)
class Background:
    """One thread that does jobs one after another; a job must not raise."""

    _jobs: SimpleQueue[tuple[float, Callable[[], None]] | None] = field(default_factory=SimpleQueue)
    _thread: threading.Thread | None = None
    _hurried: threading.Event = field(default_factory=threading.Event)

    def submit(self, job: Callable[[], None]) -> None:
        """Do `job` soon."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="nbship-background", daemon=True)
            self._thread.start()
        self._jobs.put((time.monotonic() + _HEAD_START_SECONDS, job))

    def finish(self, timeout_seconds: float) -> None:
        """Wait until everything is done; a later `submit` starts anew."""
        if self._thread is not None:
            self._jobs.put(None)
            self._hurried.set()
            self._thread.join(timeout_seconds)
            self._thread = None
            self._hurried.clear()

    def _work(self) -> None:
        ignore_this_thread()  # what is read here is not read by the cell
        while (entry := self._jobs.get()) is not None:
            not_before, job = entry
            self._hurried.wait(max(0.0, not_before - time.monotonic()))
            job()
