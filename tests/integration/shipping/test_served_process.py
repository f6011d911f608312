"""A model that is served as a process: from a notebook, and from the command line."""

from __future__ import annotations

import json
import signal
import socket
import urllib.request
from pathlib import Path
from typing import Any

import psutil

from nbship.packaging.ports import choose_port
from shipped_runs import QUESTION

ROWS = 200
SERVICES = "found = %services\nprint(found.to_text())"


def predictions(endpoint: str, question: Any = QUESTION) -> list[Any]:
    request = urllib.request.Request(
        f"{endpoint}/invocations", json.dumps(question).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["predictions"]


def said(kernel: Any, code: str) -> str:
    reply = kernel.run(code)
    assert reply.status == "ok", reply
    return reply.text


def test_a_notebook_serves_a_model_asks_it_watches_it_and_stops_it(kernel, project, call, left):
    said(kernel, "served = %serve logreg --process --name blooms")
    served = json.loads(said(kernel, "import json; print(json.dumps(served.to_dict()))"))
    try:
        assert (served["name"], served["kind"], served["state"]) == ("blooms", "process", "ready")
        assert predictions(served["endpoint"]) == [0, 2]
        assert served["endpoint"] in said(kernel, SERVICES)
        assert "blooms" in call("services")[1]

        columns = QUESTION["dataframe_split"]["columns"]
        shifted = {"dataframe_split": {"columns": columns, "data": [[9.0, 9.0, 9.0, 9.0]] * ROWS}}
        assert len(predictions(served["endpoint"], shifted)) == ROWS
        drifted = f"report = %drift logreg:X {served['log_folder']}\nprint([c.name for c in report.columns if c.drifted])"
        assert columns[0] in said(kernel, drifted)

        refused = kernel.run("%serve logreg --process --name blooms")
        assert "already served" in str(refused.outputs)
        port = served["endpoint"].rpartition(":")[2]
        refused = kernel.run(f"%serve logreg --process --name other --port {port}")
        assert f"port {port} is in use" in str(refused.outputs)
    finally:
        stopped = said(kernel, "stopped = %stop blooms\nprint(stopped.to_text())")
    assert "blooms" in stopped
    assert left() == []
    assert "nothing is served" in said(kernel, SERVICES)


def test_a_command_serves_until_it_is_told_to_end_and_leaves_nothing(start, call, left):
    port = choose_port()
    words = (
        "serve",
        "logreg",
        "--process",
        "--port",
        str(port),
        "--name",
        "p",
        "--predict-fn",
        "predict_proba",
    )
    process = start(*words)
    assert process.stdout is not None
    first = process.stdout.readline()
    assert f"127.0.0.1:{port}" in first, process.communicate()
    answers = predictions(f"http://127.0.0.1:{port}")
    assert [max(range(3), key=answer.__getitem__) for answer in answers] == [0, 2]
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert left() == []
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))


def test_what_is_replaced_answers_until_the_other_is_ready(ask, call, left):
    first = ask("serve", "logreg", "--process", "--detach", "--name", "b")
    try:
        code, _, err = call(
            "serve", "logreg", "-d", "--process", "--name", "b", "--replace", "--predict-fn", "no"
        )
        assert (code, "no method 'no'" in err) == (3, True)
        assert predictions(first["endpoint"]) == [0, 2]
        second = ask("serve", "logreg", "--process", "--detach", "--name", "b", "--replace")
        assert second["pid"] != first["pid"]
        assert predictions(second["endpoint"]) == [0, 2]
        assert [one["pid"] for one in ask("services")["services"]] == [second["pid"]]
    finally:
        ask("stop", "--all")
    assert left() == []


def test_a_server_that_ends_by_itself_ends_the_command_that_waits_for_it(start, ask, left):
    process = start("serve", "logreg", "--process", "--name", "c", "--json")
    assert process.stdout is not None
    text = process.stdout.readline()
    while not text.endswith("\n}\n"):
        text += process.stdout.readline()
    served = json.loads(text)
    psutil.Process(served["pid"]).kill()
    _, err = process.communicate(timeout=60)
    assert (process.returncode, "nbship: c: it ended by itself" in err) == (3, True), err
    assert left() == []
    assert Path(served["log_folder"]).is_dir()
