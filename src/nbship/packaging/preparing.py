"""Proving a model in the environment that it will be served in: ``nbship.serving.prepare``, run on its own.

What was found out is kept by all that it depends on, so that the same model is not asked again; see
`nbship.packaging.preparations`.

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
from typing import TYPE_CHECKING, Any

from nbship.errors import PackagingError
from nbship.packaging.local_python import make_environment
from nbship.packaging.oci.bytecode import compile_folder, find_compiler
from nbship.packaging.oci.layers import SITE_FOLDER
from nbship.packaging.oci.runtime_files import runtime_files
from nbship.packaging.oci.wheels import unpack_wheels
from nbship.packaging.preparations import keep, preparation_key, restore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbship.model.image import LockedWheel
    from nbship.packaging.oci.cache import Cache

__all__ = ["prepare"]

_ENTRANCE = "serving/prepare.py"
_TIMEOUT_SECONDS = 600
_SHOWN_CHARACTERS = 2000
_TRUSTING = ("--check-hash-based-pycs", "never")
"""The cache's files are nobody else's: to compare bytecode with its source on every import costs a tenth of the time."""
_SETTLED = {
    "PYTHONHASHSEED": "0",
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}
"""What makes a proof come out the same every time; the server computes with one thread, too."""
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
    runtime = runtime_files(entrances=[_ENTRANCE])
    key = preparation_key(draft, runtime, [wheel.sha256 for wheel in lock], _python(python))
    if restore(draft, key, cache):
        return
    paths = (_runtime(runtime, python, cache), _site(lock, python, cache))
    with tempfile.TemporaryDirectory(prefix="nbship-prepare-") as folder:
        _run(make_environment(Path(folder), python), draft, paths)
    keep(draft, key, cache)


def _python(python: str) -> str:
    """Return the full version of the interpreter that compiles and runs it."""
    compiler = find_compiler(python)
    return compiler.version if compiler else python


def _runtime(files: Mapping[str, Path], python: str, cache: Cache) -> Path:
    """Return a folder with what proves a model, by itself: beside an installed nbship lies all that is installed with it."""
    digests = [(name, hashlib.sha256(path.read_bytes()).hexdigest()) for name, path in files.items()]

    def fill(folder: Path) -> None:
        for name, path in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / name)

    return _root(["prover", digests], fill, python, cache)


def _site(lock: Sequence[LockedWheel], python: str, cache: Cache) -> Path:
    """Return a folder with the packages of the wheels; the one of last time where the wheels are the same."""

    def fill(folder: Path) -> None:
        (folder / SITE_FOLDER).mkdir(parents=True)
        unpack_wheels(lock, folder / SITE_FOLDER)

    return _root(["prepare", sorted(wheel.sha256 for wheel in lock)], fill, python, cache) / SITE_FOLDER


def _root(content: list[Any], fill: Callable[[Path], None], python: str, cache: Cache) -> Path:
    """Return the folder of the cache with that content and its bytecode; it is filled where it is not there yet."""
    compiler = find_compiler(python)
    described = json.dumps([*content, compiler.version if compiler else ""])
    key = f"sha256:{hashlib.sha256(described.encode()).hexdigest()}"
    if (root := cache.root_path(key)) is not None:
        return root
    with cache.scratch() as folder:
        made = folder / "root"
        made.mkdir()
        fill(made)
        if compiler is not None:
            compile_folder(made, compiler)
        return cache.keep_root(made, key)


def _run(interpreter: Path, draft: Path, paths: Sequence[Path]) -> None:
    environment = {
        **{name: os.environ[name] for name in ("HOME", "LANG", "PATH", "TMPDIR", "TZ") if name in os.environ},
        **_SETTLED,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
    }
    try:
        done = subprocess.run(
            [str(interpreter), "-P", *_TRUSTING, "-m", "nbship.serving.prepare", str(draft)],
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
