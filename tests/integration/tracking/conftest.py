"""Projects with a store of their own, for real kernels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Project, make_project


@pytest.fixture(scope="session")
def store_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An initialised MLflow database: making one takes seconds, copying it none."""
    import mlflow

    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    mlflow.MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def project(tmp_path: Path, store_template: Path) -> Iterator[Project]:
    """A new project for one test."""
    project = make_project(tmp_path / "flights", store_template)
    yield project
    project.close()


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory: pytest.TempPathFactory, store_template: Path) -> Iterator[Project]:
    """One project for all tests of a module: its recorder starts once. Runs are told apart by their names."""
    project = make_project(tmp_path_factory.mktemp("shared") / "flights", store_template)
    yield project
    project.close()
