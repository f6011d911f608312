"""Our own layers as files on this machine, for the smoke test and the local process."""

from __future__ import annotations

import os
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from nbship.errors import PackagingError
from nbship.packaging.oci.cache import writing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.image import ImageLayer
    from nbship.packaging.oci.cache import Cache

__all__ = ["unpack_root"]


def unpack_root(layers: Sequence[ImageLayer], folder: Path, cache: Cache) -> Path:
    """Put the files of layers, those of the base apart, into a folder, as they lie in the image.

    Files are hard links to the cache where the file system has them, so this takes no space: never write into them.

    Returns
    -------
    Path
        `folder`.

    Raises
    ------
    PackagingError
        When a layer is not in the cache any more, or the disk is full.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for layer in layers:
            if layer.name != "base":
                root = cache.root_path(layer.diff_id) or _unpack(layer, cache)
                shutil.copytree(root, folder, copy_function=_link, dirs_exist_ok=True)
    return folder


def _link(source: str, target: str) -> str:
    """Link a file, or copy it to another file system; a later layer wins."""
    if os.path.lexists(target):
        Path(target).unlink()
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _unpack(layer: ImageLayer, cache: Cache) -> Path:
    with cache.scratch() as folder:
        root = folder / "root"
        root.mkdir(mode=0o755)
        try:
            with cache.open_blob(layer.digest) as blob, tarfile.open(fileobj=blob, mode="r|gz") as archive:
                for member in archive:
                    _place(archive, member, root)
        except (tarfile.TarError, EOFError, zlib.error) as error:
            cache.forget_blob(layer.digest)
            raise PackagingError(
                f"{layer.digest} is damaged ({error}); it was removed from the cache: package again"
            ) from error
        return cache.keep_root(root, layer.diff_id)


def _place(archive: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    if member.name.startswith("/") or ".." in PurePosixPath(member.name).parts:
        raise PackagingError(f"a layer has a file that would land outside of its folder: {member.name!r}")
    target = root / member.name
    if member.isdir():
        target.mkdir(mode=0o755, exist_ok=True)
        return
    content = archive.extractfile(member) if member.isreg() else None
    if content is None:
        raise PackagingError(f"a layer has something that is neither a file nor a folder: {member.name!r}")
    with target.open("wb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
    target.chmod(member.mode)
