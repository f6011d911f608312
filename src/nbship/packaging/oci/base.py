"""Base images: what the layers of a model are put upon.

A base comes from an OCI image layout (a folder or a tar archive), from an archive that ``docker save`` wrote, or from a
registry. Its layers are kept in the cache, each checked against its digest.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import PackagingError
from nbship.packaging.oci.base_archive import read_docker_archive
from nbship.packaging.oci.base_image import BaseImage, BaseParts
from nbship.packaging.oci.base_layout import LayoutStore, named_manifests
from nbship.packaging.oci.base_registry import BaseRegistry, RegistryStore
from nbship.packaging.oci.contents import read_contents
from nbship.packaging.oci.image_files import open_files
from nbship.packaging.oci.manifests import read_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbship.packaging.oci.cache import Cache

__all__ = ["BaseImage", "BaseRegistry", "absolute_base", "is_on_disk", "load_base"]

_KINDS = ("oci-archive:", "docker-archive:", "oci:")
_PATH_STARTS = (".", "/", "~")
_ARCHIVE_ENDS = (".tar", ".tar.gz", ".tgz")


def load_base(what: str, platform: str, cache: Cache, registry: BaseRegistry | None = None) -> BaseImage:
    """Return a base image, with its layers in the cache.

    Parameters
    ----------
    what
        Path of an OCI layout or of an image archive, with ``:TAG`` where it holds several images; else a reference in a
        registry, e.g. ``python:3.11-slim``.
    platform
        E.g. ``linux/amd64``.
    registry
        What answers for a reference; by default the registry that it names.

    Raises
    ------
    PackagingError
        When there is no such image or none for the platform, it is damaged, or cannot run what is put upon it: it has no
        Python on its PATH, or a C library that wheels are not made for.
    """
    found = _on_disk(what)
    parts = _read_files(*found, platform, cache) if found else _pull(what, platform, cache, registry)
    _check_platform(parts, what, platform)
    contents = read_contents(parts, cache)
    if not contents.python:
        raise PackagingError(
            f"the base image {what} has no python3 on its PATH: choose one that has, e.g. python:3.11-slim"
        )
    if contents.libc == "musl":
        raise PackagingError(
            f"the base image {what} has the C library musl (Alpine), which wheels of numpy or scikit-learn for Linux do "
            "not run on: choose a base with glibc, e.g. python:3.11-slim"
        )
    return BaseImage.described(what, parts, platform, contents)


def is_on_disk(what: str) -> bool:
    """Say whether a base is a file or folder, and no reference.

    Raises
    ------
    PackagingError
        When it can only be one, and is not there.
    """
    return _on_disk(what) is not None


def absolute_base(what: str) -> str:
    """Return a base on disk with its whole path, and a reference as it is.

    Raises
    ------
    PackagingError
        When it can only be on disk, and is not there.
    """
    found = _on_disk(what)
    if found is None:
        return what
    path, tag = found
    kind = next((kind for kind in _KINDS if what.startswith(kind)), "")
    return f"{kind}{path.absolute()}{f':{tag}' if tag else ''}"


def _on_disk(what: str) -> tuple[Path, str] | None:
    """Return path and tag of an image on disk, None for a reference in a registry.

    A folder of another kind is not taken, unless it is meant for sure: ``python:3.11-slim`` stays a reference beside a
    folder called ``python``.
    """
    kind = next((kind for kind in _KINDS if what.startswith(kind)), "")
    text = what.removeprefix(kind)
    sure = bool(kind) or text.startswith(_PATH_STARTS) or text.endswith(_ARCHIVE_ENDS)
    for path, tag in _splits(text):
        if path.is_file() or (path / "oci-layout").is_file() or (sure and path.is_dir()):
            return path, tag
    if sure:
        raise PackagingError(
            f"there is no base image at {text}: give a folder with an OCI layout or an image archive"
        )
    return None


def _splits(text: str) -> Iterator[tuple[Path, str]]:
    """Yield each way to read a text as path and tag, the longest path first."""
    parts = text.split(":")
    for count in range(len(parts), 0, -1):
        if path := ":".join(parts[:count]):
            yield Path(path).expanduser(), ":".join(parts[count:])


def _read_files(path: Path, tag: str, platform: str, cache: Cache) -> BaseParts:
    with open_files(path) as files:
        if files.has("oci-layout") and files.has("index.json"):
            return read_image(
                LayoutStore(files), named_manifests(files, tag, path), platform, cache, str(path)
            )
        if files.has("manifest.json"):
            return read_docker_archive(files, tag, cache, path)
    raise PackagingError(
        f"{path} is neither an OCI image layout nor an archive of docker save: it has no index.json and no manifest.json"
    )


def _pull(what: str, platform: str, cache: Cache, registry: BaseRegistry | None) -> BaseParts:
    from nbship.packaging.references import parse_reference  # noqa: PLC0415 - only a base in a registry needs them
    from nbship.packaging.registry import RegistryClient  # noqa: PLC0415

    reference = parse_reference(what)
    store = RegistryStore(registry or RegistryClient(reference.registry), reference)
    return read_image(store, [store.root()], platform, cache, what, name=str(reference))


def _check_platform(parts: BaseParts, what: str, platform: str) -> None:
    system, _, architecture = platform.partition("/")
    has = (parts.config.get("os", "linux"), parts.config.get("architecture", ""))
    if has != (system, architecture.partition("/")[0]):
        raise PackagingError(
            f"the base image {what} is made for {'/'.join(has)}, the image shall be for {platform}: "
            f"give another base, or --platform {'/'.join(has)}"
        )
