"""Base images in a registry."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from nbship.packaging.oci.cache import Cache
    from nbship.packaging.references import ImageReference
    from nbship.packaging.registry import PulledManifest

__all__ = ["BaseRegistry", "RegistryStore"]


class BaseRegistry(Protocol):
    """What is asked of a registry; `nbship.packaging.registry.RegistryClient` answers it. All check digests."""

    def pull_manifest(self, reference: ImageReference) -> PulledManifest:
        """Return a manifest or an index."""

    def read_blob(self, reference: ImageReference, digest: str) -> bytes:
        """Return a small blob."""

    def pull_blob(self, reference: ImageReference, digest: str, destination: Path) -> Path:
        """Write a blob to a file."""


class RegistryStore:
    """The manifests and blobs of one repository."""

    def __init__(self, client: BaseRegistry, reference: ImageReference) -> None:
        self._client = client
        self._reference = reference
        self._manifests: dict[str, bytes] = {}

    def root(self) -> dict[str, Any]:
        """Return the descriptor of what the reference names."""
        pulled = self._client.pull_manifest(self._reference)
        self._manifests[pulled.digest] = pulled.data
        return {"mediaType": pulled.media_type, "digest": pulled.digest}

    def read_manifest(self, digest: str) -> bytes:
        """Return a manifest or an index; each is asked for once."""
        if digest not in self._manifests:
            pulled = self._client.pull_manifest(replace(self._reference, digest=digest))
            self._manifests[digest] = pulled.data
        return self._manifests[digest]

    def read_config(self, digest: str) -> bytes:
        """Return a configuration."""
        return self._client.read_blob(self._reference, digest)

    def fetch(self, digest: str, cache: Cache) -> None:
        """Bring a layer into the cache."""
        with cache.scratch() as folder:
            cache.keep_blob(self._client.pull_blob(self._reference, digest, folder / "blob"), digest)
