"""Proving a model in the environment that it will be served in: ``nbship.serving.prepare``, run on its own.

Public: ``prepare(draft, lock, python, cache)``.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import PackagingError
from nbship.packaging.local_python import make_environment
from nbship.packaging.oci.bytecode import compile_folder, find_compiler
from nbship.packaging.oci.layers import SITE_FOLDER
from nbship.packaging.oci.runtime_files import runtime_files
from nbship.packaging.oci.wheels import unpack_wheels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbship.model.image import LockedWheel
    from nbship.packaging.oci.cache import Cache

__all__ = ["prepare"]

_ENTRANCE = "serving/prepare.py"
_TIMEOUT_SECONDS = 600
_SHOWN_CHARACTERS = 2000
_KNOWN_FAILURE = 3
"""The exit code with which the module has said why in its answer."""


def prepare(draft: Path, lock: Sequence[LockedWheel], python: str, cache: Cache) -> None:
    """Let the model of a draft show what it answers to, and write ``prepared.json`` into its folder.

    Parameters
    ----------
    draft
        The folder that `nbship.packaging.bundle.write_draft` filled.
    lock
        Wheels for this machine: the model's requirements, and what proving them takes.
    python
        Minor version that the model was made with.

    Raises
    ------
    PackagingError
        When this machine has no such Python, or the process ends without an answer.
    """
    site = _site(lock, python, cache)
    with tempfile.TemporaryDirectory(prefix="nbship-prepare-") as folder:
        place = Path(folder)
        _copy_runtime(place / "runtime")
        _run(make_environment(place, python), draft, (place / "runtime", site))


def _copy_runtime(folder: Path) -> None:
    """Copy what proves a model, by itself: beside an installed nbship lies all that is installed with it."""
    for name, path in runtime_files(entrances=[_ENTRANCE]).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def _site(lock: Sequence[LockedWheel], python: str, cache: Cache) -> Path:
    """Return a folder with the packages of the wheels; the one of last time where the wheels are the same."""
    compiler = find_compiler(python)
    parts = [sorted(wheel.sha256 for wheel in lock), compiler.version if compiler else ""]
    key = f"sha256:{hashlib.sha256(json.dumps(['prepare', *parts]).encode()).hexdigest()}"
    root = cache.root_path(key)
    if root is None:
        with cache.scratch() as folder:
            made = folder / "root"
            (made / SITE_FOLDER).mkdir(parents=True)
            unpack_wheels(lock, made / SITE_FOLDER)
            if compiler is not None:
                compile_folder(made, compiler)
            root = cache.keep_root(made, key)
    return root / SITE_FOLDER


def _run(interpreter: Path, draft: Path, paths: Sequence[Path]) -> None:
    environment = {
        **{name: os.environ[name] for name in ("HOME", "LANG", "PATH", "TMPDIR", "TZ") if name in os.environ},
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
    }
    try:
        done = subprocess.run(
            [str(interpreter), "-P", "-m", "nbship.serving.prepare", str(draft)],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT_SECONDS,
            check=False,
            cwd=draft,
            env=environment,
        )
    except subprocess.TimeoutExpired as error:
        raise PackagingError(
            f"the model did not answer its example and {_TIMEOUT_SECONDS // 60} minutes of questions in time; "
            "is a smaller model an option?"
        ) from error
    if done.returncode not in (0, _KNOWN_FAILURE):
        raise PackagingError(
            f"preparing the model ended with exit code {done.returncode}: {done.stderr.strip()[-_SHOWN_CHARACTERS:]}"
        )
