"""Base images in an archive that ``docker save`` wrote.

https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from nbship.errors import PackagingError
from nbship.model.codec import encode
from nbship.model.image import ImageLayer
from nbship.packaging.oci.base_image import BaseParts
from nbship.packaging.oci.gzip_stream import GzipStream
from nbship.packaging.oci.layer import known_layer, layer_key
from nbship.packaging.oci.manifests import read_object

if TYPE_CHECKING:
    from pathlib import Path

    from nbship.packaging.oci.cache import Cache
    from nbship.packaging.oci.image_files import ImageFiles

__all__ = ["read_docker_archive"]

_CHUNK_BYTES = 1 << 20
_GZIP_MAGIC = b"\x1f\x8b"


def read_docker_archive(files: ImageFiles, tag: str, cache: Cache, path: Path) -> BaseParts:
    """Return the image of an archive, its layers compressed and in the cache.

    Parameters
    ----------
    tag
        Name and tag, or tag alone, of one of several images; empty for the only one.

    Raises
    ------
    PackagingError
        When the archive holds none or several such images, or is damaged.
    """
    entry = _chosen(files, tag, path)
    with files.open(entry["Config"]) as file:
        content = file.read()
    config = read_object(content, str(path))
    diff_ids = config.get("rootfs", {}).get("diff_ids", [])
    if len(diff_ids) != len(entry["Layers"]):
        raise PackagingError(f"{path} is damaged: its manifest and configuration differ in layers")
    layers = [_layer(files, *pair, cache) for pair in zip(entry["Layers"], diff_ids, strict=True)]
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return BaseParts(digest, digest, config, tuple(layers))


def _chosen(files: ImageFiles, tag: str, path: Path) -> dict[str, Any]:
    with files.open("manifest.json") as file:
        entries = read_object(b'{"images":%s}' % file.read(), str(path))["images"]
    named = [entry for entry in entries if not tag or _has_tag(entry, tag)]
    if len(named) == 1:
        chosen: dict[str, Any] = named[0]
        return chosen
    known = ", ".join(name for entry in entries for name in entry.get("RepoTags") or ()) or "none"
    count = "several images" if named else f"no image with the tag {tag!r}"
    raise PackagingError(f"{path} holds {count}: name one as {path}:TAG; tags there: {known}")


def _has_tag(entry: dict[str, Any], tag: str) -> bool:
    return any(
        name in {tag, f"docker.io/library/{tag}"} or name.rpartition(":")[2] == tag
        for name in entry["RepoTags"] or ()
    )


def _layer(files: ImageFiles, name: str, diff_id: str, cache: Cache) -> ImageLayer:
    """Return a layer, compressed by us: the same plain layer gets the same digest from every engine."""
    key = layer_key("base", diff_id)
    if (known := known_layer(key, "base", cache)) is not None:
        return replace(known, cached=False)
    with cache.scratch() as folder, files.open(name) as source:
        layer = _compressed(source, folder / "blob")
        if layer.diff_id != diff_id:
            raise PackagingError(f"the layer {name} is damaged: its digest is {layer.diff_id}, not {diff_id}")
        cache.keep_blob(folder / "blob", layer.digest)
    cache.remember(key, encode(layer))
    return layer


def _compressed(source: BinaryIO, target: Path) -> ImageLayer:
    magic = source.read(2)
    source.seek(0)
    plain = gzip.GzipFile(fileobj=source) if magic == _GZIP_MAGIC else source
    with target.open("wb") as blob, GzipStream(blob) as stream:
        while chunk := plain.read(_CHUNK_BYTES):
            stream.write(chunk)
    return ImageLayer("base", stream.digest, stream.diff_id, stream.size_bytes, stream.plain_bytes)
