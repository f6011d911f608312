"""What a long use case is doing, for whoever waits for it, and how long each part took."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nbship.model.image import PackageStage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Stages"]


class Stages:
    """The stages of one piece of work.

    Parameters
    ----------
    weights
        Stage name to its usual share of the whole, in any unit, in the order of the work.
    progress
        Told when a stage begins, and of what happens in it; None tells nobody.
    """

    def __init__(
        self, weights: Mapping[str, float], progress: Callable[[PackageStage], None] | None = None
    ) -> None:
        self._weights = weights
        self._total = sum(weights.values())
        self._progress = progress
        self._name = ""
        self._done = 0.0
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Do a stage; one that comes again adds to its time."""
        self._name = name
        self.tell()
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begun
        self._done += self._weights[name]

    def tell(self, detail: str = "", share: float = 0.0) -> None:
        """Say what the stage is at; `share` of it is done."""
        if self._progress is not None:
            done = (self._done + share * self._weights.get(self._name, 0.0)) / self._total
            at_ms = time.time_ns() // 1_000_000
            self._progress(PackageStage(self._name, round(min(done, 1.0), 3), detail, at_ms))
