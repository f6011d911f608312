"""A Python of this machine for the files of an image: the base interpreter alone, none of the user's packages.

Public: ``why_not_here(platform, python) -> str``, ``make_environment(folder, python) -> Path``.
"""

from __future__ import annotations

import json
import os
import platform as machine
import shutil
import subprocess
import sys
from pathlib import Path

from nbship.errors import PackagingError

__all__ = ["architecture", "interpreter_path", "make_environment", "why_not_here"]

_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}

_TELL = "import json, sys; print(json.dumps([sys._base_executable, list(sys.version_info[:2])]))"


def architecture() -> str:
    """Return what container images call the architecture of this machine, e.g. ``amd64``."""
    name = machine.machine().lower()
    return _ARCHITECTURES.get(name, name)


def why_not_here(platform: str, python: str) -> str:
    """Return why the files of an image cannot run as a process here, in one sentence; empty when they can.

    Parameters
    ----------
    platform
        Of the image, e.g. ``linux/amd64``.
    python
        Its minor version of Python, e.g. ``3.11``.
    """
    here = f"{sys.platform}/{architecture()}"
    if platform != here:
        return f"the image is for {platform}, this machine is {here}"
    if machine.libc_ver()[0] != "glibc":
        return "the image has wheels for glibc, which this machine does not use"
    if not _find_base(python):
        return f"the image needs Python {python}; this is {machine.python_version()}, and there is no python{python} here"
    return ""


def interpreter_path(folder: Path) -> Path:
    """Return the interpreter of the environment in a folder: nobody else's process starts with that path."""
    return folder / "venv" / "bin" / "python3"


def make_environment(folder: Path, python: str) -> Path:
    """Lay a virtual environment out in `folder` and return its interpreter.

    Its ``site-packages`` stays empty: as in the image, everything comes from ``PYTHONPATH``, so that ``.pth`` files are not
    run here either.

    Raises
    ------
    PackagingError
        When this machine has no Python of that minor version.
    """
    base = _find_base(python)
    if not base:
        raise PackagingError(
            f"the model's files are for Python {python}; this is {machine.python_version()}, and there is no python{python} "
            f"on PATH. Install Python {python}, or serve it in a container."
        )
    interpreter = interpreter_path(folder)
    interpreter.parent.mkdir(parents=True)
    (folder / "venv" / "lib" / f"python{python}" / "site-packages").mkdir(parents=True)
    text = f"home = {Path(base).parent}\ninclude-system-site-packages = false\n"
    (folder / "venv" / "pyvenv.cfg").write_text(text, encoding="utf-8")
    interpreter.symlink_to(base)
    return interpreter


def _find_base(python: str) -> str:
    """Return the interpreter of a minor version that is in no virtual environment; empty where there is none."""
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    if python in ("", own):
        return os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)
    found = shutil.which(f"python{python}")
    return _base_of(found, python) if found else ""


def _base_of(program: str, python: str) -> str:
    try:
        done = subprocess.run(
            [program, "-I", "-c", _TELL], capture_output=True, text=True, timeout=30, check=True
        )
        base, version = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""  # a pyenv shim for a version that is not installed, and the like
    return os.path.realpath(base) if ".".join(map(str, version)) == python else ""
