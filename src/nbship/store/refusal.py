"""Telling a store that is down from one that says no.

Public: ``RefusedError``, ``translated()``.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nbship.errors import StoreError
from nbship.store.mlflow_loading import load_mlflow

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RefusedError", "translated"]

# Answers that a later attempt will not change. Not among them: 401 and 403, since credentials get renewed and
# what waits would otherwise be lost, and ENDPOINT_NOT_FOUND, which a proxy says while its server is away.
_FINAL = frozenset(
    {
        "INVALID_PARAMETER_VALUE",
        "RESOURCE_DOES_NOT_EXIST",
        "RESOURCE_ALREADY_EXISTS",
        "BAD_REQUEST",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "INVALID_STATE",
        "NOT_IMPLEMENTED",
    }
)
# Of what mlflow tells about a server that nobody hears, the address and the last reason are for people.
_UNHEARD = re.compile(
    r"API request to (https?://[^/\s]+)\S* failed with exception .*Caused by \w+\(.*: ([^:\"']+)[\"']?\)\)"
)


class RefusedError(StoreError):
    """The store understood the request and will never grant it."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise `RefusedError` or `StoreError` for what mlflow and its transports raise inside."""
    load_mlflow()
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import InterfaceError, OperationalError  # noqa: PLC0415 - comes with mlflow

    try:
        yield
    except MlflowException as error:
        kind = RefusedError if getattr(error, "error_code", "") in _FINAL else StoreError
        raise kind(_first_line(error)) from error
    except FileNotFoundError as error:
        raise RefusedError(f"a file of the spool is missing: {error.filename}") from error
    except (InterfaceError, OperationalError) as error:  # of a database that mlflow could not even connect to
        raise StoreError(_first_line(error)) from error
    except OSError as error:  # requests' errors and a full or read-only artifact folder among them
        raise StoreError(_first_line(error)) from error


def _first_line(error: BaseException) -> str:
    text = _UNHEARD.sub(r"\1 does not answer: \2", str(error).strip().partition("\n")[0])
    return text[:500] or type(error).__name__
