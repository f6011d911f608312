from __future__ import annotations

import json

import pytest

from nbship.errors import StoreError
from nbship.model.data import ColumnFingerprint, DatasetRecord, Fingerprint
from nbship.model.event import ArtifactRecord, MetricPoint, ModelRecord, RunBegan, RunLogged
from nbship.model.run import RunStatus
from nbship.store.mlflow import StoreWriter
from nbship.store.reader import get, list_artifacts, metric_history, read_artifact, search

RUN = "a" * 32


@pytest.fixture
def writer(tracking_uri):
    return StoreWriter(tracking_uri)


@pytest.fixture
def blobs(tmp_path):
    folder = tmp_path / "blobs"
    folder.mkdir()
    return folder


@pytest.fixture
def began(tracking_uri, tmp_path):
    root = str(tmp_path / "artifacts")
    return RunBegan(
        RUN, "first", tracking_uri, "e", 1000, artifact_root=root, tags={"team": "Delays"}, params={"lr": "1"}
    )


def begin(writer, began, **options):
    run_id, warnings = writer.begin(began, **({"parent_id": None, "in_doubt": False} | options))
    assert warnings == ()
    return run_id


def dataset(name="flights", digest="d" * 32, **fields):
    columns = (
        ColumnFingerprint("distance", "float64", "1"),
        ColumnFingerprint("when", "timestamp[ns, UTC]", "2"),
        ColumnFingerprint("odd", "complex128", "3"),
    )
    print_ = Fingerprint(digest, "nbship-blake3-1", "table", 9, (9, 3), columns, 99)
    return DatasetRecord(name, "variable", "pandas.DataFrame", print_, **fields)


def test_a_run_is_created_with_what_it_began_with(writer, began, tracking_uri):
    run = get(tracking_uri, begin(writer, began, parent_id="p" * 32))
    assert (run.name, run.experiment, run.started_ms, run.status) == ("first", "e", 1000, RunStatus.RUNNING)
    assert run.params == {"lr": "1"}
    assert run.tags["nbship.run"] == RUN
    assert run.tags["mlflow.parentRunId"] == "p" * 32
    assert run.tags["team"] == "Delays"


def test_a_repeated_begin_makes_one_run(writer, began, tracking_uri):
    first = begin(writer, began, in_doubt=True)
    assert begin(writer, began, in_doubt=True) == first
    assert len(search(tracking_uri).runs) == 1


def test_a_run_that_the_kernel_created_is_adopted(writer, began, tracking_uri):
    from dataclasses import replace

    created = begin(writer, began)
    adopted = replace(
        began, run="b" * 32, store_run_id=created, params={"depth": "3"}, tags={"team": "Weather"}
    )
    assert begin(writer, adopted) == created
    (run,) = search(tracking_uri).runs
    assert run.params == {"lr": "1", "depth": "3"}
    assert (run.tags["team"], run.tags["nbship.run"]) == ("Weather", "b" * 32)


def test_a_run_that_the_kernel_created_and_the_store_lost_is_made_again(writer, began, tracking_uri):
    from dataclasses import replace

    run_id = begin(writer, replace(began, store_run_id="f" * 32))
    assert get(tracking_uri, "first").id == run_id != "f" * 32


def test_everything_of_an_event_is_stored_once_however_often_it_is_applied(
    writer, began, blobs, tracking_uri
):
    run_id = begin(writer, began)
    (blobs / "b1").write_bytes(b"diff")
    points = tuple(MetricPoint("auc", value / 2000, 5, value) for value in range(1500))
    logged = RunLogged(
        RUN,
        params={f"p{number}": "v" * 7000 for number in range(3)},
        metrics=points,
        tags={"note": "n" * 9000},
        datasets=(dataset(), dataset("file.csv")),
        artifacts=(ArtifactRecord("environment/git.diff", "b1"), ArtifactRecord("top.txt", "b1")),
    )
    for in_doubt in (False, True):
        assert writer.log(run_id, logged, blobs, in_doubt=in_doubt) == ()
    run = get(tracking_uri, run_id)
    assert len(run.params["p1"]) == 6000
    assert len(run.tags["note"]) == 8000
    assert [data.name for data in run.datasets] == ["file.csv", "flights"]
    assert len(metric_history(tracking_uri, run_id, "auc")) == 1500
    assert list_artifacts(tracking_uri, run) == ("environment/git.diff", "top.txt")
    assert read_artifact(tracking_uri, run, "environment/git.diff") == b"diff"


def test_a_conflicting_parameter_is_a_warning_and_costs_nothing_else(writer, began, blobs, tracking_uri):
    run_id = begin(writer, began)
    (warning,) = writer.log(run_id, RunLogged(RUN, params={"lr": "2", "depth": "3"}), blobs, in_doubt=False)
    assert "parameter lr was not stored" in warning
    assert get(tracking_uri, run_id).params == {"lr": "1", "depth": "3"}


def test_a_missing_file_is_a_warning(writer, began, blobs):
    run_id = begin(writer, began)
    logged = RunLogged(RUN, artifacts=(ArtifactRecord("a", "gone"),), model=_model("gone"))
    first, second = writer.log(run_id, logged, blobs, in_doubt=False)
    assert "artifact a was not stored: a file of the spool is missing" in first
    assert "model m was not stored: a file of the spool is missing" in second


def test_mlflow_shows_the_schema_and_size_of_a_dataset(writer, began, blobs):
    run_id = begin(writer, began)
    writer.log(run_id, RunLogged(RUN, datasets=(dataset(),)), blobs, in_doubt=False)
    (found,) = writer.client.get_run(run_id).inputs.dataset_inputs
    assert found.tags[0].key == "mlflow.data.context"
    specs = json.loads(found.dataset.schema)["mlflow_colspec"]
    assert [(spec["name"], spec["type"]) for spec in specs] == [
        ("distance", "double"), ("when", "datetime"), ("odd", "string"),
    ]  # fmt: skip
    profile = json.loads(found.dataset.profile)
    assert (profile["num_rows"], profile["num_elements"]) == (9, 27)

    from mlflow.types import Schema

    assert Schema.from_json(json.dumps(specs)).input_names() == ["distance", "when", "odd"]


def test_lineage_names_the_newest_earlier_runs_with_equal_data(writer, began, blobs):
    from dataclasses import replace

    ids = []
    for number in range(3):
        one = replace(began, run=f"{number}" * 32, started_ms=1000 + number, experiment=f"e{number % 2}")
        ids.append(begin(writer, one))
        writer.log(ids[-1], RunLogged(one.run, datasets=(dataset(),)), blobs, in_doubt=False)
    found, warnings = writer.find_lineage(ids[2], 1002, [dataset(), dataset("other", "e" * 32)])
    assert warnings == ()
    assert [link["run"] for link in found] == [ids[1], ids[0]]
    assert found[0] == {"run": ids[1], "dataset": "flights", "digest": "d" * 32}


def test_an_end_is_kept_to_the_millisecond(writer, began, tracking_uri):
    run_id = begin(writer, began)
    writer.end(run_id, RunStatus.KILLED, 4321, {"nbship.reason": "why"})
    run = get(tracking_uri, run_id)
    assert (run.status, run.ended_ms, run.tags["nbship.reason"]) == (RunStatus.KILLED, 4321, "why")


def test_runs_of_a_deleted_experiment_go_to_a_new_one(writer, began, tracking_uri):
    from dataclasses import replace

    begin(writer, began)
    writer.client.delete_experiment(writer.client.get_experiment_by_name("e").experiment_id)
    run_id = begin(StoreWriter(tracking_uri), replace(began, run="b" * 32))
    assert get(tracking_uri, run_id).experiment == "e (2)"


def test_a_store_that_is_down_says_so(began, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    writer = StoreWriter("http://127.0.0.1:9")
    assert not writer.answers()
    with pytest.raises(StoreError):
        writer.begin(began, parent_id=None, in_doubt=False)


def test_a_store_that_is_up_answers(writer):
    assert writer.answers()


def _model(blob, **fields):
    return ModelRecord(
        blob, "m", "pkg.Model", **({"framework": "python", "framework_version": "3.11"} | fields)
    )


SIGNATURE = {"inputs": '[{"type": "double", "name": "x", "required": true}]', "outputs": None, "params": None}
EXAMPLE = {"columns": ["x"], "data": [[1.0], [2.0]]}


@pytest.mark.filterwarnings("ignore")  # of mlflow.pyfunc about the environment; the answers are what counts
@pytest.mark.parametrize("framework", ["sklearn", "python"])
def test_a_model_is_loaded_again_from_its_run(writer, began, blobs, framework, monkeypatch):
    import cloudpickle
    import mlflow
    import pandas as pd
    from sklearn.linear_model import LinearRegression

    class Doubling:
        def predict(self, data):
            return [2 * value for value in data["x"]]

    frame = pd.DataFrame({"x": [1.0, 2.0]})
    model = LinearRegression().fit(frame, [2.0, 4.0]) if framework == "sklearn" else Doubling()
    (blobs / "m").write_bytes(cloudpickle.dumps(model))
    record = _model(
        "m",
        framework=framework,
        framework_version="1.9" if framework == "sklearn" else "3.11",
        signature=SIGNATURE,
        input_example=EXAMPLE,
        requirements=("scikit-learn==1.9.1",),
        params={"alpha": "1"},
    )
    run_id = begin(writer, began)
    for in_doubt in (False, True):
        assert writer.log(run_id, RunLogged(RUN, model=record), blobs, in_doubt=in_doubt) == ()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", writer.tracking_uri)
    loaded = mlflow.pyfunc.load_model(f"runs:/{run_id}/model")
    assert [round(value) for value in loaded.predict(frame)] == [2, 4]
    assert loaded.metadata.signature.inputs.input_names() == ["x"]
    assert loaded.metadata.load_input_example().to_dict("split")["data"] == [[1.0], [2.0]]
    (logged,) = writer.client.search_logged_models([writer.client.get_run(run_id).info.experiment_id])
    assert (logged.name, logged.source_run_id, logged.params) == ("model", run_id, {"alpha": "1"})
    assert logged.status.name == "READY"
    assert [output.model_id for output in writer.client.get_run(run_id).outputs.model_outputs] == [
        logged.model_id
    ]
