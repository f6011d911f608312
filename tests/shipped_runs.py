"""Projects whose runs have models, tracked by a real kernel, for the tests that package and serve them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kernels import Project, make_project

DATA = """
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
table = load_iris(as_frame=True).frame
X, y = table.drop(columns='target'), table['target']
"""

RUNS = {
    "logreg": "model = LogisticRegression(max_iter=500).fit(X, y)",
    "none": "answer = 41 + 1",
}

ROW = {"columns": ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]}
QUESTION = {"dataframe_split": ROW | {"data": [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]}}

# What pip has downloaded outlives a test run; what nbship makes of it does not.
DOWNLOADS = Path(os.environ.get("NBSHIP_TEST_CACHE") or Path.home() / ".cache" / "nbship-tests") / "pip"


@contextmanager
def shipping_project(folder: Path, store_template: Path) -> Iterator[Project]:
    """Give a project with the `RUNS`, as the current folder, and an empty cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_CACHE_DIR", str(DOWNLOADS))
        patch.setenv("NBSHIP_CACHE_DIR", str(folder.parent / "cache"))
        project = make_project(folder, store_template)
        try:
            kernel = project.kernel()
            for cell in (DATA, *(f"%%track {name}\n{code}" for name, code in RUNS.items())):
                reply = kernel.run(cell)
                assert reply.status == "ok", reply
            project.runs()
            patch.chdir(folder)
            yield project
        finally:
            project.close()
