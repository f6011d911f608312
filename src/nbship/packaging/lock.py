"""The lock: exactly which wheels a set of requirements is, for one platform and one Python, downloaded and hashed.

Public: `LockRequest`, ``resolve_lock(request, cache) -> tuple[LockedWheel, ...]``.

pip resolves, with the indexes that the user has configured for it. Answers are kept by the content of the question, so
that the same lock is not asked for twice:

.. code-block:: text

    <cache>/locks/<key>.json              names, versions and hashes
    <cache>/wheels/<sha256>/<file name>   the wheels

Both appear whole or not at all, and any of them may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbship.errors import PackagingError
from nbship.model.image import LockedWheel
from nbship.packaging.lock_parts import keep_needed, missing_from
from nbship.packaging.pip_download import download_wheels, index_settings
from nbship.packaging.platforms import check_platform
from nbship.packaging.wheel_metadata import read_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["LockRequest", "resolve_lock"]

_LOCK_VERSION = 1
"""Goes into the key of a lock; raise it when the same question has another answer."""

_MOST_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class LockRequest:
    """What is asked for.

    Attributes
    ----------
    requirements
        What has to be there, each as in a requirements file.
    constraints
        Versions that count where the requirements leave a choice.
    python
        The minor version, e.g. ``3.11``.
    platform
        ``linux/amd64`` or ``linux/arm64``.
    glibc_minor
        Of the base image: 28 stands for glibc 2.28, which every Debian since 11 and every RHEL since 8 has.
    """

    requirements: tuple[str, ...]
    constraints: tuple[str, ...] = ()
    python: str = "3.11"
    platform: str = "linux/amd64"
    glibc_minor: int = 28


def resolve_lock(
    request: LockRequest, cache: Path, *, progress: Callable[[str], None] | None = None
) -> tuple[LockedWheel, ...]:
    """Return the wheels, sorted by name: the requirements and all that they need, and nothing else.

    Parameters
    ----------
    request
        What is asked for.
    cache
        A folder for what is kept; made where it is missing.
    progress
        Is told what is being downloaded.

    Raises
    ------
    PackagingError
        When a requirement has no wheel for the platform, requirements contradict each other, an index does not answer,
        or there is no pip. The message names the requirement and the next step.
    """
    check_platform(request.platform)
    kept = cache / "locks" / f"{_key(request)}.json"
    lock = _read(kept, cache)
    if lock is None:
        lock = _resolve(request, cache, progress or (lambda _: None))
        _write(kept, lock)
    return lock


def _key(request: LockRequest) -> str:
    plain = {
        **asdict(request),
        "requirements": sorted(request.requirements),
        "constraints": sorted(request.constraints),
    }
    question = [_LOCK_VERSION, plain, index_settings()]
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()


def _read(path: Path, cache: Path) -> tuple[LockedWheel, ...] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        lock = tuple(_wheel(entry, cache) for entry in found)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    # A wheel may have been cleared away since, or the disk may have been full.
    there = all(wheel.path.is_file() and wheel.path.stat().st_size == wheel.size_bytes for wheel in lock)
    return lock if there else None


def _wheel(entry: dict[str, Any], cache: Path) -> LockedWheel:
    place = _place(cache, entry["sha256"], entry["filename"])
    return LockedWheel(**{**entry, "path": place, "requires": tuple(entry["requires"])})


def _write(path: Path, lock: Iterable[LockedWheel]) -> None:
    entries = [{key: value for key, value in asdict(wheel).items() if key != "path"} for wheel in lock]
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(entries), encoding="utf-8")
    temporary.replace(path)


def _resolve(request: LockRequest, cache: Path, progress: Callable[[str], None]) -> tuple[LockedWheel, ...]:
    """Ask pip until nothing is missing: it judges markers by this machine, not by the platform that is asked for."""
    asked = request.requirements
    for _ in range(_MOST_ROUNDS):
        lock = _download(request, asked, cache, progress)
        missing = missing_from(lock, asked, request)
        if not missing:
            return keep_needed(lock, request.requirements, request)
        asked = (*asked, *missing)
    raise PackagingError(
        f"what the model needs could not be resolved for {request.platform}: {', '.join(missing)} is still missing. "
        "Pin its version among the model's requirements."
    )


def _download(
    request: LockRequest, asked: tuple[str, ...], cache: Path, progress: Callable[[str], None]
) -> tuple[LockedWheel, ...]:
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".wheels-", dir=cache) as folder:
        target = Path(folder)
        download_wheels(request, asked, target, progress)
        return tuple(sorted(_stored(target, cache), key=lambda wheel: wheel.name))


def _stored(folder: Path, cache: Path) -> Iterator[LockedWheel]:
    for path in sorted(folder.glob("*.whl")):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        place = _place(cache, digest, path.name)
        if not (place.is_file() and place.stat().st_size == path.stat().st_size):
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, place)  # within one file system: in one step
        yield read_wheel(place, digest)


def _place(cache: Path, digest: str, filename: str) -> Path:
    return cache / "wheels" / digest / filename
