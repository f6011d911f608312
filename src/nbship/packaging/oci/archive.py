"""Images to files: one archive that every engine takes, or an OCI layout.

The archive is both an OCI layout and what ``docker save`` writes: ``manifest.json`` names the blobs of the layout, which
are there once. Docker has read that since 1.10, Podman, skopeo, containerd and umoci read one or the other.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.errors import PackagingError
from nbship.packaging.oci.base_layout import REFERENCE_NAME
from nbship.packaging.oci.cache import copy_checked, writing
from nbship.packaging.oci.media_types import INDEX
from nbship.packaging.oci.tar_stream import tar_member, write_end
from nbship.packaging.references import parse_reference

if TYPE_CHECKING:
    import tarfile
    from typing import BinaryIO

    from nbship.packaging.oci.image import Image

__all__ = ["write_archive", "write_layout"]

_LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'
_CONTAINERD_NAME = "io.containerd.image.name"
_BLOBS = "blobs/sha256"
_BLOCK_BYTES = 512


def write_archive(image: Image, path: Path, reference: str) -> Path:
    """Write an image to one tar archive, whole or not at all.

    Parameters
    ----------
    reference
        Name and tag that engines give it, e.g. ``iris:1``.

    Raises
    ------
    UsageError
        When the reference is none.
    PackagingError
        When the disk is full, the path cannot be written, or the cache turns out to be damaged.
    """
    named = _described(image, reference)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = _unfinished(path)
        try:
            with part.open("wb") as target:
                _write_members(image, named, target)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return path


def write_layout(image: Image, folder: Path, reference: str = "") -> Path:
    """Write an image to an OCI layout folder; blobs that are there stay, the index names this image alone.

    Raises
    ------
    UsageError
        When the reference is none.
    PackagingError
        When the folder holds something else, the disk is full, or the cache turns out to be damaged.
    """
    named = _described(image, reference)
    if folder.exists() and not (folder / "oci-layout").is_file() and any(folder.iterdir()):
        raise PackagingError(f"{folder} holds other files: give an empty folder or one with an OCI layout")
    with writing(folder):
        (folder / _BLOBS).mkdir(parents=True, exist_ok=True)
        for digest, size_bytes in _blobs(image):
            target = folder / _name(digest)
            if not target.is_file() or target.stat().st_size != size_bytes:
                _copy_whole(image, digest, target)
        for name in ("oci-layout", "index.json"):
            part = _unfinished(folder / name)
            part.write_bytes(named[name])
            part.replace(folder / name)
    return folder


def _described(image: Image, reference: str) -> dict[str, bytes]:
    """Return the files that describe an image, by name."""
    parsed = parse_reference(reference) if reference else None
    tagged = parsed.with_tag(parsed.tag or "latest") if parsed else None
    descriptor: dict[str, Any] = {
        "mediaType": image.media_type,
        "digest": image.digest,
        "size": len(image.manifest),
    }
    system, _, architecture = image.platform.partition("/")
    descriptor["platform"] = {"os": system, "architecture": architecture.partition("/")[0]}
    if tagged:
        descriptor["annotations"] = {REFERENCE_NAME: tagged.tag, _CONTAINERD_NAME: str(tagged)}
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor]}
    entry = {
        "Config": _name(image.config_digest),
        "RepoTags": [tagged.familiar] if tagged else [],
        "Layers": [_name(layer.digest) for layer in image.layers],
    }
    return {"oci-layout": _LAYOUT, "index.json": _json(index), "manifest.json": _json([entry])}


def _write_members(image: Image, named: dict[str, bytes], target: BinaryIO) -> None:
    target.writelines(_header(tar_member(folder, 0, folder=True)) for folder in ("blobs", _BLOBS))
    for digest, size_bytes in sorted(_blobs(image)):
        target.write(_header(tar_member(_name(digest), size_bytes)))
        _copy(image, digest, target)
        target.write(bytes(-size_bytes % _BLOCK_BYTES))
    for name in sorted(named):
        content = named[name]
        target.write(_header(tar_member(name, len(content))) + content + bytes(-len(content) % _BLOCK_BYTES))
    write_end(target)


def _blobs(image: Image) -> list[tuple[str, int]]:
    return [*image.blobs(), (image.digest, len(image.manifest))]


def _copy(image: Image, digest: str, target: BinaryIO) -> None:
    """Copy a blob; one that is damaged leaves the cache, so that the next build makes it anew."""
    with image.open_blob(digest) as source:
        try:
            copy_checked(source, target, digest)
        except PackagingError as error:
            image.cache.forget_blob(digest)
            raise PackagingError(f"{error}; it was removed from the cache: package again") from error


def _copy_whole(image: Image, digest: str, target: Path) -> None:
    part = _unfinished(target)
    try:
        with part.open("wb") as file:
            _copy(image, digest, file)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _unfinished(path: Path) -> Path:
    """Return a new file beside a path: it becomes that path when it is whole."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name[:40]}-", delete=False) as file:
        part = Path(file.name)
    part.chmod(0o644)  # temporary files are private, images are no secrets
    return part


def _header(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(0, "utf-8")


def _name(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _json(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
