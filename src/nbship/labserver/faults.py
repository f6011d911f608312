"""What went wrong, as HTTP says it: the one place where errors become status codes."""

from __future__ import annotations

import errno
import re
from http import HTTPStatus

from typing_extensions import TypedDict

from nbship.errors import (
    AmbiguousRunError,
    EngineError,
    NbshipError,
    PackagingError,
    RegistryError,
    RunNotFoundError,
    ServiceNotFoundError,
    StoreError,
    UntrustedModelError,
    UsageError,
)
from nbship.labserver.jobs import JobMissingError
from nbship.labserver.place import FileMissingError

__all__ = ["FaultJson", "fault_of"]


class FaultJson(TypedDict):
    """Every answer that is an error: a word for programs, what happened for people, and what to do about it."""

    code: str
    message: str
    hint: str


_STATUS: tuple[tuple[type[Exception], HTTPStatus], ...] = (
    (RunNotFoundError, HTTPStatus.NOT_FOUND),
    (ServiceNotFoundError, HTTPStatus.NOT_FOUND),
    (FileMissingError, HTTPStatus.NOT_FOUND),
    (JobMissingError, HTTPStatus.NOT_FOUND),
    (AmbiguousRunError, HTTPStatus.CONFLICT),
    (UntrustedModelError, HTTPStatus.CONFLICT),
    (UsageError, HTTPStatus.BAD_REQUEST),
    (StoreError, HTTPStatus.BAD_GATEWAY),
    (EngineError, HTTPStatus.BAD_GATEWAY),
    (RegistryError, HTTPStatus.BAD_GATEWAY),
    (PackagingError, HTTPStatus.BAD_GATEWAY),
)
_HINTS: tuple[tuple[type[Exception], str], ...] = (
    (StoreError, "What you run is kept on this machine and goes to the store when it answers again."),
    (
        EngineError,
        "`nbship doctor` says what works on this machine; without an engine, models are served as a process.",
    ),
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def fault_of(error: Exception) -> tuple[HTTPStatus, FaultJson]:
    """Return the status code and the JSON of an error.

    Of errors that are not nbship's own only the kind and the message are told; the server's log has the rest.
    """
    hint = next((text for kind, text in _HINTS if isinstance(error, kind)), "")
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        said = f"{error.strerror}: no file can have such a name; give a shorter one"
        return HTTPStatus.BAD_REQUEST, FaultJson(code="usage", message=said, hint="")
    if not isinstance(error, NbshipError):
        message = f"nbship could not answer: {type(error).__name__}: {error}"
        hint = "The log of the Jupyter server has the traceback."
        return HTTPStatus.INTERNAL_SERVER_ERROR, FaultJson(code="internal", message=message, hint=hint)
    status = next(
        (code for kind, code in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR
    )
    code = _HUMP.sub("_", type(error).__name__.removesuffix("Error")).lower()
    return status, FaultJson(code=code, message=str(error), hint=hint)
