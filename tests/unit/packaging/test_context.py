from __future__ import annotations

import pytest

from model_sources import make_source, prepare_pickle, write_wheel
from nbship.errors import PackagingError, UsageError
from nbship.packaging.bundle import BuildFacts, write_bundle, write_draft
from nbship.packaging.context import write_context


@pytest.fixture
def given(tmp_path):
    """Return the arguments of a context behind its folder."""
    source = make_source(tmp_path / "source")
    draft = tmp_path / "draft"
    bundle = write_draft(draft, source, [])
    lock = [write_wheel(tmp_path / "wheels", "numpy"), write_wheel(tmp_path / "wheels", "click")]
    prepared = prepare_pickle(draft, bundle, source)
    write_bundle(tmp_path / "bundle", draft, source, prepared, lock, BuildFacts("linux/amd64"))
    runtime = tmp_path / "app.py"
    runtime.write_text("app")
    return tmp_path / "bundle", lock, {"serving/app.py": runtime}, ["a.Type"]


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_context_has_the_bundle_the_server_and_the_lock(tmp_path, given):
    folder = write_context(tmp_path / "new" / "context", *given)
    assert files(folder) == {
        *(
            "Dockerfile",
            "requirements-heavy.txt",
            "requirements-other.txt",
            "runtime/nbship/serving/app.py",
            "state/.keep",
        ),
        *(f"model/{name}" for name in files(given[0])),
    }
    assert "numpy==1.0" in (folder / "requirements-heavy.txt").read_text()
    assert "FROM python:3.11-slim" in (folder / "Dockerfile").read_text()
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*")} == {0o755, 0o644}
    assert not list(folder.parent.glob(".nbship*"))


def test_wheels_travel_along_for_a_build_without_a_network(tmp_path, given):
    pip = write_wheel(tmp_path / "wheels", "pip", "26.0")
    folder = write_context(
        tmp_path / "context", *given, installer=pip, base="registry.example:5000/python:3.11"
    )
    assert {f"wheels/{wheel.filename}" for wheel in (*given[1], pip)} <= files(folder)
    assert "FROM registry.example:5000/python:3.11 AS site" in (folder / "Dockerfile").read_text()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path, given):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        write_context(tmp_path / "mine", *given)
    assert files(tmp_path / "mine") == {"notes.txt"}


def test_an_empty_folder_is_filled(tmp_path, given):
    (tmp_path / "empty").mkdir()
    assert (write_context(tmp_path / "empty", *given) / "Dockerfile").is_file()


def test_a_base_on_disk_cannot_stand_in_a_dockerfile(tmp_path, given):
    (tmp_path / "base.tar").touch()
    with pytest.raises(UsageError, match="docker load"):
        write_context(tmp_path / "context", *given, base=str(tmp_path / "base.tar"))


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path, given):
    bundle, lock, runtime, trusted = given
    missing = {**runtime, "gone.py": tmp_path / "gone.py"}
    with pytest.raises(PackagingError, match="cannot be written"):
        write_context(tmp_path / "place" / "context", bundle, lock, missing, trusted)
    assert not list((tmp_path / "place").iterdir())
