"""Bundle folders: drafted from a model source, and finished once the model is prepared.

Public: ``model_name(text) -> str``, ``write_draft(folder, source, trusted, …) -> Bundle``, ``write_bundle(folder, draft,
source, prepared, lock, facts) -> Bundle``, ``bundle_digest(folder) -> str``; `Prepared`, `read_prepared`,
`check_prepared`, `BuildFacts`.

A draft is what ``python -m nbship.serving.prepare FOLDER`` works on:

.. code-block:: text

    draft.json       bundle (as far as it is known), source_model, serialization, example, predictions, trusted, …
    source/          the model's file as it was tracked, and what lies beside it
    profile.json     where there is one
    prepared.json    written by the preparation, with model/<file> beside it

A finished bundle is the same to the last byte wherever it is made: its JSON is sorted, and neither a time nor a folder of
this machine is in it.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shutil
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbship.errors import PackagingError
from nbship.model.bundle import BUNDLE_FILE, Bundle, ModelFormat
from nbship.packaging.facts import BuildFacts
from nbship.packaging.lock_parts import requirements_text
from nbship.packaging.prepared import Prepared, check_prepared, read_prepared
from nbship.packaging.provenance import make_provenance
from nbship.packaging.sbom import make_sbom
from nbship.packaging.signature import inputs_of, outputs_of
from nbship.packaging.skops_file import make_canonical

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from nbship.model.image import LockedWheel, ModelSource

__all__ = [
    "BuildFacts",
    "Prepared",
    "bundle_digest",
    "check_prepared",
    "model_name",
    "read_prepared",
    "write_bundle",
    "write_draft",
]

DRAFT_FILE = "draft.json"
PROFILE_FILE = "profile.json"
PROVENANCE_FILE = "provenance.json"
_SOURCE_FOLDER = "source"
_MODEL_FOLDER = "model"
_LONGEST_NAME = 63
_MODE = 0o644
"""Whatever the umask is: the user of the image has to read every file."""

_PREDICT = "predict"


def model_name(text: str) -> str:
    """Return a text as the name of a model in addresses and images: at most 63 of ``a-z 0-9 . _ -``, alone and inside."""
    parts = unicodedata.normalize(
        "NFKD", text.lower()
    )  # what letters of Europe are made of: the letter, and its marks
    letters = "".join(part for part in parts if not unicodedata.combining(part))
    name = re.sub(r"[^a-z0-9._-]+", "-", letters)
    name = re.sub(r"[._-]{2,}", "-", name)
    return name[:_LONGEST_NAME].strip("._-") or "model"


def write_draft(
    folder: Path,
    source: ModelSource,
    trusted: Collection[str],
    *,
    name: str | None = None,
    keep_pickle: bool = False,
    method: str = _PREDICT,
) -> Bundle:
    """Write the draft of a bundle into an empty folder, and return its description as far as it is known.

    Parameters
    ----------
    folder
        A private folder; made where it is missing.
    source
        The model.
    trusted
        What whoever reads the model must trust; see `nbship.packaging.trust`.
    name
        What to call the model instead of its own name.
    keep_pickle
        Whether a pickle stays one, even if it could be saved in a format without code.
    method
        The method that answers. What was recorded of ``predict`` says nothing of another one.

    Raises
    ------
    UsageError
        When the model has no signature, or one that is not served.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    bundle = _described(source, name or source.name, method)
    for relative in (source.model_file, *source.code, *source.artifacts.values()):
        _copy_all(source.folder / relative, folder / _SOURCE_FOLDER / relative)
    if source.profile is not None:
        _write_json(folder / PROFILE_FILE, source.profile.to_dict())
    draft = {
        "bundle": bundle.to_dict(),
        "source_model": f"{_SOURCE_FOLDER}/{source.model_file}",
        "serialization": source.serialization,
        "example": source.example,
        "predictions": source.predictions if method == _PREDICT else None,
        "trusted": sorted(trusted),
        "keep_pickle": keep_pickle,
        "code": [f"{_SOURCE_FOLDER}/{path}" for path in source.code],
        "artifacts": {key: f"{_SOURCE_FOLDER}/{path}" for key, path in source.artifacts.items()},
    }
    _write_json(folder / DRAFT_FILE, draft)
    return bundle


def _described(source: ModelSource, name: str, method: str) -> Bundle:
    inputs, tensor = inputs_of(source.signature, source.example)
    skops = source.serialization == "skops"
    return Bundle(
        name=model_name(name),
        run_id=source.run.id,
        format=ModelFormat.SKOPS if skops else ModelFormat.PICKLE,
        model_path=f"{_MODEL_FOLDER}/model.{'skops' if skops else 'pkl'}",
        model_digest=source.files[source.model_file],
        inputs=inputs,
        tensor=tensor,
        outputs=outputs_of(source.signature) if method == _PREDICT else (),
        method=method,
        model_version=source.version,
        model_class=source.model_class,
        run_name=source.run.name,
        experiment=source.run.experiment,
        python=".".join((source.python or platform.python_version()).split(".")[:2]),
    )


def write_bundle(  # noqa: PLR0917 - what a bundle is made of, in the order in which it comes about
    folder: Path,
    draft: Path,
    source: ModelSource,
    prepared: Prepared,
    lock: Sequence[LockedWheel],
    facts: BuildFacts,
) -> Bundle:
    """Write the finished bundle into an empty folder, and return its description.

    Parameters
    ----------
    folder
        Made where it is missing.
    draft
        The folder of the draft, after its preparation.
    source
        The model as it was tracked.
    prepared
        What the preparation found out.
    lock
        Every wheel of the image.
    facts
        What it is built for and with.

    Raises
    ------
    PackagingError
        When the preparation left no model.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    prepared = replace(prepared, bundle=_with_model(folder, draft, source, prepared.bundle))
    for name, content in _documents(source, prepared, lock, facts).items():
        _write_json(folder / name, content)
    _write_text(folder / "requirements.txt", requirements_text(lock))
    statement = make_provenance(prepared.bundle, source, lock, facts, _digests(folder))
    _write_json(folder / PROVENANCE_FILE, statement)
    bundle = replace(prepared.bundle, files=_digests(folder))
    _write_json(folder / BUNDLE_FILE, bundle.to_dict())
    return bundle


def _with_model(folder: Path, draft: Path, source: ModelSource, bundle: Bundle) -> Bundle:
    """Copy the prepared model; one that was converted on the way has the same bytes whenever that is done."""
    path = draft / bundle.model_path
    if not path.is_file() or _digest(path) != bundle.model_digest:
        raise PackagingError(f"the preparation left no model, or another one, at {bundle.model_path}")
    _copy_all(draft / _MODEL_FOLDER, folder / _MODEL_FOLDER)
    if bundle.format is ModelFormat.SKOPS and source.serialization != "skops":
        make_canonical(folder / bundle.model_path)
        (folder / bundle.model_path).chmod(_MODE)
    return replace(bundle, model_digest=_digest(folder / bundle.model_path))


def _copy_all(path: Path, target: Path) -> None:
    """Copy a file or a folder, without links and the bytecode of this machine."""
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file() and not file.is_symlink() and file.suffix != ".pyc":
            _copy(file, target / file.relative_to(path))


def _documents(
    source: ModelSource, prepared: Prepared, lock: Sequence[LockedWheel], facts: BuildFacts
) -> dict[str, Any]:
    documents = {
        "lineage.json": _lineage(source, prepared.bundle, lock),
        "sbom.cdx.json": make_sbom(prepared.bundle, lock, facts),
    }
    if source.example is not None:
        documents["example.json"] = {**source.example, "predictions": prepared.predictions}
    if source.profile is not None:
        documents[PROFILE_FILE] = source.profile.to_dict()
    return documents


def _lineage(source: ModelSource, bundle: Bundle, lock: Sequence[LockedWheel]) -> dict[str, Any]:
    model = {
        "name": bundle.name,
        "version": bundle.model_version,
        "class": bundle.model_class,
        "sha256": bundle.model_digest,
        "tracked_sha256": source.files[source.model_file],
    }
    lock_digest = hashlib.sha256(requirements_text(lock).encode()).hexdigest()
    return {**source.lineage, "model": model, "python": source.python, "lock_sha256": lock_digest}


def bundle_digest(folder: Path) -> str:
    """Return the SHA-256 of the description of a finished bundle, which names those of all its files."""
    return _digest(folder / BUNDLE_FILE)


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _digest(path) for path in files}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    target.chmod(_MODE)


def _write_json(path: Path, content: Any) -> None:
    _write_text(path, json.dumps(content, indent=1, sort_keys=True) + "\n")


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="ascii")
    path.chmod(_MODE)
