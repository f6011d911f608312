from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest

from nbship.errors import UsageError
from nbship.pipeline.definition.loading import load_pipeline


def code(source: str, *tags: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "metadata": {"tags": list(tags)},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def write_notebook(path: Path, *cells: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    return path


@pytest.fixture
def write(tmp_path: Path):
    """Write a pipeline.toml beside notebooks `a`, `b` and `c` and a file `raw.csv`, and return its path."""
    for name in "abc":
        write_notebook(tmp_path / f"{name}.ipynb", code("n = 1", "parameters"))
    (tmp_path / "raw.csv").write_text("x\n1\n")

    def write(text: str) -> Path:
        path = tmp_path / "pipeline.toml"
        path.write_text(textwrap.dedent(text))
        return path

    return write


def steps(**extra: str) -> str:
    """Return the tables of steps that each run the notebook of their first letter."""
    return "\n".join(f'[steps.{name}]\nnotebook = "{name[0]}.ipynb"\n{text}' for name, text in extra.items())


def test_steps_come_in_an_order_that_respects_what_they_need(write):
    path = write(
        steps(
            c="inputs = ['made']\nafter = ['b']",
            b="outputs = { other = 'other.csv' }",
            a="outputs = { made = 'made.csv' }",
        )
    )
    pipeline = load_pipeline(path)
    assert [step.name for step in pipeline.steps] == ["b", "a", "c"]
    assert pipeline.dependencies(pipeline.steps[2]) == ("a", "b")


def test_a_folder_stands_for_its_pipeline_file(write):
    assert load_pipeline(write(steps(a="")).parent).steps[0].name == "a"


def test_a_tagged_notebook_is_a_pipeline(tmp_path):
    path = write_notebook(
        tmp_path / "flights.ipynb",
        code("n = 1", "parameters"),
        code("x = n", "step:one"),
        code("print(x)", "step:two"),
    )
    pipeline = load_pipeline(path, {"one": {"n": "4"}})
    assert [(step.name, step.inputs, step.parameters) for step in pipeline.steps] == [
        ("one", (), {"n": 4}),
        ("two", ("one.x",), {}),
    ]
    assert pipeline.folder == str(tmp_path)


SOURCES = '[sources]\nraw = "raw.csv"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"has no steps: write \[steps\.NAME\]"),
        (steps(a="after = ['c']", b=""), "step a comes after 'c', which is no step. There are: a, b"),
        (steps(a="after = ['ab']", abc=""), "Did you mean abc"),
        (
            steps(a="inputs = ['z']\noutputs.x = 'x'", b="inputs = ['x']\noutputs.y = 'y'", c="inputs = ['y']\noutputs.z = 'z'"),
            "in a circle: a -> c -> b -> a",
        ),
        (steps(a="after = ['a']"), "in a circle: a -> a"),
        (steps(a="outputs.x = 'x'", b="outputs.x = 'y'"), "step b makes 'x', which is an output of step a already"),
        (SOURCES + steps(a="outputs.raw = 'x'"), "step a makes 'raw', which is a source already"),
        (steps(a="outputs.x = 'd/x'", b="outputs.y = 'd/e/../x'"), "step b writes 'y' to d/e/../x, where 'x' of step a is"),
        (steps(a="outputs.x = 'd'", b="outputs.y = 'd/y'"), "step b writes 'y' to d/y, where 'x' of step a is"),
        (SOURCES + steps(a="outputs.x = 'raw.csv'"), "where the source 'raw' is"),
        (steps(a="outputs.x = 'a.ipynb'"), "where the notebook of step a is"),
        ('[sources]\nraw = "row.csv"\n' + steps(a="inputs = ['raw']"), "there is no row.csv, the source 'raw'"),
        (SOURCES + steps(a="inputs = ['rav']"), "no step makes the input 'rav'.*Did you mean raw"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_graph_is_told_before_anything_runs(write, text, message):
    with pytest.raises(UsageError, match=message) as caught:
        load_pipeline(write(text))
    assert "pipeline.toml" in str(caught.value)


def test_a_source_may_lie_anywhere(write, tmp_path):
    outside = tmp_path.parent / "outside.csv"
    outside.write_text("x")
    path = write(f'[sources]\nraw = "{outside}"\nup = "../outside.csv"\n' + steps(a="inputs = ['raw', 'up']"))
    assert load_pipeline(path).sources["up"] == "../outside.csv"


def test_parameters_of_an_unknown_step_name_the_nearest(write):
    with pytest.raises(UsageError, match=r"no step 'trian' to give a parameter to\. There are: a, b"):
        load_pipeline(write(steps(a="", b="")), {"trian": {"n": "1"}})
    with pytest.raises(UsageError, match=r"step a: there is no parameter 'm'"):
        load_pipeline(write(steps(a="", b="")), {"a": {"m": "1"}})


def test_other_files_are_no_pipelines(tmp_path):
    with pytest.raises(UsageError, match=r"flights\.py is no pipeline: name a pipeline\.toml, or a notebook"):
        load_pipeline(tmp_path / "flights.py")
    with pytest.raises(UsageError, match="there is no pipeline file"):
        load_pipeline(tmp_path)
    with pytest.raises(UsageError, match="there is no notebook"):
        load_pipeline(tmp_path / "none.ipynb")
