from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbship.pipeline.definition.search import find_pipelines

TOML = 'name = "small"\n[steps.one]\nnotebook = "one.ipynb"\n'


def write_toml(folder: Path, text: str = TOML) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pipeline.toml"
    path.write_text(text)
    return path


def write_tagged(path: Path, **metadata: object) -> Path:
    cells = [{"cell_type": "code", "metadata": {"tags": [tag]}} for tag in ("step:a", "step:b", "step:b")]
    path.write_text(json.dumps({"cells": cells, "metadata": metadata}))
    return path


def paths(folder: Path) -> list[str]:
    return [Path(one.path).relative_to(folder).as_posix() for one in find_pipelines(folder).pipelines]


def test_files_and_tagged_notebooks_are_found_with_their_steps(tmp_path):
    write_toml(tmp_path / "deep" / "er")
    write_tagged(tmp_path / "tagged.ipynb")
    (tmp_path / "plain.ipynb").write_text('{"cells": [], "metadata": {}}')
    toml, notebook = find_pipelines(tmp_path).pipelines
    assert (toml.name, toml.kind, toml.steps) == ("small", "toml", ("one",))
    assert (notebook.name, notebook.kind, notebook.steps) == ("tagged", "notebook", ("a", "b"))


def test_a_file_without_a_name_has_that_of_its_folder(tmp_path):
    write_toml(tmp_path / "nightly", "[steps.one]\n")
    assert find_pipelines(tmp_path).pipelines[0].name == "nightly"


@pytest.mark.parametrize("folder", [".hidden", "node_modules", ".venv", "__pycache__", "lib/site-packages"])
def test_folders_of_tools_are_not_looked_into(tmp_path, folder):
    write_toml(tmp_path / folder)
    assert paths(tmp_path) == []


def test_an_environment_of_any_name_is_not_looked_into(tmp_path):
    write_toml(tmp_path / "mine")
    (tmp_path / "mine" / "pyvenv.cfg").write_text("")
    assert paths(tmp_path) == []


def test_links_to_folders_are_not_followed(tmp_path):
    write_toml(tmp_path / "real")
    (tmp_path / "real" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert paths(tmp_path) == ["real/pipeline.toml"]


def test_an_executed_notebook_is_no_definition(tmp_path):
    write_tagged(tmp_path / "done.ipynb", papermill={})
    assert paths(tmp_path) == []


def test_a_broken_file_says_so_and_a_broken_notebook_is_none(tmp_path):
    write_toml(tmp_path, "name = ")
    (tmp_path / "bad.ipynb").write_text('{"tags": ["step:a"')
    (tmp_path / "odd.ipynb").write_text('["step:a"]')
    (found,) = find_pipelines(tmp_path).pipelines
    assert found.problem


def test_a_changed_file_is_read_again(tmp_path):
    path = write_toml(tmp_path)
    assert find_pipelines(tmp_path).pipelines[0].name == "small"
    path.write_text(TOML.replace("small", "another"))
    assert find_pipelines(tmp_path).pipelines[0].name == "another"


def test_a_search_ends_and_says_that_it_is_not_complete(tmp_path):
    write_toml(tmp_path)
    for number in range(30):
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / f"{number}.csv").touch()
    found = find_pipelines(tmp_path, most_entries=10)
    assert not found.complete
    assert len(found.pipelines) == 1
    assert find_pipelines(tmp_path).complete
