"""A build context: a bundle, the server and a Dockerfile as a readable folder.

Public: ``write_context(folder, bundle_folder, lock, runtime, trusted, …) -> Path``, ``check_context(folder, base)``,
``pip_wheel(target, cache) -> LockedWheel``.

.. code-block:: text

    Dockerfile
    requirements-heavy.txt  requirements-other.txt    the lock with its hashes, a layer each
    runtime/nbship/…                                  the server
    model/…                                           the bundle
    state/                                            empty; where predictions are logged
    wheels/…                                          only for builds without a network
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import PackagingError, UsageError
from nbship.model.bundle import BUNDLE_FILE, Bundle
from nbship.packaging.bundle import bundle_digest
from nbship.packaging.dockerfile import HEAVY_FILE, OTHER_FILE, WHEELS_FOLDER, dockerfile
from nbship.packaging.lock import LockRequest, resolve_lock
from nbship.packaging.lock_parts import requirements_text, split_heavy
from nbship.packaging.oci import serving_config
from nbship.packaging.references import parse_reference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbship.model.image import LockedWheel

__all__ = ["check_context", "pip_wheel", "write_context"]

_PIP = "pip"


def write_context(
    folder: Path,
    bundle_folder: Path,
    lock: Sequence[LockedWheel],
    runtime: Mapping[str, Path],
    trusted: Sequence[str],
    *,
    base: str | None = None,
    labels: Mapping[str, str] | None = None,
    installer: LockedWheel | None = None,
) -> Path:
    """Write a build context, whole or not at all, and return its folder.

    Parameters
    ----------
    folder
        An empty folder, or one that is not there yet.
    bundle_folder
        The finished bundle.
    lock
        Every wheel of the image.
    runtime
        Path below ``nbship/`` to file, of the modules of the server.
    trusted
        What the server's policy names.
    base
        Reference of the base image; by default ``python:X.Y-slim`` of the bundle's Python.
    labels
        Of the image.
    installer
        A wheel of pip: puts it and the wheels of the lock into the context, so that it builds without a network.

    Raises
    ------
    UsageError
        When the folder holds something, or the base is no reference.
    PackagingError
        When it cannot be written.
    """
    check_context(folder, base)
    bundle = Bundle.from_dict(json.loads((bundle_folder / BUNDLE_FILE).read_text(encoding="utf-8")))
    image = parse_reference(base).familiar if base else f"python:{bundle.python}-slim"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".nbship-context-", dir=folder.parent) as place:
            made = Path(place) / "context"
            parts = _write_parts(made, bundle_folder, lock, runtime, installer)
            config = serving_config(bundle_digest(bundle_folder), trusted, labels or {})
            text = dockerfile(config, image, parts, installer.filename if installer else "")
            (made / "Dockerfile").write_text(text, encoding="utf-8")
            _readable(made)
            made.replace(folder)
    except OSError as error:
        raise PackagingError(f"the build context cannot be written to {folder}: {error}") from error
    return folder


def check_context(folder: Path, base: str | None = None) -> None:
    """Check, before any work, that a context can be written there, and say so of its base.

    Raises
    ------
    UsageError
        When the folder holds something, or the base is no reference.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty; name a new folder for the build context")
    if base and Path(base).exists():
        raise UsageError(
            f"the base {base} is a path, and a Dockerfile can name images of a registry or of the engine only: load it "
            "with `docker load`, and give its name"
        )
    if base:
        parse_reference(base)


def _write_parts(
    made: Path,
    bundle_folder: Path,
    lock: Sequence[LockedWheel],
    runtime: Mapping[str, Path],
    installer: LockedWheel | None,
) -> list[str]:
    """Write everything but the Dockerfile, and return the names of the requirements files."""
    shutil.copytree(bundle_folder, made / "model")
    for name, path in runtime.items():
        target = made / "runtime" / "nbship" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    (made / "state").mkdir()
    # A folder without files is not copied by every builder.
    (made / "state" / ".keep").touch()
    parts = []
    for name, wheels in zip((HEAVY_FILE, OTHER_FILE), split_heavy(lock), strict=True):
        if wheels:
            (made / name).write_text(requirements_text(wheels), encoding="utf-8")
            parts.append(name)
    if installer is not None:
        (made / WHEELS_FOLDER).mkdir()
        for wheel in (*lock, installer):
            shutil.copyfile(wheel.path, made / WHEELS_FOLDER / wheel.filename)
    return parts


def _readable(folder: Path) -> None:
    """Let the user of the image read what is copied, whatever the umask of this process is."""
    for path in (folder, *folder.rglob("*")):
        os.chmod(path, 0o755 if path.is_dir() else 0o644)  # noqa: PTH101 - the two modes of the context


def pip_wheel(target: LockRequest, cache: Path) -> LockedWheel:
    """Return the wheel of pip that builds of a context without a network install with.

    Raises
    ------
    PackagingError
        When it cannot be downloaded.
    """
    return resolve_lock(replace(target, requirements=(_PIP,), constraints=()), cache)[0]
