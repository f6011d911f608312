"""Who asks a kernel server for something."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbship.pipeline.kernels import wire

if TYPE_CHECKING:
    import socket

    from nbship.kernel.children import Child

__all__ = ["Caller"]


@dataclass(eq=False, slots=True)
class Caller:
    """A connection to the server.

    Attributes
    ----------
    handout
        What its kernel shall be given, once it has asked for one.
    child
        Its kernel, once it has one.
    served
        Whether it knows of its kernel.
    shutdown
        Whether it has asked the kernel to end.
    """

    connection: socket.socket
    inbox: wire.Inbox = field(default_factory=wire.Inbox)
    handout: dict[str, Any] | None = None
    child: Child | None = None
    served: bool = False
    shutdown: bool = False

    def say(self, message: dict[str, Any]) -> None:
        """Send a message, to whoever is still there."""
        try:
            self.connection.sendall(wire.encode(message))
        except OSError:
            return  # it has gone, which the loop learns by itself
