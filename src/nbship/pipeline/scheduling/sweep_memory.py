"""The finished points of a sweep, so that an interrupted one goes on where it was.

``<home>/sweeps/<digest>/<index>.json`` holds one point each; the digest is of everything that the points depend on, so
another notebook, grid or base parameter is another sweep. Raise `FORMAT_VERSION` when a stored field changes its meaning.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbship.model.codec import decode, encode
from nbship.model.step import StepState
from nbship.pipeline.cache.key import cell_digests
from nbship.recording.layout import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from nbship.model.pipeline import SweepPoint

__all__ = ["PointMemory", "SweepMemory", "sweep_digest"]

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class PointMemory:
    """How a completed point went."""

    metrics: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    run: str | None = None
    output_path: str | None = None
    format_version: int = FORMAT_VERSION


class SweepMemory:
    """The finished points of one sweep."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, index: int) -> PointMemory | None:
        """Return how a point completed; None where it did not."""
        data = read_json(self._folder / f"{index}.json")
        if data.get("format_version") != FORMAT_VERSION:
            return None
        try:
            return decode(PointMemory, data)
        except (TypeError, ValueError, AttributeError, KeyError):  # written by another program
            return None

    def keep(self, point: SweepPoint) -> None:
        """Remember a point that completed."""
        if point.state is not StepState.COMPLETED:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        known = PointMemory(point.metrics, point.seconds, point.run, point.output_path)
        write_json(self._folder / f"{point.index}.json", encode(known))

    def forget(self) -> None:
        """Remove what an earlier sweep of the same points left."""
        for file in self._folder.glob("[0-9]*.json"):
            file.unlink(missing_ok=True)


def sweep_digest(
    notebook: Mapping[str, Any],
    path: str,
    points: Iterable[Mapping[str, Any]],
    base: Mapping[str, Any],
    canonical: Callable[[Any], str],
) -> str:
    """Return the digest of notebook, points and base parameters, 16 hexadecimal digits; comments do not count."""
    texts = [[(name, canonical(value)) for name, value in point.items()] for point in (base, *points)]
    document = json.dumps([FORMAT_VERSION, path, [cell for cell in cell_digests(notebook) if cell], texts])
    return hashlib.blake2b(document.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
