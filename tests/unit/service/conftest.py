"""Runs that a real kernel has tracked, and the settings of their project."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernels import Project, make_project
from nbship.config import Settings, load_settings

FLIGHTS = "distance,delay\n" + "".join(f"{n},{n % 7}\n" for n in range(60))

CELLS = [
    "import random\nimport pandas as pd\nfrom IPython.display import HTML, display\nrandom.seed(7)",
    "flights = pd.read_csv('flights.csv')\nflights.shape",
    "print('not needed')",
    """%%track fit -t team=delays
from sklearn.linear_model import LinearRegression
model = LinearRegression().fit(flights[['distance']], flights['delay'])
score = model.score(flights[['distance']], flights['delay'])
open('report.txt', 'w').write('done')
display(HTML('<b>rich</b>'))
print('x' * 1_500_000)
score""",
    "flights = flights.assign(distance=flights.distance + 1)",
    "%%track changed\ntotal = float(flights.distance.sum())",
    "%%track fails\nbroken = flights.distance.sum()\n1 / 0",
]


@pytest.fixture(scope="session")
def store_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An initialised MLflow database: making one takes seconds, copying it none."""
    from nbship.store.connection import connect

    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    connect(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def tracked(tmp_path_factory: pytest.TempPathFactory, store_template: Path) -> Iterator[Project]:
    """A project whose runs ``fit``, ``changed`` and ``fails`` a kernel has tracked; tests do not change it."""
    project = make_project(tmp_path_factory.mktemp("tracked") / "flights", store_template)
    (project.folder / "flights.csv").write_text(FLIGHTS)
    project.environment |= {"JPY_SESSION_NAME": "deep/flights.ipynb", "OMP_NUM_THREADS": "1"}
    kernel = project.kernel()
    for cell in CELLS:
        kernel.run(cell, {"cellId": f"cell-{CELLS.index(cell)}"})
    project.runs()
    yield project
    project.close()


@pytest.fixture
def settings(tracked: Project) -> Settings:
    """The settings of the tracked runs' project."""
    return load_settings(tracked.folder)


@pytest.fixture
def own_store(tmp_path: Path, store_template: Path) -> Settings:
    """The settings of an empty project of the test's own, with a store."""
    folder = tmp_path / "own"
    (folder / ".nbship").mkdir(parents=True)
    (folder / "pyproject.toml").touch()
    (folder / ".nbship" / "mlflow.db").write_bytes(store_template.read_bytes())
    return load_settings(folder)


@pytest.fixture
def client(own_store: Settings):
    """An `MlflowClient` of that store."""
    from mlflow import MlflowClient

    assert not os.environ.get("MLFLOW_REGISTRY_URI")
    return MlflowClient(own_store.tracking_uri)


@pytest.fixture
def experiment(client, tmp_path: Path) -> str:
    """An experiment of that store."""
    return client.create_experiment("e", artifact_location=(tmp_path / "artifacts").as_uri())
