"""What is captured, what a cell would leave, what works here, and the tour."""

from __future__ import annotations

import json

import pytest

from nbship.tour import tour_notebooks

HOSTILE = "<img src=x onerror=alert(1)>"


async def test_what_is_captured_is_told_with_where_each_setting_came_from(ask, project):
    uri = "http://me:hunter2@store.example"
    (project / "pyproject.toml").write_text(f'[tool.nbship]\nmodels = false\ntracking_uri = "{uri}"\n')
    status, answer = await ask("GET", "capture", query={"path": ""})
    assert status == 200
    assert answer["tracking_uri"] == "http://me:***@store.example"
    assert {one["setting"]: one["on"] for one in answer["captured"]}["models"] is False
    settings = {one["name"]: one for one in answer["settings"]}
    assert settings["models"] == {
        "name": "models",
        "value": "False",
        "origin": "pyproject.toml [tool.nbship]",
    }
    assert "hunter2" not in json.dumps(answer)


async def test_a_cell_is_foreseen(ask):
    body = {
        "source": f"%%track\nscore = f(rate)\nlabel = {HOSTILE!r}\nlabel",
        "earlier": [{"source": "rate = 0.5", "tags": ["parameters"]}, {"source": "def f(x):\n    return x"}],
    }
    status, answer = await ask("POST", "capture/preview", body=body)
    assert status == 200
    assert answer["tracked"] is True
    assert answer["metrics"] == ["score"]
    assert [(one["name"], one["value"], one["cell"]) for one in answer["parameters"]] == [
        ("rate", "0.5", 0),
        ("label", HOSTILE, None),
    ]


async def test_a_cell_that_does_not_parse_is_an_answer_and_no_error(ask):
    status, answer = await ask("POST", "capture/preview", body={"source": "x = ="})
    assert (status, answer["problem"].startswith("it does not parse in line 1")) == (200, True)


@pytest.mark.parametrize("body", [{}, {"source": 3}, {"source": "x", "earlier": "y"}, [], "x"])
async def test_a_preview_of_nothing_is_refused(ask, body):
    status, answer = await ask("POST", "capture/preview", body=body)
    assert (status, answer["code"]) == (400, "usage")


async def test_the_doctor_tells_each_thing_that_it_looked_at(ask):
    status, answer = await ask("GET", "doctor")
    assert status == 200
    checks = {one["name"]: one for one in answer["checks"]}
    assert checks["mlflow"]["ok"] is True
    assert "not there yet" in checks["store"]["hint"]


async def test_the_tour_is_put_into_a_folder_and_never_over_anything(ask, project):
    (project / "work").mkdir()
    status, answer = await ask("POST", "tour", body={"folder": "work"})
    assert status == 200
    assert answer["folder"] == "work/nbship-tour"
    first = project / answer["notebooks"][0]
    assert first.read_bytes() == tour_notebooks()[0].read_bytes()
    assert (project / "work/nbship-tour/flights/pipeline.toml").is_file()
    first.write_text("mine")
    (project / answer["notebooks"][1]).unlink()
    assert (await ask("POST", "tour", body={"folder": "work"}))[1] == answer
    assert first.read_text() == "mine"
    assert (project / answer["notebooks"][1]).is_file()


async def test_the_tour_in_the_folder_of_the_server(ask):
    status, answer = await ask("POST", "tour", body={"folder": ""})
    assert (status, answer["notebooks"][0]) == (200, "nbship-tour/01-track.ipynb")


@pytest.mark.parametrize(
    ("folder", "status"), [("../elsewhere", 400), ("a/../../b", 400), ("missing", 404), ("file.txt", 400)]
)
async def test_the_tour_stays_below_the_folder_of_the_server(ask, project, folder, status):
    (project / "file.txt").touch()
    assert (await ask("POST", "tour", body={"folder": folder}))[0] == status


async def test_the_tour_does_not_follow_a_link_out(ask, project, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (project / "nbship-tour").symlink_to(outside)
    assert (await ask("POST", "tour", body={"folder": ""}))[0] == 400
    assert list(outside.iterdir()) == []
