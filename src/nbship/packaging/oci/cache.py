"""What was built or fetched before, by content.

One folder for all projects of a user. Nothing in it is needed: what is missing is made again. Files get their final
name only when they are whole, so a build that is killed leaves nothing that another would take, and builds that run at
the same time at worst do the same work twice.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from nbship.errors import NbshipError, PackagingError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CACHE_VARIABLE", "Cache", "copy_checked", "writing"]

CACHE_VARIABLE = "NBSHIP_CACHE_DIR"
"""Environment variable that names the folder."""

_FORMAT = "oci-1"
"""Name of the subfolder; another layout of it gets another name, and the old one is left to be deleted."""

_KINDS = ("blobs", "records", "roots")
_CHUNK_BYTES = 1 << 20
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST)
"""Of a folder that another build has put there meanwhile; its files are the same."""
_RECENT_SECONDS = 3600.0
"""What was used later than this may be in use by a build that runs now."""
_ABANDONED_SECONDS = 24 * 3600.0


class Cache:
    """Blobs by digest, roots of layers by diff id, and JSON records by key.

    Parameters
    ----------
    root
        The folder; made when it is missing.
    limit_bytes
        What was not used for longest is removed when there is more than this; what was used within the last hour stays.
    """

    def __init__(self, root: Path, limit_bytes: int = 8 << 30) -> None:
        self.root = root
        self.limit_bytes = limit_bytes
        self._folder = root / _FORMAT
        with writing(root):
            for kind in (*_KINDS, "unfinished"):
                (self._folder / kind).mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sweep()

    @classmethod
    def default(cls) -> Cache:
        """Return the cache of this user: the folder that ``NBSHIP_CACHE_DIR`` names, else the platform's."""
        named = os.environ.get(CACHE_VARIABLE)
        if named:
            return cls(Path(named).expanduser().absolute())
        import platformdirs  # noqa: PLC0415 - only where nothing is named

        return cls(platformdirs.user_cache_path("nbship"))

    def blob_path(self, digest: str) -> Path:
        """Return where a blob lies, or would."""
        return self._folder / "blobs" / _hexadecimal(digest)

    def has_blob(self, digest: str, size_bytes: int | None = None) -> bool:
        """Tell whether a blob is there, of the size that it should have, and mark it as used."""
        path = self.blob_path(digest)
        try:
            right = size_bytes is None or path.stat().st_size == size_bytes
            os.utime(path)
        except OSError:
            return False
        return right

    def open_blob(self, digest: str) -> BinaryIO:
        """Open a blob for reading.

        Raises
        ------
        PackagingError
            When it is not there (any more).
        """
        try:
            return self.blob_path(digest).open("rb")
        except OSError as error:
            raise PackagingError(
                f"{digest} is not in the cache {self.root} any more: build the image again"
            ) from error

    def add_blob(self, source: BinaryIO, digest: str) -> Path:
        """Copy a blob in, and check that it is what its digest says.

        Raises
        ------
        PackagingError
            When the content has another digest, or the disk is full.
        """
        with self.scratch() as folder:
            part = folder / "blob"
            with writing(part), part.open("wb") as target:
                copy_checked(source, target, digest)
            return self.keep_blob(part, digest)

    def keep_blob(self, path: Path, digest: str) -> Path:
        """Take a finished file of `scratch` as the blob of that digest."""
        return self._keep(path, self.blob_path(digest))

    def forget_blob(self, digest: str) -> None:
        """Remove a blob that turned out to be damaged."""
        self.blob_path(digest).unlink(missing_ok=True)

    def root_path(self, diff_id: str) -> Path | None:
        """Return the unpacked root of a layer, None where it is not there; it is marked as used."""
        path = self._folder / "roots" / _hexadecimal(diff_id)
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def keep_root(self, folder: Path, diff_id: str) -> Path:
        """Take a finished folder of `scratch` as the root of that layer."""
        path = self._folder / "roots" / _hexadecimal(diff_id)
        with writing(path):
            try:
                folder.replace(path)
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
            os.utime(path)
        return path

    def record(self, key: str) -> dict[str, Any] | None:
        """Return what `remember` kept for a key, None where there is nothing that can be read."""
        try:
            found = json.loads(self._record_path(key).read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def remember(self, key: str, data: dict[str, Any]) -> None:
        """Keep a JSON object for a key."""
        with self.scratch() as folder, writing(folder):
            path = folder / "record"
            path.write_text(json.dumps(data), encoding="utf-8")
            self._keep(path, self._record_path(key))

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give a private folder on the disk of the cache, gone afterwards."""
        unfinished = self._folder / "unfinished"
        with writing(unfinished):
            folder = Path(tempfile.mkdtemp(dir=unfinished))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def trim(self) -> None:
        """Remove what was not used for longest until the limit is kept."""
        entries = sorted(self._entries())
        surplus = sum(size for _, size, _ in entries) - self.limit_bytes
        for used, size, path in entries:
            if surplus <= 0 or used > time.time() - _RECENT_SECONDS:
                return
            _remove(path)
            surplus -= size

    def _record_path(self, key: str) -> Path:
        return self._folder / "records" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"

    def _keep(self, path: Path, final: Path) -> Path:
        with writing(final):
            path.replace(final)
            os.utime(final)
        return final

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        for kind in _KINDS:
            for path in (self._folder / kind).iterdir():
                with suppress(OSError):  # another process trims too
                    yield path.stat().st_mtime, _size(path), path

    def _sweep(self) -> None:
        """Remove what builds that were killed left behind."""
        for path in (self._folder / "unfinished").iterdir():
            with suppress(OSError):
                if path.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
                    _remove(path)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what a disk refuses into one clear error."""
    try:
        yield
    except NbshipError:  # some of them are OSErrors as well, and say already what to do
        raise
    except OSError as error:
        raise PackagingError(
            f"cannot write {path}: {_reason(error)}. Free some space or choose another folder "
            f"({CACHE_VARIABLE} names the one of the cache)."
        ) from error


def _reason(error: OSError) -> str:
    # What copies a folder goes on after an error, and lists all of them at the end.
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        return re.sub(r"^\[Errno \d+\] |: '.*", "", str(error.args[0][0][-1]))
    return error.strerror or str(error)


def copy_checked(source: BinaryIO, target: BinaryIO, digest: str) -> None:
    """Copy a blob and check its SHA-256 on the way.

    Raises
    ------
    PackagingError
        When it is not what the digest says.
    """
    whole = hashlib.sha256()
    while chunk := source.read(_CHUNK_BYTES):
        whole.update(chunk)
        target.write(chunk)
    if f"sha256:{whole.hexdigest()}" != digest:
        raise PackagingError(f"{digest} is damaged: what was read has the digest sha256:{whole.hexdigest()}")


def _hexadecimal(digest: str) -> str:
    algorithm, _, value = digest.partition(":")
    if algorithm != "sha256" or len(value) != 64 or not set(value) <= set("0123456789abcdef"):  # noqa: PLR2004
        raise PackagingError(
            f"{digest!r} is no digest that can be read: expected sha256: and 64 hexadecimal digits"
        )
    return value


def _size(path: Path) -> int:
    if not path.is_dir():
        return path.stat().st_size
    return sum(Path(folder, name).lstat().st_size for folder, _, names in os.walk(path) for name in names)


def _remove(path: Path) -> None:
    """Remove in one step for everybody else: a folder that is half gone must not be taken for a root."""
    if not path.is_dir():
        path.unlink(missing_ok=True)
        return
    aside = path.parent.parent / "unfinished" / f"{path.name}-{os.getpid()}"
    with suppress(OSError):
        path.replace(aside)
        shutil.rmtree(aside, ignore_errors=True)
