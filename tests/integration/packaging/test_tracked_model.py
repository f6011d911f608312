from __future__ import annotations

import json
import shutil
from dataclasses import replace

import platformdirs
import pytest

from model_sources import prepare_pickle
from nbship.errors import UntrustedModelError
from nbship.model.own_models import remembered
from nbship.packaging.bundle import BuildFacts, write_bundle, write_draft
from nbship.packaging.requirements import constraints, draft_requirements
from nbship.packaging.trust import decide_trust
from nbship.store.model_source import load_model_source


@pytest.fixture
def source(tracked, tmp_path):
    return load_model_source(tracked.tracking_uri, "iris", tmp_path)


def test_a_tracked_model_comes_with_all_that_was_recorded_of_it(source):
    assert source.name == "iris"
    assert source.model_class.endswith("LogisticRegression")
    assert source.example["columns"][0] == "sepal length (cm)"
    assert len(source.predictions) == len(source.example["data"])
    assert {"scikit-learn", "numpy", "mlflow"} <= {line.partition("==")[0] for line in source.requirements}
    assert len(source.environment) > 20
    assert source.python.startswith("3.")
    assert [column.name for column in source.profile.columns][-1] == "prediction"
    assert source.profile.rows == 150


def test_the_lineage_tells_code_and_data_and_no_folder_of_this_machine(tracked, source):
    lineage = source.lineage
    assert lineage["run"]["name"] == "iris"
    assert any("load_iris" in cell["source"] for cell in lineage["cells"])
    assert not [cell for cell in lineage["cells"] if "%%track" in cell["source"]]
    frame = next(one for one in lineage["datasets"] if one["name"] == "X")
    assert [column["name"] for column in frame["columns"]] == source.example["columns"]
    assert str(tracked.folder) not in json.dumps(lineage)


def test_mlflow_still_loads_the_model_with_the_recorded_predictions_beside_it(source):
    import mlflow
    import pandas as pd

    model = mlflow.sklearn.load_model(str(source.folder))
    frame = pd.DataFrame(source.example["data"], columns=source.example["columns"])
    assert model.predict(frame).tolist() == source.predictions


def test_the_pickle_of_ones_own_kernel_is_trusted_and_a_changed_one_is_not(source):
    own = remembered(platformdirs.user_data_path("nbship"))
    assert decide_trust(source, own=own).kind == "own"
    changed = replace(source, files={**source.files, source.model_file: "0" * 64})
    with pytest.raises(UntrustedModelError, match="LogisticRegression"):
        decide_trust(changed, own=own)


def test_it_is_locked_with_the_versions_of_the_day(source):
    import sklearn

    assert f"scikit-learn=={sklearn.__version__}" in draft_requirements(source)
    assert [line for line in constraints(source) if line.startswith(("joblib==", "threadpoolctl=="))]


def test_copies_of_a_project_give_the_same_bundle(tracked, tmp_path):
    elsewhere = tmp_path / "another" / "place"
    shutil.copytree(tracked.folder, elsewhere)
    digests = []
    for place, project in enumerate((tracked.folder, elsewhere)):
        work = tmp_path / str(place)
        work.mkdir()
        source = load_model_source(f"sqlite:///{project / '.nbship' / 'mlflow.db'}", "iris", work)
        bundle = write_draft(work / "draft", source, [])
        prepared = prepare_pickle(work / "draft", bundle, source)
        facts = BuildFacts("linux/amd64", builder_version="0.1.0")
        digests.append(write_bundle(work / "bundle", work / "draft", source, prepared, [], facts).files)
    assert digests[0] == digests[1]
