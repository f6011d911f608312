from __future__ import annotations

from pathlib import Path

import pytest

from nbship.model.run import Run, RunStatus
from nbship.store.artifacts import local_folder


@pytest.mark.parametrize(
    ("uri", "folder"),
    [
        ("/a/b", Path("/a/b")),
        ("file:///a/my%20b", Path("/a/my b")),
        ("C:/a", Path("C:/a")),
        ("mlflow-artifacts:/1/x", None),
        ("s3://bucket/x", None),
        ("", None),
    ],
)
def test_local_artifacts_are_told_from_remote_ones(uri, folder):
    assert local_folder(Run("r", "r", RunStatus.FINISHED, "e", 0, artifact_uri=uri)) == folder
