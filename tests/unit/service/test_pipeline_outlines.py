from __future__ import annotations

import pytest

from executed_steps import save_notebook
from nbship.errors import UsageError
from nbship.service import check_pipeline, pipeline_outline
from nbship.service.pipelines import PipelineOptions


@pytest.fixture
def flow(tmp_path):
    save_notebook(
        tmp_path / "one.ipynb", "table = ''\nsize: int = 3\nname = 'x'", "1", tags={0: ["parameters"]}
    )
    save_notebook(tmp_path / "two.ipynb", "table = ''", "1", tags={0: ["parameters"]})
    (tmp_path / "pipeline.toml").write_text(
        '[steps.one]\nnotebook = "one.ipynb"\noutputs = { table = "t.csv" }\nparameters = { size = 5 }\n'
        '[steps.two]\nnotebook = "two.ipynb"\ninputs = ["table"]\n'
    )
    return tmp_path / "pipeline.toml"


def test_an_outline_has_what_can_be_given_and_what_is_given(flow):
    found = pipeline_outline(str(flow)).to_dict()
    one, two = found["steps"]
    assert [each["name"] for each in one["parameters"]] == ["size", "name"]
    assert (one["given"], one["notebook"]) == ({"size": 5}, str(flow.parent / "one.ipynb"))
    assert (two["parameters"], two["needs"], found["edges"]) == ([], ["one"], [["one", "two"]])


def test_a_step_of_a_tagged_notebook_takes_the_parameters_that_it_uses(tmp_path):
    path = save_notebook(
        tmp_path / "tagged.ipynb",
        "rows = 5\nrate = 0.1",
        "table = list(range(rows))",
        "print(table, rate)",
        tags={0: ["parameters"], 1: ["step:make"], 2: ["step:show"]},
    )
    names = {
        step.name: [parameter.name for parameter in step.parameters.parameters]
        for step in pipeline_outline(str(path)).steps
    }
    assert names == {"make": ["rows"], "show": ["rate"]}


@pytest.mark.parametrize(
    "options",
    [
        PipelineOptions(only=("three",)),
        PipelineOptions(start="three"),
        PipelineOptions(only=("two",)),
        PipelineOptions(parameters={"one": {"size": "many"}}),
    ],
)
def test_what_cannot_run_is_refused_before_it_does(flow, options):
    with pytest.raises(UsageError):
        check_pipeline(str(flow), options)


def test_what_can_run_is_not_refused(flow):
    check_pipeline(str(flow), PipelineOptions(start="one", parameters={"one": {"size": "7"}}))
