"""Results of preparations, kept in a real cache."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nbship.packaging.oci.cache import Cache
from nbship.packaging.preparations import keep, preparation_key, restore

WHEELS = ["a" * 64, "b" * 64]


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def runtime(tmp_path: Path) -> dict[str, Path]:
    path = tmp_path / "prepare.py"
    path.write_text("print()")
    return {"nbship/serving/prepare.py": path}


def drafted(folder: Path, *, run_id: str = "r1", trusted: str = "t", model: bytes = b"pickle") -> Path:
    """Write what is there before a preparation."""
    (folder / "source").mkdir(parents=True)
    (folder / "source" / "model.pkl").write_bytes(model)
    bundle = {"name": f"model-of-{run_id}", "run_id": run_id, "method": "predict"}
    (folder / "draft.json").write_text(json.dumps({"bundle": bundle, "trusted": [trusted]}))
    return folder


def prepared(folder: Path, **result: Any) -> Path:
    """Add what a preparation leaves."""
    bundle = json.loads((folder / "draft.json").read_text())["bundle"]
    (folder / "model" / "code").mkdir(parents=True)
    (folder / "model" / "model.skops").write_bytes(b"skops")
    (folder / "model" / "code" / "own.py").write_text("x = 1")
    (folder / "prepared.json").write_text(json.dumps({"bundle": bundle, "matches": True, **result}))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def key_of(draft: Path, runtime: dict[str, Path], wheels: list[str] = WHEELS, python: str = "3.11.7") -> str:
    return preparation_key(draft, runtime, wheels, python)


def test_the_same_model_is_not_asked_again(tmp_path, cache, runtime):
    first, second = drafted(tmp_path / "first"), drafted(tmp_path / "second")
    key = key_of(first, runtime)
    keep(prepared(first), key, cache)

    assert key_of(second, runtime, WHEELS[::-1]) == key
    assert restore(second, key, cache)
    assert contents(second) == contents(first)


def test_the_same_model_of_another_run_is_of_that_run(tmp_path, cache, runtime):
    first, second = drafted(tmp_path / "first"), drafted(tmp_path / "second", run_id="r2")
    key = key_of(first, runtime)
    keep(prepared(first), key, cache)

    assert key_of(second, runtime) == key
    assert restore(second, key, cache)
    bundle = json.loads((second / "prepared.json").read_text())["bundle"]
    assert bundle == {"name": "model-of-r2", "run_id": "r2", "method": "predict"}


@pytest.mark.parametrize("change", ["model", "policy", "profile", "wheels", "python", "runtime"])
def test_whatever_could_change_the_result_changes_the_key(tmp_path, runtime, change):
    before = key_of(drafted(tmp_path / "first"), runtime)
    other = drafted(
        tmp_path / "second",
        model=b"other" if change == "model" else b"pickle",
        trusted="u" if change == "policy" else "t",
    )
    if change == "profile":
        (other / "profile.json").write_text("{}")
    if change == "runtime":
        runtime["nbship/serving/prepare.py"].write_text("print(1)")
    wheels = WHEELS[:1] if change == "wheels" else WHEELS
    assert key_of(other, runtime, wheels, "3.11.8" if change == "python" else "3.11.7") != before


@pytest.mark.parametrize("damage", ["changed", "gone", "record", "unreadable record"])
def test_a_damaged_entry_is_not_used_and_is_made_good_by_the_next(tmp_path, cache, runtime, damage):
    first, second = drafted(tmp_path / "first"), drafted(tmp_path / "second")
    key = key_of(first, runtime)
    keep(prepared(first), key, cache)
    for path in cache.root.rglob("*"):
        if damage.endswith("record") and path.suffix == ".json":
            path.write_text('{"files": []}' if damage == "record" else '{"files"')
        elif path.is_file() and path.read_bytes() == b"skops" and damage == "changed":
            path.write_bytes(b"SKOPS")
        elif path.is_file() and path.read_bytes() == b"skops" and damage == "gone":
            path.unlink()
    before = contents(second)

    assert not restore(second, key, cache)
    assert contents(second) == before
    keep(first, key, cache)
    assert restore(second, key, cache)
    assert contents(second) == contents(first)


@pytest.mark.parametrize("result", [{"error": "no such class"}, {"matches": False}])
def test_a_failure_is_not_kept(tmp_path, cache, runtime, result):
    draft = drafted(tmp_path / "draft")
    key = key_of(draft, runtime)
    keep(prepared(draft, **result), key, cache)
    assert not restore(draft, key, cache)


def test_a_draft_without_a_result_keeps_nothing(tmp_path, cache, runtime):
    draft = drafted(tmp_path / "draft")
    keep(draft, key_of(draft, runtime), cache)
    assert not restore(draft, key_of(draft, runtime), cache)
