"""The loop of a kernel server: who asks, which kernels are ready, and which are at work."""

from __future__ import annotations

import os
import selectors
import time
from typing import TYPE_CHECKING, Any

from nbship.kernel.callers import Caller
from nbship.kernel.children import Child, fork_child
from nbship.pipeline.kernels import wire
from nbship.pipeline.kernels.home import ABOUT, SOCKET

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from nbship.kernel.loading import Loaded

__all__ = ["KernelServer"]

END_SECONDS = 5.0
"""How long a kernel may take to end after its client has asked it to and has gone."""

REFILL_SECONDS = 0.3
"""How long after a handout the next spare is made: the notebook's first cells go first."""

CALM_SECONDS = 10.0
"""How long after the last request more than one spare is kept."""

START_SECONDS = 60.0
"""How long a spare may take until it is ready."""

MOST_SPARES = (os.cpu_count() or 1) + 1


class KernelServer:
    """Serves one folder until nobody has needed it for `idle_seconds`."""

    def __init__(
        self,
        listener: socket.socket,
        folder: Path,
        loaded: Loaded,
        left_out: dict[str, str],
        idle_seconds: float,
    ) -> None:
        self._listener: socket.socket | None = listener
        self._folder = folder
        self._left_out = left_out
        self._ahead = loaded.ahead
        self._idle_seconds = idle_seconds
        self._selector = selectors.DefaultSelector()
        self._callers: list[Caller] = []
        self._waiting: list[Caller] = []
        self._spares: list[Child] = []
        self._children: list[Child] = []
        self._wanted = 1
        self._asked = time.monotonic()
        self._refill = 0.0
        listener.setblocking(False)
        self._watch(listener, self._accept)

    def run(self) -> None:
        """Serve until the end.

        Raises
        ------
        BecameKernelError
            In a kernel that was forked.
        """
        while not self._is_over():
            self._supply()
            for key, _ in self._selector.select(self._pause()):
                key.data()
            self._kill_late()
        self._retire()
        for child in self._children:
            child.kill()

    def close(self) -> None:
        """Let go of everything that a forked kernel must not hold."""
        self._selector.close()
        if self._listener is not None:
            self._listener.close()
        for caller in self._callers:
            caller.connection.close()
        for child in self._children:
            child.control.close()
            os.close(child.descriptor)

    def _is_over(self) -> bool:
        if self._callers or self._waiting:
            return False
        if len(self._children) > len(self._spares):
            return False
        return self._listener is None or time.monotonic() - self._asked > self._idle_seconds

    def _supply(self) -> None:
        """Fork what is missing, and let go of what is too much."""
        now = time.monotonic()
        if now - self._asked > CALM_SECONDS:
            self._wanted = min(self._wanted, 1)
        keep = self._wanted if self._listener is not None and now >= self._refill else 0
        while len(self._spares) < max(keep, len(self._waiting)):
            self._fork()
        surplus = len(self._spares) - max(
            self._wanted if self._listener is not None else 0, len(self._waiting)
        )
        for child in self._spares[-surplus:] if surplus > 0 else ():
            self._dismiss(child)

    def _fork(self) -> None:
        child = fork_child(self._folder)
        child.end_within(START_SECONDS)
        self._children.append(child)
        self._spares.append(child)
        self._watch(child.control, lambda: self._hear_child(child))
        self._watch(child.descriptor, lambda: self._child_ended(child))

    def _dismiss(self, child: Child) -> None:
        if child in self._spares:
            self._spares.remove(child)
        child.kill()

    def _hear_child(self, child: Child) -> None:
        messages = child.hear()
        if not messages:
            self._ignore(child.control)
        for message in messages:
            if "ready" in message:
                child.info, child.deadline = message["ready"], None
                self._match()
            else:
                self._confirmed(child, message)

    def _child_ended(self, child: Child) -> None:
        self._ignore(child.control)
        self._ignore(child.descriptor)
        code = child.bury()
        self._children.remove(child)
        if child in self._spares:
            self._spares.remove(child)
            self._spare_failed()
        for caller in [caller for caller in self._callers if caller.child is child]:
            caller.say({"exit": code} if caller.served else {"refused": f"the kernel ended with {code}"})
            self._drop(caller)

    def _spare_failed(self) -> None:
        """Do not fork for ever what cannot start."""
        if self._waiting:
            caller = self._waiting.pop(0)
            caller.say({"refused": "the kernel ended while it started"})
            self._drop(caller)
        self._refill = time.monotonic() + CALM_SECONDS

    def _accept(self) -> None:
        assert self._listener is not None
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setblocking(True)
            caller = Caller(connection)
            self._callers.append(caller)
            self._watch(connection, self._hearing(caller))

    def _hearing(self, caller: Caller) -> Callable[[], None]:
        return lambda: self._hear(caller)

    def _hear(self, caller: Caller) -> None:
        try:
            data = caller.connection.recv(wire.CHUNK_BYTES)
        except OSError:
            data = b""
        if not data:
            self._lost(caller)
            return
        for message in caller.inbox.feed(data):
            self._obey(caller, message)

    def _obey(self, caller: Caller, message: dict[str, Any]) -> None:
        ask = message.get("ask")
        if ask in ("lease", "prepare"):
            self._asked = time.monotonic()
            self._wanted = max(self._wanted, min(int(message.get("spares", 1)), MOST_SPARES))
        if ask == "lease":
            self._queue(caller, message["handout"])
        elif ask == "prepare":
            self._refill = 0.0
        elif ask == "status":
            caller.say(self._status())
        elif ask == "leave":
            self._leave(now=bool(message.get("now")))
        elif caller.child is not None and "signal" in message:
            caller.child.signal(int(message["signal"]))
        elif "shutdown" in message:
            caller.shutdown = True

    def _queue(self, caller: Caller, handout: dict[str, Any]) -> None:
        from nbship.kernel.handout import shadowing  # noqa: PLC0415 - not for importers of this module

        if found := shadowing(handout["cwd"], self._ahead):
            caller.say({"refused": f"{handout['cwd']} has modules of its own: {', '.join(found)}"})
            return
        caller.handout = handout
        self._waiting.append(caller)
        self._match()

    def _match(self) -> None:
        """Hand out what is ready."""
        ready = [child for child in self._spares if child.info is not None]
        for caller, child in zip(list(self._waiting), ready, strict=False):
            self._waiting.remove(caller)
            self._spares.remove(child)
            caller.child = child
            self._refill = time.monotonic() + REFILL_SECONDS
            if not child.hand(caller.handout or {}):
                child.kill()

    def _confirmed(self, child: Child, message: dict[str, Any]) -> None:
        """Tell the caller that the kernel is his now, or why not."""
        for caller in [caller for caller in self._callers if caller.child is child]:
            if "failed" in message:
                caller.say({"refused": message["failed"]})
                self._drop(caller)
                child.kill()
            else:
                caller.served = True
                caller.say({"kernel": child.info, "pid": child.pid})
                os.utime(self._folder / ABOUT)

    def _lost(self, caller: Caller) -> None:
        """End the kernel of a client that has gone, at once unless it had asked the kernel to end."""
        self._drop(caller)
        child = caller.child
        if child is None:
            return
        if caller.shutdown:
            child.end_within(END_SECONDS)
        else:
            child.kill()

    def _drop(self, caller: Caller) -> None:
        if caller in self._callers:
            self._callers.remove(caller)
            self._ignore(caller.connection)
            caller.connection.close()
        if caller in self._waiting:
            self._waiting.remove(caller)

    def _status(self) -> dict[str, Any]:
        kernels = [caller.child.pid for caller in self._callers if caller.child is not None]
        ready = sum(child.info is not None for child in self._spares)
        return {"spares": ready, "kernels": kernels, "left_out": self._left_out}

    def _leave(self, *, now: bool) -> None:
        self._retire()
        for child in list(self._spares):
            self._dismiss(child)
        if now:
            for child in self._children:
                child.kill()

    def _retire(self) -> None:
        """Take no more callers; those that are in the queue already are served."""
        if self._listener is None:
            return
        listener = self._listener
        (self._folder / SOCKET).unlink(missing_ok=True)
        self._accept()
        self._ignore(listener)
        listener.close()
        self._listener = None

    def _kill_late(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.deadline is not None and child.deadline < now:
                child.deadline = None
                child.kill()

    def _pause(self) -> float | None:
        """Return how long nothing has to be done unless somebody calls."""
        now = time.monotonic()
        moments = [child.deadline for child in self._children if child.deadline is not None]
        if len(self._spares) < self._wanted:
            moments.append(self._refill)
        moments += [self._asked + CALM_SECONDS] if self._wanted > 1 else []
        moments.append(self._asked + self._idle_seconds)
        ahead = [moment - now for moment in moments if moment > now]
        return max(0.001, min(ahead, default=1.0))

    def _watch(self, source: socket.socket | int, callback: Callable[[], None]) -> None:
        self._selector.register(source, selectors.EVENT_READ, callback)

    def _ignore(self, source: socket.socket | int) -> None:
        if source in self._selector.get_map():
            self._selector.unregister(source)
