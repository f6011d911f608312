"""What a bundle is built for and with, beside the model itself."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BuildFacts"]


@dataclass(frozen=True, slots=True)
class BuildFacts:
    """Where an image stands, and who builds it.

    Attributes
    ----------
    platform
        E.g. ``linux/amd64``.
    base
        The full reference of a base from a registry; empty for one on disk, whose path means nothing elsewhere.
    base_digest
        ``sha256:…`` of the base's manifest; empty where there is no base, for a local process.
    builder_version
        Of nbship.
    """

    platform: str
    base: str = ""
    base_digest: str = ""
    builder_version: str = ""
