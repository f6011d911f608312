"""Running asynchronous work from anywhere, such that Ctrl-C asks it to stop instead of breaking it off."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["run_interruptibly"]

T = TypeVar("T")

_TICK_SECONDS = 0.1


def run_interruptibly(
    work: Callable[[], Coroutine[Any, Any, T]], interrupt: Callable[[], None], *, name: str
) -> T:
    """Return what `work` gives, in a thread of that name where this thread cannot run its loop.

    Parameters
    ----------
    interrupt
        Called at Ctrl-C; the work goes on until it ends by itself.
    """
    return _in_thread(work, interrupt, name) if _needs_thread() else asyncio.run(work())


def _needs_thread() -> bool:
    """Say whether this thread cannot run the loop: one runs here already, or Ctrl-C would break it off anywhere."""
    if threading.current_thread() is threading.main_thread():
        return True
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _in_thread(work: Callable[[], Coroutine[Any, Any, T]], interrupt: Callable[[], None], name: str) -> T:
    results: list[T] = []
    errors: list[BaseException] = []
    ended = threading.Event()  # a `join` that Ctrl-C breaks off takes the thread for dead (Python 3.11)

    def run() -> None:
        try:
            results.append(asyncio.run(work()))
        except BaseException as error:  # noqa: BLE001 - it is raised again by who waits
            errors.append(error)
        finally:
            ended.set()

    thread = threading.Thread(target=run, name=name)
    thread.start()
    while not ended.is_set():
        try:
            ended.wait(_TICK_SECONDS)
        except KeyboardInterrupt:
            interrupt()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
