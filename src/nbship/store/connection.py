"""Reaching a tracking store with mlflow, and making a new local one.

Public: ``connect(tracking_uri) -> MlflowClient``, ``sqlite_path(tracking_uri) -> Path | None``,
``default_artifact_root(tracking_uri) -> Path | None``.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from nbship.store.refusal import translated

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["connect", "default_artifact_root", "sqlite_path"]

_SQLITE = "sqlite:///"


def sqlite_path(tracking_uri: str) -> Path | None:
    """Return the database file of a ``sqlite:///`` URI; None for other stores and for databases in memory."""
    if not tracking_uri.startswith(_SQLITE):
        return None
    path = unquote(tracking_uri[len(_SQLITE) :].partition("?")[0])
    return Path(path) if path and path != ":memory:" else None


def default_artifact_root(tracking_uri: str) -> Path | None:
    """Return where a local store keeps artifacts when nobody says otherwise: ``mlartifacts`` beside the database."""
    database = sqlite_path(tracking_uri)
    return None if database is None else database.absolute().parent / "mlartifacts"


def connect(tracking_uri: str) -> Any:
    """Return an `MlflowClient`; the database of a local store is made where it is missing.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    with translated():
        from mlflow.tracking import MlflowClient

        database = sqlite_path(tracking_uri)
        if database is not None and not (database.exists() and database.stat().st_size):
            _create(tracking_uri, database)
        return MlflowClient(tracking_uri=tracking_uri)


def _create(tracking_uri: str, database: Path) -> None:
    """Make the tables, with an artifact root that does not depend on the current folder of this process."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    database.parent.mkdir(parents=True, exist_ok=True)
    with _only_one(database):
        store = SqlAlchemyStore(tracking_uri, (database.absolute().parent / "mlartifacts").as_uri())  # type: ignore[no-untyped-call]
        store.engine.dispose()


@contextmanager
def _only_one(database: Path) -> Iterator[None]:
    """Keep two processes from running the migrations of one database at once."""
    from mlflow.utils.file_utils import ExclusiveFileLock

    with ExclusiveFileLock(str(database.with_name(f".{database.name}.init"))):
        yield
