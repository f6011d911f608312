"""Build contexts of runs and registered models, and what is refused before or on the way."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from kernels import Project


@pytest.fixture(scope="module")
def plain(project: Project) -> str:
    """Return the id of a run whose model plain MLflow has logged as a pickle, in the registry as ``blooms@champion``."""
    import mlflow
    import numpy as np
    from mlflow.models import infer_signature
    from sklearn.linear_model import LogisticRegression

    data = np.random.default_rng(0).normal(size=(40, 2))
    model = LogisticRegression().fit(data, data[:, 0] > 0)
    mlflow.set_tracking_uri(project.tracking_uri)
    try:
        with mlflow.start_run(run_name='plain / ünï "quoted" $(touch x) ' + "long" * 40) as run:
            mlflow.sklearn.log_model(
                model,
                name="model",
                signature=infer_signature(data, model.predict(data)),
                serialization_format="cloudpickle",
                pip_requirements=["scikit-learn", "numpy"],
                registered_model_name="blooms",
            )
        mlflow.MlflowClient().set_registered_model_alias("blooms", "champion", "1")
    finally:
        mlflow.set_tracking_uri(None)
    return str(run.info.run_id)


def bundle_of(context: Path) -> Any:
    return json.loads((context / "model" / "bundle.json").read_text())


def test_a_context_holds_all_that_its_build_needs_and_no_path_of_this_machine(
    ask, call, project, tmp_path, left
):
    context = tmp_path / "made" / "context"
    image = ask("package", "logreg", "--context", str(context), "-t", "team/flowers:2")
    assert (image["context"], image["digest"], image["loaded"]) == (str(context), "", False)
    assert image["smoke"]["rows"] == 5
    text = (context / "Dockerfile").read_text()
    assert image["bundle"]["run_id"] in text
    assert "--no-index" in text
    locked = (context / "model" / "requirements.txt").read_text()
    assert locked.count("--hash=") == len(list((context / "wheels").iterdir())) - 1
    files = [path for path in context.rglob("*") if path.is_file() and path.suffix != ".whl"]
    named = [str(path) for path in files if str(project.folder).encode() in path.read_bytes()]
    assert named == []
    assert left() == []
    code, _, err = call("package", "logreg", "--context", str(context))
    assert (code, "is not empty" in err) == (2, True)


def test_a_variable_is_saved_again_without_code(kernel, tmp_path):
    reply = kernel.run(f"image = %package logreg --resave model --context {tmp_path / 'context'}")
    assert reply.status == "ok", reply
    assert bundle_of(tmp_path / "context")["format"] == "skops"
    reply = kernel.run("%package logreg --resave nothing --context x")
    assert "there is no such variable" in str(reply.outputs)
    reply = kernel.run("%package logreg --resave X --context x")
    assert "has no predict()" in str(reply.outputs)


def test_the_pickle_of_somebody_else_is_read_only_when_it_is_trusted(plain, call, ask, tmp_path, monkeypatch):
    code, _, err = call("package", plain, "--context", str(tmp_path / "no"))
    assert (code, "LogisticRegression" in err, "--trust-pickle" in err) == (2, True, True)
    assert not (tmp_path / "no").exists()
    image = ask("package", "blooms@champion", "--trust-pickle", "--context", str(tmp_path / "asked"))
    assert image["reference"] == "blooms:1"
    digest = err.partition("trusted_models: ")[2].partition(".")[0]
    monkeypatch.setenv("NBSHIP_TRUSTED_MODELS", digest)
    ask("package", plain, "--context", str(tmp_path / "named"))
    assert bundle_of(tmp_path / "named")["run_name"].startswith("plain / ünï")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nosuch"], (2, "no run answers to 'nosuch'")),
        ([""], (2, "say which model")),
        (["none"], (2, "has no model")),
        (["blooms@nobody"], (2, "it has champion")),
        (["models:/blooms/7"], (2, "blooms")),
        (["models:/nothing/1"], (2, "no registered model 'nothing'")),
        (["logreg", "-t", "Not A Name"], (2, "is no name of an image")),
        (["logreg", "--push", "a//b"], (2, "is no name of an image")),
        (["logreg", "-o", "."], (2, "is a folder")),
        (["logreg", "--platform", "plan9/mips"], (2, "known are linux/amd64")),
        (["logreg", "--context", "x", "--base-image", "."], (2, "is a path")),
        (["logreg", "--base-image", "./nowhere.tar"], (3, "there is no base image")),
        (["logreg", "--base-image", "pyproject.toml"], (3, "is no image that can be read")),
        (["logreg", "--base-image", "localhost:1/a/b:1"], (3, "nothing listens there")),
        (["logreg", "--model-file", "nowhere.skops", "--context", "x"], (2, "there is no such file")),
    ],
)
@pytest.mark.usefixtures("plain")
def test_what_cannot_be_is_said_in_one_line_and_leaves_nothing(words, told, call, project, left):
    (project.folder / "pyproject.toml").write_text("[project]\n")
    before = sorted(project.folder.iterdir())
    code, out, err = call("package", *words)
    said = [line for line in err.splitlines() if line.startswith("nbship: ")]
    assert (code, out, len(said)) == (told[0], "", 1), err
    assert told[1] in said[0]
    assert err.rstrip().endswith(said[0])
    assert left() == []
    assert sorted(project.folder.iterdir()) == before


@pytest.mark.parametrize("signals", [(signal.SIGINT,), (signal.SIGINT, signal.SIGTERM)])
@pytest.mark.parametrize("stage", ["proving the fast path", "smoke test"])
def test_an_interrupt_leaves_nothing(start, left, tmp_path, stage, signals):
    process = start("package", "logreg", "--context", str(tmp_path / "context"))
    assert process.stderr is not None
    for line in process.stderr:
        if json.loads(line)["name"] == stage:
            break
    for number in signals:
        process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert left() == []
    assert not (tmp_path / "context").exists()


def test_an_interrupted_cell_ends_the_process_that_works_for_it(kernel, left, tmp_path, eventually):
    def begun(reply: Any) -> bool:
        return "display_data" in {output["output_type"] for output in reply.outputs}

    waiting = kernel.send(f"%package logreg --context {tmp_path / 'context'}")
    kernel.collect(waiting, until=begun)
    kernel.manager.interrupt_kernel()
    reply = kernel.collect(waiting)
    assert reply.ename == "KeyboardInterrupt"
    children = psutil.Process(kernel.pid).children(recursive=True)
    alive = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
    assert not [child for child in alive if "package" in child.cmdline()]
    eventually(lambda: left() == [])
    assert not (tmp_path / "context").exists()
