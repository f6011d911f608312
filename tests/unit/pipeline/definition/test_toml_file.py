from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from nbship.errors import UsageError
from nbship.pipeline.definition.toml_file import read_toml


def write_notebook(path: Path, parameters: str = "") -> None:
    cells = [
        {
            "cell_type": "code",
            "id": "a",
            "metadata": {"tags": ["parameters"]},
            "source": parameters,
            "outputs": [],
            "execution_count": None,
        }
    ]
    content = {"cells": cells if parameters else [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content))


@pytest.fixture
def write(tmp_path: Path):
    """Write a pipeline of notebooks `prepare` and `train`, and return its path."""
    write_notebook(tmp_path / "prepare.ipynb", "from pathlib import Path\nflights: Path\nplanes = 'x.csv'")
    write_notebook(tmp_path / "train.ipynb", "max_depth = 3\nmodel: str\nratio: float = 0.5")
    write_notebook(tmp_path / "plain.ipynb")

    def write(text: str) -> Path:
        path = tmp_path / "pipeline.toml"
        path.write_text(textwrap.dedent(text))
        return path

    return write


FULL = """
    name = "flights"
    description = "From tables to a model"
    [sources]
    planes = "data/planes.csv"
    [steps.prepare]
    notebook = "prepare.ipynb"
    inputs = ["planes"]
    outputs = { flights = "data/flights.parquet" }
    [steps.train]
    notebook = "train.ipynb"
    inputs = ["flights"]
    outputs = { model = "out/model.skops" }
    parameters = { max_depth = 6 }
    retries = 2
    retry_wait_seconds = 3
    timeout_seconds = 600
    cell_timeout_seconds = 60
    after = ["prepare"]
    cache = false
    kernel = "python3"
    resources = { GPU = 1 }
"""


def test_every_key_reaches_the_pipeline(write):
    path = write(FULL)
    pipeline = read_toml(path, {})
    assert (pipeline.name, pipeline.description) == ("flights", "From tables to a model")
    assert (pipeline.path, pipeline.folder) == (str(path), str(path.parent))
    assert pipeline.sources == {"planes": "data/planes.csv"}
    train = pipeline.steps[1]
    assert (train.name, train.notebook, train.inputs, train.after) == (
        "train",
        "train.ipynb",
        ("flights",),
        ("prepare",),
    )
    assert (train.retries, train.retry_wait_seconds) == (2, 3.0)
    assert (train.timeout_seconds, train.cell_timeout_seconds) == (600, 60)
    assert (train.cache, train.kernel_name, train.resources) == (False, "python3", {"GPU": 1.0})
    assert train.content["cells"][0]["source"].startswith("max_depth")


def test_what_is_not_given_has_defaults(write):
    pipeline = read_toml(write('[steps.one]\nnotebook = "plain.ipynb"'), {})
    step = pipeline.steps[0]
    assert pipeline.name == Path(pipeline.folder).name
    assert (step.retries, step.retry_wait_seconds, step.timeout_seconds, step.cache) == (0, 1.0, None, True)
    assert (step.parameters, step.inputs, step.outputs, step.kernel_name) == ({}, (), {}, None)


def test_paths_reach_the_parameters_of_the_same_name_as_they_are_declared(write):
    prepare, train = read_toml(write(FULL), {}).steps
    assert prepare.parameters == {"planes": "data/planes.csv", "flights": Path("data/flights.parquet")}
    assert train.parameters == {"max_depth": 6, "model": "out/model.skops"}


def test_the_command_line_wins_and_is_read_by_the_declared_type(write):
    train = read_toml(write(FULL), {"train": {"max_depth": "9", "ratio": "1"}}).steps[1]
    assert train.parameters["max_depth"] == 9
    assert train.parameters["ratio"] == 1.0
    assert type(train.parameters["ratio"]) is float


def test_secrets_are_taken_from_where_they_are_kept(write, tmp_path, monkeypatch):
    write_notebook(tmp_path / "plain.ipynb", "from nbship import Secret\na: Secret\nb: Secret")
    (tmp_path / "b.txt").write_text("from file\n")
    monkeypatch.setenv("A_TOKEN", "from env")
    path = write('[steps.s]\nnotebook = "plain.ipynb"\nsecrets = { a = "env:A_TOKEN", b = "file:b.txt" }')
    step = read_toml(path, {}).steps[0]
    assert step.secrets == {"a": "from env", "b": "from file"}
    assert step.parameters == {}
    monkeypatch.delenv("A_TOKEN")
    with pytest.raises(UsageError, match="step s: the environment variable A_TOKEN is not set"):
        read_toml(path, {})


STEP = '[steps.one]\nnotebook = "plain.ipynb"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = \n", r"no valid TOML: .*line 1"),
        ("nmae = 'x'", r"pipeline\.toml: unknown key 'nmae'\. Did you mean name\?"),
        ("name = 3", "name is text, not 3"),
        ("steps = 3", "steps is a table"),
        ("steps.one = 3", r"step one is no table: write \[steps\.NAME\]"),
        ("[steps.one]", r'step one has no notebook: write notebook = "NAME\.ipynb"'),
        (
            '[steps.one]\nnotebook = "plan.ipynb"',
            r"step one: there is no notebook .*Did you mean .*plain\.ipynb",
        ),
        ('[steps."1 a"]\nnotebook = "plain.ipynb"', "step '1 a' has no usable name"),
        (STEP + "retry = 1", r"step one: unknown key 'retry'\. Did you mean retries\?"),
        (STEP + "retries = -1", "step one: retries is a number of times, 0 or more, not -1"),
        (STEP + "retries = true", "retries is a number of times"),
        (STEP + "retries = 1.5", "retries is a number of times"),
        (STEP + "retry_wait_seconds = -0.1", "retry_wait_seconds is a number of seconds, 0 or more"),
        (STEP + "timeout_seconds = 0", "timeout_seconds is a number of seconds above 0, not 0"),
        (STEP + "cell_timeout_seconds = nan", "cell_timeout_seconds is a number of seconds above 0"),
        (STEP + "cache = 1", "cache is true or false, not 1"),
        (STEP + "after = 'two'", "after is a list of names"),
        (STEP + "inputs = [1]", "inputs is a list of names"),
        (STEP + "resources = { GPU = 0 }", "resources is a table of numbers above 0"),
        (STEP + "outputs = { a = '../a.csv' }", "outputs are paths inside the pipeline's folder"),
        (STEP + "outputs = { a = 'b/../../a.csv' }", "outputs are paths inside the pipeline's folder"),
        (STEP + "outputs = { a = '/tmp/a.csv' }", "outputs are paths inside the pipeline's folder"),
        (STEP + "outputs = { a = 'C:\\a.csv' }", "outputs are paths inside the pipeline's folder"),
        (STEP + "outputs = { a = '.' }", "outputs are paths inside the pipeline's folder"),
        (STEP + "outputs = { 'a b' = 'a.csv' }", "output 'a b' has no usable name"),
        (STEP + "inputs = ['b']\noutputs = { a = 'a' }", "no step makes the input 'b', and it is no source"),
        (STEP + "parameters = { x = 1 }\n[sources]\nx = 'x'\n", None),
        (
            '[steps.s]\nnotebook = "train.ipynb"\nparameters = { max_dept = 1, model = "m" }',
            "step s: .*'max_dept'.*'max_depth'",
        ),
        ('[steps.s]\nnotebook = "train.ipynb"', "step s: the notebook gives no default for 'model'"),
        (
            '[steps.s]\nnotebook = "train.ipynb"\nparameters = { model = "m", max_depth = "x" }',
            "step s: 'max_depth' takes int",
        ),
        (
            '[steps.s]\nnotebook = "train.ipynb"\noutputs.model = "m"\nparameters = { model = "n" }',
            "step s: model is an input or output, and its path reaches the notebook",
        ),
        (STEP + "secrets = { a = 'hunter2' }", "step one: a secret is given by where it is kept"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_step(write, text, message):
    path = write(text)
    if message is None:
        assert read_toml(path, {}).steps[0].parameters == {"x": 1}
        return
    with pytest.raises(UsageError, match=message) as caught:
        read_toml(path, {})
    assert "pipeline.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"max_dept": "1"}, "step train: .*max_depth"),
        ({"max_depth": "deep"}, "step train: 'max_depth' takes int"),
        ({"flights": "x.csv"}, "step train: flights is an input or output"),
    ],
)
def test_wrong_parameters_of_the_command_line_are_told(write, given, message):
    with pytest.raises(UsageError, match=message):
        read_toml(write(FULL), {"train": given})


def test_a_missing_file_and_a_notebook_of_another_format_are_told(write, tmp_path):
    with pytest.raises(UsageError, match="there is no pipeline file"):
        read_toml(tmp_path / "none.toml", {})
    (tmp_path / "plain.ipynb").write_text('{"nbformat": 3, "worksheets": []}')
    with pytest.raises(UsageError, match=r"step one: .*format 3"):
        read_toml(write(STEP), {})
    (tmp_path / "pipeline.toml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="cannot read the pipeline file"):
        read_toml(tmp_path / "pipeline.toml", {})


def test_a_parameters_cell_that_is_no_python_is_told(write, tmp_path):
    write_notebook(tmp_path / "plain.ipynb", "a = = 1")
    with pytest.raises(
        UsageError, match=r"step one: plain\.ipynb: the cell tagged 'parameters'.*not valid Python"
    ):
        read_toml(write(STEP), {})
