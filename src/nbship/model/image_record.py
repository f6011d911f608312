"""Images that were built of runs, as a project remembers them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ImageRecord"]


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """An image that ``package`` has built.

    Attributes
    ----------
    run_id, model_version
        Whose model it holds; the version is empty for a model that is not registered.
    reference, digest, platform
        As of `nbship.model.image.PackagedImage`.
    built_ms
        When, in milliseconds since the epoch.
    size_bytes
        Compressed size of all layers.
    archive, pushed
        The tarball and the place in a registry; empty without.
    loaded
        Whether the local engine was given it.
    """

    run_id: str
    reference: str
    digest: str
    built_ms: int
    size_bytes: int = 0
    platform: str = ""
    model: str = ""
    model_version: str = ""
    archive: str = ""
    pushed: str = ""
    loaded: bool = False
