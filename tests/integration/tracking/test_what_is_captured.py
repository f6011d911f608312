"""Parameters, metrics, datasets, models, session runs and mlflow calls, in a real kernel."""

from __future__ import annotations

import json
import sqlite3

import numpy as np
import pytest

from nbship.config import load_settings
from nbship.service import run_cells

SETUP = "import numpy as np, pandas as pd, random\nfrom pathlib import Path"


@pytest.fixture
def project(shared_project):
    """One store for the module; every test has a kernel of its own, and its runs their own names."""
    return shared_project


@pytest.fixture
def kernel(project):
    kernel = project.kernel()
    assert kernel.run(SETUP).status == "ok"
    yield kernel
    kernel.close()


def history(project, run, key):
    database = sqlite3.connect(project.folder / ".nbship" / "mlflow.db")
    rows = database.execute(
        "select step, value from metrics where run_uuid = ? and key = ? order by step", (run.id, key)
    ).fetchall()
    database.close()
    return rows


def test_constants_that_the_result_depends_on_are_parameters(project, kernel):
    kernel.run("depth = 3\nunrelated = 4\nprint(depth)")
    kernel.run("def fit(x):\n    return x * scale + depth")
    kernel.run("scale = 1.5")
    kernel.run("%%track p-1 -p extra='by hand'\nrate = 1e-3\nresult = fit(2) * rate")

    assert project.run("p-1").params == {"depth": "3", "scale": "1.5", "rate": "0.001", "extra": "by hand"}


def test_what_a_cell_displays_is_recorded_with_that_cell_and_in_order(project, kernel):
    kernel.run("from IPython.display import display, HTML\ndisplay(HTML('<b>before</b>'))")
    kernel.run(
        "%%track shown\nprint('one')\ndisplay(HTML('<b>two</b>'))\nprint('three')\ndisplay(HTML('<b>four</b>'))\n5"
    )
    kernel.run("display(HTML('<b>after</b>'))")

    cells = run_cells(load_settings(project.folder), project.run("shown").id).cells
    told = [text_of(output.output) for cell in cells if cell.tracked for output in cell.outputs]
    assert told == ["one\n", "<b>two</b>", "three\n", "<b>four</b>", "5"]


def text_of(output):
    data = output.get("data", {})
    return "".join(output.get("text") or data.get("text/html") or data["text/plain"])


def test_a_cell_tagged_parameters_gives_all_its_constants(project, kernel):
    kernel.run("alpha = 1\nbeta = 'unused'\nprint('more than constants')", {"tags": ["parameters"]})
    kernel.run("%%track p-2\nx = 1 + 1")

    assert project.run("p-2").params == {"alpha": "1", "beta": "unused"}


def test_numbers_that_the_cell_computes_are_metrics(project, kernel):
    kernel.run(
        "%%track m-3\nimport time\nstart = time.time()\nn = 10\nloss = np.float32(0.5) * 1\ncount = len('abc')\n"
        "scores = {'auc': loss, 'f1': loss / 2}\nflag = n > 3\nword = 'x' * 3\nfor i in range(3):\n    pass\n"
        "array0 = np.array(3.0)\n{'last': loss / 2}"
    )
    metrics = project.run("m-3").metrics

    assert metrics == {
        "loss": 0.5,
        "count": 3,
        "scores.auc": 0.5,
        "scores.f1": 0.25,
        "array0": 3.0,
        "last": 0.25,
    }


def test_metric_narrows(project, kernel):
    kernel.run(
        "%%track m-4 --metric b scores.auc\none = 1\na = one * 1\nb = one * 2\nscores = {'auc': one / 2, 'f1': one / 4}"
    )

    assert project.run("m-4").metrics == {"b": 2, "scores.auc": 0.5}


def test_data_is_what_the_cell_reads_from_before_it(project, kernel):
    kernel.run(
        "df = pd.DataFrame({'a': [1, 2]})\narr = np.arange(4)\nsplits = {'train': df}\nother = df.copy()"
    )
    kernel.run("%%track d-5\nlocal = pd.DataFrame({'z': [0]})\ndf['b'] = arr[:2]\nx = len(splits['train'])")
    run = project.run("d-5")

    assert {d.name: d.rows for d in run.datasets} == {"df": 2, "arr": 4, "splits['train']": 2}
    data = json.loads(project.artifact(run, "nbship/data.json"))["datasets"]
    columns = next(d for d in data if d["name"] == "df")["fingerprint"]["columns"]
    assert [column["name"] for column in columns] == ["a"]  # as it was before the cell changed it


def test_data_can_name_what_the_cell_makes(project, kernel):
    kernel.run("%%track d-6 -d made\nmade = pd.DataFrame({'z': [0, 1, 2]})")

    assert [(d.name, d.rows) for d in project.run("d-6").datasets] == [("made", 3)]


def test_files_that_are_read_are_datasets(project, kernel):
    (project.folder / "in.csv").write_text("a\n1\n")
    (project.folder / "early.csv").write_text("b\n1\n")
    kernel.run("pd.DataFrame({'c': [1]}).to_parquet('native.parquet')\nearly = pd.read_csv('early.csv')")
    kernel.run("pd.DataFrame({'c': [2]}).to_parquet('earlier.parquet')")
    kernel.run("earlier = pd.read_parquet('earlier.parquet')")
    kernel.run(
        "%%track f-7\na = pd.read_csv('in.csv')\nb = pd.read_parquet('native.parquet')\n"
        "Path('out.txt').write_text('x')\nc = len(early) + len(earlier)"
    )
    names = {d.name for d in project.run("f-7").datasets}

    assert names == {"in.csv", "native.parquet", "early.csv", "early", "earlier.parquet", "earlier"}


def test_snapshot_copies_the_data(project, kernel):
    kernel.run("df = pd.DataFrame({'a': [1, 2]})\narr = np.arange(4)")
    kernel.run("%%track s-8 --snapshot\nn = len(df) + len(arr)")
    run = project.run("s-8")
    from nbship.store import reader

    assert {"data/df.parquet", "data/arr.npy"} <= set(reader.list_artifacts(project.tracking_uri, run))


def test_a_model_fitted_in_place_is_saved(project, kernel):
    kernel.run(
        "from sklearn.tree import DecisionTreeRegressor\nX = np.arange(20.0).reshape(10, 2)\ny = X[:, 0]"
    )
    kernel.run("tree = DecisionTreeRegressor(max_depth=2)")
    reply = kernel.run("%%track t-9\ntree.fit(X, y)")
    run = project.run("t-9")
    import mlflow

    mlflow.set_tracking_uri(project.tracking_uri)
    model = mlflow.pyfunc.load_model(f"runs:/{run.id}/model")

    assert "model tree (DecisionTreeRegressor)" in reply.plain
    assert len(model.predict(np.array([[0.0, 1.0]]))) == 1


def test_a_model_that_cannot_be_saved_is_a_warning(project, kernel):
    kernel.run(
        "import threading\nfrom sklearn.linear_model import LinearRegression\n"
        "class Odd(LinearRegression):\n    def fit(self, X, y):\n        self.lock = threading.Lock()\n"
        "        return super().fit(X, y)"
    )
    reply = kernel.run(
        "%%track t-10\nodd = Odd().fit([[1.0], [2.0]], [1, 2])\nscore = odd.score([[1.0], [2.0]], [1, 2])"
    )
    run = project.run("t-10")

    assert run.status == "FINISHED"
    assert "odd" in project.artifact(run, "nbship/warnings.json")
    assert "note: the model odd was not saved" in reply.plain


def test_a_session_run_holds_every_cell_and_the_history_of_metrics(project, kernel):
    kernel.run("rate = 0.5\nweights = np.ones(3)")
    kernel.run("%track on sess-11")
    for _ in range(3):
        kernel.run("weights = weights * rate\nloss = float(weights.sum())")
    kernel.run("%%track inner-11\nx = 1 + 1")
    kernel.run("%track off")
    run = project.run("sess-11")

    assert run.status == "FINISHED"
    assert [round(value, 3) for _, value in history(project, run, "loss")] == [1.5, 0.75, 0.375]
    assert [step for step, _ in history(project, run, "loss")] == [0, 1, 2]
    assert run.params == {"rate": "0.5"}
    assert project.run("inner-11").tags["mlflow.parentRunId"] == run.id


def test_a_failed_cell_of_a_session_that_is_mended_does_not_fail_it(project, kernel):
    kernel.run("%track on mended-12")
    kernel.run("1 / zero", {"cellId": "c"})
    kernel.run("zero = 4", {"cellId": "d"})
    kernel.run("1 / zero", {"cellId": "c"})
    kernel.run("%track off")
    kernel.run("%track on broken-12")
    kernel.run("1 / 0", {"cellId": "c"})
    kernel.run("x = 1", {"cellId": "d"})
    kernel.run("%track off")

    assert project.run("mended-12").status == "FINISHED"
    assert project.run("broken-12").status == "FAILED"


def test_hidden_state_is_noted(project, kernel):
    kernel.run("factor = 2", {"cellId": "a", "deletedCells": []})
    kernel.run("base = 10 * factor", {"cellId": "b", "deletedCells": []})
    kernel.run("%%track h-13\nresult = base + factor", {"cellId": "c", "deletedCells": ["a"]})
    run = project.run("h-13")
    hidden = json.loads(project.artifact(run, "nbship/run.json"))["hidden_state"]
    ledger = json.loads(project.artifact(run, "nbship/ledger.json"))["executions"]

    assert [ledger[index]["source"] for index in hidden] == ["factor = 2"]
    assert run.tags["nbship.hidden_state"]


def test_seeds_and_random_states_are_recorded(project, kernel):
    kernel.run("random.seed(3)\nnp.random.seed(4)")
    kernel.run("%%track r-14\na = random.random()\nx = a * 2")
    record = json.loads(project.artifact(project.run("r-14"), "nbship/run.json"))

    assert record["random_state_used"] == ["random"]
    assert record["rng"]["before"].keys() >= {"random", "numpy"}


def test_equal_data_links_runs(project, kernel):
    kernel.run("df = pd.DataFrame({'a': [1, 2]})")
    kernel.run("%%track one-15\nx = len(df)")
    first = project.run("one-15")
    kernel.run("same = pd.DataFrame({'a': [1, 2]})")
    kernel.run("%%track two-15\nx = len(same)")
    lineage = json.loads(project.run("two-15").tags["nbship.lineage"])

    assert first.id in json.dumps(lineage)


def test_mlflow_calls_of_the_cell_land_in_the_run_and_without_them_mlflow_stays_out(project, kernel):
    kernel.run("%%track without-16\nx = 1 + 1")
    assert kernel.run("import sys\n'mlflow' in sys.modules").plain == "False"
    reply = kernel.run("%%track with-16\nimport mlflow\nmlflow.log_metric('by_hand', 7)\ny = len('four')")
    kernel.run(
        "%%track again-16\nwith mlflow.start_run():\n    mlflow.log_param('p', 'q')\nwith mlflow.start_run(run_name='child'):\n    pass"
    )
    kernel.run("%%track failing-16\nmlflow.log_metric('m', 1)\n1/0")
    names = {run.name: run for run in project.runs() if run.name.endswith("-16") or run.name == "child"}

    assert reply.status == "ok"
    assert names["with-16"].metrics == {"by_hand": 7, "y": 4}
    assert names["again-16"].params == {"p": "q"}
    assert names["child"].tags["mlflow.parentRunId"] == names["again-16"].id
    assert names["failing-16"].status == "FAILED"
    assert {run.status.value for run in names.values()} == {"FINISHED", "FAILED"}
    assert len(names) == 5


def test_autolog_lands_in_the_run(project, kernel):
    before = len(project.runs())
    kernel.run("import mlflow\nmlflow.sklearn.autolog(log_models=False, log_datasets=False, silent=True)")
    reply = kernel.run(
        "%%track auto-17\nfrom sklearn.linear_model import Ridge\nridge = Ridge(alpha=0.3).fit([[1.0], [2.0]], [1, 2])"
    )
    run = project.run("auto-17")

    assert reply.status == "ok"
    assert len(project.runs()) == before + 1
    assert run.params["alpha"] == "0.3"
    assert run.status == "FINISHED"
