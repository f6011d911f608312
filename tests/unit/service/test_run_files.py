from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from nbship import service
from nbship.errors import NbshipError, RunNotFoundError, UsageError
from nbship.model.cell import CellExecution, CellStatus
from nbship.model.codec import encode
from nbship.service.run_files import MOST_POINTS
from nbship.store import reader

PARTS = [
    service.run_cells,
    service.run_data,
    service.run_environment,
    service.run_models,
    service.run_lineage,
    service.metric_history,
    service.rerun_source,
]


def recorded(client, experiment, executions=(), *, name="odd", **files):
    """Make a run with records of the test's own; return its id."""
    run_id = client.create_run(experiment, run_name=name, tags={"nbship.run": "f" * 32}).info.run_id
    ledger = {"version": 1, "cells": [], "needed": [], "executions": encode(list(executions))}
    for path, text in {"ledger": json.dumps(ledger), **files}.items():
        client.log_text(run_id, text, f"nbship/{path}.json")
    client.set_terminated(run_id)
    return run_id


def test_the_cells_of_a_run_are_told_in_true_order(settings):
    page = service.run_cells(settings, "fit")
    cells = {cell.cell_id: cell for cell in page.cells}
    assert [cell.index for cell in page.cells] == list(range(page.total))
    assert [key for key, cell in cells.items() if cell.tracked] == ["cell-3"]
    assert [key for key, cell in cells.items() if cell.needed] == ["cell-0", "cell-1", "cell-3"]
    assert cells["cell-1"].outputs[0].output["data"]["text/plain"] == "(60, 2)"
    assert cells["cell-3"].outputs_cut
    assert cells["cell-3"].seconds > 0


def test_the_error_of_a_cell_is_its_last_output(settings):
    last = service.run_cells(settings, "fails").cells[-1]
    assert (last.status, last.error.ename) == (CellStatus.ERROR, "ZeroDivisionError")
    assert last.outputs[-1].output["output_type"] == "error"
    assert "1 / 0" in "".join(last.outputs[-1].output["traceback"])


def test_an_error_that_is_no_output_becomes_one(own_store, client, experiment):
    error = {"ename": "KernelDied", "evalue": "gone", "traceback": []}
    cell = {**encode(CellExecution(0, "x", "h", CellStatus.KILLED)), "error": error}
    run = recorded(client, experiment, [cell])
    (shown,) = service.run_cells(own_store, run).cells
    assert shown.outputs[0].output == {"output_type": "error", **error, "traceback": ["KernelDied: gone"]}
    assert service.run_output(own_store, run, 0, 0) == shown.outputs[0].output


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def test_large_outputs_are_left_out_and_can_be_asked_for(own_store, client, experiment):
    large, small = stream("x" * 5_000_000), stream("y" * 900_000)
    cells = [
        CellExecution(0, "a", "h", CellStatus.OK, outputs=(small, large)),
        *(CellExecution(n, "b", f"h{n}", CellStatus.OK, outputs=(small,)) for n in range(1, 12)),
    ]
    run = recorded(client, experiment, cells)
    page = service.run_cells(own_store, run)
    first = page.cells[0].outputs
    assert [output.omitted for output in first] == [False, True]
    assert "5.0 MB" in first[1].output["text"]
    assert service.run_output(own_store, run, 0, 1) == large
    assert sum(output.omitted for cell in page.cells for output in cell.outputs) == 4  # beyond 8 MB in all
    assert len(json.dumps(page.to_dict())) < 9_000_000
    assert not service.run_cells(own_store, run, offset=11).cells[0].outputs[0].omitted


def test_a_thousand_cells_are_paged_and_quick(own_store, client, experiment):
    cells = [
        CellExecution(n, f"value = {n}", f"h{n}", CellStatus.OK, outputs=(stream(f"{n}\n"),))
        for n in range(1000)
    ]
    run = recorded(client, experiment, reversed(cells))
    started = time.perf_counter()
    page = service.run_cells(own_store, run, offset=990, limit=100)
    print(f"\na page of a ledger of 1,000 cells: {(time.perf_counter() - started) * 1000:.0f} ms")
    assert (page.total, page.offset, [cell.index for cell in page.cells]) == (1000, 990, [*range(990, 1000)])
    assert service.run_cells(own_store, run, offset=5000).cells == ()
    assert len(service.run_cells(own_store, run, limit=1000).cells) == 1000


@pytest.mark.parametrize(("offset", "limit"), [(-1, 10), (0, 0), (0, 1001)])
def test_a_page_out_of_range_is_wrong_use(settings, offset, limit):
    with pytest.raises(UsageError, match="take an offset"):
        service.run_cells(settings, "fit", offset=offset, limit=limit)


@pytest.mark.parametrize(("cell", "output"), [(99, 0), (3, 7), (3, -1)])
def test_an_output_that_is_not_there_is_wrong_use(settings, cell, output):
    with pytest.raises(UsageError, match="has no"):
        service.run_output(settings, "fit", cell, output)


def test_the_executed_notebook_is_valid(settings):
    import nbformat

    notebook = service.run_notebook_json(settings, "fit")
    nbformat.validate(notebook)
    assert any("LinearRegression" in cell["source"] for cell in notebook["cells"])


def test_the_notebook_of_a_step_is_its_own(own_store, client, experiment):
    run = recorded(client, experiment)
    for path, source in (("notebook.ipynb", "ledger"), ("executed.ipynb", "step")):
        client.log_text(run, json.dumps({"cells": [{"source": source}]}), path)
    assert service.run_notebook_json(own_store, run)["cells"][0]["source"] == "step"
    client.log_text(run, "torn {", "executed.ipynb")
    assert service.run_notebook_json(own_store, run)["cells"][0]["source"] == "ledger"


def test_the_data_of_a_run_has_columns_and_profiles(settings):
    found = {one.name: one for one in service.run_data(settings, "fit").datasets}
    flights = found["flights"]
    assert (flights.rows, flights.shape, flights.kind, flights.target) == (60, (60, 2), "table", "delay")
    assert [column.name for column in flights.columns] == ["distance", "delay"]
    assert len({column.digest for column in flights.columns}) == 2
    assert flights.profile.rows == 60
    assert found["flights.csv"].role == "file"
    told = json.loads(json.dumps(service.run_data(settings, "fit").to_dict()))
    assert told["datasets"][0]["profile"]["columns"][0]["name"] == "distance"
    assert told["lacks"] == []


def test_the_environment_of_a_run_is_told(settings):
    found = service.run_environment(settings, "fit")
    assert found.python["version"] == ".".join(map(str, sys.version_info[:3]))
    assert {"pandas", "scikit-learn"} <= found.packages.keys()
    assert [(seed.call, seed.value) for seed in found.seeds] == [("random.seed", "7")]
    assert found.git is None
    assert json.loads(json.dumps(found.to_dict()))["lacks"] == []


def test_a_library_that_was_replaced_under_the_kernel_counts_as_it_was_loaded(own_store, client, experiment):
    environment = {
        "python": {"version": "3.11.2"},
        "platform": {},
        "distributions": {"numpy": "2.0", "pandas": "3.0"},
        "loaded": {"numpy": "1.9"},
        "variables": {"MLFLOW_TOKEN": "***"},
    }
    run = recorded(client, experiment, environment=json.dumps(environment))
    client.set_tag(run, "mlflow.source.git.commit", "abc")
    client.set_tag(run, "mlflow.source.git.dirty", "true")
    client.log_text(run, "+changed", "nbship/git.diff")
    found = service.run_environment(own_store, run)
    assert found.packages == {"numpy": "1.9", "pandas": "3.0"}
    assert found.upgraded == {"numpy": "2.0"}
    assert (found.git.commit, found.git.dirty, found.git.diff) == ("abc", True, "+changed")


def test_the_model_of_a_run_is_described(settings):
    (model,) = service.run_models(settings, "fit")
    assert model.class_name.endswith("LinearRegression")
    assert (model.flavor, model.serialization, model.target) == ("sklearn", "cloudpickle", "delay")
    assert [column["name"] for column in model.inputs] == ["distance"]
    assert any(line.startswith("scikit-learn==") for line in model.requirements)
    assert model.size_bytes > 500
    assert model.importance == {"distance": 1.0}
    assert (model.shippable, model.obstacle, model.versions) == (True, "", ())
    assert service.run_models(settings, "changed") == ()


def test_a_model_whose_files_are_gone_is_said_to_be_so(tracked, settings, tmp_path):
    from nbship.store.model_source import models_of_run

    run = reader.get(settings.tracking_uri, "fit")
    folder = models_of_run(settings.tracking_uri, run)["model"].location.removeprefix("file://")
    shutil.move(folder, tmp_path / "kept")
    try:
        (model,) = service.run_models(settings, "fit")
    finally:
        shutil.move(tmp_path / "kept", folder)
    assert not model.shippable
    assert "gone" in model.obstacle


def test_metric_histories_are_thinned_and_have_no_numbers_that_json_lacks(own_store, client, experiment):
    from mlflow.entities import Metric

    run = recorded(client, experiment)
    points = [Metric("loss", n / 2, 1000 + n, n) for n in range(2000)]
    for start in (0, 1000):
        client.log_batch(run, points[start : start + 1000])
    client.log_batch(run, [Metric("odd", float("nan"), 5, 0), Metric("odd", 1.0, 6, 1)])
    loss, odd = service.metric_history(own_store, run)
    assert (loss.key, loss.total, len(loss.values)) == ("loss", 2000, MOST_POINTS)
    assert (loss.steps[0], loss.steps[-1], loss.values[-1]) == (0, 1999, 999.5)
    assert odd.values == (None, 1.0)
    assert service.metric_history(own_store, run, ["odd"]) == (odd,)
    assert service.metric_history(own_store, run, ["none"])[0].total == 0


@pytest.mark.parametrize("part", PARTS)
def test_an_unknown_run_is_one_clear_error(settings, part):
    with pytest.raises(RunNotFoundError, match="'nobody'"):
        part(settings, "nobody")


@pytest.mark.parametrize("part", PARTS)
def test_a_deleted_run_is_an_unknown_one(own_store, client, experiment, part):
    run = recorded(client, experiment)
    client.delete_run(run)
    with pytest.raises(RunNotFoundError):
        part(own_store, run)


def test_a_run_that_is_not_ours_says_what_it_lacks(own_store, client, experiment):
    run = client.create_run(experiment, run_name="plain").info.run_id
    client.set_terminated(run)
    page = service.run_cells(own_store, run)
    assert (page.cells, page.total) == ((), 0)
    assert page.lacks == ("run plain (made by plain MLflow) has no cells: nbship did not record it",)
    assert "nbship did not record it" in service.run_environment(own_store, run).lacks[0]
    with pytest.raises(RunNotFoundError, match="keeps no executed notebook: nbship did not record it"):
        service.run_notebook_json(own_store, run)


def test_a_run_that_goes_on_says_that_its_record_comes_later(own_store, client, experiment):
    run = client.create_run(experiment, run_name="now", tags={"nbship.run": "e" * 32}).info.run_id
    assert "still running" in service.run_cells(own_store, run).lacks[0]


@pytest.mark.parametrize("text", ["", "no json", "[]", "{}", '{"executions": 5, "cells": [], "needed": []}'])
@pytest.mark.parametrize("part", PARTS)
def test_damaged_records_are_said_to_be_so(own_store, client, experiment, text, part):
    kinds = ("ledger", "data", "environment", "run")
    run = recorded(client, experiment, **dict.fromkeys(kinds, text))
    answer = part(own_store, run)
    lacks = getattr(answer, "lacks", None)
    assert lacks is None or lacks


def test_odd_ledgers_are_refused_whole(own_store, client, experiment):
    cell = encode(CellExecution(0, "x", "h", CellStatus.OK))
    for number, change in enumerate(
        [{"outputs": ["text"]}, {"source": None}, {"status": "new"}, {"index": "0"}]
    ):
        run = recorded(client, experiment, [{**cell, **change}], name=f"odd {number}")
        assert "cannot be used" in service.run_cells(own_store, run).lacks[0], change


@pytest.mark.parametrize("part", PARTS)
def test_artifacts_that_are_gone_raise_nothing_else(own_store, client, experiment, tmp_path, part):
    run = recorded(client, experiment)
    shutil.rmtree(tmp_path / "artifacts")
    part(own_store, run)
    with pytest.raises(NbshipError):
        service.run_notebook_json(own_store, run)


@pytest.mark.parametrize("part", PARTS)
def test_a_store_that_is_down_is_one_clear_error(own_store, part):
    with pytest.raises(NbshipError):
        part(replace(own_store, tracking_uri="http://127.0.0.1:9"), "x")


def test_the_record_is_read_without_mlflow(settings):
    program = (
        "import sys; from nbship import service; from nbship.config import load_settings; from pathlib import Path;"
        f"settings = load_settings(Path({str(settings.project)!r}));"
        "[getattr(service, name)(settings, 'fit') for name in ('run_cells', 'run_data', 'run_environment',"
        " 'run_models', 'run_lineage', 'metric_history', 'rerun_source', 'registered')];"
        "service.badges(settings, service.runs(settings).runs);"
        "print([name for name in ('mlflow', 'pandas', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
