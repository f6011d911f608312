"""``python -m nbship.serving.health``: exit code 0 when the server in this container takes requests, else 1."""

from __future__ import annotations

import os
import socket
import sys

__all__ = ["main"]

_TIMEOUT_SECONDS = 4.0
_REQUEST = b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_GOOD = b"HTTP/1.1 200 "


def main() -> int:
    """Ask the server on this machine; plain sockets, because an HTTP library costs more than the question."""
    host = os.environ.get("NBSHIP_SERVE_HOST", "") or "127.0.0.1"
    port = os.environ.get("NBSHIP_SERVE_PORT", "") or "8080"
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - where to ask a server that listens everywhere
    try:
        with socket.create_connection((here, int(port)), _TIMEOUT_SECONDS) as connection:
            connection.sendall(_REQUEST)
            answer = connection.recv(len(_GOOD), socket.MSG_WAITALL)
    except (OSError, ValueError):
        return 1
    return 0 if answer == _GOOD else 1


if __name__ == "__main__":
    sys.exit(main())
