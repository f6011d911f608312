from __future__ import annotations

import uuid

import pytest

from model_sources import write_wheel
from nbship.model.bundle import Bundle, ModelFormat
from nbship.packaging.facts import BuildFacts
from nbship.packaging.sbom import make_sbom

BUNDLE = Bundle(
    "iris", "r" * 32, ModelFormat.SKOPS, "model/model.skops", "d" * 64, python="3.11", model_class="a.B"
)
FACTS = BuildFacts("linux/amd64", "", f"sha256:{'b' * 64}", "0.1.0")


@pytest.fixture
def lock(tmp_path):
    licensed = "License-Expression: BSD-3-Clause\n"
    return [
        write_wheel(tmp_path, "numpy", "2.1.0", metadata=licensed),
        write_wheel(tmp_path, "scikit-learn", "1.7.0", ["numpy>=1", 'nothing; sys_platform == "win32"']),
    ]


def test_every_wheel_is_there_with_version_hash_and_address_and_nothing_else(lock):
    libraries = [one for one in make_sbom(BUNDLE, lock, FACTS)["components"] if one["type"] == "library"]
    found = {one["name"]: one for one in libraries if one["name"] != "nbship"}
    assert set(found) == {"numpy", "scikit-learn"}
    assert found["numpy"]["hashes"] == [{"alg": "SHA-256", "content": lock[0].sha256}]
    assert found["numpy"]["purl"] == "pkg:pypi/numpy@2.1.0?file_name=numpy-2.1.0-py3-none-any.whl"
    assert found["numpy"]["licenses"] == [{"expression": "BSD-3-Clause"}]
    assert "licenses" not in found["scikit-learn"]


def test_model_server_and_base_are_named(lock):
    found = {one["bom-ref"]: one for one in make_sbom(BUNDLE, lock, FACTS)["components"]}
    assert found["model"]["hashes"] == [{"alg": "SHA-256", "content": "d" * 64}]
    assert found["base"]["hashes"] == [{"alg": "SHA-256", "content": "b" * 64}]
    assert "pkg:pypi/nbship@0.1.0" in found


def test_dependencies_are_those_of_the_platform(lock):
    needs = {one["ref"]: one["dependsOn"] for one in make_sbom(BUNDLE, lock, FACTS)["dependencies"]}
    assert needs["pkg:pypi/scikit-learn@1.7.0"] == ["pkg:pypi/numpy@2.1.0"]
    assert "pkg:pypi/scikit-learn@1.7.0" in needs["image"]
    assert "pkg:pypi/numpy@2.1.0" not in needs["image"]


def test_every_reference_leads_to_a_component(lock):
    document = make_sbom(BUNDLE, lock, FACTS)
    known = {one["bom-ref"] for one in (*document["components"], document["metadata"]["component"])}
    used = {ref for one in document["dependencies"] for ref in (one["ref"], *one["dependsOn"])}
    assert used == known


def test_the_serial_number_follows_from_the_content(lock):
    one, again = make_sbom(BUNDLE, lock, FACTS), make_sbom(BUNDLE, lock, FACTS)
    assert one == again
    assert uuid.UUID(one["serialNumber"].removeprefix("urn:uuid:"))
    assert make_sbom(BUNDLE, lock[:1], FACTS)["serialNumber"] != one["serialNumber"]


def test_the_document_is_valid_cyclonedx(lock):
    validation = pytest.importorskip(
        "cyclonedx.validation.json", reason="cyclonedx-python-lib is not installed"
    )
    import json

    from cyclonedx.schema import SchemaVersion

    error = validation.JsonStrictValidator(SchemaVersion.V1_6).validate_str(
        json.dumps(make_sbom(BUNDLE, lock, FACTS))
    )
    assert error is None
