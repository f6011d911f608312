from __future__ import annotations

import asyncio
import json
import os
import shlex

import pytest

from executed_steps import save_notebook
from nbship.errors import UsageError
from nbship.labserver.step_words import option, value_words
from nbship.pipeline.parameters.yaml_values import load_mapping

DECLARED = "from nbship import Secret\nlr: float = 0.1  # how fast\nname = 'a'\nlayers: list[int] = [1, 2]"
PIPELINE = """
name = "small"
[steps.one]
notebook = "one.ipynb"
outputs = { table = "table.json" }
[steps.two]
notebook = "two.ipynb"
inputs = ["table"]
"""


@pytest.fixture
def notebook(project):
    """Return the path of a notebook with parameters, relative to the server."""
    save_notebook(project / "train.ipynb", DECLARED, "print(lr, name, layers)", tags={0: ["parameters"]})
    return "train.ipynb"


@pytest.fixture
def pipeline(project):
    folder = project / "flow"
    folder.mkdir()
    write = "import pathlib\npathlib.Path(table).write_text(str(size))"
    save_notebook(folder / "one.ipynb", "table = ''\nsize: int = 3", write, tags={0: ["parameters"]})
    read = "assert int(open(table).read()) < 10, 'too large'"
    save_notebook(folder / "two.ipynb", "table = ''", read, tags={0: ["parameters"]})
    (folder / "pipeline.toml").write_text(PIPELINE)
    return "flow/pipeline.toml"


async def ended(ask, job: str):
    """Return a job with its result when it has ended."""
    for _ in range(600):
        _, answer = await ask("GET", f"jobs/{job}")
        if answer["job"]["state"] != "running":
            return answer
        await asyncio.sleep(0.2)
    raise AssertionError("the job did not end")


def words_of(project, job: str) -> list[str]:
    return shlex.split(json.loads((project / ".nbship" / "jobs" / job / "job.json").read_text())["command"])


async def test_parameters_of_a_notebook_are_told_with_types(ask, notebook):
    status, answer = await ask("GET", "notebooks/parameters", {"file": notebook})
    assert status == 200
    assert answer["tagged"]
    assert answer["proposal"] is None
    assert [(each["name"], each["kind"], each.get("default")) for each in answer["parameters"]] == [
        ("lr", "float", 0.1),
        ("name", "str", "a"),
        ("layers", "list", [1, 2]),
    ]


async def test_a_notebook_without_parameters_gets_the_proposed_cell_when_asked(ask, project):
    save_notebook(project / "plain.ipynb", "depth = 3", "print(depth)")
    _, before = await ask("GET", "notebooks/parameters", {"file": "plain.ipynb"})
    assert not before["tagged"]
    assert before["proposal"]["names"] == ["depth"]
    assert "depth = 3" in before["proposal"]["cell_source"]
    status, after = await ask("POST", "notebooks/convert", body={"file": "plain.ipynb"})
    assert (status, after["tagged"], after["proposal"]) == (200, True, None)
    assert [each["name"] for each in after["parameters"]] == ["depth"]


async def test_a_notebook_without_constants_says_why_there_is_no_proposal(ask, project):
    save_notebook(project / "plain.ipynb", "print(1)")
    _, answer = await ask("GET", "notebooks/parameters", {"file": "plain.ipynb"})
    assert answer["proposal"] is None
    assert "no constant" in answer["reason"]


@pytest.mark.parametrize("file", ["../outside.ipynb", "missing.ipynb"])
async def test_files_outside_and_missing_files_are_refused(ask, file):
    status, fault = await ask("GET", "notebooks/parameters", {"file": file})
    assert status in (400, 404)
    assert fault["message"]


async def test_a_step_runs_with_its_parameters(ask, project, notebook):
    body = {"notebook": notebook, "parameters": {"lr": 1e-5, "name": "--json", "layers": [3]}, "name": "-x"}
    status, job = await ask("POST", "jobs/step", body=body)
    assert (status, job["kind"], job["path"], job["title"]) == (200, "step", notebook, "-x")
    answer = await ended(ask, job["id"])
    assert answer["job"]["state"] == "completed", answer["log"]
    assert answer["job"]["progress"]["state"] == "completed"
    assert answer["result"]["output_path"] == "train.executed.ipynb"
    assert "1e-05 --json [3]" in (project / "train.executed.ipynb").read_text()


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"learning": 1}, "no parameter 'learning'"),
        ({"lr": "fast"}, "'lr' takes float"),
        ({"layers": ["a"]}, "'layers' takes list"),
    ],
)
async def test_wrong_parameters_start_no_job(ask, notebook, parameters, said):
    status, fault = await ask("POST", "jobs/step", body={"notebook": notebook, "parameters": parameters})
    assert status == 400
    assert said in fault["message"]
    assert (await ask("GET", "jobs"))[1]["jobs"] == []


HOSTILE = [
    "--json",
    "-",
    "-y",
    "--help",
    "a: b",
    "{x}",
    "null",
    "2020-01-01",
    "\n- a",
    "'",
    '"',
    "ünï 😀",
    " x ",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_taken_for_another_value(text):
    values = {"value": text, "number": 1e-5, "nested": {"on": [text, True, None]}}
    option, yaml = value_words(values)
    assert option == "-y"
    assert not yaml.startswith("-")
    assert load_mapping(yaml, "-y") == values


@pytest.mark.parametrize("text", ["\x00", "\ud800", "x" * 200_000])
def test_what_no_command_takes_is_refused(text):
    with pytest.raises(UsageError):
        option("name", text)


async def test_a_notebook_of_an_odd_name_runs(ask, project):
    save_notebook(project / "-odd {n}.ipynb", "value = ''", "print([value])", tags={0: ["parameters"]})
    _, job = await ask(
        "POST", "jobs/step", body={"notebook": "-odd {n}.ipynb", "parameters": {"value": "-p"}}
    )
    assert words_of(project, job["id"])[:3] == ["nbship", "run", "./-odd {{n}}.ipynb"]
    answer = await ended(ask, job["id"])
    assert answer["job"]["state"] == "completed", answer["log"]
    assert "['-p']" in (project / "-odd {n}.executed.ipynb").read_text()


async def test_secrets_reach_the_notebook_and_no_file_of_the_job(ask, project):
    cell = "from nbship import Secret\nkey: Secret\npassword = ''"
    save_notebook(project / "s.ipynb", cell, "print(len(key), len(password))", tags={0: ["parameters"]})
    body = {
        "notebook": "s.ipynb",
        "secrets": {"key": "s3cr3t-key"},
        "parameters": {"password": "hunter2-word"},
    }
    status, job = await ask("POST", "jobs/step", body=body)
    assert status == 200
    answer = await ended(ask, job["id"])
    assert answer["job"]["state"] == "completed", answer["log"]
    assert "10 12" in (project / "s.executed.ipynb").read_text()
    written = [file for file in (project / ".nbship").rglob("*") if file.is_file()]
    for file in [*written, project / "s.executed.ipynb"]:
        data = file.read_bytes()
        assert b"s3cr3t-key" not in data, file
        assert b"hunter2-word" not in data, file
    assert "s3cr3t-key" not in os.environ.values()


async def test_a_secret_among_the_parameters_is_not_run(ask, project):
    save_notebook(
        project / "s.ipynb", "from nbship import Secret\nkey: Secret", "1", tags={0: ["parameters"]}
    )
    status, fault = await ask(
        "POST", "jobs/step", body={"notebook": "s.ipynb", "parameters": {"key": "x-y-z"}}
    )
    assert status == 400
    assert "x-y-z" not in fault["message"]


async def test_the_output_may_not_be_the_notebook_itself(ask, notebook):
    for output in (notebook, "a.txt", "../a.ipynb"):
        status, _ = await ask("POST", "jobs/step", body={"notebook": notebook, "output": output})
        assert status == 400


async def test_the_points_of_a_sweep_are_shown_before_it_runs(ask, notebook):
    body = {"notebook": notebook, "grid": {"lr": [0.1, 1, "1e-3"], "name": ["a", "-b"]}}
    status, answer = await ask("POST", "sweeps/points", body=body)
    assert (status, answer["total"]) == (200, 6)
    assert answer["points"][:2] == [{"lr": 0.1, "name": "a"}, {"lr": 0.1, "name": "-b"}]
    assert answer["points"][2]["lr"] == 1.0


@pytest.mark.parametrize(
    "body",
    [
        {"grid": {}},
        {"grid": {"lr": ["x"]}},
        {"grid": {"lr": "0.1..1"}},
        {"grid": {"lr": [0.1]}, "parameters": {"lr": 1}},
        {"grid": {"name": ["a,b"]}},
        {"grid": {"lr": [0.1]}, "workers": 0},
    ],
)
async def test_a_wrong_sweep_starts_no_job(ask, notebook, body):
    for path in ("sweeps/points", "jobs/sweep"):
        assert (await ask("POST", path, body={"notebook": notebook, **body}))[0] == 400
    assert (await ask("GET", "jobs"))[1]["jobs"] == []


async def test_a_sweep_runs_all_its_points(ask, project, notebook):
    grid = {"lr": [0.5, 0.25], "layers": [[1, 2], [3]]}
    body = {
        "notebook": notebook,
        "grid": grid,
        "parameters": {"name": "-m"},
        "metric": "-x",
        "maximize": False,
        "workers": 2,
    }
    status, job = await ask("POST", "jobs/sweep", body=body)
    assert status == 200
    answer = await ended(ask, job["id"])
    assert answer["job"]["state"] == "completed", answer["log"]
    params = [(point["params"]["lr"], point["params"]["layers"]) for point in answer["result"]["points"]]
    assert params == [(0.5, "[1, 2]"), (0.5, "[3]"), (0.25, "[1, 2]"), (0.25, "[3]")]
    assert all(point["state"] == "completed" for point in answer["result"]["points"])
    point = answer["result"]["points"][0]["output_path"]
    _, book = await ask("GET", "notebooks/executed", {"file": point})
    assert "0.5 -m [1, 2]" in json.dumps(book)


async def test_pipelines_of_the_project_are_found(ask, project, pipeline):
    save_notebook(project / "tagged.ipynb", "a = 1", "print(a)", tags={0: ["step:make"], 1: ["step:show"]})
    (project / ".venv").mkdir()
    (project / ".venv" / "pipeline.toml").write_text(PIPELINE)
    status, answer = await ask("GET", "pipelines")
    assert (status, answer["complete"]) == (200, True)
    assert [(one["file"], one["name"], one["kind"], one["steps"]) for one in answer["pipelines"]] == [
        (pipeline, "small", "toml", ["one", "two"]),
        ("tagged.ipynb", "tagged", "notebook", ["make", "show"]),
    ]


async def test_the_graph_of_a_pipeline_has_places_notebooks_and_parameters(ask, pipeline):
    status, answer = await ask("GET", "pipelines/graph", {"file": pipeline})
    assert status == 200
    one, two = answer["steps"]
    assert (one["notebook"], two["needs"], answer["edges"]) == ("flow/one.ipynb", ["one"], [["one", "two"]])
    assert [each["name"] for each in one["parameters"]] == ["size"]
    left, right = answer["layout"]["boxes"]
    assert left[0] + left[2] < right[0]
    assert answer["layout"]["edges"][0]["start"] == 0


async def test_a_broken_pipeline_says_what_is_wrong(ask, project, pipeline):
    (project / "flow" / "two.ipynb").unlink()
    status, fault = await ask("GET", "pipelines/graph", {"file": pipeline})
    assert status == 400
    assert "two" in fault["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"start": "--force"},
        {"only": ["three"]},
        {"parameters": {"one": {"size": "many"}}},
        {"parameters": {"one": {"password": "x"}}},
        {"only": ["two"]},
    ],
)
async def test_a_wrong_pipeline_starts_no_job(ask, pipeline, body):
    assert (await ask("POST", "jobs/pipeline", body={"file": pipeline, **body}))[0] == 400
    assert (await ask("GET", "jobs"))[1]["jobs"] == []


async def test_a_failed_pipeline_is_resumed(ask, project, pipeline):
    _, job = await ask("POST", "jobs/pipeline", body={"file": pipeline, "parameters": {"one": {"size": 12}}})
    answer = await ended(ask, job["id"])
    assert answer["job"]["state"] == "failed"
    states = {step["name"]: step["state"] for step in answer["job"]["progress"]["steps"]}
    assert states == {"one": "completed", "two": "failed"}
    failure = answer["result"]["steps"][1]["failure"]
    assert "too large" in failure["message"]
    _, graph = await ask("GET", f"jobs/{job['id']}/graph")
    assert graph["steps"] == ["one", "two"]

    read = "assert int(open(table).read()) < 100"
    save_notebook(project / "flow" / "two.ipynb", "table = ''", read, tags={0: ["parameters"]})
    body = {"file": pipeline, "parameters": {"one": {"size": 12}}, "resume": True}
    _, again = await ask("POST", "jobs/pipeline", body=body)
    answer = await ended(ask, again["id"])
    assert answer["job"]["state"] == "completed", answer["log"]
    assert [step["state"] for step in answer["result"]["steps"]] == ["cached", "completed"]


async def test_what_was_asked_is_kept_without_secrets(ask, project, pipeline):
    asked = {"file": pipeline, "parameters": {"one": {"size": 4}}, "start": "one"}
    _, job = await ask("POST", "jobs/pipeline", body=asked)
    _, kept = await ask("GET", f"jobs/{job['id']}/request")
    assert kept == {"request": asked}
    await ask("POST", f"jobs/{job['id']}/cancel", body={})
    await ended(ask, job["id"])


async def test_a_running_step_is_cancelled(ask, project):
    save_notebook(project / "long.ipynb", "print('begun', flush=True)\nimport time\ntime.sleep(600)")
    _, job = await ask("POST", "jobs/step", body={"notebook": "long.ipynb"})
    for _ in range(300):
        _, answer = await ask("GET", f"jobs/{job['id']}")
        if "begun" in answer["log"]:
            break
        await asyncio.sleep(0.2)
    await ask("POST", f"jobs/{job['id']}/cancel", body={})
    assert (await ended(ask, job["id"]))["job"]["state"] == "cancelled"


async def test_only_notebooks_of_the_project_are_shown(ask, project, tmp_path):
    save_notebook(tmp_path / "away.ipynb", "1")
    for file in (str(tmp_path / "away.ipynb"), "/etc/passwd", ".nbship/none.ipynb"):
        status, _ = await ask("GET", "notebooks/executed", {"file": file})
        assert status in (400, 404)
