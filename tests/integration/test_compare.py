"""Runs of real kernels, of plain MLflow and of a team's server, compared."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kernels import make_project
from nbship.provenance.compare import compare_runs
from nbship.provenance.compare_many import compare_many
from nbship.provenance.evidence import read_evidence
from nbship.store import reader
from nbship.store.artifacts import local_folder

IMPORTS = "import numpy as np, pandas as pd\nfrom sklearn.linear_model import LogisticRegression"
CONSTANTS = "rows = {rows}\nregularisation = {strength}"
DATA = """np.random.seed({seed})
key = 'AKIAIOSFODNN7EXAMP{key}'
flights = pd.DataFrame({{'delay': np.random.normal({mean}, 1, rows), 'distance': np.arange(rows) * 1.0}})
late = flights['delay'] > {mean}"""
MORE = "flights['gate'] = np.where(late, 'A', 'B')"
FIT = """%%track {name}
model = LogisticRegression(C=regularisation).fit(flights[['delay', 'distance']], late)
accuracy = model.score(flights[['delay', 'distance']], late){more}"""

PLAIN = """
import sys, mlflow, pandas as pd
mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("flights")
with mlflow.start_run(run_name="plain"):
    mlflow.log_params({"rows": 400, "depth": 3})
    mlflow.log_metric("accuracy", 0.5)
    for step in range(3):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_input(mlflow.data.from_pandas(pd.DataFrame({"delay": [1.5, 2.5]}), name="flights"))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory, mlflow_template):
    """A project with runs `one` and `two` of an edited notebook, and the run `plain` that MLflow alone recorded."""
    project = make_project(tmp_path_factory.mktemp("compare") / "flights", mlflow_template)
    kernel = project.kernel()
    first = [
        IMPORTS,
        CONSTANTS.format(rows=400, strength=0.5),
        DATA.format(seed=1, key="AA", mean=0),
        FIT.format(name="one", more=""),
    ]
    second = [
        IMPORTS,
        CONSTANTS.format(rows=400, strength=5.5),
        DATA.format(seed=2, key="BB", mean=3),
        MORE,
        FIT.format(name="two", more="\nerror = 1 - accuracy"),
    ]
    ids = {IMPORTS: "imports", MORE: "more"}
    for sources in (first, second):
        for at, source in enumerate(sources):
            cell = ids.get(source, f"cell-{at - (MORE in sources and at > 3)}")
            reply = kernel.run(source, {"cellId": cell, "deletedCells": []})
            assert reply.status == "ok", reply
    project.runs()
    subprocess.run([sys.executable, "-c", PLAIN, project.tracking_uri], check=True, capture_output=True)
    yield project
    project.close()


def compared(uri, left, right):
    return compare_runs(*(read_evidence(uri, reader.get(uri, run)) for run in (left, right)))


@pytest.fixture(scope="module")
def found(project):
    return compared(project.tracking_uri, "one", "two")


def test_only_what_differs_is_told(found):
    assert [(one.name, one.left, one.right) for one in found.params] == [("regularisation", "0.5", "5.5")]
    assert [one.name for one in found.metrics] == ["accuracy", "error"]
    assert [(one.name, one.left, one.right) for one in found.seeds] == [("np.random.seed", "1", "2")]
    assert found.packages == found.git == ()
    assert found.lacks == ()
    assert {fact.name for fact in found.facts} <= {"duration"}


def test_code_is_told_cell_by_cell(found):
    assert [(cell.change.value, cell.left, cell.right) for cell in found.code] == [
        ("changed", 2, 2),
        ("changed", 3, 3),
        ("added", None, 4),
        ("changed", 4, 5),
    ]
    assert [line.sign + line.text for line in found.code[0].lines] == [
        " rows = 400",
        "-regularisation = 0.5",
        "+regularisation = 5.5",
    ]
    assert [line.sign + line.text for line in found.code[2].lines] == ["+" + MORE]
    assert found.equal["cells"] == 1


def test_masked_secrets_are_neither_shown_nor_a_difference(found):
    text = json.dumps(found.to_dict())
    assert "AKIA" not in text
    assert "***" in text  # as context
    assert not any("***" in line.text for cell in found.code for line in cell.lines if line.sign != " ")


def test_data_is_told_by_column_in_words(found):
    flights = next(dataset for dataset in found.data if dataset.name == "flights")
    columns = {column.name: column for column in flights.columns}
    assert flights.text == "400 rows; 1 of 3 columns changed, 1 new"
    assert columns["gate"].change == "new"
    assert columns["delay"].text.startswith("mean ")
    assert columns["delay"].drift.drifted
    assert set(columns) == {"gate", "delay"}


def test_a_run_of_plain_mlflow_is_compared_with_what_it_has(project):
    found = compared(project.tracking_uri, "plain", "two")
    assert {"depth", "rows", "regularisation"} >= {one.name for one in found.params} >= {"depth"}
    assert "accuracy" in {one.name for one in found.metrics}
    assert (found.code, found.packages, found.seeds) == ((), (), ())
    flights = next(dataset for dataset in found.data if dataset.name == "flights")
    assert flights.text.startswith("2 -> 400 rows; contents cannot be compared")
    assert found.lacks == (
        "run plain (made by plain MLflow) has no code, no environment, no seeds",
        "run plain (made by plain MLflow) knows its data by digest only, which looks at the first 10,000 rows only",
    )


def test_a_damaged_record_costs_its_part_only(project):
    run = reader.get(project.tracking_uri, "one")
    ledger = local_folder(run) / "nbship" / "ledger.json"
    kept = ledger.read_bytes()
    try:
        ledger.write_bytes(kept[: len(kept) // 2])
        found = compared(project.tracking_uri, "one", "two")
    finally:
        ledger.write_bytes(kept)
    assert found.code == ()
    assert found.seeds
    (line,) = found.lacks
    assert line.startswith("nbship/ledger.json of run one cannot be used (JSONDecodeError")


def test_a_local_store_is_compared_without_mlflow(project):
    program = (
        "import sys\nfrom nbship.store import reader\nfrom nbship.provenance.compare import compare_runs\n"
        "from nbship.provenance.compare_many import compare_many\nfrom nbship.provenance.evidence import read_evidence\n"
        f"uri = {project.tracking_uri!r}\nruns = reader.search(uri).runs\n"
        "assert compare_runs(*(read_evidence(uri, run) for run in runs[:2])).differs\n"
        "assert compare_many(uri, runs).histories\nprint('mlflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_many_runs_are_told_by_what_varies(project):
    runs = reader.search(project.tracking_uri, sort="started").runs
    found = compare_many(project.tracking_uri, runs)
    assert [run.name for run in found.runs] == ["one", "two", "plain"]
    assert set(found.params) >= {"regularisation", "depth"}
    assert found.code == (1, 2, None)
    assert found.data["flights"] == (1, 2, 3)
    assert [(series.metric, series.steps) for series in found.histories] == [("loss", (0, 1, 2))]
    assert found.lacks == ("1 of 3 runs have no code: plain MLflow made them, or they are still running",)


def test_a_server_gives_the_same_answer(project, team_server):
    copies = [_copied(project.tracking_uri, name, team_server.uri) for name in ("one", "two")]
    there = compared(team_server.uri, *copies)
    here = compared(project.tracking_uri, "one", "two")
    for part in ("params", "metrics", "code", "packages", "seeds", "git", "equal", "lacks"):
        assert getattr(there, part) == getattr(here, part), part
    runs = [reader.get(team_server.uri, copy) for copy in copies]
    assert compare_many(team_server.uri, runs).code == (1, 2)


def _copied(uri: str, name: str, server: str) -> str:
    """Copy a run to another store as MLflow sees it: no data sets, whose rows it has no call for."""
    from mlflow import MlflowClient

    run, client = reader.get(uri, name), MlflowClient(server)
    found = client.get_experiment_by_name("copies")
    experiment = found.experiment_id if found else client.create_experiment("copies")
    copy = client.create_run(experiment, start_time=run.started_ms, run_name=name, tags=run.tags).info.run_id
    for key, value in run.params.items():
        client.log_param(copy, key, value)
    for key, metric in run.metrics.items():
        client.log_metric(copy, key, metric)
    client.log_artifacts(copy, str(Path(local_folder(run) or "") / "nbship"), "nbship")
    client.set_terminated(copy, run.status.value, run.ended_ms)
    return copy
