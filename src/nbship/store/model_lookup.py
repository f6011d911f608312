"""Where the store keeps its models: those of runs, and the versions and aliases of registered ones.

Public: ``open_index(tracking_uri) -> ModelIndex``, ``asking()``.

A local SQLite database is read directly; everything else goes through mlflow, which takes seconds to import.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nbship.store.found_models import FoundModel, FoundVersion, Registered
from nbship.store.sqlite_models import open_sqlite_models
from nbship.store.variables import QUIET, WATCHED, default_for_a_while

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbship.store.found_models import ModelIndex

__all__ = ["MlflowModels", "asking", "open_index"]


def open_index(tracking_uri: str) -> ModelIndex:
    """Return the index of a store."""
    if not os.environ.get("MLFLOW_REGISTRY_URI"):
        found = open_sqlite_models(tracking_uri)
        if found is not None:
            return found
    return MlflowModels(tracking_uri)


@contextmanager
def asking() -> Iterator[None]:
    """Speak to the store the way somebody who waits wants it: patient for seconds, without progress bars."""
    from nbship.store.refusal import translated  # noqa: PLC0415 - loads mlflow

    with translated(), default_for_a_while(WATCHED | QUIET):
        yield


class MlflowModels:
    """Asks one store through `MlflowClient`."""

    def __init__(self, tracking_uri: str) -> None:
        from nbship.store.connection import connect  # noqa: PLC0415 - loads mlflow

        self._client = connect(tracking_uri)

    def models_of_run(self, run_id: str) -> tuple[FoundModel, ...]:
        """Return the logged models of a run, oldest first."""
        with asking():
            experiment = self._client.get_run(run_id).info.experiment_id
            found = self._client.search_logged_models(
                [experiment], filter_string=f"source_run_id = '{run_id}'"
            )
        return tuple(_found(one) for one in sorted(found, key=lambda one: one.creation_timestamp))

    def model(self, model_id: str) -> FoundModel | None:
        """Return a logged model by its id."""
        from nbship.store.refusal import RefusedError  # noqa: PLC0415 - loads mlflow

        try:
            with asking():
                return _found(self._client.get_logged_model(model_id))
        except RefusedError:
            return None

    def names(self) -> tuple[str, ...]:
        """Return the names of all registered models."""
        with asking():
            return tuple(sorted(one.name for one in self._client.search_registered_models(max_results=1000)))

    def registered(self, name: str) -> Registered | None:
        """Return versions and aliases of a registered model; None where there is none of that name."""
        from nbship.store.refusal import RefusedError  # noqa: PLC0415 - loads mlflow

        try:
            with asking():
                model = self._client.get_registered_model(name)
                versions = self._client.search_model_versions(f"name = '{name}'", max_results=1000)
        except RefusedError:
            return None
        numbers = sorted((str(one.version) for one in versions), key=int)
        return Registered(tuple(numbers), {key: str(value) for key, value in dict(model.aliases).items()})

    def version(self, name: str, version: str) -> FoundVersion:
        """Return a version that `registered` listed."""
        with asking():
            found = self._client.get_model_version(name, version)
            location = self._client.get_model_version_download_uri(name, version)
        return FoundVersion(name, str(found.version), found.source or "", location, found.run_id or "")

    def versions_of_run(self, run_id: str) -> tuple[FoundVersion, ...]:
        """Return the registered versions of a run's models, by name and number."""
        with asking():
            found = self._client.search_model_versions(f"run_id = '{run_id}'", max_results=1000)
        versions = sorted(found, key=lambda one: (one.name, int(one.version)))
        return tuple(
            FoundVersion(one.name, str(one.version), one.source or "", one.source or "", run_id)
            for one in versions
        )


def _found(model: Any) -> FoundModel:
    class_name = (model.tags or {}).get("nbship.class", "")
    return FoundModel(
        model.model_id, model.name, model.artifact_location, model.source_run_id or "", class_name
    )
