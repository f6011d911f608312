"""Asking a store from here, or in another process, where mlflow may be loaded: in a kernel it takes seconds and memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nbship.config import ENVIRONMENT, shown_uri
from nbship.errors import StoreError, UsageError
from nbship.store.connection import sqlite_path
from nbship.store.loaded import is_loaded
from nbship.store.query import is_filter
from nbship.store.refusal import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbship.config import Settings

__all__ = ["answer_apart", "asking", "in_kernel", "needs_mlflow"]

_SAID = "nbship: "
# requests and urllib3 wrap what happened into several layers of words.
_CAUSE = re.compile(r"Caused by \w+\(['\"]?(?:\w+\([^()]*\): )?(?P<cause>.+?)['\"]?\)+$")


def needs_mlflow(settings: Settings, query: str | None = None) -> bool:
    """Whether reading the store, or understanding a query, would load mlflow, and nobody has done so yet."""
    is_remote = sqlite_path(settings.tracking_uri) is None
    return (is_remote or (query is not None and is_filter(query))) and not is_loaded()


def in_kernel() -> bool:
    """Whether this process is a kernel, which keeps mlflow out unless its user loads it."""
    app = sys.modules.get("ipykernel.kernelapp")
    return app is not None and app.IPKernelApp.initialized()


def answer_apart(settings: Settings, command: str, options: list[str], words: list[str]) -> dict[str, Any]:
    """Return what ``nbship COMMAND --json`` prints.

    Raises
    ------
    UsageError, StoreError
        As the command answers.
    """
    line = [sys.executable, "-P", "-m", "nbship", command, "--json", *options, "--", *words]
    # Not on the command line, which every user of the machine can read: an address may hold a password.
    environment = {**os.environ, ENVIRONMENT["tracking_uri"][0]: settings.tracking_uri}
    done = subprocess.run(
        line, capture_output=True, text=True, check=False, cwd=settings.project, env=environment
    )
    if done.returncode:
        kind = UsageError if done.returncode == UsageError.exit_code else StoreError
        raise kind(_reason(done.stderr))
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _reason(said: str) -> str:
    """Return why a command failed: what nbship said of it, below all that libraries have warned of."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    own = [line.removeprefix(_SAID) for line in lines if line.startswith(_SAID)]
    return (own or lines or ["the store could not be read"])[-1]


@contextmanager
def asking(settings: Settings) -> Iterator[None]:
    """Name the store, and the cause in few words, where it does not answer.

    Raises
    ------
    StoreError
        When it does not answer, or needs a library that is not there.
    """
    try:
        yield
    except RefusedError:
        raise
    except ModuleNotFoundError as error:
        raise StoreError(f"{_unread(settings, error)}; install it, or choose another store") from error
    except StoreError as error:
        if sqlite_path(settings.tracking_uri) is not None:
            raise  # it names the file and what is wrong with it
        advice = "make sure that it runs, or choose another with NBSHIP_TRACKING_URI"
        raise StoreError(f"{_unread(settings, error)}; {advice}") from error


def _unread(settings: Settings, error: Exception) -> str:
    cause = _CAUSE.search(str(error))
    reason = cause["cause"] if cause else str(error)
    return shown_uri(f"the store {settings.tracking_uri} cannot be read: {reason}")
