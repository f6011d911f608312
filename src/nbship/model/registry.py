"""Registered models, as they are shown and listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbship.model.codec import decode, encode

__all__ = ["ModelVersion"]


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A version of a registered model.

    Attributes
    ----------
    name, version
        As in ``models:/NAME/VERSION``.
    run_id
        The run whose model it is; empty where the store does not say.
    aliases
        Those that point to this version, sorted.
    model
        What the run calls the model; empty where the run has no model of its own any more.
    """

    name: str
    version: str
    run_id: str = ""
    aliases: tuple[str, ...] = ()
    model: str = ""

    @property
    def uri(self) -> str:
        """What ``nbship package`` and MLflow take."""
        return f"models:/{self.name}/{self.version}"

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        return {**encode(self), "uri": self.uri}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ModelVersion:
        """Build the version that `to_dict` described."""
        return decode(cls, data)
