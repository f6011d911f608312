"""What of a wheel goes into an image, and where.

Left out is what only serves development: scripts (their first line names an interpreter of the machine that installed
them), headers, static libraries, sources of extensions, bytecode of others, and tests that the package itself does not
import. Licences and metadata stay.

The layout of wheels: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from nbship.errors import PackagingError
from nbship.packaging.oci.tar_stream import FILE_MODE, PROGRAM_MODE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from nbship.model.image import LockedWheel

__all__ = ["check_wheel", "unpack_wheels"]

_INSTALLED = ("purelib", "platlib", "data")
"""Parts of a wheel's ``.data`` folder that go where the packages are, as with ``pip install --target``."""

_DEVELOPMENT = (".a", ".lib", ".h", ".hh", ".hpp", ".pxd", ".pxi", ".pyx", ".pyc", ".pyo")
_INSTALLER_FILES = frozenset(
    {"RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json"}
)
_IMPORT = rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\(?[^\n#]*)|import[ \t]+([\w., \t]+))"
_IMPORTS = re.compile(_IMPORT, re.MULTILINE)
_WORDS = re.compile(r"[\w.]+")


def check_wheel(wheel: LockedWheel) -> None:
    """Check that a wheel is still the one that was locked.

    Raises
    ------
    PackagingError
        When it is missing or has another SHA-256.
    """
    try:
        with wheel.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise PackagingError(
            f"cannot read the wheel {wheel.path}: {error.strerror}. Package again."
        ) from error
    if digest != wheel.sha256:
        raise PackagingError(
            f"{wheel.path} is not the wheel that was locked: its SHA-256 is {digest}, not {wheel.sha256}. "
            "Remove the file and package again."
        )


def unpack_wheels(wheels: Sequence[LockedWheel], site: Path) -> None:
    """Unpack wheels into a folder of packages; where two have the same file, the first by name wins.

    Raises
    ------
    PackagingError
        When a wheel is damaged, or has a file that would land outside of the folder.
    """
    taken: set[str] = set()
    work: list[tuple[Path, dict[str, str]]] = []
    for wheel in sorted(wheels, key=lambda wheel: (wheel.name, wheel.sha256)):
        check_wheel(wheel)
        members = {member: target for member, target in _members(wheel.path) if target not in taken}
        taken.update(members.values())
        work.append((wheel.path, members))
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        list(pool.map(lambda item: _unpack(item[0], item[1], site), work))


def _damaged(path: Path, error: Exception) -> PackagingError:
    return PackagingError(f"the wheel {path} is damaged ({error}): remove the file and package again")


def _members(path: Path) -> list[tuple[str, str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            targets = {name: _target(name, path) for name in archive.namelist()}
            kept = {name: target for name, target in targets.items() if target}
            return [*_without_tests(kept, archive.read)]
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError) as error:
        raise _damaged(path, error) from error


def _target(name: str, path: Path) -> str:
    """Return where a member goes, relative to the folder of packages; nothing when it is left out."""
    parts = PurePosixPath(name).parts
    if name.startswith("/") or "\\" in name or ".." in parts:
        raise PackagingError(f"the wheel {path} has a file that would land outside of its folder: {name!r}")
    if name.endswith("/") or not parts:
        return ""
    if parts[0].endswith(".data"):
        parts = parts[2:] if len(parts) > 2 and parts[1] in _INSTALLED else ()  # noqa: PLR2004
    return "/".join(parts) if parts and _is_kept(parts) else ""


def _is_kept(parts: tuple[str, ...]) -> bool:
    if parts[0].endswith(".dist-info") and parts[-1] in _INSTALLER_FILES:
        return False
    return "__pycache__" not in parts and not parts[-1].endswith(_DEVELOPMENT)


def _without_tests(kept: dict[str, str], read: Callable[[str], bytes]) -> Iterator[tuple[str, str]]:
    folders = {name: _test_folder(target) for name, target in kept.items()}
    sources = (name for name, folder in folders.items() if name.endswith(".py") and not folder)
    used: set[str] = set()
    if any(folders.values()):
        used.update(*(_imported_tests(kept[name], read(name)) for name in sources))
    return ((name, target) for name, target in kept.items() if not folders[name] or folders[name] in used)


def _test_folder(target: str) -> str:
    """Return the outermost folder of tests that a file lies in, nothing for other files."""
    parts = target.split("/")[:-1]
    return "/".join(parts[: parts.index("tests") + 1]) if "tests" in parts else ""


def _imported_tests(target: str, source: bytes) -> Iterator[str]:
    """Yield the folders of tests that a source imports: some packages keep in them what they run with."""
    if b"tests" not in source:
        return
    for found in _IMPORTS.finditer(source):
        module, names, plain = (part.decode("ascii", "replace") for part in found.groups(b""))
        before = module if module.endswith(".") else f"{module}."
        inside = [f"{before}{name}" for name in _WORDS.findall(names)] if module else _WORDS.findall(plain)
        yield from (_test_folder(f"{_file_path(name, target)}/") for name in inside if "tests" in name)


def _file_path(module: str, importer: str) -> str:
    """Return the path of a module that a file imports, perhaps by a relative name."""
    level = len(module) - len(module.lstrip("."))
    around = importer.split("/")[:-level] if level else []
    return "/".join([*around, *(part for part in module.split(".") if part)])


def _unpack(path: Path, members: dict[str, str], site: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            for folder in {(site / target).parent for target in members.values()}:
                folder.mkdir(parents=True, exist_ok=True)
            for member, target in members.items():
                final = site / target
                final.write_bytes(archive.read(member))
                program = (archive.getinfo(member).external_attr >> 16) & 0o100
                final.chmod(PROGRAM_MODE if program else FILE_MODE)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise _damaged(path, error) from error
