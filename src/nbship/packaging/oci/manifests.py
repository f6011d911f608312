"""From an index to the manifest of one platform, and from there to configuration and layers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from nbship.errors import PackagingError
from nbship.model.image import ImageLayer
from nbship.packaging.oci.base_image import BaseParts
from nbship.packaging.oci.media_types import INDEXES, MANIFESTS, PLAIN_LAYER, oci_layer_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbship.packaging.oci.cache import Cache

__all__ = ["BlobStore", "read_image", "read_object"]

_DEEPEST = 4
"""Indexes within indexes; more of them would be a mistake or an attack."""

_SAME = {"linux/arm64": ("linux/arm64/v8",), "linux/arm": ("linux/arm/v7",)}
"""Platforms that run what is made for others without a variant."""


class BlobStore(Protocol):
    """Where the parts of an image lie; both check the digest."""

    def read_manifest(self, digest: str) -> bytes:
        """Return a manifest or an index."""

    def read_config(self, digest: str) -> bytes:
        """Return a configuration."""

    def fetch(self, digest: str, cache: Cache) -> None:
        """Bring a layer into the cache."""


def read_image(
    store: BlobStore,
    roots: Sequence[dict[str, Any]],
    platform: str,
    cache: Cache,
    what: str,
    *,
    name: str = "",
) -> BaseParts:
    """Return the image of a platform, its layers in the cache.

    Parameters
    ----------
    roots
        Descriptors of manifests and indexes; one of them, or of those that they list, is for the platform.
    what
        How the image was given, for messages.

    Raises
    ------
    PackagingError
        When none or several are for the platform, or a part is missing or damaged.
    """
    manifests = list(_manifests(store, roots, 0))
    chosen = _for_platform(store, manifests, platform, what)
    manifest = read_object(store.read_manifest(chosen["digest"]), what)
    config = read_object(store.read_config(manifest["config"]["digest"]), what)
    layers = tuple(_layers(manifest, config, what))
    for layer in layers:
        if not cache.has_blob(layer.digest, layer.size_bytes):
            store.fetch(layer.digest, cache)
    return BaseParts(chosen["digest"], manifest["config"]["digest"], config, layers, name)


def read_object(data: bytes, what: str) -> dict[str, Any]:
    """Return a JSON object of an image.

    Raises
    ------
    PackagingError
        When it is none.
    """
    try:
        found = json.loads(data)
    except ValueError as error:
        raise PackagingError(f"the base image {what} is damaged: {error}") from error
    if not isinstance(found, dict):
        raise PackagingError(f"the base image {what} is damaged: expected a JSON object")
    return found


def _manifests(store: BlobStore, roots: Sequence[dict[str, Any]], depth: int) -> Iterator[dict[str, Any]]:
    for root in roots:
        if root.get("mediaType") in MANIFESTS:
            yield root
        elif root.get("mediaType") in INDEXES and depth < _DEEPEST:
            inside = read_object(store.read_manifest(root["digest"]), root["digest"]).get("manifests", [])
            yield from _manifests(store, inside, depth + 1)


def _for_platform(
    store: BlobStore, manifests: Sequence[dict[str, Any]], platform: str, what: str
) -> dict[str, Any]:
    made_for = {manifest["digest"]: _platform(store, manifest, what) for manifest in manifests}
    for wanted in (platform, *_SAME.get(platform, ())):
        fitting = [manifest for manifest in manifests if made_for[manifest["digest"]] == wanted]
        if len({manifest["digest"] for manifest in fitting}) > 1:
            raise PackagingError(f"{what} holds several images for {platform}: name one as {what}:TAG")
        if fitting:
            return fitting[0]
    known = ", ".join(sorted({name for name in made_for.values() if "unknown" not in name})) or "none"
    raise PackagingError(f"the base image {what} has nothing for {platform}; it is there for: {known}")


def _platform(store: BlobStore, manifest: dict[str, Any], what: str) -> str:
    """Return what a manifest is made for; where its descriptor does not tell, its configuration does."""
    found = manifest.get("platform")
    if not found:
        inside = read_object(store.read_manifest(manifest["digest"]), what)
        found = read_object(store.read_config(inside["config"]["digest"]), what)
    parts = (found.get("os", "linux"), found.get("architecture", "unknown"), found.get("variant", ""))
    return "/".join(part for part in parts if part)


def _layers(manifest: dict[str, Any], config: dict[str, Any], what: str) -> Iterator[ImageLayer]:
    diff_ids = config.get("rootfs", {}).get("diff_ids", [])
    if len(diff_ids) != len(manifest.get("layers", [])):
        raise PackagingError(
            f"the base image {what} is damaged: its manifest and configuration differ in layers"
        )
    for entry, diff_id in zip(manifest["layers"], diff_ids, strict=True):
        media_type = oci_layer_type(entry["mediaType"])
        plain = entry["size"] if media_type == PLAIN_LAYER else 0
        yield ImageLayer("base", entry["digest"], diff_id, entry["size"], plain, media_type)
