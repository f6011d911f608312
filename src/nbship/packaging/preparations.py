"""What preparing a model found out, kept by all that it depends on: the same model need not be asked again.

Kept are ``prepared.json`` and the files of the model, as blobs of the cache with a record that lists them. The record is
taken only when every blob is what its digest says. Which run a model is of has no part in it: that is of the draft at hand.

Public: ``preparation_key(draft, runtime, wheels, python)``, ``restore(draft, key, cache)``, ``keep(draft, key, cache)``.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from typing import TYPE_CHECKING, Any

from nbship.errors import PackagingError
from nbship.packaging.oci.cache import copy_checked, writing
from nbship.packaging.prepared import PREPARED_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from nbship.packaging.oci.cache import Cache

__all__ = ["keep", "preparation_key", "restore"]

_DRAFT_FILE = "draft.json"
_MODEL_FOLDER = "model"
_OF_THE_RUN = ("experiment", "model_version", "name", "run_id", "run_name")
"""What a bundle says of where the model comes from; nothing that is proven depends on it."""
_MOST_BYTES = 1 << 30
"""A larger model is prepared again: it would push everything else out of the cache."""


def preparation_key(draft: Path, runtime: Mapping[str, Path], wheels: Iterable[str], python: str) -> str:
    """Return a key that changes with whatever could change the result.

    Parameters
    ----------
    draft
        The folder, before it is prepared.
    runtime
        Name to file of what does the work.
    wheels
        SHA-256 of each of the wheels that it is done with.
    python
        Full version of the interpreter.
    """
    said = json.loads((draft / _DRAFT_FILE).read_text(encoding="utf-8"))
    for name in _OF_THE_RUN:
        said["bundle"].pop(name, None)
    files = {path.relative_to(draft).as_posix(): path for path in _files(draft) if path.name != _DRAFT_FILE}
    parts = [said, _digests(files), _digests(runtime), sorted(wheels), python, platform.platform()]
    return f"prepared:{hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()}"


def restore(draft: Path, key: str, cache: Cache) -> bool:
    """Put into a draft what preparing it would; return whether it was there, whole and undamaged."""
    record = cache.record(key)
    if record is None:
        return False
    with cache.scratch() as folder:
        if not _fetched(record.get("files"), folder, cache):
            return False
        _rename(folder / PREPARED_FILE, draft)
        with writing(draft):
            shutil.copytree(folder, draft, dirs_exist_ok=True)
    return True


def keep(draft: Path, key: str, cache: Cache) -> None:
    """Keep what preparing a draft left there; not where it failed, or the answers were not the recorded ones."""
    prepared = draft / PREPARED_FILE
    if not _is_good(prepared):
        return
    found = [prepared, *_files(draft / _MODEL_FOLDER)]
    if sum(path.stat().st_size for path in found) > _MOST_BYTES:
        return
    kept = {}
    for path in found:
        digest = f"sha256:{_sha256(path)}"
        with path.open("rb") as source:
            cache.add_blob(source, digest)
        kept[path.relative_to(draft).as_posix()] = digest
    cache.remember(key, {"files": kept})


def _fetched(files: Any, folder: Path, cache: Cache) -> bool:
    """Copy the blobs of a record into a folder; return whether all of them are what they should be."""
    if not isinstance(files, dict) or PREPARED_FILE not in files:
        return False
    for name, digest in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with cache.open_blob(digest) as source, target.open("wb") as copy:
                copy_checked(source, copy, digest)
            cache.has_blob(digest)
        except PackagingError:  # gone, or damaged: it is made again
            return False
    return True


def _rename(prepared: Path, draft: Path) -> None:
    """Let the result be one of the run of this draft."""
    result = json.loads(prepared.read_text(encoding="utf-8"))
    bundle = json.loads((draft / _DRAFT_FILE).read_text(encoding="utf-8"))["bundle"]
    result["bundle"] |= {name: bundle[name] for name in _OF_THE_RUN if name in bundle}
    prepared.write_text(json.dumps(result), encoding="utf-8")


def _is_good(prepared: Path) -> bool:
    try:
        found = json.loads(prepared.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return "error" not in found and found.get("matches") is not False


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _digests(files: Mapping[str, Path]) -> dict[str, str]:
    return {name: _sha256(path) for name, path in files.items()}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
