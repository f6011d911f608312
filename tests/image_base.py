"""A root file system with Python, to base images on where no hub can be reached.

Where Debian's Python is this one's minor version, `debootstrap` makes it, as small as Debian gets. Elsewhere it is made
of what this interpreter itself consists of: the program, its library, and the shared libraries that these need.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"
PACKAGES = "python3-minimal,libpython3-stdlib,ca-certificates"
SUITES = {"3.11": "bookworm", "3.13": "trixie"}
_LEFT_OUT = frozenset(
    {"__pycache__", "ensurepip", "idlelib", "lib2to3", "site-packages", "dist-packages", "test", "tkinter"}
)


def base_archive(cache: Path) -> Path:
    """Return the tarball; made where `cache` does not have it."""
    cache.mkdir(parents=True, exist_ok=True)
    by_debian = _can_debootstrap()
    path = cache / f"base-python{MINOR}-{platform.machine()}-{'debian' if by_debian else 'own'}.tar"
    if path.exists():
        return path
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    with tempfile.TemporaryDirectory(prefix="nb") as folder:
        root = Path(folder) / "root"
        if by_debian and _debootstrap(root):
            _pack(root, temporary)
        else:
            path = path.with_name(path.name.replace("-debian", "-own"))
            _pack_own(temporary)
    temporary.replace(path)
    return path


def _can_debootstrap() -> bool:
    return bool(os.getuid() == 0 and MINOR in SUITES and shutil.which("debootstrap") and _mirror())


def _mirror() -> str:
    """Return the address of Debian's packages in the machine's own sources; empty where there is none."""
    for path in (Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))):
        text = path.read_text(errors="replace") if path.is_file() else ""
        for uri in re.findall(r"^(?:URIs:|deb(?: \[[^]]*\])?)\s+(\S+)", text, re.MULTILINE):
            if uri.startswith("http") and uri.rstrip("/").endswith("/debian"):
                return uri
    return ""


def _debootstrap(root: Path) -> bool:
    command = [
        "debootstrap",
        "--variant=minbase",
        f"--include={PACKAGES}",
        SUITES[MINOR],
        str(root),
        _mirror(),
    ]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _pack(root: Path, archive: Path) -> None:
    with tarfile.open(archive, "x") as tar:
        tar.add(root, arcname=".", filter=_kept)


def _kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave caches and devices out: an engine makes its own."""
    cached = member.name.startswith(("./var/cache/apt/", "./var/lib/apt/lists/"))
    return None if cached or member.isdev() else member


def _pack_own(archive: Path) -> None:
    """Pack this interpreter, which finds its library beside itself, and what it is linked with."""
    program = Path(os.path.realpath(sys._base_executable))  # type: ignore[attr-defined]
    library = Path(os.__file__).parent
    modules = library.glob("lib-dynload/*.so")
    linked = sorted({need for part in (program, *modules) for need in _needed(part)})
    contents = {
        f"opt/python/bin/python{MINOR}": program,
        f"opt/python/lib/python{MINOR}": library,
        **{str(path)[1:]: path for path in linked},
    }
    with tarfile.open(archive, "x", dereference=True) as tar:
        # An engine makes folders that are not listed with rights for root only.
        for folder in sorted(
            {str(parent) for name in (*contents, "usr/bin/-") for parent in Path(name).parents}
        ):
            member = tarfile.TarInfo(folder)
            member.type, member.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(member)
        for name, path in contents.items():
            tar.add(path, name, filter=_plain)
        link = tarfile.TarInfo("usr/bin/python3")
        link.type, link.linkname = tarfile.SYMTYPE, f"/opt/python/bin/python{MINOR}"
        tar.addfile(link)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if _LEFT_OUT & set(Path(member.name).parts) else member


def _needed(program: Path) -> Iterator[Path]:
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    for found in re.findall(r"(/\S+) \(0x", told):
        yield Path(found)
