"""The records that a run keeps among its artifacts.

Public: ``RunFiles(tracking_uri, run)`` with ``.listed``, ``.text(path)``, ``.parsed(path, parse)`` and ``.lacks``;
``label(run) -> str``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from nbship.errors import RunNotFoundError, StoreError
from nbship.store.reader import download_artifact_text, list_artifacts

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.model.run import Run

__all__ = ["FOLDER", "MALFORMED", "OWN_TAG", "RunFiles", "label"]

T = TypeVar("T")

FOLDER = "nbship"
OWN_TAG = "nbship.run"
"""Runs without it were made by MLflow alone."""

MALFORMED = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""Raised by whatever reads a record that has another shape than ours."""

_SHORT_ID = 8


def label(run: Run) -> str:
    """Return how a run is named in a sentence."""
    name = run.name or run.id[:_SHORT_ID]
    return f"run {name}" if OWN_TAG in run.tags else f"run {name} (made by plain MLflow)"


class RunFiles:
    """The files of a run below ``nbship``; notes what cannot be read.

    Attributes
    ----------
    listed
        Their paths.
    lacks
        What is not there or cannot be read, in plain words.
    """

    def __init__(self, tracking_uri: str, run: Run) -> None:
        self._tracking_uri = tracking_uri
        self.run = run
        self.lacks: list[str] = []
        self.listed: frozenset[str] = frozenset()
        try:
            self.listed = frozenset(list_artifacts(tracking_uri, run, FOLDER))
        except StoreError as error:
            self.lacks.append(f"the files of {label(run)} cannot be reached: {error}")
        except OSError as error:
            self.lacks.append(f"the files of {label(run)} cannot be listed: {error}")

    def text(self, path: str) -> str | None:
        """Return the text of a file; None where it is missing or out of reach."""
        if path not in self.listed:
            return None
        try:
            return download_artifact_text(self._tracking_uri, self.run, path)
        except (RunNotFoundError, StoreError) as error:
            self.lacks.append(f"{path} of {label(self.run)} cannot be read: {error}")
            return None

    def parsed(self, path: str, parse: Callable[[Any], T]) -> T | None:
        """Return what `parse` makes of a JSON file; None where it is missing or makes no sense."""
        text = self.text(path)
        if text is None:
            return None
        try:
            return parse(json.loads(text))
        except MALFORMED as error:
            reason = f"{type(error).__name__}: {error}"
            self.lacks.append(f"{path} of {label(self.run)} cannot be used ({reason})")
            return None
