from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest

from nbship.config import load_settings
from nbship.errors import ExecutionError, UsageError
from nbship.tour import EXPERIMENT, add_tour, prepare_tour, run_notebook, tour_notebooks


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """Return the current folder: a project."""
    folder = tmp_path / "prices"
    folder.mkdir()
    (folder / "pyproject.toml").touch()
    monkeypatch.chdir(folder)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return folder


def write_notebook(path: Path, *cells: str) -> Path:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, path)
    return path


def test_the_notebooks_are_there_in_order_and_clean():
    names = [path.name for path in tour_notebooks()]
    assert names == sorted(names)
    assert names
    for path in tour_notebooks():
        code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        assert all(not cell.outputs and cell.execution_count is None for cell in code)


def test_a_folder_of_its_own_is_a_project_of_its_own(project, tmp_path):
    tour = prepare_tour(tmp_path / "new" / "tour")
    assert tour.settings.project == tmp_path / "new" / "tour"
    assert (tour.settings.experiment, tour.settings.home.is_dir()) == (EXPERIMENT, True)
    assert [path.read_bytes() for path in tour.notebooks] == [path.read_bytes() for path in tour_notebooks()]
    assert not (project / ".nbship").exists()


@pytest.mark.parametrize("folder", ["tour", "a/b", "."])
def test_in_a_folder_of_the_project_the_runs_are_the_projects(project, folder):
    tour = prepare_tour(Path(folder))
    assert tour.settings.tracking_uri == load_settings(project).tracking_uri
    assert tour.settings.project == project
    assert all(path.is_file() for path in tour.notebooks)


def test_in_another_project_the_runs_are_that_ones(project, tmp_path):
    inner = project / "vendored"
    (inner / ".git").mkdir(parents=True)
    assert prepare_tour(inner).settings.project == inner
    other = tmp_path / "other"
    (other / ".git").mkdir(parents=True)
    assert prepare_tour(other / "tour").settings.project == other


def test_a_temporary_folder_keeps_its_runs_in_the_project_also_when_it_is_opened_later(project):
    tour = prepare_tour(None)
    assert not tour.folder.is_relative_to(project)
    assert tour.settings.tracking_uri == load_settings(project).tracking_uri
    later = load_settings(tour.folder)
    assert (later.tracking_uri, later.experiment) == (tour.settings.tracking_uri, EXPERIMENT)


def test_a_temporary_folder_knows_a_project_with_an_odd_name(tmp_path, monkeypatch):
    odd = tmp_path / 'a "b" \\c'
    odd.mkdir()
    (odd / "pyproject.toml").touch()
    monkeypatch.chdir(odd)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    tour = prepare_tour(None)
    assert load_settings(tour.folder).tracking_uri == tour.settings.tracking_uri


def test_a_second_time_is_as_good_as_the_first(project):
    assert prepare_tour(Path("tour")).notebooks == prepare_tour(Path("tour")).notebooks


def test_a_notebook_that_somebody_has_changed_is_not_overwritten(project):
    (copy, *_) = prepare_tour(Path("tour")).notebooks
    copy.write_text("mine")
    with pytest.raises(UsageError, match="differs from the tour; give another folder"):
        prepare_tour(Path("tour"))
    assert copy.read_text() == "mine"


def test_a_file_in_place_of_the_folder_is_wrong_use(project):
    Path("tour").write_text("mine")
    with pytest.raises(UsageError, match="tour"):
        prepare_tour(Path("tour"))


def test_a_notebook_runs_beside_itself_with_the_given_settings(project):
    path = write_notebook(
        project / "a.ipynb",
        "\n%lsmagic",
        "",
        "import os\nprint(os.getcwd())\nprint(os.environ['NBSHIP_NOTEBOOK'], os.environ['NBSHIP_EXPERIMENT'])",
    )
    before = path.read_bytes()
    steps = []
    output = run_notebook(path, load_settings(project), steps.append)
    assert output == project / "a.executed.ipynb"
    assert path.read_bytes() == before
    assert [(step.done, step.total, step.heading) for step in steps] == [
        (0, 2, "%lsmagic"),
        (1, 2, "import os"),
    ]
    text = nbformat.read(output, as_version=4).cells[2].outputs[0].text
    assert text == f"{os.path.realpath(project)}\na.ipynb prices\n"


def test_a_cell_that_fails_is_told_and_the_executed_copy_is_kept(project):
    path = write_notebook(project / "bad.ipynb", "print('before')", "1/0", "print('after')")
    with pytest.raises(
        ExecutionError, match=r"bad\.ipynb failed: ZeroDivisionError: division by zero"
    ) as caught:
        run_notebook(path, load_settings(project), lambda _: None)
    kept = project / "bad.executed.ipynb"
    assert str(kept) in str(caught.value)
    cells = nbformat.read(kept, as_version=4).cells
    first, second, third = (cell for cell in cells if cell.cell_type == "code")
    assert first.outputs[0].text == "before\n"
    assert second.outputs[0].ename == "ZeroDivisionError"
    assert third.outputs == []


def test_a_kernel_that_dies_is_told_and_the_executed_copy_is_kept(project):
    path = write_notebook(project / "dead.ipynb", "import os\nos._exit(1)")
    with pytest.raises(ExecutionError, match=r"dead\.ipynb failed: "):
        run_notebook(path, load_settings(project), lambda _: None)
    assert (project / "dead.executed.ipynb").is_file()


def test_what_is_missing_of_the_tour_is_added_and_the_rest_stays(tmp_path):
    notebooks = add_tour(tmp_path / "a" / "tour")
    assert [path.read_bytes() for path in notebooks] == [path.read_bytes() for path in tour_notebooks()]
    notebooks[0].write_text("mine")
    notebooks[1].unlink()
    assert add_tour(tmp_path / "a" / "tour") == notebooks
    assert (notebooks[0].read_text(), notebooks[1].exists()) == ("mine", True)


def test_a_tour_where_no_folder_can_be_is_refused(tmp_path):
    (tmp_path / "tour").touch()
    with pytest.raises(UsageError, match="choose another folder"):
        add_tour(tmp_path / "tour")
