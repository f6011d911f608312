"""The tour, as `nbship demo` runs it: every notebook from top to bottom, in the order of a new user."""

from __future__ import annotations

import os
import subprocess
import sys

import nbformat
import pytest

from nbship.config import load_settings
from nbship.packaging.services import list_services
from nbship.tour import EXPERIMENT, tour_notebooks

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    """Return the folder of a tour, and what the command said."""
    folder = tmp_path_factory.mktemp("tour") / "project"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    # The last notebook stops what it serves; here nothing else is served, whatever the machine has.
    environment = {**os.environ, "DOCKER_HOST": f"unix://{folder}/no-engine"}
    command = [sys.executable, "-m", "nbship", "demo", "tour"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    return folder, done


def executed(folder, number: str):
    (path,) = (folder / "tour").glob(f"{number}-*.executed.ipynb")
    return nbformat.read(path, as_version=4)


def outputs_of(notebook, cell_id: str) -> str:
    (cell,) = (cell for cell in notebook.cells if cell.id == cell_id)
    return "\n".join(
        output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs
    )


def test_the_demo_ends_well_and_lists_its_runs(tour):
    folder, done = tour
    assert done.returncode == 0, done.stderr[-3000:]
    for name in ("late-flights", "winter-model", "half-year-model"):
        assert name in done.stdout
    assert load_settings(folder / "tour").project == folder


def test_every_code_cell_of_every_notebook_was_executed_without_an_error(tour):
    folder, _ = tour
    for source in tour_notebooks():
        cells = [cell for cell in executed(folder, source.name[:2]).cells if cell.cell_type == "code"]
        assert all(cell.execution_count for cell in cells), source.name
        kinds = {output.output_type for cell in cells for output in cell.outputs}
        assert "error" not in kinds, source.name


def test_the_model_was_served_asked_watched_packed_and_stopped(tour):
    folder, _ = tour
    notebook = executed(folder, "04")
    assert "ready  http://127.0.0.1:" in outputs_of(notebook, "serve")
    assert "'predictions': [[0." in outputs_of(notebook, "ask")
    assert "'problem_count': 2" in outputs_of(notebook, "problems")
    assert 'nbship_feature_drift{feature="month"' in outputs_of(notebook, "send-summer")
    assert "month" in outputs_of(notebook, "drift")
    assert "exactly as recorded" in outputs_of(notebook, "package")
    assert "FROM python:" in outputs_of(notebook, "dockerfile")
    assert list_services(load_settings(folder / "tour").home) == ()


def test_the_runs_belong_to_the_tour(tour):
    assert EXPERIMENT == "nbship-demo"
    assert "store" in tour[1].stdout
