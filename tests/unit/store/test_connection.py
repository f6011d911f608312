from __future__ import annotations

from pathlib import Path

import pytest

from nbship.errors import StoreError
from nbship.store.connection import connect, default_artifact_root, sqlite_path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("sqlite:////a/b.db", Path("/a/b.db")),
        ("sqlite:///b.db", Path("b.db")),
        ("sqlite:////a/my%20b.db?timeout=5", Path("/a/my b.db")),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("http://server", None),
        ("postgresql://u@h/d", None),
    ],
)
def test_the_file_of_a_local_store_is_told_from_its_uri(uri, path):
    assert sqlite_path(uri) == path


def test_a_missing_database_is_made_with_artifacts_beside_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    uri = f"sqlite:///{tmp_path / 'deep' / 'mlflow.db'}"
    client = connect(uri)
    root = default_artifact_root(uri)
    assert root == tmp_path / "deep" / "mlartifacts"
    assert client.get_experiment("0").artifact_location.startswith(root.as_uri())
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]


def test_a_database_that_cannot_be_made_is_a_store_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError):
        connect(f"sqlite:///{tmp_path / 'file' / 'mlflow.db'}")
