"""Messages between kernel servers, their clients and their kernels: one line of JSON each.

A connection to a server begins with one request, told by its key ``ask``:

``lease``
    ``{"ask": "lease", "spares": 1, "handout": {...}}`` takes a kernel. The answer is ``{"kernel": {...}, "pid": 1}`` or
    ``{"refused": "why"}``; the last message is ``{"exit": code}``. Until then the client may send ``{"signal": 2}`` and
    ``{"shutdown": true}``. A connection that closes before the kernel has ended takes the kernel with it.
``prepare``
    ``{"ask": "prepare", "spares": 3}`` keeps kernels ready; no answer.
``status``
    is answered with what `ServerStatus` holds.
``leave``
    makes the server end with its last kernel; no answer.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

__all__ = ["Inbox", "encode", "receive"]

CHUNK_BYTES = 65536


def encode(message: dict[str, Any]) -> bytes:
    """Return a message as it travels; text that is not valid Unicode (file names) survives."""
    return json.dumps(message).encode("ascii") + b"\n"


class Inbox:
    """Gathers bytes, gives whole messages."""

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Take what has arrived, return the messages that are complete now."""
        *lines, self._pending = (self._pending + data).split(b"\n")
        return [json.loads(line) for line in lines]


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """Wait for one message, for as long as the connection's timeout allows; None where the other side has gone.

    For connections on which the other side waits after each message: what follows the message would be lost.
    """
    inbox = Inbox()
    while data := connection.recv(CHUNK_BYTES):
        for message in inbox.feed(data):
            return message
    return None
