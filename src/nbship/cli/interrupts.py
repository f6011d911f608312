"""Ctrl-C and SIGTERM while a command works: it ends in good order, and leaves nothing half done."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Ending", "interruptible"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Ending:
    """What the signals mean now.

    The first one raises `KeyboardInterrupt`, or sets `asked` after `wait_for_it`. The second is passed over: whoever ends
    a group of processes and then each of them sends two, and cleaning up shall not be cut short by that. Any further one
    raises.
    """

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._raises = True
        self._count = 0

    def wait_for_it(self) -> None:
        """Let the first signal no longer interrupt, but set `asked`."""
        self._raises = False

    def take(self, _number: int, _frame: object) -> None:
        """Handle a signal."""
        self._count += 1
        first, second = self._count == 1, self._count == 2  # noqa: PLR2004
        if first and not self._raises:
            self.asked.set()
        elif not second:
            raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[Ending]:
    """Take the signals for the block; in a thread, which gets none, leave them alone."""
    ending = Ending()
    if threading.current_thread() is not threading.main_thread():
        yield ending
        return
    before = {number: signal.signal(number, ending.take) for number in _SIGNALS}
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
