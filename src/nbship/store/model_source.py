"""A model, by whatever name a person calls it, brought to a private folder with all that is known of it.

Public: ``load_model_source(tracking_uri, what, folder) -> ModelSource``,
``models_of_run(tracking_uri, run) -> dict[name, FoundModel]``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from nbship.errors import RunNotFoundError, UsageError
from nbship.model.image import ModelSource
from nbship.model.run import Run, RunStatus
from nbship.store.artifacts import list_artifacts
from nbship.store.model_folder import digest_files, fetch_folder, read_folder
from nbship.store.model_lineage import environment, lineage, training_profile
from nbship.store.model_lookup import open_index
from nbship.store.reader import get

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nbship.store.found_models import FoundModel, ModelIndex, Registered

__all__ = ["load_model_source", "models_of_run"]

_MODEL_ID = re.compile(r"m-[0-9a-f]{32}")
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a model lies, and what it is called: `name` and `version` of a registered model, else empty."""

    location: str
    run_id: str
    name: str = ""
    version: str = ""
    class_name: str = ""


def load_model_source(tracking_uri: str, what: str, folder: Path) -> ModelSource:
    """Find a model, copy its files, and gather what the store knows of it.

    Parameters
    ----------
    tracking_uri
        MLflow tracking URI; registered models are looked for there too, unless ``MLFLOW_REGISTRY_URI`` is set.
    what
        A RUN (id, prefix, name or ``latest``), ``runs:/RUN/NAME`` for one of several models of a run,
        ``models:/NAME/VERSION``, ``models:/NAME/latest``, ``models:/NAME@ALIAS``, ``NAME@ALIAS``, or ``models:/ID``.
    folder
        An existing folder that only the caller can write; the files go to its ``model``.

    Returns
    -------
    ModelSource
        Its `signature` is None where the model has none.

    Raises
    ------
    UsageError
        When there is no such model, version or alias (the message lists those that there are), the run has no model or
        several, or the model is of a kind that is not served.
    RunNotFoundError, AmbiguousRunError
        When no run or several answer to the RUN.
    StoreError
        When the store does not answer.
    """
    place, run = _find(tracking_uri, what.strip())
    files = folder / "model"
    files.mkdir(mode=0o700)
    fetch_folder(tracking_uri, place.location, files)
    read = read_folder(files)
    there = environment(tracking_uri, run)
    return ModelSource(
        folder=files,
        name=place.name or _default_name(run),
        version=place.version,
        run=run,
        flavor=read.flavor,
        model_file=read.model_file,
        serialization=read.serialization,
        model_class=place.class_name,
        signature=read.signature,
        example=read.example,
        predictions=read.predictions,
        requirements=read.requirements,
        environment=there.pinned,
        python=there.python or read.python,
        files=digest_files(files),
        profile=_profile(tracking_uri, run, read.signature),
        lineage=lineage(tracking_uri, run),
        code=read.code,
        artifacts=read.artifacts,
    )


def _find(tracking_uri: str, what: str) -> tuple[_Place, Run]:
    if not what:
        raise UsageError("say which model: a RUN, NAME@ALIAS or models:/NAME/VERSION")
    index = open_index(tracking_uri)
    if what.startswith("runs:/"):
        run_name, _, name = what.removeprefix("runs:/").strip("/").partition("/")
        run = get(tracking_uri, run_name)
        return _model_of_run(tracking_uri, index, run, name), run
    registered = what.removeprefix("models:/")
    if registered != what or "@" in what:
        place = _registered(index, registered.strip("/"), explicit=registered != what)
        if place is not None:
            return place, _run_of(tracking_uri, place)
    run = get(tracking_uri, what)
    return _model_of_run(tracking_uri, index, run, ""), run


def _run_of(tracking_uri: str, place: _Place) -> Run:
    try:
        if place.run_id:
            return get(tracking_uri, place.run_id)
    except RunNotFoundError:
        pass  # deleted since: the model is still there
    return Run(place.run_id, "", RunStatus.FINISHED, "", 0)


def _model_of_run(tracking_uri: str, index: ModelIndex, run: Run, name: str) -> _Place:
    found = _models(tracking_uri, index, run)
    if not found:
        raise UsageError(f"run {_shown(run)} has no model. {_why_no_model(run)}")
    if name and name not in found:
        raise UsageError(f"run {_shown(run)} has no model {name!r}; it has {_listed(found)}")
    if not name and len(found) > 1:
        raise UsageError(
            f"run {_shown(run)} has several models: {_listed(found)}. Say which one: runs:/{run.id}/{min(found)}"
        )
    model = found[name or next(iter(found))]
    return _Place(model.location, run.id, class_name=model.class_name)


def models_of_run(tracking_uri: str, run: Run) -> dict[str, FoundModel]:
    """Return the models of a run by name, the newest of each name.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    return _models(tracking_uri, open_index(tracking_uri), run)


def _models(tracking_uri: str, index: ModelIndex, run: Run) -> dict[str, FoundModel]:
    found = {model.name: model for model in index.models_of_run(run.id)}
    return found or {one.name: one for one in _among_artifacts(tracking_uri, run)}


def _among_artifacts(tracking_uri: str, run: Run) -> Iterable[FoundModel]:
    """Return the models that lie among a run's files, as MLflow 2 kept them."""
    from nbship.store.found_models import FoundModel  # noqa: PLC0415 - for old stores only

    for path in list_artifacts(tracking_uri, run):
        parent, _, file = path.rpartition("/")
        if file == "MLmodel":
            yield FoundModel("", parent, f"{run.artifact_uri.rstrip('/')}/{parent}", run.id)


def _why_no_model(run: Run) -> str:
    if run.status in (RunStatus.RUNNING, RunStatus.SCHEDULED):
        return "It is still running: wait for its end."
    return (
        "Fit the estimator in a tracked cell, or name its variable: `%%track --model VARIABLE`; "
        "`nbship runs` shows which runs have one."
    )


def _registered(index: ModelIndex, given: str, *, explicit: bool) -> _Place | None:
    """Return the place of ``NAME@ALIAS``, ``NAME/VERSION`` or a model id; None when it may be the name of a run."""
    if _MODEL_ID.fullmatch(given):
        return _logged(index, given)
    name, at, alias = given.rpartition("@")
    if not at:
        name, _, alias = given.rpartition("/")
    if not name:
        raise UsageError(f"models:/{given} names no version: write models:/{given}/VERSION or {given}@ALIAS")
    model = index.registered(name)
    if model is None:
        if not explicit:
            return None
        raise UsageError(f"there is no registered model {name!r}; {_nearest(name, index.names())}")
    version = _aliased(name, alias, model) if at else _numbered(name, alias, model)
    return _version(index, name, version)


def _logged(index: ModelIndex, model_id: str) -> _Place:
    found = index.model(model_id)
    if found is None:
        raise UsageError(f"the store has no model {model_id}; `nbship runs` lists the runs")
    return _Place(found.location, found.run_id, class_name=found.class_name)


def _aliased(name: str, alias: str, model: Registered) -> str:
    version = model.aliases.get(alias)
    if version is None:
        there = ", ".join(f"{one} (version {number})" for one, number in sorted(model.aliases.items()))
        raise UsageError(
            f"model {name} has no alias {alias!r}; it has {there or 'none'}. {_versions(name, model)}"
        )
    if version not in model.versions:
        raise UsageError(
            f"alias {alias!r} of model {name} points to version {version}, which is gone. {_versions(name, model)}"
        )
    return version


def _numbered(name: str, version: str, model: Registered) -> str:
    if version == "latest" and model.versions:
        return model.versions[-1]
    if version not in model.versions:
        raise UsageError(f"model {name} has no version {version!r}. {_versions(name, model)}")
    return version


def _versions(name: str, model: Registered) -> str:
    newest = ", ".join(reversed(model.versions[-_SHOWN:]))
    return (
        f"Its versions are {newest}: write models:/{name}/{model.versions[-1]}."
        if newest
        else "It has no versions."
    )


def _version(index: ModelIndex, name: str, version: str) -> _Place:
    found = index.version(name, version)
    logged = found.source.removeprefix("models:/")
    model = index.model(logged) if _MODEL_ID.fullmatch(logged) else None
    class_name = model.class_name if model else ""
    return _Place(found.location, found.run_id or (model.run_id if model else ""), name, version, class_name)


def _nearest(name: str, names: tuple[str, ...]) -> str:
    if not names:
        return "the store has none. Give a RUN instead."
    near = get_close_matches(name, names, 3, 0.5) or names[:_SHOWN]
    return f"the store has {', '.join(near)}"


def _profile(tracking_uri: str, run: Run, signature: dict[str, Any] | None) -> Any:
    if not run.artifact_uri:
        return None
    return training_profile(tracking_uri, run, _column_names(signature))


def _column_names(signature: dict[str, Any] | None) -> list[str]:
    try:
        inputs = json.loads((signature or {}).get("inputs") or "[]")
        return [str(one["name"]) for one in inputs if "name" in one]
    except (ValueError, TypeError):
        return []


def _default_name(run: Run) -> str:
    """Return what to call a model that is not registered: what the person who made it called the run."""
    return run.name or "model"


def _listed(found: Iterable[str]) -> str:
    return ", ".join(sorted(found))


def _shown(run: Run) -> str:
    return f"{run.name} ({run.id[:8]})"
