from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbship.model.run import Run, RunStatus


@pytest.fixture
def make_run(tmp_path) -> Callable[..., Run]:
    """Return a function that makes a run with its artifacts in a folder: ``files`` are path to text or JSON."""

    def make(
        name: str = "one", *, files: dict[str, Any] | None = None, plain: bool = False, **parts: Any
    ) -> Run:
        folder = tmp_path / name
        folder.mkdir()
        for path, content in (files or {}).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(content if isinstance(content, str) else json.dumps(content))
        tags = {**({} if plain else {"nbship.run": name}), **parts.pop("tags", {})}
        given = {"status": RunStatus.FINISHED, "experiment": "e", "started_ms": 0, "ended_ms": 1000, **parts}
        return Run(id=f"{name}-id", name=name, artifact_uri=folder.as_uri(), tags=tags, **given)

    return make


@pytest.fixture
def make_ledger() -> Callable[..., dict[str, Any]]:
    """Return a function that makes the content of a ledger, all of whose cells are needed."""

    def make(*sources: str) -> dict[str, Any]:
        executions = [
            {"index": at, "source": source, "cell_id": f"cell-{at}"} for at, source in enumerate(sources)
        ]
        return {
            "version": 1,
            "cells": [len(sources) - 1],
            "needed": list(range(len(sources))),
            "executions": executions,
        }

    return make


@pytest.fixture(scope="session")
def mlflow_template(tmp_path_factory) -> Path:
    """Return a SQLite database with MLflow's tables and no runs; making one takes seconds, copying none."""
    from nbship.store.connection import connect

    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    connect(f"sqlite:///{path}")
    return path


@pytest.fixture
def tracking_uri(mlflow_template, tmp_path) -> str:
    """Return the URI of an empty local store of the test's own."""
    shutil.copy(mlflow_template, tmp_path / "mlflow.db")
    return f"sqlite:///{tmp_path / 'mlflow.db'}"
