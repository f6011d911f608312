"""Why an execution is to stop before its end: its time is over, or somebody asked."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

__all__ = ["Stop", "StopWatch"]


@dataclass(frozen=True, slots=True)
class Stop:
    """A reason to stop; `of_cell` when it is about the cell that runs, which counts even if the cell just ended."""

    kind: str
    message: str
    of_cell: bool = False


class StopWatch:
    """Tells whether it is time to stop; once it is, it stays so.

    Parameters
    ----------
    cancel
        Set by who wants the execution to end.
    timeout_seconds
        For the whole execution.
    """

    def __init__(self, cancel: threading.Event | None, timeout_seconds: float | None) -> None:
        self._cancel = cancel or threading.Event()
        self._limit_seconds = timeout_seconds
        self._deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        self._cell_limit_seconds: float | None = None
        self._cell_deadline: float | None = None
        self._stop: Stop | None = None
        self._asked_twice = False

    def cancel(self) -> None:
        """Ask to stop; asking again ends the kernel at once."""
        self._asked_twice = self._cancel.is_set()
        self._cancel.set()

    @property
    def asked_twice(self) -> bool:
        """Whether somebody cannot wait for the cell."""
        return self._asked_twice

    def cell_began(self, timeout_seconds: float | None) -> None:
        """Start the clock of a cell."""
        self._cell_limit_seconds = timeout_seconds
        self._cell_deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds

    def cell_ended(self) -> None:
        """Stop the clock of a cell: what is done between cells is none of its time."""
        self._cell_deadline = None

    def due(self) -> Stop | None:
        """Return why to stop; None while there is no reason."""
        if self._stop is None:
            self._stop = self._look()
        return self._stop

    def _look(self) -> Stop | None:
        now = time.monotonic()
        if self._cancel.is_set():
            return Stop("interrupted", "interrupted")
        if self._cell_deadline is not None and now > self._cell_deadline:
            return Stop("timeout", f"the cell took longer than {self._cell_limit_seconds:g} s", of_cell=True)
        if self._deadline is not None and now > self._deadline:
            return Stop("timeout", f"the notebook took longer than {self._limit_seconds:g} s", of_cell=True)
        return None
