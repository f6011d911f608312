"""Layers, built from a folder and kept by what they were built from."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbship.model.codec import decode, encode
from nbship.model.image import ImageLayer
from nbship.packaging.oci.cache import writing
from nbship.packaging.oci.gzip_stream import LEVEL, GzipStream
from nbship.packaging.oci.tar_stream import write_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from nbship.packaging.oci.cache import Cache

__all__ = ["build_layer", "known_layer", "layer_key"]

_RULES = 1
"""Raised whenever the same input gives other layers than before, so that no older one is taken from the cache."""


def layer_key(kind: str, parts: Any) -> str:
    """Return what a layer is cached by: the kind, what it is made of (JSON), and how it is compressed."""
    text = json.dumps([_RULES, LEVEL, zlib.ZLIB_RUNTIME_VERSION, kind, parts], sort_keys=True)
    return f"layer {hashlib.sha256(text.encode()).hexdigest()}"


def known_layer(key: str, name: str, cache: Cache) -> ImageLayer | None:
    """Return the layer that was kept for a key, None where it is not there whole."""
    record = cache.record(key)
    if record is None:
        return None
    try:
        layer = decode(ImageLayer, record)
    except (KeyError, TypeError, ValueError):  # damaged: built again
        return None
    if not cache.has_blob(layer.digest, layer.size_bytes):
        return None
    return replace(layer, name=name, cached=True)


def build_layer(
    name: str,
    key: str,
    fill: Callable[[Path], None],
    cache: Cache,
    owners: Mapping[str, int] | None = None,
) -> ImageLayer:
    """Return the layer of a key, from the cache or built.

    Parameters
    ----------
    fill
        Puts the files of the layer into an empty folder, at the paths that they have in the image.
    owners
        Relative path to the user and group that own it; 0 for all others.
    """
    if (known := known_layer(key, name, cache)) is not None:
        return known
    with cache.scratch() as folder, writing(folder):
        root = folder / "root"
        root.mkdir(mode=0o755)
        fill(root)
        layer = _packed(name, root, folder / "blob", owners)
        cache.keep_blob(folder / "blob", layer.digest)
        cache.keep_root(root, layer.diff_id)
    cache.remember(key, encode(layer))
    cache.trim()
    return layer


def _packed(name: str, root: Path, target: Path, owners: Mapping[str, int] | None) -> ImageLayer:
    with target.open("wb") as blob, GzipStream(blob) as stream:
        write_folder(root, stream, owners)
    return ImageLayer(name, stream.digest, stream.diff_id, stream.size_bytes, stream.plain_bytes)
