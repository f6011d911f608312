"""Registering models of runs, and moving aliases.

Public: ``register(tracking_uri, run, name, model) -> ModelVersion``, ``set_alias(tracking_uri, name, alias, version)``,
``remove_alias(tracking_uri, name, alias)``, ``version_of(tracking_uri, name, version) -> ModelVersion``,
``versions_of_runs(tracking_uri, runs) -> dict[run id, tuple[ModelVersion, ...]]``.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nbship.errors import UsageError
from nbship.model.registry import ModelVersion
from nbship.store.connection import connect
from nbship.store.model_lookup import asking, open_index
from nbship.store.model_source import models_of_run
from nbship.store.reader import is_missing
from nbship.store.variables import set_for_a_while

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbship.model.run import Run
    from nbship.store.found_models import FoundModel, FoundVersion, ModelIndex

__all__ = ["register", "remove_alias", "set_alias", "version_of", "versions_of_runs"]

_WAIT_SECONDS = 60
"""For registries that copy the files first."""

_ONE_AT_A_TIME = threading.Lock()


def register(tracking_uri: str, run: Run, name: str, model: str = "") -> ModelVersion:
    """Make a model of a run a version of a registered model, which is made where it is missing.

    A model that is a version of it already stays that. For a store in a database, the default store of this process
    is another one for a moment: where other threads may ask for that, do this in a process of its own.

    Parameters
    ----------
    model
        Which one of several, as the run calls it.

    Raises
    ------
    UsageError
        When the run has no such model, or several and none was named; when the name is malformed.
    StoreError
        When the store does not answer.
    """
    found = _chosen(run, models_of_run(tracking_uri, run), model)
    source = f"models:/{found.id}" if found.id else found.location
    known = [one for one in _versions(tracking_uri, run.id) if one.name == name and one.source == source]
    if not known:
        known = [_new_version(connect(tracking_uri), run, name, found, source)]
    return version_of(tracking_uri, name, str(known[-1].version), found.name)


def _new_version(client: Any, run: Run, name: str, found: FoundModel, source: str) -> Any:
    from nbship.store.refusal import RefusedError  # noqa: PLC0415 - loads mlflow

    try:
        with asking(), _default_store(client.tracking_uri):
            _ensure_registered(client, name)
            return client.create_model_version(
                name, source, run.id, await_creation_for=_WAIT_SECONDS, model_id=found.id or None
            )
    except RefusedError as error:
        raise UsageError(
            f"{found.name} of run {run.name} cannot be registered as {name!r}: {error}"
        ) from error


@contextmanager
def _default_store(tracking_uri: str) -> Iterator[None]:
    """Make a store the one of this process for a moment.

    A registry in a database looks a logged model up there, whatever store its client was made for
    (mlflow/store/model_registry/sqlalchemy_store.py, "Propagate tracking URI").
    """
    import mlflow

    if tracking_uri.startswith(("http://", "https://")):  # there, the server looks
        yield
        return
    with _ONE_AT_A_TIME, set_for_a_while({"MLFLOW_TRACKING_URI": tracking_uri}):
        before = mlflow.get_tracking_uri()
        if before == tracking_uri:
            yield
            return
        mlflow.set_tracking_uri(tracking_uri)
        try:
            yield
        finally:
            mlflow.set_tracking_uri(before)


def _ensure_registered(client: Any, name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _chosen(run: Run, found: dict[str, FoundModel], model: str) -> FoundModel:
    if not found:
        raise UsageError(f"run {run.name} ({run.id[:8]}) has no model that could be registered")
    names = ", ".join(sorted(found))
    if model and model not in found:
        raise UsageError(f"run {run.name} has no model {model!r}; it has {names}")
    if not model and len(found) > 1:
        raise UsageError(
            f"run {run.name} has several models: {names}. Say which one: runs:/{run.id}/{min(found)}"
        )
    return found[model or next(iter(found))]


def set_alias(tracking_uri: str, name: str, alias: str, version: str) -> None:
    """Let an alias point to a version, wherever it pointed before.

    Raises
    ------
    UsageError
        When there is no such version, or the alias is malformed.
    StoreError
        When the store does not answer.
    """
    _change_alias(tracking_uri, alias, "set_registered_model_alias", name, alias, version)


def remove_alias(tracking_uri: str, name: str, alias: str) -> None:
    """Take an alias away; nothing happens where there is none. Raises as `set_alias`."""
    _change_alias(tracking_uri, alias, "delete_registered_model_alias", name, alias)


def _change_alias(tracking_uri: str, alias: str, method: str, name: str, *arguments: str) -> None:
    from nbship.store.refusal import RefusedError  # noqa: PLC0415 - loads mlflow

    client = connect(tracking_uri)
    try:
        with asking():
            getattr(client, method)(name, *arguments)
    except RefusedError as error:
        raise UsageError(f"the alias {alias!r} of model {name} cannot be changed: {error}") from error


def version_of(tracking_uri: str, name: str, version: str, model: str = "") -> ModelVersion:
    """Return a version with its aliases.

    Raises
    ------
    UsageError
        When there is none.
    StoreError
        When the store does not answer.
    """
    index = open_index(tracking_uri)
    known = index.registered(name)
    if known is None:
        raise UsageError(f"there is no registered model {name!r}")
    if version not in known.versions:
        raise UsageError(
            f"model {name} has no version {version!r}; it has {', '.join(known.versions) or 'none'}"
        )
    return _version(index, index.version(name, version), known.aliases, model)


def versions_of_runs(tracking_uri: str, runs: Sequence[str]) -> dict[str, tuple[ModelVersion, ...]]:
    """Return the registered versions of the models of runs, by run id; runs without any are missing.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    if not runs or is_missing(tracking_uri):
        return {}
    index = open_index(tracking_uri)
    aliases: dict[str, dict[str, str]] = {}
    found: dict[str, list[ModelVersion]] = {}
    for run in runs:
        for one in index.versions_of_run(run):
            if one.name not in aliases:
                known = index.registered(one.name)
                aliases[one.name] = known.aliases if known else {}
            found.setdefault(run, []).append(_version(index, one, aliases[one.name]))
    return {run: tuple(versions) for run, versions in found.items()}


def _versions(tracking_uri: str, run: str) -> tuple[FoundVersion, ...]:
    return open_index(tracking_uri).versions_of_run(run)


def _version(
    index: ModelIndex, found: FoundVersion, aliases: dict[str, str], model: str = ""
) -> ModelVersion:
    pointing = tuple(sorted(alias for alias, version in aliases.items() if version == found.version))
    if not model and found.source.startswith("models:/m-"):
        logged = index.model(found.source.removeprefix("models:/"))
        model = logged.name if logged else ""
    return ModelVersion(found.name, found.version, found.run_id, pointing, model)
