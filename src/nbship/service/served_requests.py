"""Requests to served models: to this machine only, without proxies, and without following where an answer points."""

from __future__ import annotations

import http.client
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nbship.errors import PackagingError, UsageError
from nbship.packaging.ports import is_loopback

if TYPE_CHECKING:
    from nbship.model.image import ServedModel

__all__ = ["Reply", "send"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered, whatever the status, and how long it took."""

    status: int
    body: bytes = field(repr=False)
    seconds: float


def send(
    service: ServedModel,
    path: str,
    body: bytes | None = None,
    *,
    timeout_seconds: float = 2.0,
    most_bytes: int = 8 << 20,
) -> Reply:
    """Ask the server of a model.

    Parameters
    ----------
    path
        E.g. ``/metrics``.
    body
        JSON to be posted; None only gets.
    most_bytes
        A longer answer is an error.

    Raises
    ------
    UsageError
        When it is not served on this machine.
    PackagingError
        When the server does not answer, or not in time, or too much.
    """
    host, port = _place(service)
    headers = {"Content-Type": "application/json"} if body is not None else {}
    begun = time.perf_counter()
    with closing(http.client.HTTPConnection(host, port, timeout_seconds)) as connection:
        try:
            connection.request("GET" if body is None else "POST", path, body, headers)
            answer = connection.getresponse()
            content = answer.read(most_bytes + 1)
        except TimeoutError as error:
            raise PackagingError(f"{service.name} did not answer within {timeout_seconds:g} s") from error
        except (OSError, http.client.HTTPException) as error:
            raise PackagingError(
                f"{service.name} does not answer: {str(error) or type(error).__name__}"
            ) from error
    if len(content) > most_bytes:
        raise PackagingError(
            f"{service.name} answered with more than {most_bytes >> 20} MiB, which is not read"
        )
    return Reply(answer.status, content, time.perf_counter() - begun)


def _place(service: ServedModel) -> tuple[str, int]:
    """Return host and port of a server; what is written in a record of the project is not taken on trust."""
    with suppress(ValueError):
        parts = urlsplit(service.endpoint)
        if parts.scheme == "http" and parts.hostname and parts.port and is_loopback(parts.hostname):
            return parts.hostname, parts.port
    raise UsageError(f"{service.name!r} is served at {service.endpoint!r:.100}, which is not this machine")
