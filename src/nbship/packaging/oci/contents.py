"""What the files of a base image tell: which Python its PATH leads to, and which C library it has."""

from __future__ import annotations

import gzip
import re
import tarfile
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from nbship.errors import PackagingError
from nbship.model.codec import decode, encode
from nbship.packaging.oci.base_image import BaseContents
from nbship.packaging.oci.image_tree import ImageTree
from nbship.packaging.oci.media_types import GZIP_LAYER, ZSTD_LAYER

if TYPE_CHECKING:
    from nbship.model.image import ImageLayer
    from nbship.packaging.oci.base_image import BaseParts
    from nbship.packaging.oci.cache import Cache

__all__ = ["DEFAULT_PATH", "path_of", "read_contents"]

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What engines take where an image sets none."""

_RULES = 1
_MINOR = re.compile(r"python(3\.\d+)t?$")
_LIBRARY_FOLDER = re.compile(r"lib(?:64)?/python(3\.\d+)/os\.py$")
_LIBC = re.compile(r"/libc(?:\.so\.6|-2\.\d+\.so)$")
_GLIBC = re.compile(rb"GNU C Library [^\n]*? version (\d+)\.(\d+)")
_LOADERS = {
    "glibc": ("lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1", "lib/ld-linux-armhf.so.3"),
    "musl": ("lib/ld-musl-x86_64.so.1", "lib/ld-musl-aarch64.so.1", "lib/ld-musl-armhf.so.1"),
}


def read_contents(parts: BaseParts, cache: Cache) -> BaseContents:
    """Return what a base image's files tell; read once for each image.

    Raises
    ------
    PackagingError
        When a layer cannot be read.
    """
    key = f"contents {_RULES} {parts.config_digest}"
    known = cache.record(key)
    if known is None:
        known = encode(_contents(parts, cache))
        cache.remember(key, known)
    return decode(BaseContents, known)


def path_of(config: dict[str, Any]) -> str:
    """Return the PATH that an image configuration sets, or the one that engines take."""
    variables = dict(entry.partition("=")[::2] for entry in config.get("config", {}).get("Env") or ())
    return variables.get("PATH") or DEFAULT_PATH


def _contents(parts: BaseParts, cache: Cache) -> BaseContents:
    tree = ImageTree()
    glibc: tuple[int, int] | None = None
    for layer in parts.layers:
        glibc = _read_layer(layer, tree, cache) or glibc
    libc = next((kind for kind in ("glibc", "musl") if any(map(tree.resolve, _LOADERS[kind]))), "")
    places = (f"{folder}/python3" for folder in path_of(parts.config).split(":"))
    python = next((found for found in map(tree.resolve, places) if found), "")
    return BaseContents(_minor(python, tree), f"/{python}" if python else "", libc, glibc)


def _minor(python: str, tree: ImageTree) -> str:
    """Return the minor version: by the name that links lead to, else by the library beside the program."""
    if found := _MINOR.search(python):
        return found[1]
    around = python.rpartition("/")[0].rpartition("/")[0]
    inside = (
        name.removeprefix(f"{around}/") for name in tree.names() if name.startswith(f"{around}/") and python
    )
    return next((found[1] for name in inside if (found := _LIBRARY_FOLDER.fullmatch(name))), "")


def _read_layer(layer: ImageLayer, tree: ImageTree, cache: Cache) -> tuple[int, int] | None:
    tree.start_layer()
    glibc = None
    try:
        with cache.open_blob(layer.digest) as blob, _plain(blob, layer) as plain, _members(plain) as archive:
            for member in archive:
                tree.add(member)
                if _LIBC.search(member.name) and member.isreg():
                    glibc = _glibc(archive, member) or glibc
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise PackagingError(f"cannot read layer {layer.digest} of the base image: {error}") from error
    return glibc


def _members(plain: BinaryIO) -> tarfile.TarFile:
    return tarfile.open(fileobj=plain, mode="r|")


def _plain(blob: BinaryIO, layer: ImageLayer) -> BinaryIO:
    if layer.media_type == GZIP_LAYER:
        return cast("BinaryIO", gzip.open(blob))
    if layer.media_type == ZSTD_LAYER:
        import pyarrow as pa  # the standard library reads zstd from Python 3.14 on

        return cast("BinaryIO", pa.CompressedInputStream(blob, "zstd"))
    return blob


def _glibc(archive: tarfile.TarFile, member: tarfile.TarInfo) -> tuple[int, int] | None:
    file = archive.extractfile(member)
    found = _GLIBC.search(file.read()) if file else None
    return (int(found[1]), int(found[2])) if found else None
