"""What users get: the wheel, the tour, and texts that say the truth about both."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import import_module
from pathlib import Path, PurePosixPath

import pytest

import nbship

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

WHEEL_SIZE_LIMIT_BYTES = 4_000_000
WHEEL_SUFFIXES = {".css", ".html", ".ipynb", ".js", ".json", ".py", ".svg", ".typed", ".toml"}


def readme_code(language):
    """Return the lines of the README's code blocks in a language, comments left out."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return [line.partition("  #")[0].rstrip() for block in blocks for line in block.splitlines()]


def commands_of_the_readme():
    """Return the subcommands that the README calls, in code blocks and in the text."""
    inline = re.findall(r"`nbship ([a-z]+)", README)
    return {
        *inline,
        *(match[1] for line in readme_code("bash") if (match := re.search(r"\bnbship ([a-z]+)", line))),
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        str(ROOT),
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
    ]
    # The panel that is built here goes in as it is: building it anew would need a network.
    environment = {**os.environ, "SKIP_JUPYTER_BUILDER": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("nbship-*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def metadata_folder():
    return f"nbship-{nbship.__version__}.dist-info"


def data_folder():
    return f"nbship-{nbship.__version__}.data/data"


@pytest.mark.slow
def test_the_wheel_holds_the_tour_the_types_and_the_licence(wheel):
    wanted = {"nbship/py.typed", f"{metadata_folder()}/licenses/LICENSE"}
    wanted |= {f"nbship/notebooks/{notebook.name}" for notebook in NOTEBOOKS}
    assert wanted <= set(wheel.namelist())


@pytest.mark.slow
def test_the_wheel_holds_every_module(wheel):
    source = ROOT / "src"
    modules = {path.relative_to(source).as_posix() for path in (source / "nbship").rglob("*.py")}
    assert modules <= set(wheel.namelist())


@pytest.mark.slow
def test_the_wheel_holds_nothing_else_and_stays_small(wheel):
    paths = [PurePosixPath(name) for name in wheel.namelist()]
    strangers = [
        str(path)
        for path in paths
        if path.parts[0] != metadata_folder()
        and not str(path).startswith(data_folder())
        and (path.parts[0] != "nbship" or path.suffix not in WHEEL_SUFFIXES or "checkpoint" in str(path))
    ]
    assert strangers == []
    own = [item for item in wheel.infolist() if not item.filename.startswith(data_folder())]
    assert sum(item.file_size for item in own) < WHEEL_SIZE_LIMIT_BYTES


@pytest.mark.slow
def test_the_wheel_holds_the_built_panel_where_jupyterlab_looks_for_it(wheel):
    panel = f"{data_folder()}/share/jupyter/labextensions/nbship"
    names = set(wheel.namelist())
    description = json.loads(wheel.read(f"{panel}/package.json"))
    assert f"{panel}/{description['jupyterlab']['_build']['load']}" in names
    assert f"{panel}/static/style.js" in names
    assert json.loads(wheel.read(f"{panel}/install.json"))["packageName"] == "nbship"
    schemas = {path.name for path in (ROOT / "labextension" / "schema").glob("*.json")}
    assert {f"{panel}/schemas/nbship/{name}" for name in schemas} <= names
    assert not any("labextension/" in name for name in names if name.startswith("nbship/"))


@pytest.mark.slow
def test_the_wheel_switches_the_server_extension_on(wheel):
    config = json.loads(wheel.read(f"{data_folder()}/etc/jupyter/jupyter_server_config.d/nbship.json"))
    assert config == {"ServerApp": {"jpserver_extensions": {"nbship": True}}}
    (point,) = nbship._jupyter_server_extension_points()
    assert callable(import_module(point["module"])._load_jupyter_server_extension)


@pytest.mark.slow
def test_a_wheel_without_the_panel_is_not_built(tmp_path):
    """It would install without a word, and nobody would see a panel."""
    sources = tmp_path / "nbship"
    ignored = shutil.ignore_patterns(
        "node_modules", ".git", ".venv", "labextension", ".nbship", "tests", "*_cache"
    )
    shutil.copytree(ROOT, sources, ignore=ignored)
    shutil.copytree(ROOT / "labextension" / "jupyter-config", sources / "labextension" / "jupyter-config")
    for name in ("install.json", "build_hook.py"):
        shutil.copy(ROOT / "labextension" / name, sources / "labextension")
    command = [sys.executable, "-m", "pip", "wheel", str(sources), "--no-deps", "--no-build-isolation"]
    environment = {**os.environ, "SKIP_JUPYTER_BUILDER": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)
    assert done.returncode != 0
    assert "the wheel would have no panel" in done.stdout + done.stderr
    assert not list(tmp_path.glob("*.whl"))


@pytest.mark.slow
def test_the_entry_points_of_the_wheel_exist(wheel):
    points = configparser.ConfigParser(delimiters=("=",))
    points.read_string(wheel.read(f"{metadata_folder()}/entry_points.txt").decode())
    assert points["console_scripts"]["nbship"] == "nbship.cli:main"
    assert "mlflow.run_context_provider" in points
    for target in (value for group in points.sections() for value in points[group].values()):
        module, _, name = target.partition(":")
        assert callable(getattr(import_module(module), name)), target


@pytest.mark.slow
def test_the_wheel_keeps_its_promise_on_python(wheel):
    metadata = wheel.read(f"{metadata_folder()}/METADATA").decode()
    assert "Requires-Python: >=3.11" in metadata
    assert "License-Expression: Apache-2.0" in metadata


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_committed_notebook_is_valid_and_has_no_outputs(path):
    import nbformat

    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []
    assert [cell.id for cell in code if "execution" in cell.metadata] == []


def test_the_tour_loads_nbship_and_marks_its_parameters():
    cells = json.loads((ROOT / "notebooks" / "01-track.ipynb").read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert "".join(code[0]["source"]) == "%load_ext nbship"
    assert [cell["id"] for cell in code if "parameters" in cell["metadata"].get("tags", [])] == ["parameters"]
    assert sum("".join(cell["source"]).startswith("%%track") for cell in code) >= 3


def test_the_changelog_speaks_of_this_version():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[([^\]]+)\]", changelog, re.MULTILINE)[0] == nbship.__version__


def test_the_readme_has_one_line_to_try_and_one_to_test():
    lines = [line for line in readme_code("bash") if "-m venv" in line]
    assert [re.search(r"\.venv/bin/(?!pip)\S+.*$", line)[0] for line in lines] == [
        ".venv/bin/nbship demo",
        ".venv/bin/python -m pytest",
    ]
    extras = [extra for line in lines for extra in re.findall(r"'\.\[(\w+)\]'", line)]
    assert extras == ["demo", "test"]
    assert set(extras) <= PYPROJECT["project"]["optional-dependencies"].keys()


def test_the_pipeline_takes_its_test_line_from_the_readme():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    pattern = re.search(r"grep -E '([^']+)' README\.md", script)[1]
    assert len(re.findall(pattern, README, re.MULTILINE)) == 1
    assert "pip install" not in script


@pytest.mark.parametrize("command", sorted(commands_of_the_readme()))
def test_every_command_of_the_readme_exists(command, capsys):
    from nbship.cli import main

    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    assert command in capsys.readouterr().out


def test_every_setting_of_the_readme_exists():
    from nbship.config import ENVIRONMENT

    rows = re.findall(r"^\| `(\w+)` \| ((?:`NBSHIP_\w+`|`MLFLOW_\w+`|, )+) \|", README, re.MULTILINE)
    assert {name: tuple(re.findall(r"`(\w+)`", variables)) for name, variables in rows} == ENVIRONMENT


def test_every_link_of_the_texts_leads_somewhere():
    for text in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", (ROOT / text).read_text(encoding="utf-8"))
        assert [target for target in targets if not (ROOT / target).exists()] == []
