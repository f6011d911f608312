from __future__ import annotations

from pathlib import Path

import pytest

from nbship.errors import PackagingError
from nbship.service.shipping.apart import absolute
from nbship.service.shipping.grammar import PackageRequest, ServeRequest


def test_paths_are_whole_for_a_process_in_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    request = absolute(PackageRequest("a", archive="i.tar", context="", model_file="m.skops"))
    assert (request.archive, request.model_file) == (str(tmp_path / "i.tar"), str(tmp_path / "m.skops"))
    assert absolute(ServeRequest("a", model_file="~/m")).model_file == str(Path.home() / "m")


def test_a_base_on_disk_keeps_its_kind_and_tag_and_a_reference_is_no_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "layout").mkdir()
    (tmp_path / "layout" / "oci-layout").write_text("{}")
    (tmp_path / "python").mkdir()
    given = ("layout", "layout:1", "oci:layout:1", "python:3.11-slim", "registry.example:5000/a:1")
    whole = [absolute(PackageRequest("a", base=base)).base for base in given]
    place = tmp_path / "layout"
    assert whole == [str(place), f"{place}:1", f"oci:{place}:1", *given[3:]]
    with pytest.raises(PackagingError, match="there is no base image"):
        absolute(PackageRequest("a", base="./nowhere"))
