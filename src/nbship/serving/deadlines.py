"""Gives up requests that take too long, without a timer for each of them."""

from __future__ import annotations

import asyncio
import time
from typing import Any

__all__ = ["Deadlines"]


class Deadlines:
    """Knows the requests in work, and cancels those that are overdue when it is told to look.

    Parameters
    ----------
    seconds
        How long a request may take; it is noticed up to the time between two looks later.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running: dict[asyncio.Task[Any], float] = {}
        self._overdue: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def enter(self) -> asyncio.Task[Any]:
        """Note that the current task has begun to answer a request."""
        task = asyncio.current_task()
        assert task is not None
        self._running[task] = time.monotonic()
        return task

    def leave(self, task: asyncio.Task[Any]) -> None:
        """Note that it has answered."""
        self._running.pop(task, None)

    def caught(self, task: asyncio.Task[Any]) -> bool:
        """Return whether a cancellation that a task has caught came from here; it lives on then."""
        if task not in self._overdue:
            return False
        self._overdue.discard(task)
        task.uncancel()
        return True

    def look(self) -> None:
        """Cancel what is overdue."""
        limit = time.monotonic() - self._seconds
        for task, begun in list(self._running.items()):
            if begun < limit:
                self._running.pop(task)
                self._overdue.add(task)
                task.cancel()
