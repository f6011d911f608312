"""What was done to runs after they were recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from nbship.model.codec import encode

__all__ = ["Curated", "CuratedRun", "CurationAction"]


class CurationAction(StrEnum):
    """What can be done to runs."""

    TAGGED = "tagged"
    ARCHIVED = "archived"
    UNARCHIVED = "unarchived"
    DELETED = "deleted"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class CuratedRun:
    """A run that something was done to; `tags` are its own after that, without those of MLflow and nbship."""

    id: str
    name: str
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Curated:
    """What was done, and to which runs."""

    action: CurationAction
    runs: tuple[CuratedRun, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form that every surface answers with."""
        data: dict[str, Any] = encode(self)
        return data
