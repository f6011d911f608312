"""Where a model comes from: the run, its code, its data and its environment, as the run's files tell it.

Public: ``lineage(tracking_uri, run) -> dict``, ``environment(tracking_uri, run) -> Environment``,
``training_profile(tracking_uri, run, columns) -> Profile | None``.

Nothing that differs from one machine to the next is in the lineage: no folder, no address of the store.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from nbship.errors import RunNotFoundError
from nbship.model.profile import Profile
from nbship.store.artifacts import download_artifact_text, list_artifacts
from nbship.store.needed_code import code_version, needed_code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from nbship.model.run import Run
    from nbship.store.needed_code import CodeCell

__all__ = ["LINEAGE_VERSION", "Environment", "environment", "lineage", "training_profile"]

LINEAGE_VERSION = 1
"""Format of ``lineage.json``. Adding a key needs no bump; renaming or removing one does."""

_FOLDER = "nbship"
_PROFILES = "nbship/profiles/"
_PREDICTIONS = "nbship/predictions/"
_GIT = {"commit": "commit", "branch": "branch", "repoURL": "repository", "dirty": "dirty"}


@dataclass(frozen=True, slots=True)
class Environment:
    """What was installed when a run was tracked, ``name==version`` each, and the version of Python."""

    pinned: tuple[str, ...] = ()
    python: str = ""


def environment(tracking_uri: str, run: Run) -> Environment:
    """Return the environment of a run; an empty one where the run kept none."""
    found = _json(tracking_uri, run, "nbship/environment.json")
    if not isinstance(found, dict):
        return Environment()
    # A distribution that was upgraded under the running kernel counts with the version that was loaded.
    versions = {**found.get("distributions", {}), **found.get("loaded", {})}
    pinned = tuple(f"{name}=={version}" for name, version in sorted(versions.items()))
    return Environment(pinned, str(found.get("python", {}).get("version", "")))


def lineage(tracking_uri: str, run: Run) -> dict[str, Any]:
    """Return what ``/lineage`` answers.

    Returns
    -------
    dict
        ``version``, ``run`` (id, name, experiment, status, started, duration_seconds, notebook), ``params``,
        ``metrics``, ``cells`` (source, sha256, cell_id in the order in which they ran), ``code`` (digest of the
        cells), ``datasets`` (name, digest, rows, kind, columns with their digests) and ``git``.
    """
    cells = _cells(tracking_uri, run)
    told = run.to_dict()
    kept = ("id", "name", "experiment", "status", "started", "duration_seconds")
    notebook = _file_name(run.tags.get("mlflow.source.name", ""))
    return {
        "version": LINEAGE_VERSION,
        "run": {key: told[key] for key in kept} | {"notebook": notebook},
        "params": dict(sorted(told["params"].items())),
        "metrics": dict(sorted(told["metrics"].items())),
        "cells": [_cell(cell) for cell in cells],
        "code": code_version(cells) if cells else "",
        "datasets": _datasets(tracking_uri, run),
        "git": _git(run),
    }


def _cells(tracking_uri: str, run: Run) -> tuple[CodeCell, ...]:
    ledger = _json(tracking_uri, run, "nbship/ledger.json")
    try:
        return needed_code(ledger) if ledger else ()
    except (TypeError, KeyError, ValueError):  # of a later version
        return ()


def _cell(cell: CodeCell) -> dict[str, Any]:
    digest = hashlib.sha256(cell.source.encode("utf-8", "surrogatepass")).hexdigest()
    return {"source": cell.source, "sha256": digest, "cell_id": cell.cell_id}


def _datasets(tracking_uri: str, run: Run) -> list[dict[str, Any]]:
    """Return the datasets with the digests of their columns; of runs that others recorded, what the store lists."""
    found = _json(tracking_uri, run, "nbship/data.json")
    if isinstance(found, dict) and isinstance(found.get("datasets"), list):
        return sorted((_dataset(one) for one in found["datasets"]), key=_name_and_digest)
    plain: Iterable[dict[str, Any]] = (
        {"name": _file_name(one.name), "digest": one.digest, "rows": one.rows} for one in run.datasets
    )
    return sorted(plain, key=_name_and_digest)


def _dataset(record: dict[str, Any]) -> dict[str, Any]:
    found = record["fingerprint"]
    columns = [{key: column[key] for key in ("name", "dtype", "digest")} for column in found["columns"]]
    return {
        "name": _file_name(str(record["name"])),
        "digest": found["digest"],
        "algorithm": found["algorithm"],
        "kind": found["kind"],
        "rows": found["rows"],
        "columns": columns,
    }


def _name_and_digest(dataset: dict[str, Any]) -> tuple[str, str]:
    return str(dataset["name"]), str(dataset["digest"])


def _file_name(name: str) -> str:
    """Return a path without the folders of one machine."""
    if PurePosixPath(name).is_absolute():
        return PurePosixPath(name).name
    return PureWindowsPath(name).name if PureWindowsPath(name).is_absolute() else name


def _git(run: Run) -> dict[str, str]:
    found = {key: run.tags.get(f"mlflow.source.git.{tag}", "") for tag, key in _GIT.items()}
    return {key: value for key, value in found.items() if value}


def training_profile(tracking_uri: str, run: Run, columns: Collection[str]) -> Profile | None:
    """Return the profile of the data that the model learnt from, with the columns of what it predicted for it.

    Parameters
    ----------
    tracking_uri, run
        Where to look.
    columns
        Names of the columns of the model's input. The largest profile that has them all is meant; where the input
        has no names, the one whose predictions the run kept.
    """
    files = list_artifacts(tracking_uri, run, _FOLDER)
    found = {
        path.removeprefix(_PROFILES): profile
        for path in files
        if path.startswith(_PROFILES) and (profile := _profile(tracking_uri, run, path)) is not None
    }
    predicted = {path.removeprefix(_PREDICTIONS) for path in files if path.startswith(_PREDICTIONS)}
    fitting = [
        name
        for name, profile in found.items()
        if (set(columns) <= {column.name for column in profile.columns} if columns else name in predicted)
    ]
    chosen = max(fitting, key=lambda name: (name in predicted, _rows(found[name]), name), default=None)
    if chosen is None:
        return None
    answers = _profile(tracking_uri, run, _PREDICTIONS + chosen) if chosen in predicted else None
    return _with_predictions(found[chosen], answers)


def _with_predictions(profile: Profile, answers: Profile | None) -> Profile:
    taken = {column.name for column in profile.columns}
    added = tuple(column for column in answers.columns if column.name not in taken) if answers else ()
    return replace(profile, columns=(*profile.columns, *added))


def _rows(profile: Profile) -> int:
    return profile.sampled_from or profile.rows


def _profile(tracking_uri: str, run: Run, path: str) -> Profile | None:
    found = _json(tracking_uri, run, path)
    try:
        profile = Profile.from_dict(found)
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ):  # damaged, or of a later version: served without
        return None
    return profile if profile.columns else None


def _json(tracking_uri: str, run: Run, path: str) -> Any:
    """Return the content of a JSON file of a run; None where there is none, or it is damaged."""
    if not run.artifact_uri:  # the run itself was deleted
        return None
    try:
        return json.loads(download_artifact_text(tracking_uri, run, path))
    except (RunNotFoundError, ValueError):
        return None
