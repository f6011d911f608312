"""Reading the models of a local MLflow database directly: no import of mlflow.

Public: ``open_sqlite_models(tracking_uri) -> SqliteModels | None``, with the methods of
`nbship.store.found_models.ModelIndex`.

The tables are MLflow's; where they do not look as expected, the caller goes through mlflow.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbship.errors import StoreError
from nbship.store.connection import sqlite_path
from nbship.store.found_models import FoundModel, FoundVersion, Registered
from nbship.store.sqlite_read import connect_to_read

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SqliteModels", "open_sqlite_models"]

_EXPECTED = {
    "logged_models": {"model_id", "name", "artifact_location", "creation_timestamp_ms", "source_run_id"},
    "logged_model_tags": {"model_id", "tag_key", "tag_value"},
    "model_versions": {"name", "version", "source", "run_id", "current_stage", "storage_location"},
    "registered_models": {"name"},
    "registered_model_aliases": {"name", "alias", "version"},
}
_MODELS = (
    "SELECT m.model_id, m.name, m.artifact_location, coalesce(m.source_run_id, ''), coalesce(t.tag_value, '') "
    "FROM logged_models m "
    "LEFT JOIN logged_model_tags t ON t.model_id = m.model_id AND t.tag_key = 'nbship.class' "
    "WHERE m.lifecycle_stage = 'active' AND "
)


def open_sqlite_models(tracking_uri: str) -> SqliteModels | None:
    """Return the models of a ``sqlite:///`` URI if the database exists and looks like MLflow's."""
    path = sqlite_path(tracking_uri)
    if path is None or not path.is_file():
        return None
    models = SqliteModels(path)
    return models if models.is_as_expected() else None


@dataclass(frozen=True, slots=True)
class SqliteModels:
    """The models of a local MLflow database, opened read-only for each question."""

    path: Path

    def is_as_expected(self) -> bool:
        """Say whether every table and column that is read here exists."""
        return all(
            columns <= {row[0] for row in self._rows("SELECT name FROM pragma_table_info(?)", table)}
            for table, columns in _EXPECTED.items()
        )

    def models_of_run(self, run_id: str) -> tuple[FoundModel, ...]:
        """Return the logged models of a run, oldest first."""
        where = "m.source_run_id = ? ORDER BY m.creation_timestamp_ms, m.model_id"
        return tuple(_model(row) for row in self._rows(_MODELS + where, run_id))

    def model(self, model_id: str) -> FoundModel | None:
        """Return a logged model by its id."""
        rows = self._rows(_MODELS + "m.model_id = ?", model_id)
        return _model(rows[0]) if rows else None

    def names(self) -> tuple[str, ...]:
        """Return the names of all registered models."""
        return tuple(row[0] for row in self._rows("SELECT name FROM registered_models ORDER BY name"))

    def registered(self, name: str) -> Registered | None:
        """Return versions and aliases of a registered model; None where there is none of that name."""
        if name not in self.names():
            return None
        versions = self._rows(
            "SELECT version FROM model_versions WHERE name = ? AND current_stage != 'Deleted_Internal' ORDER BY version",
            name,
        )
        aliases = self._rows("SELECT alias, version FROM registered_model_aliases WHERE name = ?", name)
        return Registered(tuple(str(row[0]) for row in versions), {row[0]: str(row[1]) for row in aliases})

    def version(self, name: str, version: str) -> FoundVersion:
        """Return a version that `registered` listed."""
        rows = self._rows(
            "SELECT source, coalesce(storage_location, source), coalesce(run_id, '') "
            "FROM model_versions WHERE name = ? AND version = ?",
            name,
            int(version),
        )
        return FoundVersion(name, version, *rows[0])

    def versions_of_run(self, run_id: str) -> tuple[FoundVersion, ...]:
        """Return the registered versions of a run's models, by name and number."""
        rows = self._rows(
            "SELECT name, version, source, coalesce(storage_location, source), run_id FROM model_versions "
            "WHERE run_id = ? AND current_stage != 'Deleted_Internal' ORDER BY name, version",
            run_id,
        )
        return tuple(FoundVersion(row[0], str(row[1]), *row[2:]) for row in rows)

    def _rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        try:
            with closing(connect_to_read(self.path)) as connection:
                return connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"cannot read {self.path}: {error}") from error


def _model(row: tuple[Any, ...]) -> FoundModel:
    return FoundModel(*row)
