"""The socket that the server listens on, and how it is closed without losing anybody."""

from __future__ import annotations

import contextlib
import ctypes
import socket
import struct

from nbship.errors import PackagingError

__all__ = ["listen", "refuse_newcomers"]

_SO_ATTACH_FILTER = 26
"""Of Linux; the socket module does not name it."""

_DROP_SYN = (
    (0x30, 0, 0, 13),  # load the byte with the flags of the TCP header
    (0x45, 0, 1, 0x02),  # SYN?
    (0x06, 0, 0, 0),  # drop
    (0x06, 0, 0, 0xFFFFFFFF),  # keep
)
"""A classic BPF program, https://www.kernel.org/doc/html/latest/networking/filter.html."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound.

    Raises
    ------
    PackagingError
        When the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
    except OSError as error:
        made.close()
        reason = error.strerror or str(error)
        raise PackagingError(
            f"cannot listen on {host}:{port}: {reason}; set NBSHIP_SERVE_PORT to a free port"
        ) from error
    return made


def refuse_newcomers(listener: socket.socket) -> None:
    """Let no new connection begin, while those whose handshake has begun still get through.

    A listening socket that is closed resets the connections that wait in its backlog, whose callers may have sent
    their requests already. So the kernel first drops what would open further ones (they try again after a second and
    find the door closed, or another server), and the backlog can be emptied.
    """
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in _DROP_SYN))
    option = struct.pack("@HP", len(_DROP_SYN), ctypes.addressof(program))
    with contextlib.suppress(OSError):  # other kernels: only the moment of closing is lost
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, option)
