"""The variables that cross from one step of a tagged notebook into another: saved here, loaded there.

.. code-block:: text

    <artifacts>/
      prepare.frame/            the variable `frame` as step `prepare` left it
        manifest.json           version, step, name, type, format, file, digest, extra
        value.parquet

`VERSION` goes up when a reader of this version would misread a later manifest or file; a reader refuses what is newer.
"""

from __future__ import annotations

import shutil
import sys
import uuid
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from nbship.capture.secrets import is_secret_name
from nbship.errors import ExecutionError, UsageError
from nbship.hashing import digest_file, type_name
from nbship.pipeline.borders.formats import read_value, write_value
from nbship.pipeline.borders.pickles import UnsavableError
from nbship.recording.layout import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["MANIFEST", "VERSION", "load", "load_bound", "save", "save_bound", "save_kept"]

VERSION = 1
MANIFEST = "manifest.json"
_UNBOUND = "unbound"
_SHAREABLE = (
    *(type(None), bool, int, float, complex, str, bytes, tuple, frozenset, type),
    *(ModuleType, FunctionType, BuiltinFunctionType, Path),
)


def save(folder: str, step: str, known: Collection[str] = (), /, **variables: object) -> None:
    """Save variables for the steps that read them, each in a folder of its own, whole or not at all.

    Parameters
    ----------
    folder
        The folder of all artifacts of the pipeline.
    step
        The step that made the variables.
    known
        Functions and classes that every step defines, and that are therefore named instead of copied.

    Raises
    ------
    UsageError
        When a variable exists in this process only: an open file, a lock, a generator, a database connection.
    """
    _tell_shared(step, variables)
    for name, value in variables.items():
        _replace(Path(folder) / f"{step}.{name}", step, name, value, known)


def save_bound(
    folder: str, step: str, known: Collection[str], namespace: Mapping[str, Any], /, *names: str
) -> None:
    """Save those of the names that are bound, and note of the others that they are not."""
    save(folder, step, known, **{name: namespace[name] for name in names if name in namespace})
    for name in names:
        if name not in namespace:
            _replace(Path(folder) / f"{step}.{name}", step, name, _Unbound(), known)


def save_kept(folder: str, step: str, known: Collection[str] = (), /, **variables: object) -> None:
    """Save variables that every step makes anew and this one changed; of what cannot be saved, each keeps its own."""
    for name, value in variables.items():
        try:
            save(folder, step, known, **{name: value})
        except UsageError:
            _tell(f"{name}: every step keeps its own ({_shown_type(value)} cannot be saved)")
            _replace(Path(folder) / f"{step}.{name}", step, name, _Unbound(), known)


def load(folder: str, *artifacts: str) -> tuple[Any, ...]:
    """Return the values of artifacts such as ``prepare.frame``, in order.

    Raises
    ------
    UsageError
        When an artifact is missing or was written by a later version.
    ExecutionError
        When a file is no longer what was saved.
    """
    return tuple(load_bound(folder, *artifacts).values())


def load_bound(folder: str, *artifacts: str) -> dict[str, Any]:
    """Return variable name to value of those artifacts that were bound when they were saved."""
    found: dict[str, Any] = {}
    for artifact in artifacts:
        manifest = _manifest(Path(folder) / artifact)
        if manifest["format"] != _UNBOUND:
            found[manifest["name"]] = _read(Path(folder) / artifact, manifest)
    return found


class _Unbound:
    """Stands for a name that has no value."""


def _replace(target: Path, step: str, name: str, value: object, known: Collection[str]) -> None:
    fresh = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    fresh.mkdir(parents=True)
    try:
        _write(fresh, step, name, value, known)
        _swap(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _write(folder: Path, step: str, name: str, value: object, known: Collection[str]) -> None:
    manifest: dict[str, Any] = {"version": VERSION, "step": step, "name": name, "type": type_name(value)}
    if isinstance(value, _Unbound):
        write_json(folder / MANIFEST, {**manifest, "type": "", "format": _UNBOUND})
        return
    if isinstance(value, str | bytes) and is_secret_name(name):
        raise UsageError(
            _unsavable(step, name, value, "by its name it is a secret, and those stay in memory")
        )
    try:
        written = write_value(value, folder, known)
    except UnsavableError as error:
        raise UsageError(_unsavable(step, name, value, str(error))) from error
    if written.note:
        _tell(f"{name}: {written.note}")
    digest = digest_file(folder / written.file)
    parts = {"format": written.format, "file": written.file, "digest": digest, "extra": written.extra}
    write_json(folder / MANIFEST, {**manifest, **parts})


def _swap(fresh: Path, target: Path) -> None:
    """Put a folder in the place of another; between the two renames there is none, and a reader says so."""
    old = fresh.with_name(f"{fresh.name}.old")
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _unsavable(step: str, name: str, value: object, reason: str) -> str:
    return (
        f"step {step} cannot hand on {name}, a {_shown_type(value)}: {reason}. Make it in the step that uses it, "
        "or above the first step, from where every step gets its own"
    )


def _manifest(folder: Path) -> dict[str, Any]:
    manifest = read_json(folder / MANIFEST)
    step = folder.name.partition(".")[0]
    if not manifest:
        raise UsageError(f"{folder} is missing or incomplete: run step {step} first")
    if manifest.get("version", 0) > VERSION:
        raise UsageError(
            f"{folder} was saved by a later version of nbship: run step {step} again, or upgrade"
        )
    return manifest


def _read(folder: Path, manifest: dict[str, Any]) -> Any:
    file = folder / str(manifest["file"])
    if not file.is_file() or digest_file(file) != manifest["digest"]:
        raise ExecutionError(
            f"{file} is not what step {manifest['step']} saved: it was changed or cut afterwards, and is not "
            f"loaded. Run step {manifest['step']} again"
        )
    return read_value(manifest["format"], file, manifest["extra"])


def _tell_shared(step: str, variables: Mapping[str, object]) -> None:
    """Say which variables are one object: the steps that load them get one each."""
    names: dict[int, list[str]] = {}
    for name, value in variables.items():
        if not isinstance(value, _SHAREABLE):
            names.setdefault(id(value), []).append(name)
    for group in names.values():
        if len(group) > 1:
            _tell(f"{_listed(group)} are one object in step {step}; later steps get a copy for each name")


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}"


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _shown_type(value: object) -> str:
    return type_name(value).lstrip(".")  # of `_thread.lock`, the private module is left out
