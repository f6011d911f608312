"""Served models, as the panel lists, watches, asks and stops them; on the real server of a model."""

from __future__ import annotations

import json
import os
import signal
import sysconfig
from pathlib import Path

import pytest

import nbship
from nbship.model.image import ServedModel
from nbship.packaging.services import claim_service, list_services, serve_process, stop_service
from served_bundles import COLUMNS, write_bundle

ROW = dict(zip(COLUMNS, [5.1, 3.5, 1.4, 0.2], strict=True))
OTHER = dict(zip(COLUMNS, [6.7, 3.0, 5.2, 2.3], strict=True))
MODEL = ServedModel("", "", "", "", run_id="0123abcd", run_name="brave-fox", model="iris", method="predict")


@pytest.fixture(autouse=True)
def _no_engine(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")


@pytest.fixture
def home(project):
    home = project / ".nbship"
    yield home
    for model in list_services(home):
        stop_service(home, model.name, timeout_seconds=1)


@pytest.fixture
def iris(home):
    """Serve a model of iris, from the files that its image would have."""
    from sklearn.linear_model import LogisticRegression

    with claim_service(home, "iris") as claim:
        place = claim.folder / "root" / "opt" / "nbship"
        (place / "runtime").mkdir(parents=True)
        (place / "runtime" / "nbship").symlink_to(Path(nbship.__file__).parent)
        (place / "site").symlink_to(sysconfig.get_path("purelib"))
        (place / "model").mkdir()
        write_bundle(place / "model", LogisticRegression(max_iter=1000), light=True)
        return serve_process(claim, MODEL, claim.folder / "root", {})


async def test_nothing_is_served_at_first(ask, home):
    assert await ask("GET", "services") == (200, {"services": [], "readings": {}})
    code, fault = await ask("GET", "services/iris")
    assert (code, fault["code"]) == (404, "service_not_found")
    assert "Nothing is." in fault["message"]


async def test_what_is_served_is_listed_as_the_command_lists_it(ask, iris):
    _, plain = await ask("GET", "services")
    assert plain == {"services": [iris.to_dict()], "readings": {}}
    _, listed = await ask("GET", "services", {"readings": "true"})
    assert listed["services"] == [iris.to_dict()]
    assert listed["readings"]["iris"]["requests"] == 0
    assert listed["readings"]["iris"]["drift"] is None


async def test_a_form_asks_by_column_and_is_answered(ask, iris):
    _, told = await ask("GET", "services/iris/form")
    form = told["form"]
    assert [(column["name"], column["type"], column["required"]) for column in form["columns"]] == [
        (name, "number", True) for name in COLUMNS
    ]
    assert form["columns"][0]["example"] == 1.5
    assert form["example"] == {"dataframe_records": [dict.fromkeys(COLUMNS, 1.5)]}
    assert iris.endpoint in form["snippets"]["curl"]
    compile(form["snippets"]["python"], "snippet", "exec")

    code, answer = await ask("POST", "services/iris/invoke", body={"rows": [ROW, OTHER]})
    assert (code, answer["status"], answer["answer"]) == (200, 200, {"predictions": [0, 2]})
    assert answer["seconds"] > 0
    body = {"body": {"inputs": [list(ROW.values())]}}
    assert (await ask("POST", "services/iris/invoke", body=body))[1]["answer"] == {"predictions": [0]}

    wrong = {**ROW, "petal_width": "wide"}
    code, answer = await ask("POST", "services/iris/invoke", body={"rows": [ROW, wrong]})
    assert (code, answer["status"]) == (200, 400)
    (problem,) = answer["answer"]["problems"]
    assert (problem["row"], problem["column"]) == (1, "petal_width")

    _, told = await ask("POST", "services/iris/snippets", body={"rows": [{"it's": "$HOME"}]})
    assert "$HOME" in told["curl"]
    assert iris.endpoint in told["python"]
    compile(told["python"], "snippet", "exec")


async def test_readings_count_what_was_asked_and_not_who_watches(ask, iris):
    for rows in ([ROW], [OTHER], [{}]):
        await ask("POST", "services/iris/invoke", body={"rows": rows})
    for _ in range(3):
        _, told = await ask("GET", "services/iris")
    reading = told["reading"]
    assert (reading["requests"], reading["refused"], reading["errors"]) == (3, 1, 0)
    assert reading["predictions"] == {"0": 1, "2": 1}
    assert 0 < reading["p50_seconds"] <= reading["p99_seconds"] < 5
    assert sum(reading["latencies"]["counts"]) == 3
    assert reading["memory_bytes"] > 1_000_000
    assert [column["name"] for column in reading["drift"]["columns"]]
    assert set(told["standing"].values()) == {"few"}


async def test_many_rows_far_from_the_training_data_are_told(ask, iris):
    far = dict.fromkeys(COLUMNS, 40.0)
    await ask("POST", "services/iris/invoke", body={"rows": [far] * 300})
    _, told = await ask("GET", "services/iris")
    assert told["reading"]["drift"]["rows"] == 300
    assert told["standing"] == dict.fromkeys(COLUMNS, "far")


async def test_what_is_no_question_is_refused_here(ask, iris):
    for body in ({}, {"rows": []}, {"rows": [ROW], "body": {}}, {"rows": [1]}, {"body": []}):
        code, fault = await ask("POST", "services/iris/invoke", body=body)
        assert (code, fault["code"]) == (400, "usage")


async def test_a_server_is_stopped_and_gone(ask, iris, home):
    _, log = await ask("GET", "services/iris/log", {"lines": "5"})
    assert isinstance(log["log"], str)
    code, stopped = await ask("POST", "services/iris/stop", body={"timeout_seconds": 20})
    assert (code, stopped["state"], stopped["reason"]) == (200, "stopped", "")
    assert (await ask("POST", "services/iris/stop"))[0] == 404
    assert list_services(home) == ()


async def test_one_that_died_says_so_and_does_not_answer(ask, iris):
    os.kill(iris.pid, signal.SIGKILL)
    while (told := (await ask("GET", "services/iris"))[1])["service"]["state"] != "failed":
        pass
    assert "it ended by itself" in told["service"]["reason"]
    assert told["reading"] is None
    code, fault = await ask("POST", "services/iris/invoke", body={"rows": [ROW]})
    assert (code, fault["code"]) == (502, "packaging")
    assert "does not answer" in fault["message"]
    assert (await ask("GET", "services/iris/form"))[0] == 502


async def test_a_record_cannot_lead_to_another_machine(ask, iris, home):
    path = home / "services" / "iris.json"
    record = json.loads(path.read_text())
    for endpoint in (
        "http://192.0.2.1:80",
        "https://127.0.0.1:1",
        "file:///etc/passwd",
        "http://[::1",
        "http://a:x",
    ):
        path.write_text(json.dumps({**record, "model": {**record["model"], "endpoint": endpoint}}))
        for method, route in (("POST", "invoke"), ("GET", "form")):
            code, fault = await ask(method, f"services/iris/{route}", body={"rows": [ROW]})
            assert code == 400
            assert "not this machine" in fault["message"]
        assert "not this machine" in (await ask("GET", "services/iris"))[1]["reading"]["problem"]
    path.write_text(json.dumps(record))
