"""References that a real kernel leaves in a real MLflow store: profiles, predictions, importance, and reading them back."""

from __future__ import annotations

import json

import pytest

from nbship.errors import UsageError
from nbship.provenance.reference import load_reference
from nbship.store import reader
from nbship.store.connection import connect

SETUP = """
import numpy as np, pandas as pd
from sklearn.linear_model import LogisticRegression
g = np.random.default_rng(0)
df = pd.DataFrame({"delay": g.normal(size=400), "noise": g.normal(size=400), "carrier": g.choice(["AA", "UA"], 400)})
df["late"] = df["delay"] > 0
train, test = df.head(300), df.tail(100)
features = ["delay", "noise"]
np.random.seed(1)
"""
FIT = "model = LogisticRegression().fit(train[features], train['late'])\nscore = model.score(test[features], test['late'])"


@pytest.fixture
def project(shared_project):
    return shared_project


@pytest.fixture
def kernel(project):
    kernel = project.kernel()
    assert kernel.run(SETUP).status == "ok"
    yield kernel
    kernel.close()


def recorded(project, kernel, name):
    """Return a run with all its files: a small profile is made beside the kernel, which waits for it when it ends."""
    kernel.close()
    return project.run(name)


def files(project, run) -> set[str]:
    return {
        path
        for path in reader.list_artifacts(project.tracking_uri, run, "nbship")
        if path.split("/")[1] in ("profiles", "predictions", "importance.json")
    }


def test_a_tracked_cell_leaves_a_whole_reference(project, kernel):
    reply = kernel.run(f"%%track whole-1\n{FIT}")
    run = recorded(project, kernel, "whole-1")
    reference = load_reference(project.tracking_uri, run, "train")

    assert files(project, run) == {
        "nbship/profiles/train.json",
        "nbship/profiles/test.json",
        "nbship/predictions/train.json",
        "nbship/predictions/test.json",
        "nbship/importance.json",
    }
    assert [(column.name, column.role) for column in reference.profile.columns] == [
        ("delay", "feature"),
        ("noise", "feature"),
        ("carrier", "feature"),
        ("late", "target"),
        ("prediction", "prediction"),
        ("probability", "prediction"),
    ]
    assert {summary.digest for summary in run.datasets if summary.name == "train"} == {
        reference.profile.digest
    }
    assert reference.profile.column("carrier").levels[0][1] > 140
    assert reference.importance["delay"] > 0.9
    assert (reference.model, reference.run.id) == ("model (LogisticRegression)", run.id)
    assert "note:" not in reply.plain

    with pytest.raises(UsageError, match=r"several datasets: test \(100 rows\), train \(300 rows\)"):
        load_reference(project.tracking_uri, run, None)


def test_the_random_numbers_of_a_cell_are_those_without_nbship(project, kernel):
    plain = project.kernel(load=False)
    plain.run(SETUP)
    expected = plain.run(f"{FIT}\nnp.random.random(3).tolist()").plain
    again = plain.run("np.random.random(3).tolist()").plain

    assert expected in kernel.run(f"%%track random-2\n{FIT}\nnp.random.random(3).tolist()").plain
    assert again in kernel.run("%%track random-2b\nlen(train)\nnp.random.random(3).tolist()").plain


def test_profiles_can_be_switched_off(project, kernel):
    kernel.run("%config Nbship.profiles = False")
    kernel.run(f"%%track off-3\n{FIT}")
    run = recorded(project, kernel, "off-3")

    assert files(project, run) == set()
    assert run.datasets
    with pytest.raises(UsageError, match="run off-3 was tracked with profiles switched off"):
        load_reference(project.tracking_uri, run, "train")


def test_rare_levels_can_be_withheld(project, kernel):
    kernel.run("people = pd.DataFrame({'name': ['Ann'] * 9 + ['Zoe']})\n%config Nbship.profile_min_count = 3")
    kernel.run("%%track rare-4\nlen(people)")
    run = recorded(project, kernel, "rare-4")

    assert "Zoe" not in project.artifact(run, "nbship/profiles/people.json")
    (column,) = load_reference(project.tracking_uri, run, None).profile.columns
    assert (column.levels, column.withheld) == ((("Ann", 9),), 1)


def test_secrets_in_a_table_stay_in_the_kernel(project, kernel):
    kernel.run(
        "users = pd.DataFrame({'password': ['hunter2hunter2', 'correct-horse'] * 5, 'age': range(10)})"
    )
    kernel.run("%%track secret-5\nn = users.shape[0]")
    text = project.artifact(recorded(project, kernel, "secret-5"), "nbship/profiles/users.json")

    assert "hunter2" not in text
    assert "correct-horse" not in text


def test_a_run_of_plain_mlflow_is_no_reference(project, kernel):
    kernel.run(
        f"import mlflow\nmlflow.set_tracking_uri('{project.tracking_uri}')\n"
        "with mlflow.start_run(run_name='plain-6'):\n    mlflow.log_metric('m', 1)"
    )
    with pytest.raises(UsageError, match="made by plain MLflow"):
        load_reference(project.tracking_uri, project.run("plain-6"), None)


def test_autologging_takes_no_prediction_of_ours_for_one_of_the_user(project, kernel):
    kernel.run("import mlflow\nmlflow.sklearn.autolog(log_models=False, silent=True)")
    kernel.run("%%track auto-7\nmodel = LogisticRegression().fit(train[features], train['late'])")
    run = recorded(project, kernel, "auto-7")
    noted = connect(project.tracking_uri).get_run(run.id).inputs.dataset_inputs
    contexts = {
        (one.dataset.name, tag.value) for one in noted for tag in one.tags if tag.key == "mlflow.data.context"
    }

    assert [summary.rows for summary in run.datasets if summary.name == "train"] == [300]
    assert ("dataset", "train") in contexts, "autolog notes what fit was given"
    assert "eval" not in {context for _, context in contexts}, sorted(contexts)


def test_equal_code_has_an_equal_digest(project, kernel):
    for name, rate in (("code-8a", 0.5), ("code-8b", 0.5), ("code-8c", 0.25)):
        kernel.run(f"%%track {name}\nrate = {rate}\nresult = rate * 2")
    first, second, third = (project.run(f"code-8{letter}").tags["nbship.code"] for letter in "abc")

    assert first == second != third


def test_a_session_run_has_references_and_a_digest_of_its_code(project, kernel):
    kernel.run("%track on session-9")
    kernel.run(FIT)
    kernel.run("%track off")
    run = recorded(project, kernel, "session-9")

    assert "nbship/predictions/test.json" in files(project, run)
    assert run.tags["nbship.code"]
    assert json.loads(project.artifact(run, "nbship/run.json"))["captured"]["profiles"] is True


NOISY = """
import logging, sys
from IPython.display import display, HTML
logging.basicConfig(stream=sys.stderr)
class Noisy(LogisticRegression):
    def predict(self, rows):
        display(HTML("<b>shown by predict</b>")); logging.warning("logged by predict"); print("printed by predict")
        return super().predict(rows)
"""


def test_a_model_that_shows_and_logs_shows_nothing_when_it_is_asked(project, kernel):
    kernel.run(NOISY)
    reply = kernel.run("%%track noisy-10\nmodel = Noisy().fit(train[features], train['late'])")
    assert "by predict" not in str(reply)
    assert "shown by predict" in str(kernel.run("model.predict(test[features])[:1]"))
    assert "nbship/predictions/train.json" in files(project, recorded(project, kernel, "noisy-10"))
