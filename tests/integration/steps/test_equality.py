"""The same notebook executed by papermill, by a warm kernel and by a plain one: outputs and files are equal."""

from __future__ import annotations

import json
import os
import re
import shutil
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from integration.steps.corpus import CORPUS, WIDGETS, Example
from kernels import make_project
from nbship.config import load_settings
from nbship.model.step import StepState
from nbship.service.steps import StepOptions, run_notebook
from warm_kernels import private_servers

pytestmark = pytest.mark.slow

ALWAYS = (r"0x[0-9a-f]{4,}", r"/tmp/ipykernel_\d+/\d+\.py", r"_MainThread\([^)]*\)")
"""Addresses, the files that cells pretend to be, and thread ids: other ones in each execution."""


@pytest.fixture(scope="module")
def settings(mlflow_template, tmp_path_factory):
    with private_servers(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORPUS_GIVEN", "given")
        yield load_settings(
            make_project(tmp_path_factory.mktemp("equality") / "project", mlflow_template).folder
        )


@pytest.fixture
def folder(settings) -> Iterator[Path]:
    """One folder for all three, so that no path differs."""
    path = settings.project / "work"
    yield path
    shutil.rmtree(path)


def fresh(example: Example, folder: Path) -> Path:
    """Return the example's notebook in a folder with its files and nothing else."""
    os.environ.pop(
        "PYTEST_CURRENT_TEST", None
    )  # ipykernel looks at it: it then leaves file descriptors alone
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in example.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    folder.mkdir(exist_ok=True)
    source = folder / "notebook.ipynb"
    source.write_text(json.dumps(example.notebook()), encoding="utf-8")
    return source


def by_papermill(example: Example, folder: Path) -> dict[str, Any]:
    import papermill

    source = fresh(example, folder)
    # It calls a notebook with an expected error failed, after all cells have run.
    with warnings.catch_warnings(), suppress(papermill.PapermillExecutionError):
        warnings.simplefilter("ignore")
        papermill.execute_notebook(
            str(source), str(folder / "out.ipynb"), cwd=str(folder), progress_bar=False
        )
    return seen(example, folder)


def by_nbship(settings, example: Example, folder: Path, *, warm: bool) -> dict[str, Any]:
    source = fresh(example, folder)
    options = StepOptions(cwd=str(folder), warm=warm)
    result = run_notebook(settings, str(source), str(folder / "out.ipynb"), options)
    assert result.state is StepState.COMPLETED, result.failure
    assert result.warm is (warm and example.warm)
    return seen(example, folder)


def seen(example: Example, folder: Path) -> dict[str, Any]:
    """Return what an execution left: its outputs cell by cell, and its files."""
    notebook = json.loads((folder / "out.ipynb").read_text(encoding="utf-8"))
    cells = [
        f"{cell['execution_count']} {scrubbed(example, merged(cell['outputs']))}"
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
    ]
    return {
        "cells": cells,
        "files": {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix not in (".ipynb", ".pyc")
        },
        "language": notebook["metadata"]["language_info"],
        "widgets": sorted(scrubbed(example, state) for state in widget_states(notebook)),
    }


def widget_states(notebook: dict[str, Any]) -> list[Any]:
    views = notebook["metadata"].get("widgets", {}).values()
    return [state for view in views for state in view["state"].values()]


def merged(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join what stands together of each stream: in which pieces it comes is chance, and which stream is first."""
    found: list[dict[str, Any]] = []
    streams: dict[str, dict[str, Any]] = {}
    for output in outputs:
        if output["output_type"] != "stream":
            streams = {}
            found.append(output)
            continue
        text = "".join(output["text"])
        if output["name"] in streams:
            streams[output["name"]]["text"] += text
        else:
            streams[output["name"]] = {"output_type": "stream", "name": output["name"], "text": text}
            found.append(streams[output["name"]])
    return ordered(found)


def ordered(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put neighbouring streams in the order of their names."""
    for i in range(1, len(outputs)):
        pair = outputs[i - 1 : i + 1]
        if all(output["output_type"] == "stream" for output in pair):
            outputs[i - 1 : i + 1] = sorted(pair, key=lambda output: str(output["name"]), reverse=True)
    return outputs


def scrubbed(example: Example, value: Any) -> str:
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)
    for pattern in (*ALWAYS, *example.scrub):
        text = re.sub(pattern, "~", text)
    return text


def differences(example: Example, ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """Return what differs, to be read."""
    pairs = zip(example.cells, ours["cells"], theirs["cells"], strict=True)
    told = [f"{source}\n--- nbship\n{a}\n--- papermill\n{b}" for source, a, b in pairs if a != b]
    told += [
        f"{key}: {ours[key]} {theirs[key]}"
        for key in ("files", "language", "widgets")
        if ours[key] != theirs[key]
    ]
    return "\n\n".join(told)


@pytest.mark.parametrize("example", CORPUS, ids=lambda example: example.name)
def test_outputs_are_those_of_papermill(example, folder, settings):
    for module in example.needs:
        pytest.importorskip(module)
    expected = by_papermill(example, folder)

    assert not differences(example, by_nbship(settings, example, folder, warm=True), expected)
    assert not differences(example, by_nbship(settings, example, folder, warm=False), expected)


@pytest.mark.parametrize("warm", [True, False])
def test_a_notebook_with_an_output_widget_comes_to_its_end(folder, settings, warm):
    pytest.importorskip("ipywidgets")
    assert by_nbship(settings, WIDGETS, folder, warm=warm)["widgets"]


def test_an_edited_module_is_used_by_the_next_warm_kernel(folder, settings):
    first = Example("edited", ("import own\nown.VALUE",), {"own.py": "VALUE = 1\n"})
    second = Example("edited", first.cells, {"own.py": "VALUE = 2\n"})
    before = by_nbship(settings, first, folder, warm=True)
    after = by_nbship(settings, second, folder, warm=True)

    assert "1" in before["cells"][0]
    assert before != after
    assert after == by_papermill(second, folder)
