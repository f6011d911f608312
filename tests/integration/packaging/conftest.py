"""A project with a tracked model, made by a real kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Project, make_project

CELLS = (
    """
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
table = load_iris(as_frame=True).frame
X, y = table.drop(columns='target'), table['target']
""",
    "%%track iris\nmodel = LogisticRegression(max_iter=500).fit(X, y)",
)


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory, mlflow_template: Path) -> Iterator[Project]:
    """Return a project whose run ``iris`` has a model."""
    project = make_project(tmp_path_factory.mktemp("tracked") / "flowers", mlflow_template)
    kernel = project.kernel()
    for cell in CELLS:
        reply = kernel.run(cell)
        assert reply.status == "ok", reply
    project.run("iris")
    yield project
    project.close()
