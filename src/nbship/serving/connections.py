"""Connections with limits that uvicorn does not set: on the size of a request's head, and on the time it takes."""

from __future__ import annotations

import time
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["BoundedConnection"]

_MOST_HEAD_BYTES = 1 << 20
"""The event loop reads up to 256 kB at once, so a body that follows its head closely has room."""


class BoundedConnection(HttpToolsProtocol):
    """A connection that is closed when what it sends before, or beside, a request in work gets too long.

    Attributes
    ----------
    idle_since
        When the last answer was given, or the connection made; monotonic seconds.
    """

    most_stray_bytes = _MOST_HEAD_BYTES

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.idle_since = time.monotonic()
        self._stray_bytes = 0

    @property
    def is_waiting(self) -> bool:
        """Whether no request is in work here."""
        cycle: Any = self.cycle  # None at first, whatever its annotation says
        return cycle is None or cycle.response_complete

    def data_received(self, data: bytes) -> None:
        """Take bytes; those of a refused body that still comes are read and forgotten up to the limit."""
        if self.is_waiting:
            self._stray_bytes += len(data)
            if self._stray_bytes > self.most_stray_bytes:
                self.transport.close()
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Begin a request."""
        self._stray_bytes = 0
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """End a request."""
        self.idle_since = time.monotonic()
        super().on_response_complete()

    def close_if_stalled(self, limit: float) -> None:
        """Close a connection that has begun a request, or has never sent one, and has been idle since before `limit`."""
        if self.is_waiting and self.timeout_keep_alive_task is None and self.idle_since < limit:
            self.transport.close()
