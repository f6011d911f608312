from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace

import pytest

from model_sources import EXAMPLE, make_source, prepare_pickle, write_wheel
from nbship.errors import PackagingError, UsageError
from nbship.model.bundle import Bundle, InputColumn
from nbship.model.profile import ColumnKind, ColumnProfile, Profile
from nbship.packaging.bundle import BuildFacts, bundle_digest, model_name, write_bundle, write_draft

FACTS = BuildFacts("linux/amd64", "docker.io/library/python:3.11-slim", f"sha256:{'b' * 64}", "0.1.0")
PROFILE = Profile(2, (ColumnProfile("distance", ColumnKind.NUMERIC, "float64", 2),), "X")


def build(folder, source, **changes):
    """Return description and folder of a bundle that was drafted, prepared and finished."""
    draft = folder / "draft"
    bundle = write_draft(draft, source, source.files.values())
    prepared = prepare_pickle(draft, bundle, source, **changes)
    lock = [
        write_wheel(folder / "wheels", "numpy"),
        write_wheel(folder / "wheels", "scikit-learn", requires=["numpy"]),
    ]
    return write_bundle(folder / "bundle", draft, source, prepared, lock, FACTS), folder / "bundle"


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Flights", "flights"),
        ("Delays (new) / 2026", "delays-new-2026"),
        ("__x..y--z__", "x-y-z"),
        ("Ärger", "arger"),
        ("日本", "model"),
        ("!!!", "model"),
        ("a" * 80, "a" * 63),
        (f"{'a' * 62}-b", "a" * 62),
    ],
)
def test_a_name_fits_addresses_and_images(text, name):
    assert model_name(text) == name


def test_a_draft_says_what_the_preparation_has_to_know(tmp_path):
    source = make_source(tmp_path / "model", profile=PROFILE)
    write_draft(tmp_path / "draft", source, ["t"], name="Other Name", keep_pickle=True)
    draft = json.loads((tmp_path / "draft" / "draft.json").read_text())
    assert (tmp_path / "draft" / draft["source_model"]).read_bytes() == (
        source.folder / "model.pkl"
    ).read_bytes()
    assert draft["example"] == EXAMPLE
    assert draft["predictions"] == [0, 1]
    assert draft["trusted"] == ["t"]
    assert draft["keep_pickle"] is True
    bundle = Bundle.from_dict(draft["bundle"])
    assert (bundle.name, bundle.python, bundle.run_id) == ("other-name", "3.11", "a" * 32)
    assert bundle.inputs == (
        InputColumn("distance", "double", example=1.5),
        InputColumn("carrier", "string", required=False, example="UA"),
    )
    assert Profile.from_dict(json.loads((tmp_path / "draft" / "profile.json").read_text())) == PROFILE


def test_what_was_recorded_of_predict_says_nothing_of_another_method(tmp_path):
    bundle = write_draft(tmp_path / "draft", make_source(tmp_path / "model"), [], method="predict_proba")
    draft = json.loads((tmp_path / "draft" / "draft.json").read_text())
    assert draft["predictions"] is None
    assert (bundle.method, bundle.outputs) == ("predict_proba", ())


def test_files_beside_the_model_travel_along(tmp_path):
    source = make_source(tmp_path / "model", code=("code",), artifacts={"table": "artifacts/t.csv"})
    for name in ("code/mine.py", "code/__pycache__/mine.cpython-311.pyc", "artifacts/t.csv"):
        (source.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (source.folder / name).write_text(name)
    write_draft(tmp_path / "draft", source, [])
    draft = json.loads((tmp_path / "draft" / "draft.json").read_text())
    assert draft["code"] == ["source/code"]
    assert (tmp_path / "draft" / draft["artifacts"]["table"]).read_text() == "artifacts/t.csv"
    assert sorted(content(tmp_path / "draft" / "source")) == ["artifacts/t.csv", "code/mine.py", "model.pkl"]


def test_a_model_without_a_signature_is_refused_with_the_next_step(tmp_path):
    with pytest.raises(UsageError, match="no signature"):
        write_draft(tmp_path / "draft", make_source(tmp_path / "model", signature=None), [])


def test_a_bundle_names_the_hash_of_every_file_of_it(tmp_path):
    bundle, folder = build(tmp_path, make_source(tmp_path / "model", profile=PROFILE))
    found = content(folder)
    assert sorted(found) == sorted([*bundle.files, "bundle.json"])
    assert {name: hashlib.sha256(found[name]).hexdigest() for name in bundle.files} == bundle.files
    assert set(bundle.files) == {
        *("example.json", "lineage.json", "model/model.pkl", "profile.json", "provenance.json"),
        *("requirements.txt", "sbom.cdx.json"),
    }
    assert Bundle.from_dict(json.loads(found["bundle.json"])) == bundle
    assert bundle_digest(folder) == hashlib.sha256(found["bundle.json"]).hexdigest()
    assert json.loads(found["example.json"]) == {**EXAMPLE, "predictions": [0, 1]}


def test_a_bundle_is_the_same_wherever_and_whenever_it_is_made(tmp_path):
    umask = os.umask(0o077)
    try:
        _, one = build(tmp_path / "one", make_source(tmp_path / "one" / "model", profile=PROFILE))
    finally:
        os.umask(umask)
    _, two = build(
        tmp_path / "a" / "deeper" / "two", make_source(tmp_path / "two" / "model", profile=PROFILE)
    )
    assert content(one) == content(two)
    assert not [name for name, data in content(one).items() if str(tmp_path).encode() in data]
    assert {path.stat().st_mode & 0o777 for path in one.rglob("*") if path.is_file()} == {0o644}


def test_lineage_names_the_model_and_the_lock(tmp_path):
    bundle, folder = build(tmp_path, make_source(tmp_path / "model"))
    lineage = json.loads((folder / "lineage.json").read_text())
    assert lineage["cells"][0]["source"] == "x = 1"
    assert lineage["model"]["sha256"] == bundle.model_digest
    assert lineage["lock_sha256"] == bundle.files["requirements.txt"]


def test_a_model_without_an_example_has_none_in_its_bundle(tmp_path):
    bundle, _ = build(tmp_path, make_source(tmp_path / "model", example=None, predictions=None))
    assert "example.json" not in bundle.files


def test_a_model_that_the_preparation_did_not_leave_is_refused(tmp_path):
    source = make_source(tmp_path / "model")
    draft = tmp_path / "draft"
    bundle = write_draft(draft, source, [])
    prepared = prepare_pickle(draft, bundle, source)
    other = replace(prepared, bundle=replace(prepared.bundle, model_digest="0" * 64))
    with pytest.raises(PackagingError, match="left no model"):
        write_bundle(tmp_path / "bundle", draft, source, other, [], FACTS)
