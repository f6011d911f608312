"""Files of an image on disk: a folder or a tar archive, read by name."""

from __future__ import annotations

import tarfile
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from nbship.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["ImageFiles", "open_files"]


class ImageFiles(Protocol):
    """Files by relative name."""

    def has(self, name: str) -> bool:
        """Tell whether there is such a file."""

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading.

        Raises
        ------
        PackagingError
            When there is none.
        """


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root

    def has(self, name: str) -> bool:
        return _is_inside(name) and (self._root / name).is_file()

    def open(self, name: str) -> BinaryIO:
        if not self.has(name):
            raise _missing(self._root, name)
        return (self._root / name).open("rb")


class _Archive:
    def __init__(self, path: Path, archive: tarfile.TarFile) -> None:
        self._path = path
        self._archive = archive
        self._members = {member.name.removeprefix("./"): member for member in archive}

    def has(self, name: str) -> bool:
        member = self._members.get(name)
        return member is not None and (member.isreg() or member.issym() or member.islnk())

    def open(self, name: str) -> BinaryIO:
        if not self.has(name):
            raise _missing(self._path, name)
        try:
            file = self._archive.extractfile(self._members[name])
        except KeyError as error:  # a link to what is not there
            raise _missing(self._path, name) from error
        assert file is not None, "only files and links are opened"
        return cast("BinaryIO", file)


@contextmanager
def open_files(path: Path) -> Iterator[ImageFiles]:
    """Give the files of a folder or of a tar archive, compressed or not.

    Raises
    ------
    PackagingError
        When the archive cannot be read.
    """
    if path.is_dir():
        yield _Folder(path)
        return
    try:
        with tarfile.open(path) as archive:
            yield _Archive(path, archive)
    except (tarfile.TarError, EOFError) as error:
        reason = str(error).partition(":\n")[0]  # below it, tarfile lists every compression that it is not
        raise PackagingError(
            f"{path} is no image that can be read ({reason}): expected a tar archive made by docker save or skopeo"
        ) from error


def _is_inside(name: str) -> bool:
    return not name.startswith("/") and ".." not in PurePosixPath(name).parts


def _missing(path: Path, name: str) -> PackagingError:
    return PackagingError(f"the image in {path} is not whole: it has no {name}")
