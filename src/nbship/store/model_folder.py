"""A model folder as MLflow writes it: fetched from the store, and read without mlflow.

Public: ``fetch_folder(tracking_uri, location, folder)``, ``read_folder(folder) -> ModelFolder``,
``digest_files(folder) -> dict[str, str]``.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

from nbship.errors import StoreError, UsageError
from nbship.store.mlflow_loading import load_mlflow
from nbship.store.mlflow_model import PREDICTIONS_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ModelFolder",
    "described",
    "digest_files",
    "fetch_file",
    "fetch_folder",
    "local_path",
    "model_file",
    "read_folder",
    "read_requirements",
]

_NEXT_STEP = (
    "Track it with %%track, or log it with mlflow.sklearn.log_model or as a mlflow.pyfunc.PythonModel."
)
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """What the files of a model say; the fields are those of `nbship.model.image.ModelSource`."""

    flavor: str
    model_file: str
    serialization: str
    signature: dict[str, Any] | None
    example: Any
    predictions: Any
    requirements: tuple[str, ...]
    python: str
    code: tuple[str, ...] = ()
    artifacts: dict[str, str] = field(default_factory=dict)


def fetch_folder(tracking_uri: str, location: str, folder: Path) -> None:
    """Copy the files of a model from where the store keeps them to an empty folder.

    Raises
    ------
    UsageError
        When there is no ``MLmodel`` among them, or a link that leads elsewhere.
    StoreError
        When they cannot be fetched.
    """
    local = local_path(location)
    try:
        if local is None:
            _download(tracking_uri, location, folder)
        elif local.is_dir():
            shutil.copytree(local, folder, symlinks=True, dirs_exist_ok=True)
    except OSError as error:
        raise StoreError(f"the files of the model cannot be fetched from {location}: {error}") from error
    if not (folder / "MLmodel").is_file():
        raise UsageError(
            f"there is no model at {location}: its files were deleted, or never written. Track it again."
        )
    links = [path for path in folder.rglob("*") if path.is_symlink()]
    if links:
        raise UsageError(
            f"the model at {location} has symbolic links, which are not followed: {links[0].name}"
        )


def local_path(location: str) -> Path | None:
    """Return where files lie that are on this machine; None for others."""
    parsed = urlparse(location)
    if parsed.scheme == "file":
        return Path(unquote(parsed.path))
    return Path(location) if len(parsed.scheme) <= 1 else None


def fetch_file(tracking_uri: str, location: str, name: str, folder: Path) -> Path | None:
    """Return one file of a model, copied to `folder` from a place that is elsewhere; None where there is none.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    from nbship.store.refusal import RefusedError  # noqa: PLC0415 - loads mlflow

    local = local_path(location)
    try:
        if local is None:
            _download(tracking_uri, f"{location.rstrip('/')}/{name}", folder)
    except RefusedError:
        return None
    path = (local or folder) / name
    return path if path.is_file() else None


def _download(tracking_uri: str, location: str, folder: Path) -> None:
    load_mlflow()
    from mlflow.artifacts import download_artifacts

    from nbship.store.model_lookup import asking  # noqa: PLC0415 - loads mlflow

    with asking():
        download_artifacts(artifact_uri=location, dst_path=str(folder), tracking_uri=tracking_uri)


def digest_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a folder, by relative path in order."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in files}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_folder(folder: Path) -> ModelFolder:
    """Return what the ``MLmodel`` of a folder and the files beside it say.

    Raises
    ------
    UsageError
        When it is damaged, or of a flavor that is not served; the message says which are.
    """
    about = described(folder / "MLmodel")
    flavors = about.get("flavors") or {}
    flavor, file, serialization = model_file(flavors)
    _inside(folder, [file])
    artifacts = _artifacts(flavors)
    return ModelFolder(
        flavor=flavor,
        model_file=file,
        serialization=serialization,
        signature=_signature(about.get("signature")),
        example=_example(folder, about.get("saved_input_example_info") or {}),
        predictions=_json(folder / PREDICTIONS_FILE),
        requirements=read_requirements(folder / "requirements.txt"),
        python=str((flavors.get("python_function") or {}).get("python_version", "")),
        code=_inside(folder, _code(flavors)),
        artifacts=dict(zip(artifacts, _inside(folder, artifacts.values()), strict=True)),
    )


def described(path: Path) -> dict[str, Any]:
    """Return the content of an ``MLmodel`` file.

    Raises
    ------
    UsageError
        When it is damaged.
    OSError
        When it cannot be read.
    """
    import yaml  # noqa: PLC0415 - comes with mlflow, and is wanted here only

    try:
        described = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"the MLmodel file is damaged: {' '.join(str(error).split())[:200]}") from error
    if not isinstance(described, dict) or not isinstance(described.get("flavors"), dict):
        raise UsageError("the MLmodel file is damaged: it names no flavors")
    return described


def model_file(flavors: dict[str, Any]) -> tuple[str, str, str]:
    """Return flavor, file and serialization.

    Raises
    ------
    UsageError
        When models of these flavors are not served.
    """
    own, wrapped = flavors.get("sklearn"), flavors.get("python_function") or {}
    if own and wrapped.get("predict_fn", "predict") and own.get("pickled_model"):
        return "sklearn", str(own["pickled_model"]), str(own.get("serialization_format") or "pickle")
    if wrapped.get("python_model"):
        return "pyfunc", str(wrapped["python_model"]), "cloudpickle"
    if wrapped.get("model_code_path"):
        raise UsageError(f"the model was logged as a script, which is not served. {_NEXT_STEP}")
    named = ", ".join(sorted(set(flavors) - {"python_function"})) or str(wrapped.get("loader_module", "none"))
    raise UsageError(f"models of the flavor {named} are not served. {_NEXT_STEP}")


def _code(flavors: dict[str, Any]) -> list[str]:
    named = ((flavors.get(flavor) or {}).get("code") for flavor in ("sklearn", "python_function"))
    return sorted({str(one) for one in named if one})


def _artifacts(flavors: dict[str, Any]) -> dict[str, str]:
    found = (flavors.get("python_function") or {}).get("artifacts") or {}
    return {str(name): str(one["path"]) for name, one in sorted(found.items())}


def _inside(folder: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Return the relative paths, all of which are there and lead nowhere else."""
    names = tuple(names)
    for name in names:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.exists():
            raise UsageError(f"the model's file {name!r} is not in its folder: the MLmodel file is damaged")
    return names


def _signature(found: Any) -> dict[str, Any] | None:
    return found if isinstance(found, dict) and found.get("inputs") else None


def _example(folder: Path, info: dict[str, Any]) -> Any:
    """Return the recorded input in one of two forms, whichever MLflow chose; None for others."""
    body = _json(folder / str(info.get("serving_input_path", "serving_input_example.json")))
    if not isinstance(body, dict):
        return None
    split = body.get("dataframe_split")
    if isinstance(split, dict) and "columns" in split and "data" in split:
        return {"columns": split["columns"], "data": split["data"]}
    given = body.get("inputs", body.get("instances"))
    return None if given is None else {"inputs": given}


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise UsageError(f"{path.name} of the model is damaged: {error}") from error


def read_requirements(path: Path) -> tuple[str, ...]:
    """Return the requirements of a file, without comments and options of pip."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    bare = (line.partition(" #")[0].strip() for line in lines)
    return tuple(line for line in bare if line and not line.startswith(("#", "-")))
