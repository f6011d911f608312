from __future__ import annotations

from dataclasses import replace

import pytest

from model_sources import make_source
from nbship.errors import UsageError
from nbship.model.bundle import Bundle, InputPath, ModelFormat
from nbship.packaging.prepared import Prepared
from nbship.packaging.requirements import RUNTIME_PINS, constraints, draft_requirements, image_requirements

TRACKED = ("cloudpickle==3.1.2", "mlflow==3.10", "pandas==3.0.1", "scikit-learn==1.7.0")


@pytest.fixture
def source(tmp_path):
    return make_source(tmp_path / "model", requirements=TRACKED)


def prepared(model_format=ModelFormat.SKOPS, path=InputPath.ARRAY, **fields):
    return Prepared(Bundle("m", "r", model_format, "model/m", "d", input_path=path), **fields)


def test_a_draft_is_prepared_with_pandas_and_skops_and_without_mlflow(source):
    names = [line.partition("==")[0] for line in draft_requirements(source)]
    assert {"pandas", "skops", "cloudpickle", "uvicorn", "numpy", "orjson"} <= set(names)
    assert not [name for name in names if name.startswith("mlflow")]
    assert "pandas==3.0.1" in draft_requirements(source)


def test_an_image_has_none_of_what_the_model_was_not_seen_to_use(source):
    kept = image_requirements(source, prepared())
    assert "scikit-learn==1.7.0" in kept
    assert "skops" in kept
    assert not [line for line in kept if line.startswith(("pandas", "cloudpickle", "mlflow"))]


def test_an_image_has_pandas_where_rows_become_frames(source):
    kept = image_requirements(source, prepared(ModelFormat.PICKLE, InputPath.FRAME, needs=("cloudpickle",)))
    assert {"pandas==3.0.1", "cloudpickle==3.1.2"} <= set(kept)
    assert "skops" not in kept


def test_an_image_of_a_model_that_is_answered_from_its_numbers_has_what_that_takes_and_no_more(source):
    light = prepared(imports=("numpy", "orjson"))
    light = replace(light, bundle=replace(light.bundle, weights="model/weights.json"))
    assert not [line for line in image_requirements(source, light) if line.startswith(("scikit", "skops"))]
    assert "scipy" not in " ".join(image_requirements(source, light))
    probable = replace(light, imports=("numpy", "scikit-learn"))
    assert "scikit-learn==1.7.0" in image_requirements(source, probable)


def test_a_pickle_brings_what_reads_it(source):
    assert "cloudpickle==3.1.2" in image_requirements(source, prepared(ModelFormat.PICKLE))


def test_versions_of_the_day_of_tracking_count_and_those_of_the_server_are_nbships_own(tmp_path):
    environment = (
        "numpy==2.1.0",
        "torch==2.1.0+cpu",
        "uvicorn==0.1",
        "nbship==0.1.0",
        "local==not-a-version",
    )
    found = constraints(make_source(tmp_path / "model", environment=environment))
    assert "numpy==2.1.0" in found
    assert "torch==2.1.0" in found
    assert f"uvicorn=={RUNTIME_PINS['uvicorn']}" in found
    assert not [line for line in found if line.startswith(("nbship", "local"))]


def test_the_models_own_pin_is_not_contradicted(tmp_path):
    source = make_source(tmp_path / "model", requirements=("numpy==1.26",), environment=("numpy==2.1.0",))
    assert not [line for line in constraints(source) if line.startswith("numpy")]
    loose = make_source(tmp_path / "loose", requirements=("numpy",), environment=("numpy==2.1.0",))
    assert "numpy==2.1.0" in constraints(loose)


@pytest.mark.parametrize("line", ["not a requirement!", "thing @ file:///somewhere"])
def test_a_requirement_that_cannot_be_locked_is_named(tmp_path, line):
    with pytest.raises(UsageError, match="NAME==VERSION"):
        draft_requirements(make_source(tmp_path / "model", requirements=(line,)))
