"""Ports of this machine that a service can listen on.

Public: ``choose_port(wanted) -> int``, ``answers_ready(port) -> bool | None``.
"""

from __future__ import annotations

import errno
import http.client
import ipaddress
import socket
from contextlib import closing, suppress

import psutil

from nbship.errors import PackagingError

__all__ = ["LOOPBACK", "READY_PATH", "answers_ready", "choose_port", "is_loopback"]

LOOPBACK = "127.0.0.1"
READY_PATH = "/v2/health/ready"
_LARGEST_PORT = 65535
_OK = 200


def is_loopback(host: str | None) -> bool:
    """Say whether the name or address of a host is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def choose_port(wanted: int | None = None) -> int:
    """Return `wanted` if a service can listen there, any free port for None.

    Raises
    ------
    PackagingError
        When the port is in use or not allowed; the message names who has it, where this machine tells.
    """
    if wanted is not None and not 0 < wanted <= _LARGEST_PORT:
        raise PackagingError(f"there is no port {wanted}: take one from 1024 to {_LARGEST_PORT}")
    with closing(socket.socket()) as probe:
        # As servers do; a port whose connections are still fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, wanted or 0))
        except OSError as error:
            raise _taken(wanted or 0, error) from error
        port: int = probe.getsockname()[1]
        return port


def _taken(port: int, error: OSError) -> PackagingError:
    if error.errno == errno.EADDRINUSE:
        who = _listener(port)
        return PackagingError(f"port {port} is in use{who}: take another, or none, and a free one is chosen")
    if error.errno == errno.EACCES:
        return PackagingError(
            f"port {port} is kept for the administrator: take one from 1024 to {_LARGEST_PORT}"
        )
    return PackagingError(f"nothing can listen on port {port}: {error}")


def _listener(port: int) -> str:
    """Return `` by NAME (process PID)``, where this machine tells."""
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""


def answers_ready(port: int, timeout_seconds: float = 2.0) -> bool | None:
    """Ask the server on a port of this machine whether it is ready; None when none answers.

    Neither proxies nor redirects are followed: what counts is the server itself.
    """
    with closing(http.client.HTTPConnection(LOOPBACK, port, timeout=timeout_seconds)) as connection:
        try:
            connection.request("GET", READY_PATH)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return None
        return answer.status == _OK
