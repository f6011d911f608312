"""Pipelines before they run: where their files are, and what a step takes, reads and makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nbship.model.codec import encode
from nbship.model.parameter import ParameterSchema
from nbship.model.parameter_json import json_value

__all__ = ["FoundPipeline", "FoundPipelines", "PipelineOutline", "StepOutline"]


@dataclass(frozen=True, slots=True)
class FoundPipeline:
    """A file that defines a pipeline.

    Attributes
    ----------
    path
        Absolute.
    kind
        ``toml`` or ``notebook``.
    steps
        Their names, in the order of the file.
    problem
        Why the file cannot be read; empty where it can. Whether the pipeline can run is not looked at.
    """

    path: str
    name: str
    kind: str
    steps: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FoundPipelines:
    """The pipelines below a folder, by path; `complete` says whether all of the folder was looked through."""

    pipelines: tuple[FoundPipeline, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class StepOutline:
    """A step before it runs.

    Attributes
    ----------
    notebook
        Absolute path of its notebook.
    parameters
        Those that can be given; inputs and outputs are none of them.
    given
        What the definition gives for them.
    needs
        Names of the steps that come before.
    """

    name: str
    notebook: str
    parameters: ParameterSchema
    given: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    outputs: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        given = {name: json_value(value).get("default", str(value)) for name, value in self.given.items()}
        plain = {name: encode(getattr(self, name)) for name in ("inputs", "outputs", "needs")}
        return {
            "name": self.name,
            "notebook": self.notebook,
            **plain,
            "given": given,
            "parameters": self.parameters.to_dict()["parameters"],
        }


@dataclass(frozen=True, slots=True)
class PipelineOutline:
    """A pipeline before it runs; `edges` are pairs of step names, from maker to user."""

    name: str
    path: str
    description: str
    steps: tuple[StepOutline, ...]
    edges: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        return {
            "name": self.name,
            "path": self.path,
            "description": self.description,
            "steps": [step.to_dict() for step in self.steps],
            "edges": encode(self.edges),
        }
