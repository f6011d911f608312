from __future__ import annotations

import hashlib

import pytest

from model_sources import write_wheel
from nbship.errors import PackagingError, UsageError
from nbship.packaging.lock import LockRequest, resolve_lock


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Return a folder in which the real pip finds its wheels, and nowhere else."""
    folder = tmp_path / "house"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    folder.mkdir()
    return folder


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def names(lock):
    return [f"{wheel.name}=={wheel.version}" for wheel in lock]


def test_a_lock_has_the_requirements_and_what_they_need_of_the_wanted_versions(house, cache):
    write_wheel(house, "Model.Library", "1.0", ["maths>=1"])
    for version in ("1.0", "1.5", "2.0"):
        write_wheel(house, "maths", version)
    lock = resolve_lock(LockRequest(("model-library",), ("maths==1.5",)), cache)
    assert names(lock) == ["maths==1.5", "model-library==1.0"]
    for wheel in lock:
        assert hashlib.sha256(wheel.path.read_bytes()).hexdigest() == wheel.sha256
        assert wheel.path.is_relative_to(cache)


def test_wheels_are_those_of_the_platform_that_is_asked_for(house, cache):
    for machine in ("x86_64", "aarch64"):
        write_wheel(house, "fast", tag=f"cp311-cp311-manylinux_2_17_{machine}")
    for platform, machine in (("linux/amd64", "x86_64"), ("linux/arm64", "aarch64")):
        (wheel,) = resolve_lock(LockRequest(("fast",), platform=platform), cache)
        assert machine in wheel.filename


def test_markers_are_those_of_the_platform_and_not_of_this_machine(house, cache):
    write_wheel(
        house,
        "root",
        requires=['arm-only; platform_machine == "aarch64"', 'intel-only; platform_machine == "x86_64"'],
    )
    write_wheel(house, "arm-only", requires=['deeper; platform_machine == "aarch64"'])
    write_wheel(house, "intel-only")
    write_wheel(house, "deeper")
    arm = resolve_lock(LockRequest(("root",), platform="linux/arm64"), cache)
    intel = resolve_lock(LockRequest(("root",), platform="linux/amd64"), cache)
    assert names(arm) == ["arm-only==1.0", "deeper==1.0", "root==1.0"]
    assert names(intel) == ["intel-only==1.0", "root==1.0"]


def test_the_same_question_is_answered_without_pip(house, cache, monkeypatch):
    write_wheel(house, "thing")
    first = resolve_lock(LockRequest(("thing",)), cache)
    (house / "thing-1.0-py3-none-any.whl").unlink()
    assert resolve_lock(LockRequest(("thing",)), cache) == first


def test_a_wheel_that_was_cleared_away_is_fetched_again(house, cache):
    write_wheel(house, "thing")
    (first,) = resolve_lock(LockRequest(("thing",)), cache)
    first.path.unlink()
    (again,) = resolve_lock(LockRequest(("thing",)), cache)
    assert again.path.is_file()
    assert again.sha256 == first.sha256


def test_another_index_is_another_question(house, cache, tmp_path, monkeypatch):
    write_wheel(house, "thing", "1.0")
    resolve_lock(LockRequest(("thing",)), cache)
    write_wheel(tmp_path / "elsewhere", "thing", "2.0")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "elsewhere"))
    assert names(resolve_lock(LockRequest(("thing",)), cache)) == ["thing==2.0"]


def test_settings_of_pip_for_installing_do_not_get_in_the_way(house, cache, monkeypatch):
    write_wheel(house, "thing")
    monkeypatch.setenv("PIP_REQUIRE_VIRTUALENV", "1")
    monkeypatch.setenv("PIP_NO_BINARY", ":all:")
    assert names(resolve_lock(LockRequest(("thing",)), cache)) == ["thing==1.0"]


def test_a_requirement_without_a_wheel_for_the_platform_is_named_with_the_next_step(house, cache):
    write_wheel(house, "fast", tag="cp311-cp311-manylinux_2_17_x86_64")
    with pytest.raises(
        PackagingError, match=r"fast.* has no wheel for linux/arm64 and Python 3.11"
    ) as raised:
        resolve_lock(LockRequest(("fast",), platform="linux/arm64"), cache)
    assert "PIP_FIND_LINKS" in str(raised.value)
    assert not [path for path in cache.rglob("*") if path.is_file()]
    assert not list(cache.glob(".wheels-*"))


def test_versions_that_have_a_wheel_are_named(house, cache):
    write_wheel(house, "thing", "2.0")
    with pytest.raises(PackagingError, match=r"thing==1\.0 has no wheel.*2\.0"):
        resolve_lock(LockRequest(("thing==1.0",)), cache)


def test_requirements_that_contradict_each_other_are_named(house, cache):
    write_wheel(house, "a", requires=["c<2"])
    for version in ("1.0", "2.0"):
        write_wheel(house, "c", version)
    with pytest.raises(PackagingError, match=r"contradict each other.*c"):
        resolve_lock(LockRequest(("a", "c==2.0")), cache)


def test_a_platform_that_is_not_built_is_refused(cache):
    with pytest.raises(UsageError, match="linux/amd64, linux/arm64"):
        resolve_lock(LockRequest(("a",), platform="windows/amd64"), cache)


def test_the_files_that_are_downloaded_are_told(house, cache):
    write_wheel(house, "thing")
    told: list[str] = []
    resolve_lock(LockRequest(("thing",)), cache, progress=told.append)
    assert told in ([], ["thing-1.0-py3-none-any.whl"])  # pip does not tell of a local folder
