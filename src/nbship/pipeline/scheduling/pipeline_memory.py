"""How the steps of a pipeline stood when it ran last, so that a failed one can be resumed.

``<home>/pipelines/<name>/last.json`` is replaced as a whole after every change: a process that is killed leaves the
truth up to then. `FORMAT_VERSION` is raised when a field changes its meaning; an older file is then as good as none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nbship.model.codec import decode, encode
from nbship.model.step import StepState  # noqa: TC001 - the codec reads annotations at run time
from nbship.recording.layout import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

    from nbship.config import Settings
    from nbship.model.pipeline import Pipeline

__all__ = ["PipelineMemory", "StepMemory", "pipeline_folder"]

FORMAT_VERSION = 1

_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class StepMemory:
    """How a step stood: `key` is its base key, `outputs` artifact name to content digest."""

    state: StepState
    key: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    run: str | None = None
    output_path: str | None = None


@dataclass(frozen=True, slots=True)
class PipelineMemory:
    """All steps of one pipeline file."""

    path: str
    steps: dict[str, StepMemory] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION

    def with_step(self, name: str, step: StepMemory) -> PipelineMemory:
        """Return this with one step as it stands now."""
        return replace(self, steps={**self.steps, name: step})

    def save(self, folder: Path) -> None:
        """Write it down."""
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / "last.json", encode(self))

    @classmethod
    def load(cls, folder: Path, path: str) -> PipelineMemory:
        """Return what is known of a pipeline file; nothing where another file of the same name ran last."""
        data = read_json(folder / "last.json")
        if data.get("path") != path or data.get("format_version") != FORMAT_VERSION:
            return cls(path)
        try:
            return decode(cls, data)
        except (TypeError, ValueError, AttributeError, KeyError):  # written by another program
            return cls(path)


def pipeline_folder(settings: Settings, pipeline: Pipeline) -> Path:
    """Return the folder of a pipeline's own files."""
    return settings.home / "pipelines" / (_UNSAFE.sub("-", pipeline.name).strip(".-") or "pipeline")
