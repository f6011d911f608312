"""Whether a bundle folder is what was packaged, byte for byte.

Public: `check_bundle`.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import PackagingError
from nbship.model.bundle import BUNDLE_FILE, Bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_bundle", "sha256_of"]


def check_bundle(folder: Path, expected_sha256: str) -> Bundle:
    """Re-hash every file of a bundle, and return its description.

    Parameters
    ----------
    folder
        The bundle, as in ``/opt/nbship/model``.
    expected_sha256
        SHA-256 of its ``bundle.json`` in hexadecimal, from the settings of the server; that file names those of all
        others.

    Raises
    ------
    PackagingError
        When a file is missing, changed or a stranger, when there is a symbolic link or another thing that is no file,
        or when the description cannot be read.
    """
    expected = expected_sha256.strip().lower().removeprefix("sha256:")
    if not expected:
        raise PackagingError(
            "nobody has said which bundle this must be: set NBSHIP_SERVE_BUNDLE_SHA256 to the SHA-256 of its "
            f"{BUNDLE_FILE}, as images of nbship do"
        )
    found = _files(folder)
    bundle = _read(folder, found, expected)
    _same_names(found, bundle)
    for name, digest in bundle.files.items():
        _same_content(folder / name, name, digest)
    if bundle.files.get(bundle.model_path) != bundle.model_digest:
        raise PackagingError(
            f"{BUNDLE_FILE} gives two digests for {bundle.model_path}: package the run again"
        )
    return bundle


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(folder: Path) -> set[str]:
    if not folder.is_dir():
        raise PackagingError(f"there is no bundle at {folder}: is the image or NBSHIP_SERVE_BUNDLE complete?")
    return set(_walk(folder, ""))


def _walk(folder: Path, prefix: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            name = prefix + entry.name
            mode = entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                yield from _walk(Path(entry.path), f"{name}/")
            elif stat.S_ISREG(mode):
                yield name
            else:
                kind = "a symbolic link" if stat.S_ISLNK(mode) else "no plain file"
                raise PackagingError(f"{name} of the bundle is {kind}: nothing of it is read")


def _read(folder: Path, found: set[str], expected: str) -> Bundle:
    if BUNDLE_FILE not in found:
        raise PackagingError(f"{folder} is no bundle: it has no {BUNDLE_FILE}")
    content = (folder / BUNDLE_FILE).read_bytes()
    actual = hashlib.sha256(content).hexdigest()
    if actual != expected:
        raise PackagingError(
            f"{BUNDLE_FILE} is not what was packaged: its SHA-256 is {actual}, expected was {expected}"
        )
    try:
        return Bundle.from_dict(json.loads(content))
    except (ValueError, AttributeError) as error:
        raise PackagingError(f"{BUNDLE_FILE} cannot be read: {error}") from error


def _same_names(found: set[str], bundle: Bundle) -> None:
    named = set(bundle.files)
    if missing := sorted(named - found):
        raise PackagingError(f"the bundle is not complete: {', '.join(missing[:5])} is missing")
    if strangers := sorted(found - named - {BUNDLE_FILE}):
        raise PackagingError(f"the bundle has files that were not packaged: {', '.join(strangers[:5])}")


def _same_content(path: Path, name: str, digest: str) -> None:
    if (actual := sha256_of(path)) != digest:
        raise PackagingError(
            f"{name} is not what was packaged: its SHA-256 is {actual}, {BUNDLE_FILE} says {digest}"
        )
