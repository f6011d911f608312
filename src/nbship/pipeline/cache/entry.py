"""What a step really used and made in one execution: an entry of the cache."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import metadata
from typing import TYPE_CHECKING

from nbship.capture.distributions import installed_versions
from nbship.pipeline.cache.key import FORMAT_VERSION, KeyParts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from nbship.model.data import FileRecord
    from nbship.model.step import StepResult
    from nbship.pipeline.cache.digest_memory import DigestMemory

__all__ = ["UNKNOWN", "CacheEntry", "Difference", "differences", "installed_version", "used_by"]

UNKNOWN = ""
"""Equals no digest: a step that changes what it read is not taken from the cache."""

_MILLISECOND = 1.0
_SEPARATORS = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """One execution of a step. Paths are relative to the project where they lie inside it.

    Attributes
    ----------
    files, modules
        Path to content digest of what was read and of local modules that were imported.
    distributions
        Installed packages that were loaded: name to version.
    outputs
        Artifact name to content digest.
    run
        The run that made the outputs.
    output_path
        The executed notebook.
    """

    parts: KeyParts
    files: dict[str, str] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    distributions: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    run: str | None = None
    seconds: float = 0.0
    created_ms: int = 0
    output_path: str | None = None
    format_version: int = FORMAT_VERSION


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that an execution used and that is not the same now; None stands for missing."""

    kind: str
    """``module``, ``file`` or ``distribution``."""
    name: str
    before: str
    now: str | None


def differences(entry: CacheEntry, project: Path, memory: DigestMemory) -> Iterator[Difference]:
    """Yield what is not as it was when the entry was made, modules first; lazily, since one is enough for a miss."""
    for kind, seen in (("module", entry.modules), ("file", entry.files)):
        for name, before in seen.items():
            if (now := memory.digest(project / name)) != before:
                yield Difference(kind, name, before, now)
    for name, before in entry.distributions.items():
        if (version := installed_version(name)) != before:
            yield Difference("distribution", name, before, version)


def used_by(
    result: StepResult, project: Path, apart_from: Iterable[Path], memory: DigestMemory
) -> dict[str, str]:
    """Return path to digest of the files that a step read, `UNKNOWN` where a file is not any more what was read.

    Parameters
    ----------
    apart_from
        The step's declared inputs, which its key holds, and outputs; of a folder everything below it.
    """
    apart = tuple(apart_from)
    return {
        record.path: record.digest or _digest_since(project / record.path, record, memory)
        for record in result.files_read
        if not _lies_in(project / record.path, apart)
    }


def _digest_since(path: Path, record: FileRecord, memory: DigestMemory) -> str:
    """Return the digest of a file that a kernel described by size and time only, if these are still the same."""
    try:
        status = path.stat()
    except OSError:
        return UNKNOWN
    same_time = abs(status.st_mtime_ns / 1e6 - record.modified_ms) <= _MILLISECOND
    if status.st_size != record.size_bytes or not same_time:
        return UNKNOWN
    return memory.digest(path) or UNKNOWN


def _lies_in(path: Path, places: tuple[Path, ...]) -> bool:
    resolved = path.resolve()
    return any(resolved == place or place in resolved.parents for place in places)


@lru_cache(maxsize=4096)
def installed_version(name: str) -> str | None:
    """Return the version of an installed distribution, looked up once a process; None where it is not installed."""
    version = installed_versions().get(_SEPARATORS.sub("-", name).lower())
    if version is not None:
        return version
    try:
        return metadata.version(name)
    except (metadata.PackageNotFoundError, ValueError):
        return None
