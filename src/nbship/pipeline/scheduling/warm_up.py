"""Kernels made ready when the first notebook of a pipeline or sweep is about to run, and not before: it may need none."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbship.pipeline.executors.protocol import StepExecutor

__all__ = ["WarmUp"]

_MOST_SETS = 3
"""Each set of modules takes a server of its own, and those that are not needed would push out those that are."""


class WarmUp:
    """Called before each execution; does its work once.

    Parameters
    ----------
    notebooks
        What is to run, in nbformat 4 JSON.
    """

    def __init__(self, executor: StepExecutor, notebooks: tuple[dict[str, Any], ...]) -> None:
        self._executor = executor
        self._notebooks = notebooks
        self._lock = threading.Lock()
        self._done = False

    def __call__(self) -> None:
        """Ask the executor to prepare kernels."""
        with self._lock:
            if self._done:
                return
            self._done = True
        with suppress(Exception):  # a kernel that is not warm starts cold, and only takes longer
            self._prepare()

    def _prepare(self) -> None:
        from nbship.pipeline.kernels.preload import modules_to_preload  # noqa: PLC0415 - looks through installed packages

        # The points of a sweep are all the same notebook, which is read once.
        different = {id(notebook): notebook for notebook in self._notebooks}
        modules_of = {key: modules_to_preload(notebook) for key, notebook in different.items()}
        wanted = Counter(modules_of[id(notebook)] for notebook in self._notebooks)
        for modules, notebooks in wanted.most_common(_MOST_SETS):
            self._executor.prepare(modules, min(notebooks, self._executor.workers))
