"""Bytecode of a layer's sources, so that a container that cannot write starts as quickly as one that can."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import PackagingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Compiler", "compile_folder", "find_compiler", "has_bytecode"]

_WORKER = Path(__file__).with_name("compile_worker.py")
_SHARE_BYTES = 1 << 20
"""Of sources that one process compiles: starting it costs little beside that."""
_ASK = "import platform; print(platform.python_implementation(), platform.python_version())"


@dataclass(frozen=True, slots=True)
class Compiler:
    """An interpreter of this machine; `version` is the full one, since bytecode may differ between patch releases."""

    program: str
    version: str


def has_bytecode(python: str) -> bool:
    """Tell whether layers for a minor version of Python (``3.11``) get bytecode: one is needed to make it."""
    return find_compiler(python) is not None


@lru_cache(maxsize=16)
def find_compiler(python: str) -> Compiler | None:
    """Return an interpreter of that minor version: this one, or one on the PATH; None where there is none."""
    if sys.executable and platform.python_version().startswith(f"{python}."):
        return Compiler(sys.executable, platform.python_version())
    program = shutil.which(f"python{python}")
    version = _version(program) if program else ""
    return Compiler(program, version) if program and version.startswith(f"{python}.") else None


def _version(program: str) -> str:
    """Return the version of a CPython, nothing where the program does not answer (a shim without what it stands for)."""
    try:
        done = subprocess.run(
            [program, "-I", "-c", _ASK], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    kind, _, version = done.stdout.strip().partition(" ")
    return version if done.returncode == 0 and kind == "CPython" else ""


def compile_folder(root: Path, compiler: Compiler) -> None:
    """Compile all sources below the root of a layer, on all cores.

    What a process has compiled before changes the bytes: names are shared by a whole process, `marshal` marks an object by
    whether it has other references, and the compiler copies a set of names when they are known already
    (https://github.com/python/cpython/issues/78274). So each process compiles a share that only the sources decide, in
    their order.

    Raises
    ------
    PackagingError
        When a compiling process fails.
    """
    found = (path for path in root.rglob("*.py") if path.is_file() and "\n" not in path.name)
    sources = sorted((str(path.relative_to(root)), path.stat().st_size) for path in found)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        list(pool.map(lambda share: _compile(root, share, compiler), _shares(sources)))


def _shares(sources: Iterable[tuple[str, int]]) -> Iterator[list[str]]:
    """Cut sorted sources into shares of about the same work, by their sizes alone."""
    share: list[str] = []
    size = 0
    for name, size_bytes in sources:
        share.append(name)
        size += size_bytes
        if size > _SHARE_BYTES:
            yield share
            share, size = [], 0
    if share:
        yield share


def _compile(root: Path, names: list[str], compiler: Compiler) -> None:
    command = [compiler.program, "-S", "-s", "-P", "-B", "-W", "ignore", str(_WORKER), str(root)]
    environment = {"PYTHONHASHSEED": "0", "PATH": os.environ.get("PATH", "")}
    text = "\n".join(names).encode("utf-8", "surrogateescape")
    done = subprocess.run(command, env=environment, input=text, capture_output=True, check=False)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise PackagingError(
            f"{compiler.program} could not compile bytecode: {said or f'exit code {done.returncode}'}"
        )
