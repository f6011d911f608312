"""Drawing what changes often, not more often than it can be seen."""

from __future__ import annotations

import contextvars
import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Throttle"]

T = TypeVar("T")


class Throttle(Generic[T]):
    """Draw the newest value at most every `interval_seconds`; the last one is always drawn.

    A value that comes too early is drawn by a timer when its time has come, so what is seen is never older than the
    interval, even where nothing follows for hours.
    """

    def __init__(self, draw: Callable[[T], None], interval_seconds: float) -> None:
        self._draw = draw
        self._interval = interval_seconds
        self._lock = threading.RLock()
        self._drawn_at = float("-inf")
        self._waiting: list[T] = []
        self._timer: threading.Timer | None = None

    def offer(self, value: T) -> None:
        """Draw the value now or soon."""
        with self._lock:
            self._waiting[:] = [value]
            wait = self._drawn_at + self._interval - time.monotonic()
            if wait <= 0:
                self._draw_waiting()
            elif self._timer is None:
                self._timer = self._start_timer(wait)

    def flush(self) -> None:
        """Draw now what still waits."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._draw_waiting()

    def _start_timer(self, wait: float) -> threading.Timer:
        # ipykernel keeps in a context variable which cell an output belongs to.
        context = contextvars.copy_context()
        timer = threading.Timer(wait, context.run, (self.flush,))
        timer.daemon = True
        timer.start()
        return timer

    def _draw_waiting(self) -> None:
        if self._waiting:
            value = self._waiting.pop()
            try:
                self._draw(value)
            finally:
                self._drawn_at = time.monotonic()
