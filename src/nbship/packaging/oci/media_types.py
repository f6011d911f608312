"""Media types of images, and the OCI names of Docker's.

https://github.com/opencontainers/image-spec/blob/main/media-types.md
"""

from __future__ import annotations

from typing import Final

from nbship.errors import PackagingError

__all__ = [
    "CONFIG",
    "GZIP_LAYER",
    "INDEX",
    "INDEXES",
    "MANIFEST",
    "MANIFESTS",
    "PLAIN_LAYER",
    "ZSTD_LAYER",
    "oci_layer_type",
]

INDEX: Final = "application/vnd.oci.image.index.v1+json"
MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
CONFIG: Final = "application/vnd.oci.image.config.v1+json"
PLAIN_LAYER: Final = "application/vnd.oci.image.layer.v1.tar"
GZIP_LAYER: Final = f"{PLAIN_LAYER}+gzip"
ZSTD_LAYER: Final = f"{PLAIN_LAYER}+zstd"

INDEXES: Final = frozenset({INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"})
MANIFESTS: Final = frozenset({MANIFEST, "application/vnd.docker.distribution.manifest.v2+json"})

_LAYERS = {
    PLAIN_LAYER: PLAIN_LAYER,
    GZIP_LAYER: GZIP_LAYER,
    ZSTD_LAYER: ZSTD_LAYER,
    "application/vnd.docker.image.rootfs.diff.tar": PLAIN_LAYER,
    "application/vnd.docker.image.rootfs.diff.tar.gzip": GZIP_LAYER,
    "application/vnd.docker.image.rootfs.diff.tar.zstd": ZSTD_LAYER,
}


def oci_layer_type(media_type: str) -> str:
    """Return the OCI name of a layer's media type: the bytes are the same.

    Raises
    ------
    PackagingError
        For a layer that lies elsewhere (Windows) or is no file system.
    """
    if media_type not in _LAYERS:
        raise PackagingError(
            f"the base image has a layer of type {media_type!r}, which cannot be built upon: choose a Linux image"
        )
    return _LAYERS[media_type]
