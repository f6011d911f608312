"""Asking code of the user's about as many rows as it manages within a budget of time.

Public: `Paced`, `WorkClock`, `ask_within`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from nbship.capture.even_rows import even_rows

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Paced", "WorkClock", "ask_within"]

Found = TypeVar("Found")

_FIRST_ROWS = 2
"""Not one: an answer to a single row is often no array."""
_SECOND_ROWS = 16
_FIXED_SHARE = 4
"""How many calls like the first the second may cost, though it has eight times the rows: much of a call is fixed."""
_FEWEST_ROWS = 64
_WALL_SHARE = 3


@dataclass(slots=True)
class WorkClock:
    """Seconds of work done since it was made, whatever else the machine is doing.

    That is the CPU time of this process, of which several threads together count no more than the time that passed; and
    no less than a third of that time, for a model that works elsewhere or waits.

    Parameters
    ----------
    wall, cpu
        Return the time that passes and the time that the process computes, in seconds.
    """

    wall: Callable[[], float] = time.perf_counter
    cpu: Callable[[], float] = time.process_time
    _wall_start: float = field(init=False)
    _cpu_start: float = field(init=False)

    def __post_init__(self) -> None:
        self._wall_start, self._cpu_start = self.wall(), self.cpu()

    def __call__(self) -> float:
        """Return the seconds of work so far."""
        passed = self.wall() - self._wall_start
        return max(min(self.cpu() - self._cpu_start, passed), passed / _WALL_SHARE)


@dataclass(frozen=True, slots=True)
class Paced(Generic[Found]):
    """What was answered about `count` evenly spread rows, and how much work that answer was, in seconds."""

    found: Found
    count: int
    seconds: float


def ask_within(
    ask: Callable[[Any], Found], rows: Any, seconds: float, clock: Callable[[], float]
) -> Paced[Found] | None:
    """Ask about as many evenly spread rows as are answered in the given time.

    Very few rows are timed first, then as many as should fit into what is left; a fixed cost of each call makes the first
    guess too low, so this is repeated while at least twice as many rows fit.

    Parameters
    ----------
    ask
        Gets rows of its own, which it may change, and may raise anything, which passes through.
    rows
        A table of pandas or an array.

    Returns
    -------
    Paced or None
        None when it is too slow to say anything in that time: to answer 64 rows, or all where there are fewer.
    """
    if seconds <= 0:
        return None
    total = rows.shape[0]
    deadline, size = clock() + seconds, min(_FIRST_ROWS, total)
    while True:
        part = even_rows(rows, size)
        started = clock()
        found = ask(part)
        spent, left = clock() - started, deadline - clock()
        affordable = int(size * max(0.0, left) / max(spent, 1e-9))
        if size == _FIRST_ROWS:  # what a call costs by itself says little of how many rows it could have had
            affordable = _SECOND_ROWS if _FIXED_SHARE * spent <= left else min(affordable, _SECOND_ROWS)
        if size == total or affordable < min(2 * size, total):
            return Paced(found, size, spent) if size >= min(_FEWEST_ROWS, total) else None
        size = min(affordable, total)
