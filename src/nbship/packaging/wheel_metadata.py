"""What a wheel says of itself, read from the archive: nothing is unpacked.

Public: ``read_wheel(path, sha256) -> LockedWheel``, ``license_of(path) -> str``.
"""

from __future__ import annotations

import zipfile
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from nbship.errors import PackagingError
from nbship.model.image import LockedWheel

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

__all__ = ["license_of", "read_wheel"]


def read_wheel(path: Path, sha256: str) -> LockedWheel:
    """Return the entry of a lock for a wheel.

    Raises
    ------
    PackagingError
        When the file is no wheel.
    """
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - wanted by a package command only

    found = _metadata(path)
    return LockedWheel(
        name=str(canonicalize_name(found["Name"])),
        version=str(found["Version"]),
        filename=path.name,
        sha256=sha256,
        size_bytes=path.stat().st_size,
        path=path,
        requires=tuple(" ".join(line.split()) for line in found.get_all("Requires-Dist", [])),
    )


def license_of(path: Path) -> str:
    """Return the SPDX expression of a wheel's licence (PEP 639); empty where it gives none."""
    return str(_metadata(path).get("License-Expression", "")).strip()


def _metadata(path: Path) -> Message:
    try:
        with zipfile.ZipFile(path) as archive:
            name = next(one for one in archive.namelist() if _is_metadata(one))
            return HeaderParser().parsestr(archive.read(name).decode("utf-8", "replace"))
    except (OSError, zipfile.BadZipFile, StopIteration) as error:
        raise PackagingError(
            f"{path.name} is no readable wheel; delete it from the cache and try again: {path.parent}"
        ) from error


def _is_metadata(name: str) -> bool:
    return name.count("/") == 1 and name.endswith(".dist-info/METADATA")
