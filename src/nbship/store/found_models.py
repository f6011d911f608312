"""Models as a store lists them, and what can be asked of any store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["FoundModel", "FoundVersion", "ModelIndex", "Registered"]


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A logged model: its id, its name within the run, where its files lie, and the id of its run."""

    id: str
    name: str
    location: str
    run_id: str = ""
    class_name: str = ""


@dataclass(frozen=True, slots=True)
class FoundVersion:
    """A version of a registered model; `source` is what was registered, `location` where its files lie."""

    name: str
    version: str
    source: str
    location: str
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """What is known of a registered model: its versions, oldest first, and its aliases with their versions."""

    versions: tuple[str, ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)


class ModelIndex(Protocol):
    """Finds models; every method raises `StoreError` when the store does not answer."""

    def models_of_run(self, run_id: str) -> tuple[FoundModel, ...]:
        """Return the logged models of a run, oldest first."""

    def model(self, model_id: str) -> FoundModel | None:
        """Return a logged model by its id."""

    def names(self) -> tuple[str, ...]:
        """Return the names of all registered models."""

    def registered(self, name: str) -> Registered | None:
        """Return versions and aliases of a registered model; None where there is none of that name."""

    def version(self, name: str, version: str) -> FoundVersion:
        """Return a version that `registered` listed."""

    def versions_of_run(self, run_id: str) -> tuple[FoundVersion, ...]:
        """Return the registered versions of a run's models, by name and number."""
