"""Whether a model is asked at all; that it is asked rightly is shown by tests of the whole."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import pytest

from nbship.errors import PackagingError
from nbship.packaging.oci.cache import Cache
from nbship.packaging.oci.runtime_files import runtime_files
from nbship.packaging.preparations import keep, preparation_key
from nbship.packaging.preparing import prepare

PYTHON = platform.python_version()
MINOR = PYTHON.rpartition(".")[0]


def drafted(folder: Path) -> Path:
    (folder / "source").mkdir(parents=True)
    (folder / "source" / "model.pkl").write_bytes(b"pickle")
    (folder / "draft.json").write_text(json.dumps({"bundle": {"run_id": "r1"}}))
    return folder


def test_a_model_that_was_prepared_before_is_not_asked_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    first, second = drafted(tmp_path / "first"), drafted(tmp_path / "second")
    key = preparation_key(first, runtime_files(entrances=["serving/prepare.py"]), [], PYTHON)
    (first / "prepared.json").write_text(json.dumps({"bundle": {"run_id": "r1"}, "matches": True}))
    keep(first, key, cache)

    prepare(second, [], MINOR, cache)

    assert (second / "prepared.json").read_text() == (first / "prepared.json").read_text()


def test_an_environment_that_cannot_even_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match="No module named"):
        prepare(drafted(tmp_path / "draft"), [], MINOR, Cache(tmp_path / "cache"))
