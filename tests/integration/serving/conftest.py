"""Bundles that several tests serve, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from served_bundles import Serving, serving, write_bundle


@pytest.fixture(scope="session")
def logistic(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return folder and SHA-256 of the bundle of a logistic regression of iris, version 3 of its name."""
    from sklearn.linear_model import LogisticRegression

    folder = tmp_path_factory.mktemp("logistic")
    return folder, write_bundle(folder, LogisticRegression(max_iter=500), model_version="3", light=True)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return folder and SHA-256 of a bundle whose model is read from its own file."""
    from sklearn.linear_model import LogisticRegression

    folder = tmp_path_factory.mktemp("whole")
    return folder, write_bundle(folder, LogisticRegression(max_iter=500))


@pytest.fixture(scope="module")
def server(logistic: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Return a running server of it."""
    with serving(*logistic, tmp_path_factory.mktemp("log")) as running:
        yield running
