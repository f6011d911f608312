"""Base images in an OCI image layout.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from nbship.errors import PackagingError
from nbship.packaging.oci.cache import copy_checked
from nbship.packaging.oci.manifests import read_object

if TYPE_CHECKING:
    from pathlib import Path

    from nbship.packaging.oci.cache import Cache
    from nbship.packaging.oci.image_files import ImageFiles

__all__ = ["REFERENCE_NAME", "LayoutStore", "named_manifests"]

REFERENCE_NAME = "org.opencontainers.image.ref.name"


class LayoutStore:
    """The blobs of a layout."""

    def __init__(self, files: ImageFiles) -> None:
        self._files = files

    def read_manifest(self, digest: str) -> bytes:
        """Return a manifest or an index."""
        return self._read(digest)

    def read_config(self, digest: str) -> bytes:
        """Return a configuration."""
        return self._read(digest)

    def _read(self, digest: str) -> bytes:
        content = io.BytesIO()
        with self._files.open(_name(digest)) as source:
            copy_checked(source, content, digest)
        return content.getvalue()

    def fetch(self, digest: str, cache: Cache) -> None:
        """Bring a layer into the cache."""
        with self._files.open(_name(digest)) as source:
            cache.add_blob(source, digest)


def named_manifests(files: ImageFiles, tag: str, path: Path) -> list[dict[str, Any]]:
    """Return the entries of a layout's index: those with a tag, or all.

    Raises
    ------
    PackagingError
        When none has the tag.
    """
    with files.open("index.json") as file:
        entries = read_object(file.read(), str(path)).get("manifests", [])
    names = [entry.get("annotations", {}).get(REFERENCE_NAME, "") for entry in entries]
    named = [entry for entry, name in zip(entries, names, strict=True) if tag in {"", name}]
    if not named:
        known = ", ".join(name for name in names if name) or "none"
        raise PackagingError(f"{path} holds no image with the tag {tag!r}; tags there: {known}")
    return named


def _name(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"
