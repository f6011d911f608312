"""Asking nbship in another process, where mlflow may be loaded: in a kernel it would take seconds and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from nbship.errors import StoreError, UsageError
from nbship.store.connection import sqlite_path
from nbship.store.loaded import is_loaded

if TYPE_CHECKING:
    from nbship.config import Settings

__all__ = ["answer_apart", "needs_mlflow"]


def needs_mlflow(settings: Settings) -> bool:
    """Whether reading the store would load mlflow, and nobody has done so yet."""
    return sqlite_path(settings.tracking_uri) is None and not is_loaded()


def answer_apart(settings: Settings, command: str, options: list[str], words: list[str]) -> dict[str, Any]:
    """Return what ``nbship COMMAND --json`` prints.

    Raises
    ------
    UsageError, StoreError
        As the command answers.
    """
    line = [sys.executable, "-P", "-m", "nbship", command, "--json", "--tracking-uri", settings.tracking_uri]
    done = subprocess.run(
        [*line, *options, "--", *words], capture_output=True, text=True, check=False, cwd=settings.project
    )
    if done.returncode:
        kind = UsageError if done.returncode == UsageError.exit_code else StoreError
        raise kind(done.stderr.strip().removeprefix("nbship: ") or "the store could not be read")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
