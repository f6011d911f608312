"""The layers above the base: packages, our runtime, the model."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import PackagingError
from nbship.packaging.oci.bytecode import compile_folder, find_compiler
from nbship.packaging.oci.layer import build_layer, layer_key
from nbship.packaging.oci.runtime_files import runtime_files
from nbship.packaging.oci.wheels import unpack_wheels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbship.model.image import ImageLayer, LockedWheel
    from nbship.packaging.oci.cache import Cache

__all__ = [
    "LOG_FOLDER",
    "MODEL_FOLDER",
    "RUNTIME_FOLDER",
    "SERVING_USER",
    "SITE_FOLDER",
    "bundle_layer",
    "runtime_layer",
    "wheel_layer",
]

SITE_FOLDER = "opt/nbship/site"
RUNTIME_FOLDER = "opt/nbship/runtime"
MODEL_FOLDER = "opt/nbship/model"
"""Where the layers lie in an image, relative to its root."""

LOG_FOLDER = "var/lib/nbship"
SERVING_USER = 65532
"""Who runs in the image: ``nonroot`` of the distroless images. The log folder is its own."""


def wheel_layer(wheels: Sequence[LockedWheel], name: str, python: str, cache: Cache) -> ImageLayer:
    """Return the layer with the packages of some wheels, bytecode included.

    The same wheels give the same bytes, in whichever order, folder or process; bytecode is made by the interpreter that
    `find_compiler` finds, and left out where there is none.

    Parameters
    ----------
    name
        ``heavy wheels`` or ``other wheels``.
    python
        Minor version of the image's Python, e.g. ``3.11``.

    Raises
    ------
    PackagingError
        When a wheel is missing, damaged or another than was locked, or the disk is full.
    """

    def fill(root: Path) -> None:
        (root / SITE_FOLDER).mkdir(parents=True)
        unpack_wheels(wheels, root / SITE_FOLDER)
        _compile(root, python)

    locked = sorted((wheel.name, wheel.filename, wheel.sha256) for wheel in wheels)
    return build_layer(name, layer_key("wheels", [locked, *_bytecode_parts(python)]), fill, cache)


def runtime_layer(python: str, cache: Cache) -> ImageLayer:
    """Return the layer with the serving runtime of this nbship, and the folder that it logs to.

    Parameters
    ----------
    python
        Minor version of the image's Python, e.g. ``3.11``.

    Raises
    ------
    PackagingError
        When nbship's own sources are not there, or the disk is full.
    """
    files = runtime_files()

    def fill(root: Path) -> None:
        _copy(files, root / RUNTIME_FOLDER)
        for folder in owners:
            (root / folder).mkdir(parents=True, exist_ok=True)
        _compile(root, python)

    owners = {LOG_FOLDER: SERVING_USER, f"{LOG_FOLDER}/predictions": SERVING_USER}
    key = layer_key("runtime", [_digests(files), *_bytecode_parts(python)])
    return build_layer("runtime", key, fill, cache, owners)


def bundle_layer(folder: Path, cache: Cache) -> ImageLayer:
    """Return the layer with the files of a bundle.

    Raises
    ------
    PackagingError
        When the folder has anything but files and folders, or the disk is full.
    """
    files = dict(_regular_files(folder))

    def fill(root: Path) -> None:
        _copy(files, root / MODEL_FOLDER)

    return build_layer("model", layer_key("model", _digests(files)), fill, cache)


def _bytecode_parts(python: str) -> list[str]:
    compiler = find_compiler(python)
    return [python, compiler.version if compiler else ""]


def _compile(root: Path, python: str) -> None:
    if (compiler := find_compiler(python)) is not None:
        compile_folder(root, compiler)


def _copy(files: Mapping[str, Path], folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, path in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o444)


def _digests(files: Mapping[str, Path]) -> dict[str, str]:
    digests = {}
    for name, path in files.items():
        with path.open("rb") as file:
            digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


def _regular_files(folder: Path) -> list[tuple[str, Path]]:
    found = []
    for around, folders, names in os.walk(folder):
        paths = [Path(around, name) for name in (*names, *folders)]
        odd = next(
            (path for path in paths if path.is_symlink() or not (path.is_file() or path.is_dir())), None
        )
        if odd is not None:
            raise PackagingError(f"{odd} is neither a file nor a folder; a bundle holds nothing else")
        found += [(str(path.relative_to(folder)), path) for path in paths if path.is_file()]
    if not found:
        raise PackagingError(f"{folder} is empty or missing; expected the folder of a bundle")
    return sorted(found)
