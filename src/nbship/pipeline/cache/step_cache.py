"""The cache of steps: what was made once from the same things is not made again.

.. code-block:: text

    <home>/cache/
      steps/ab/<base key>/<entry>.json     what one execution used and made
      newest/<step identity>.json          the newest of these of a step, to say what has changed since
      objects/                             the outputs, by content
      digests.json                         digests that need not be taken again
      secret.key                           the key of the digests of secrets

A lookup has two stages, like ccache's manifests: the base key holds what is known before a step runs, and each entry
under it what the execution was then seen to read. An entry holds when all of that is as it was.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from nbship.model.codec import decode, encode
from nbship.pipeline.cache.digest_memory import DigestMemory
from nbship.pipeline.cache.entry import CacheEntry, Difference, differences
from nbship.pipeline.cache.key import FORMAT_VERSION, KeyParts, base_key
from nbship.pipeline.cache.objects import ObjectStore, size_bytes
from nbship.recording.layout import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nbship.config import Settings

__all__ = ["MOST_BYTES", "StepCache", "step_identity"]

MOST_BYTES = 10 << 30
"""What `prune` leaves unless told otherwise."""

_MOST_ENTRIES = 8


def step_identity(path: str, step: str) -> str:
    """Return the digest that a step is remembered by, whatever it holds: its pipeline's file and its name."""
    return hashlib.blake2b(f"{path}\0{step}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class StepCache:
    """The cache of a project; several processes may use it at the same time.

    Parameters
    ----------
    settings
        Give the folder, and the project that relative paths start from.
    """

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.home / "cache"
        self.project = settings.project
        self.memory = DigestMemory(self.folder / "digests.json")
        self.objects = ObjectStore(self.folder / "objects")
        self.secret_key = self.folder / "secret.key"

    def find(self, parts: KeyParts) -> CacheEntry | None:
        """Return the newest entry that used the same things as there are now; its outputs may be gone."""
        entries = (self._read(path) for path in self._entry_files(base_key(parts)))
        return next((entry for entry in entries if entry is not None and self._holds(entry)), None)

    def newest(self, identity: str) -> CacheEntry | None:
        """Return what the step's last completed execution used and made."""
        return self._read(self._newest_file(identity))

    def remember(self, identity: str, entry: CacheEntry) -> None:
        """Make an entry the newest of a step."""
        file = self._newest_file(identity)
        file.parent.mkdir(parents=True, exist_ok=True)
        write_json(file, encode(entry))

    def differences(self, entry: CacheEntry) -> Iterator[Difference]:
        """Yield what of the things that an entry used is not the same now."""
        return differences(entry, self.project, self.memory)

    def store(self, entry: CacheEntry, places: Mapping[str, Path]) -> bool:
        """Keep an execution with its outputs; False when an output changed meanwhile, so that nothing is kept.

        Parameters
        ----------
        places
            Artifact name to where the output lies.

        Raises
        ------
        OSError
            When the disk refuses.
        """
        if not all(self.objects.put(places[name], digest) for name, digest in entry.outputs.items()):
            return False
        key = base_key(entry.parts)
        folder = self._entry_folder(key)
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}.json", encode(entry))
        for old in self._entry_files(key)[_MOST_ENTRIES:]:
            old.unlink(missing_ok=True)
        return True

    def restore(self, entry: CacheEntry, places: Mapping[str, Path]) -> bool:
        """Put an entry's outputs where they belong, those already there aside; False when one is gone or damaged.

        Raises
        ------
        OSError
            When the disk refuses.
        """
        wanted = {places[name]: digest for name, digest in entry.outputs.items() if name in places}
        missing = {place: digest for place, digest in wanted.items() if self.memory.digest(place) != digest}
        return self.objects.restore(missing)

    def prune(self, max_bytes: int = MOST_BYTES) -> int:
        """Remove the outputs that were not used for longest until at most `max_bytes` are left; return the bytes removed."""
        found = []
        for path in self.objects.objects():
            with suppress(FileNotFoundError):  # another process prunes too
                found.append((path.stat().st_mtime_ns, size_bytes(path), path.name))
        excess = sum(size for _, size, _ in found) - max_bytes
        removed = 0
        for _, size, digest in sorted(found):
            if removed >= excess:
                break
            self.objects.drop(digest)
            removed += size
        if removed:
            self._drop_empty_entries()
        return removed

    def save(self) -> None:
        """Write down the digests that were taken."""
        self.memory.save()

    def _holds(self, entry: CacheEntry) -> bool:
        return next(self.differences(entry), None) is None

    def _read(self, path: Path) -> CacheEntry | None:
        data = read_json(path)
        if data.get("format_version") != FORMAT_VERSION:
            return None
        try:
            return decode(CacheEntry, data)
        except (
            TypeError,
            ValueError,
            AttributeError,
            KeyError,
        ):  # half of it was lost, or another program wrote it
            return None

    def _drop_empty_entries(self) -> None:
        for path in self.folder.glob("steps/*/*/*.json"):
            outputs: dict[str, Any] = read_json(path).get("outputs", {})
            if any(digest not in self.objects for digest in outputs.values()):
                path.unlink(missing_ok=True)

    def _entry_folder(self, key: str) -> Path:
        return self.folder / "steps" / key[:2] / key

    def _entry_files(self, key: str) -> list[Path]:
        """Return the files of all entries, newest first."""
        folder = self._entry_folder(key)
        return sorted(folder.glob("[0-9]*.json"), reverse=True) if folder.is_dir() else []

    def _newest_file(self, identity: str) -> Path:
        return self.folder / "newest" / f"{identity}.json"
