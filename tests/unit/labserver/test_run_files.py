"""One run over HTTP, part by part: from a real store with files of its own."""

from __future__ import annotations

import json
import shutil

import pytest

from nbship.config import load_settings
from nbship.labserver.wire.run_files import lineage_json, store_page
from nbship.model.cell import CellError, CellExecution, CellStatus
from nbship.model.codec import encode
from nbship.model.run_record import Lineage, LineageNode

HOSTILE = "<img src=x onerror=alert(1)> ünï 'q\" --help"
PARAMETERS_CELL = "rate: float = 0.1\nseed: int = 7"


@pytest.fixture(scope="session")
def store_template(tmp_path_factory):
    """Return an initialised MLflow database: making one takes seconds, copying it none."""
    from nbship.store.connection import connect

    path = tmp_path_factory.mktemp("template") / "mlflow.db"
    connect(f"sqlite:///{path}")
    return path


@pytest.fixture
def client(project, store_template):
    """Return a client of the project's own store."""
    from nbship.store.connection import connect

    shutil.copy(store_template, project / ".nbship" / "mlflow.db")
    client = connect(load_settings(project).tracking_uri)
    client.create_experiment("flights", artifact_location=str(project / ".nbship" / "artifacts"))
    return client


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def recorded(client, name="fit", executions=(), *, tags=None, **files):
    """Make a run with records of the test's own; return its id."""
    experiment = client.get_experiment_by_name("flights").experiment_id
    named = {"nbship.run": "f" * 32, "mlflow.source.name": "train.ipynb", **(tags or {})}
    run = client.create_run(experiment, run_name=name, tags=named).info.run_id
    ledger = {"version": 1, "cells": [1], "needed": [1], "executions": encode(list(executions))}
    for path, data in {"ledger": ledger, **files}.items():
        client.log_text(run, json.dumps(data), f"nbship/{path}.json")
    listed = [
        (one["name"], one["fingerprint"]["digest"]) for one in files.get("data", {}).get("datasets", [])
    ]
    if listed:
        from mlflow.entities import Dataset, DatasetInput

        client.log_inputs(run, [DatasetInput(Dataset(*one, "local", "{}", "{}", "{}")) for one in listed])
    client.set_terminated(run)
    return run


def cells(count):
    return [
        CellExecution(n, f"value = {n}", f"h{n}", CellStatus.OK, outputs=(stream(f"{n}\n"),))
        for n in range(count)
    ]


def column(name, digest, dtype="float64"):
    return {"name": name, "dtype": dtype, "digest": digest, "weak": False}


def dataset(name, digest, columns):
    fingerprint = {
        "digest": digest,
        "algorithm": "nbship-blake3-1",
        "kind": "table",
        "rows": 60,
        "shape": [60, len(columns)],
        "columns": columns,
        "size_bytes": 960,
    }
    return {"name": name, "source": "variable", "type": "pandas.DataFrame", "fingerprint": fingerprint}


async def test_a_run_is_shown_by_id_prefix_and_name(ask, client):
    run = recorded(client, HOSTILE)
    client.log_param(run, "note", HOSTILE)
    client.log_metric(run, "auc", float("nan"))
    for word in (run, run[:8], HOSTILE, "latest"):
        code, found = await ask("GET", f"runs/{word}")
        assert (code, found["id"], found["name"]) == (200, run, HOSTILE)
    assert found["params"] == {"note": HOSTILE}
    assert found["metrics"] == {"auc": "NaN"}
    assert "nbship/ledger.json" in found["artifacts"]
    assert found["page"] is None


async def test_the_notebook_of_a_run_can_be_opened_while_it_is_there(ask, client, project):
    run = recorded(client)
    assert (await ask("GET", f"runs/{run}"))[1]["notebook"] is None
    (project / "train.ipynb").write_text("{}")
    assert (await ask("GET", f"runs/{run}"))[1]["notebook"] == "train.ipynb"


async def test_a_notebook_outside_of_the_server_is_not_opened(ask, client, project):
    (project.parent / "secret.ipynb").write_text("{}")
    run = recorded(client, tags={"mlflow.source.name": "../secret.ipynb"})
    assert (await ask("GET", f"runs/{run}"))[1]["notebook"] is None


@pytest.mark.parametrize(
    "part",
    [
        *("", "/badges", "/cells", "/outputs/0/0", "/notebook", "/data", "/changes"),
        *("/environment", "/models", "/lineage", "/metrics", "/rerun"),
    ],
)
async def test_a_run_that_is_not_there_is_not_found(ask, client, part):
    code, fault = await ask("GET", f"runs/{'0' * 32}{part}")
    assert (code, fault["code"]) == (404, "run_not_found")


async def test_a_run_that_was_deleted_is_not_found(ask, client):
    run = recorded(client)
    client.delete_run(run)
    assert (await ask("GET", f"runs/{run}/cells"))[0] == 404


async def test_cells_come_in_pages(ask, client):
    run = recorded(client, executions=cells(250))
    code, first = await ask("GET", f"runs/{run}/cells")
    assert (code, len(first["cells"]), first["total"]) == (200, 100, 250)
    _, last = await ask("GET", f"runs/{run}/cells", {"offset": "240", "limit": "50"})
    assert [cell["index"] for cell in last["cells"]] == [*range(240, 250)]
    assert last["cells"][0]["outputs"][0]["output"] == stream("240\n")
    assert [cell["index"] for cell in first["cells"] if cell["needed"]] == [1]


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "501"}, {"offset": "-1"}, {"offset": "x"}])
async def test_a_page_of_cells_has_its_bounds(ask, client, query):
    code, fault = await ask("GET", f"runs/{recorded(client)}/cells", query)
    assert (code, fault["code"]) == (400, "usage")
    assert next(iter(query)) in fault["message"]


async def test_a_large_output_is_asked_for_by_itself(ask, client):
    large = stream("x" * 5_000_000)
    run = recorded(client, executions=[CellExecution(0, "a", "h", CellStatus.OK, outputs=(large,))])
    _, page = await ask("GET", f"runs/{run}/cells")
    (shown,) = page["cells"][0]["outputs"]
    assert shown["omitted"]
    assert shown["size_bytes"] > 5_000_000
    assert len(json.dumps(page)) < 5_000
    assert (await ask("GET", f"runs/{run}/outputs/0/0"))[1] == large


@pytest.mark.parametrize("where", ["x/0", "0/-1", "0/9", "9/0", "²/0", "1e0/0"])
async def test_an_output_that_is_not_there_is_wrong_use(ask, client, where):
    run = recorded(client, executions=cells(1))
    code, fault = await ask("GET", f"runs/{run}/outputs/{where}")
    assert (code, fault["code"]) == (400, "usage")


async def test_a_failed_cell_tells_its_error(ask, client):
    error = CellError("ValueError", HOSTILE, ("Traceback", f"ValueError: {HOSTILE}"))
    run = recorded(client, executions=[CellExecution(0, "1/0", "h", CellStatus.ERROR, error=error)])
    (cell,) = (await ask("GET", f"runs/{run}/cells"))[1]["cells"]
    assert (cell["status"], cell["error"]["evalue"]) == ("error", HOSTILE)
    assert cell["outputs"][-1]["output"]["output_type"] == "error"


async def test_the_executed_notebook_comes_as_json(ask, client):
    run = recorded(client)
    notebook = {"cells": [{"cell_type": "markdown", "source": HOSTILE, "metadata": {}}], "nbformat": 4}
    client.log_text(run, json.dumps(notebook), "notebook.ipynb")
    assert (await ask("GET", f"runs/{run}/notebook"))[1] == notebook


async def test_a_run_without_files_says_what_it_lacks(ask, client):
    experiment = client.get_experiment_by_name("flights").experiment_id
    run = client.create_run(experiment, run_name="plain").info.run_id
    for part in ("cells", "environment"):
        code, found = await ask("GET", f"runs/{run}/{part}")
        assert code == 200
        assert found["lacks"]
    assert (await ask("GET", f"runs/{run}/notebook"))[0] == 404


async def test_data_has_columns_and_a_profile_to_draw(ask, client):
    import pandas as pd

    import nbship

    frame = pd.DataFrame({"distance": [*range(60)], "carrier": ["UA", "AA", "AA"] * 20})
    profile = {**nbship.profile(frame).to_dict(), "name": "flights", "digest": "d1"}
    columns = [column("distance", "c1", "int64"), column("carrier", "c2", "string")]
    run = recorded(client, data={"version": 1, "datasets": [dataset("flights", "d1", columns)]})
    client.log_text(run, json.dumps(profile), "nbship/profiles/flights.json")
    _, found = await ask("GET", f"runs/{run}/data")
    (shown,) = found["datasets"]
    assert (shown["rows"], shown["shape"], shown["columns"]) == (60, [60, 2], columns)
    distance, carrier = shown["summary"]["columns"]
    assert (distance["minimum"], distance["maximum"]) == ("0", "59")
    assert len(distance["edges"]) == len(distance["shares"]) + 1
    assert sum(distance["shares"]) == pytest.approx(1)
    assert (carrier["levels"], carrier["shares"]) == (["AA", "UA"], pytest.approx([2 / 3, 1 / 3]))


async def test_what_changed_in_the_data_is_told_by_column(ask, client):
    same, before, after = column("a", "c0"), column("b", "c1"), column("b", "c2")
    first = recorded(client, "first", data={"version": 1, "datasets": [dataset("t", "d1", [same, before])]})
    second = recorded(client, "second", data={"version": 1, "datasets": [dataset("t", "d2", [same, after])]})
    assert (await ask("GET", f"runs/{first}/changes"))[1] == {"previous": None, "datasets": [], "equal": 0}
    _, found = await ask("GET", f"runs/{second}/changes")
    assert found["previous"]["id"] == first
    (changed,) = found["datasets"]
    assert (changed["name"], changed["change"]) == ("t", "changed")
    assert [(one["name"], one["change"]) for one in changed["columns"]] == [("b", "changed")]


async def test_metrics_come_with_their_histories(ask, client):
    run = recorded(client)
    for step in range(3):
        client.log_metric(run, "loss", 1 / (step + 1), step=step)
    client.log_metric(run, "odd", float("nan"))
    _, all_of_them = await ask("GET", f"runs/{run}/metrics")
    assert [one["key"] for one in all_of_them["metrics"]] == ["loss", "odd"]
    assert all_of_them["metrics"][1]["values"] == [None]
    _, found = await ask("GET", f"runs/{run}/metrics", {"keys": "loss"})
    (loss,) = found["metrics"]
    assert (loss["steps"], loss["total"]) == ([0, 1, 2], 3)


async def test_a_run_can_be_run_again_with_the_values_it_had(ask, client, project):
    run = recorded(client)
    client.log_param(run, "rate", "0.3")
    assert (await ask("GET", f"runs/{run}/rerun"))[1]["path"] is None
    cell = {
        "cell_type": "code",
        "source": PARAMETERS_CELL,
        "metadata": {"tags": ["parameters"]},
        "outputs": [],
        "execution_count": None,
    }
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (project / "deep").mkdir()
    (project / "deep" / "train.ipynb").write_text(json.dumps(notebook))
    _, found = await ask("GET", f"runs/{run}/rerun")
    assert (found["path"], found["kind"]) == ("deep/train.ipynb", "notebook")
    assert [one["name"] for one in found["parameters"]["parameters"]] == ["rate", "seed"]
    assert found["values"] == {"rate": "0.3"}


async def test_badges_models_and_lineage_of_a_plain_run_are_empty(ask, client):
    run = recorded(client)
    assert (await ask("GET", f"runs/{run}/badges"))[1] == {
        "packaged": None,
        "served": None,
        "data_changed": None,
    }
    assert (await ask("GET", f"runs/{run}/models"))[1] == {"models": []}
    _, lineage = await ask("GET", f"runs/{run}/lineage")
    assert [node["run"] for node in lineage["nodes"]] == [run]
    assert len(lineage["layout"]["boxes"]) == 1


async def test_a_store_that_is_down_is_said(ask, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    code, fault = await ask("GET", "runs/latest")
    assert (code, fault["code"]) == (502, "store")
    assert fault["hint"]


def node(name, kind="file"):
    return LineageNode(name, kind, name)


def test_a_lineage_runs_from_left_to_right_whatever_the_order_of_its_nodes():
    nodes = (node("model"), node("run"), node("data"))
    drawn = lineage_json(Lineage(nodes, (("data", "run"), ("run", "model"))))
    assert [one.id for one in drawn["nodes"]] == ["data", "run", "model"]
    lefts = [box[0] for box in drawn["layout"]["boxes"]]
    assert lefts == sorted(set(lefts))
    assert [(edge["start"], edge["end"]) for edge in drawn["layout"]["edges"]] == [(0, 1), (1, 2)]


def test_a_lineage_in_a_circle_is_still_drawn():
    drawn = lineage_json(Lineage((node("a"), node("b")), (("a", "b"), ("b", "a"), ("b", "gone"))))
    assert [one.id for one in drawn["nodes"]] == ["a", "b"]
    assert len(drawn["layout"]["edges"]) == 1
    assert ("b", "gone") not in drawn["edges"]


@pytest.mark.parametrize(
    ("uri", "page"),
    [
        ("sqlite:///mlflow.db", None),
        ("databricks", None),
        ("http://host:5000", "http://host:5000/#/runs/abc"),
        ("https://user:pass@host/mlflow/", "https://host/mlflow/#/runs/abc"),
    ],
)
def test_a_run_has_a_page_where_the_store_is_on_the_web(uri, page):
    assert store_page(uri, "abc") == page
