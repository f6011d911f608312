"""A tracked cell leaves a whole record, and the same one whichever way the notebook is run."""

from __future__ import annotations

import json
from pathlib import Path

import nbclient
import nbformat
import papermill
import pytest

from kernels import make_project

CELLS = [
    "%load_ext nbship",
    "import random\nimport numpy as np\nimport pandas as pd\nfrom sklearn.linear_model import LogisticRegression",
    "# Parameters\nrows = 400\nregularisation = 0.5\nunused_but_declared = 'x'",
    """np.random.seed(1)
random.seed(2)
rng = np.random.default_rng(7)
flights = pd.DataFrame({'delay': rng.normal(size=rows), 'distance': rng.normal(size=rows)})
late = (flights['delay'] + 0.1 * rng.normal(size=rows)) > 0""",
    "noise = 'nothing depends on this'\nprint(noise)",
    "flights.to_csv('flights.csv', index=False)",
    "weather = pd.read_csv('flights.csv')",
    """%%track train -t team=delays
model = LogisticRegression(C=regularisation).fit(flights, late)
accuracy = model.score(weather, late)
for i in range(3):
    pass
print('trained')
accuracy""",
]


def record_of(project):
    """Everything of the run that must not depend on how the notebook was executed."""
    run = project.run("train")
    ledger = json.loads(project.artifact(run, "nbship/ledger.json"))
    data = json.loads(project.artifact(run, "nbship/data.json"))
    environment = json.loads(project.artifact(run, "nbship/environment.json"))
    executions = ledger["executions"]
    return {
        "status": run.status,
        "params": run.params,
        "metrics": run.metrics,
        "datasets": {(d["name"], d["fingerprint"]["digest"]) for d in data["datasets"]},
        "columns": {d["name"]: [c["name"] for c in d["fingerprint"]["columns"]] for d in data["datasets"]},
        "sources": [cell["source"] for cell in executions],
        "outputs": [[o.get("text") or o.get("data") for o in cell["outputs"]] for cell in executions],
        "flow": [(cell["reads"], cell["writes"], sorted(cell["changed"])) for cell in executions],
        "counts": [cell["execution_count"] for cell in executions],
        "needed": ledger["needed"],
        "rng": [cell["rng_after"] for cell in executions[3:]],  # from the seeds on
        "packages": environment["distributions"],
        "tags": {key: run.tags[key] for key in ("team", "mlflow.source.type", "nbship.scope")},
    }


def notebook():
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])


def run_in_kernel(project):
    kernel = project.kernel(load=False)
    for number, source in enumerate(CELLS):
        reply = kernel.run(source, {"cellId": f"cell-{number}", "deletedCells": []})
        assert reply.status == "ok", reply
    kernel.close()


def run_in_nbclient(project):
    nbclient.NotebookClient(notebook(), timeout=120, kernel_name="python3").execute(
        cwd=str(project.folder), env=project.environment
    )


def run_in_papermill(project):
    nbformat.write(notebook(), project.folder / "in.ipynb")
    source, target = project.folder / "in.ipynb", project.folder / "out.ipynb"
    papermill.execute_notebook(source, target, cwd=project.folder, kernel_name="python3", progress_bar=False)


@pytest.fixture(scope="module")
def projects(tmp_path_factory, store_template):
    """One project a way, each with the notebook run in it once."""
    ways = {"kernel": run_in_kernel, "nbclient": run_in_nbclient, "papermill": run_in_papermill}
    projects = {way: make_project(tmp_path_factory.mktemp(way) / "flights", store_template) for way in ways}
    with pytest.MonkeyPatch.context() as patch:
        for way, run in ways.items():
            patch.chdir(projects[way].folder)
            run(projects[way])
    yield projects
    for project in projects.values():
        project.close()


@pytest.fixture
def project(projects):
    return projects["kernel"]


def test_the_record_holds_what_the_cell_depends_on(project):
    record = record_of(project)

    assert record["status"] == "FINISHED"
    assert record["params"] == {"rows": "400", "regularisation": "0.5", "unused_but_declared": "x"}
    assert list(record["metrics"]) == ["accuracy"]
    assert record["metrics"]["accuracy"] > 0.8
    names = {name for name, _ in record["datasets"]}
    assert names == {"flights", "late", "weather", "flights.csv"}
    assert record["columns"]["flights"] == ["delay", "distance"]
    assert record["sources"] == CELLS
    assert record["needed"] == [1, 2, 3, 6, 7]
    assert record["outputs"][7][:1] == ["trained\n"]
    assert record["packages"]["pandas"]
    assert record["counts"] == list(range(1, len(CELLS) + 1))


@pytest.mark.parametrize("way", ["nbclient", "papermill"])
def test_the_record_is_the_same_headless(projects, way):
    assert record_of(projects[way]) == record_of(projects["kernel"])


def test_the_model_of_the_run_loads_and_predicts(project):
    import mlflow

    run = project.run("train")
    mlflow.set_tracking_uri(project.tracking_uri)
    model = mlflow.pyfunc.load_model(f"runs:/{run.id}/model")
    example = model.input_example

    assert list(example.columns) == ["delay", "distance"]
    assert len(model.predict(example)) == len(example)
    assert {column.name for column in model.metadata.signature.inputs} == {"delay", "distance"}
    assert any(line.startswith("scikit-learn==") for line in _requirements(project, run))


def _requirements(project, run):
    from mlflow.artifacts import download_artifacts

    path = download_artifacts(f"runs:/{run.id}/model/requirements.txt", tracking_uri=project.tracking_uri)
    return Path(path).read_text().splitlines()


def test_the_executed_notebook_of_the_run_can_be_read(project):
    run = project.run("train")
    executed = nbformat.reads(project.artifact(run, "notebook.ipynb"), as_version=4)
    nbformat.validate(executed)
    page = project.artifact(run, "notebook.html")

    assert [cell.source for cell in executed.cells if cell.cell_type == "code"] == CELLS
    assert "LogisticRegression" in page
    assert "trained" in page
