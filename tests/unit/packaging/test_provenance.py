from __future__ import annotations

import hashlib

import pytest

from model_sources import make_source, write_wheel
from nbship.model.bundle import Bundle, ModelFormat
from nbship.packaging.facts import BuildFacts
from nbship.packaging.lock_parts import requirements_text
from nbship.packaging.provenance import make_provenance

BUNDLE = Bundle(
    "iris", "r" * 32, ModelFormat.SKOPS, "model/model.skops", "d" * 64, python="3.11", proof=("Equal.",)
)
FACTS = BuildFacts("linux/arm64", "docker.io/library/python:3.11-slim", f"sha256:{'b' * 64}", "0.1.0")


@pytest.fixture
def statement(tmp_path):
    source = make_source(tmp_path / "model")
    lock = [write_wheel(tmp_path / "wheels", "numpy", "2.1.0")]
    return make_provenance(BUNDLE, source, lock, FACTS, {"model/model.skops": "d" * 64, "a.json": "e" * 64})


def materials(statement):
    found = statement["predicate"]["buildDefinition"]["resolvedDependencies"]
    return {one["name"]: one for one in found}


def test_it_is_an_in_toto_statement_about_the_files_of_the_bundle(statement):
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    assert statement["subject"] == [
        {"name": "a.json", "digest": {"sha256": "e" * 64}},
        {"name": "model/model.skops", "digest": {"sha256": "d" * 64}},
    ]


def test_it_names_run_platform_and_builder(statement):
    definition = statement["predicate"]["buildDefinition"]
    asked = definition["externalParameters"]
    assert (asked["run"], asked["platform"], asked["python"]) == ("r" * 32, "linux/arm64", "3.11")
    assert statement["predicate"]["runDetails"]["builder"]["version"] == {"nbship": "0.1.0"}
    assert definition["internalParameters"] == {"code": "c" * 32, "proof": ["Equal."]}


def test_it_names_everything_that_the_model_came_from(statement, tmp_path):
    found = materials(statement)
    assert found["cell 1"]["digest"] == {"sha256": "1" * 64}
    assert found["data flights"]["digest"] == {"nbship-blake3-1": "2" * 32}
    assert found["git"] == {
        "name": "git",
        "uri": "git+https://example.org/flights.git",
        "digest": {"gitCommit": "3" * 40},
    }
    tracked = hashlib.sha256((tmp_path / "model" / "model.pkl").read_bytes()).hexdigest()
    assert found["tracked/model.pkl"]["digest"] == {"sha256": tracked}


def test_it_names_base_lock_and_wheels(statement, tmp_path):
    found = materials(statement)
    wheel = write_wheel(tmp_path / "again", "numpy", "2.1.0")
    assert found["base image"]["digest"] == {"sha256": "b" * 64}
    assert found["base image"]["uri"] == "docker://docker.io/library/python:3.11-slim"
    assert found[wheel.filename]["digest"] == {"sha256": wheel.sha256}
    lock = hashlib.sha256(requirements_text([wheel]).encode()).hexdigest()
    assert found["requirements.txt"]["digest"] == {"sha256": lock}


def test_a_run_that_says_little_gives_a_short_statement(tmp_path):
    source = make_source(tmp_path / "model", lineage={})
    statement = make_provenance(BUNDLE, source, [], BuildFacts("linux/amd64"), {})
    assert sorted(materials(statement)) == ["requirements.txt", "tracked/model.pkl"]
