from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from nbship.errors import PackagingError
from nbship.model.image import ImageLayer
from nbship.packaging.oci import Cache, bundle_layer, runtime_layer, wheel_layer

MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"
SITE = "opt/nbship/site"

# Builds the layers of two wheels and prints their digests, in a process and a folder of its own.
BUILD = """
import hashlib, sys
from pathlib import Path
from nbship.model.image import LockedWheel
from nbship.packaging.oci import Cache, runtime_layer, wheel_layer
folder, *paths = map(Path, sys.argv[1:])
wheels = [LockedWheel(p.name, "1", p.name, hashlib.sha256(p.read_bytes()).hexdigest(), 1, p) for p in paths]
python = f"{sys.version_info.major}.{sys.version_info.minor}"
print(wheel_layer(wheels, "other wheels", python, Cache(folder)).digest, runtime_layer(python, Cache(folder)).digest)
"""


def members(layer: ImageLayer, cache: Cache) -> dict[str, tarfile.TarInfo]:
    with cache.open_blob(layer.digest) as blob, tarfile.open(fileobj=blob) as archive:
        return {member.name: member for member in archive}


def files_of(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_packages_lie_in_the_site_folder_with_bytecode(cache: Cache, make_wheel: Any) -> None:
    layer = wheel_layer([make_wheel("pkg", {"pkg/__init__.py": b"A = 1"})], "heavy wheels", MINOR, cache)
    found = members(layer, cache)
    tag = f"cpython-{MINOR.replace('.', '')}"
    folders = ["opt", "opt/nbship", SITE, f"{SITE}/pkg"]
    cached = [f"{SITE}/pkg/__pycache__", f"{SITE}/pkg/__pycache__/__init__.{tag}.pyc"]
    assert list(found) == [*folders, f"{SITE}/pkg/__init__.py", *cached]
    assert (layer.name, layer.cached) == ("heavy wheels", False)


def test_a_python_that_is_not_here_gets_sources_alone(cache: Cache, make_wheel: Any) -> None:
    layer = wheel_layer([make_wheel("pkg", {"pkg.py": b"A = 1"})], "other wheels", "3.99", cache)
    assert not any("pyc" in name for name in members(layer, cache))


def test_the_second_time_a_layer_comes_from_the_cache(cache: Cache, make_wheel: Any) -> None:
    wheels = [make_wheel("a", {"a.py": b""}), make_wheel("b", {"b.py": b""})]
    first = wheel_layer(wheels, "heavy wheels", MINOR, cache)
    again = wheel_layer(wheels[::-1], "other wheels", MINOR, cache)
    assert (again.digest, again.cached, again.name) == (first.digest, True, "other wheels")
    cache.blob_path(first.digest).write_bytes(b"cut off")
    assert not wheel_layer(wheels, "heavy wheels", MINOR, cache).cached


def test_other_folders_processes_orders_and_hash_seeds_give_the_same_bytes(
    tmp_path: Path, make_wheel: Any
) -> None:
    code = "names = {'x', 'y', 'z'}\ndef f(a): return a in {'p', 'q', 'r'}, shared_name, names\n"
    paths = [
        make_wheel(
            name, {f"{name}/m{number}.py": f"{code}{name} = {number}".encode() for number in range(60)}
        ).path
        for name in ("one", "two")
    ]
    printed = set()
    for number, order in enumerate((paths, paths[::-1])):
        environment = {**os.environ, "PYTHONHASHSEED": str(number)}
        command = [sys.executable, "-c", BUILD, str(tmp_path / f"cache{number}"), *map(str, order)]
        done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, check=True)
        printed.add(done.stdout)
    assert len(printed) == 1
    assert "sha256:" in printed.pop()


def test_builds_that_run_at_the_same_time_do_not_disturb_each_other(tmp_path: Path, make_wheel: Any) -> None:
    path = make_wheel("one", {f"one/m{number}.py": b"A = 1" for number in range(60)}).path
    command = [sys.executable, "-c", BUILD, str(tmp_path / "shared"), str(path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    printed = {process.communicate()[0] for process in started}
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(printed) == 1
    assert not list((tmp_path / "shared/oci-1/unfinished").iterdir())


def test_the_runtime_brings_a_log_folder_that_the_serving_user_owns(cache: Cache) -> None:
    found = members(runtime_layer(MINOR, cache), cache)
    assert found["opt/nbship/runtime/nbship/serving/__main__.py"].uid == 0
    assert (found["var"].uid, found["var/lib"].uid, found["var/lib/nbship"].uid) == (0, 0, 65532)
    assert (found["var/lib/nbship/predictions"].gid, found["var/lib/nbship"].mode) == (65532, 0o755)
    assert runtime_layer(MINOR, cache).cached


def test_a_bundle_lies_in_the_model_folder_and_its_content_decides(tmp_path: Path, cache: Cache) -> None:
    one = bundle_layer(files_of(tmp_path / "one", bundle="{}", model__file="m"), cache)
    names = ["opt", "opt/nbship", "opt/nbship/model", "opt/nbship/model/bundle", "opt/nbship/model/model"]
    assert list(members(one, cache)) == [*names, "opt/nbship/model/model/file"]
    same = bundle_layer(files_of(tmp_path / "two", model__file="m", bundle="{}"), cache)
    other = bundle_layer(files_of(tmp_path / "two", model__file="n"), cache)
    assert (same.digest, same.cached) == (one.digest, True)
    assert other.digest != one.digest


def test_a_bundle_with_a_link_or_without_files_is_refused(tmp_path: Path, cache: Cache) -> None:
    folder = files_of(tmp_path / "bundle", bundle="{}")
    (folder / "link").symlink_to("/etc/passwd")
    with pytest.raises(PackagingError, match="neither a file nor a folder"):
        bundle_layer(folder, cache)
    with pytest.raises(PackagingError, match="empty or missing"):
        bundle_layer(tmp_path / "nowhere", cache)


def test_a_build_that_fails_leaves_nothing(cache: Cache, make_wheel: Any) -> None:
    with pytest.raises(PackagingError, match="land outside"):
        wheel_layer([make_wheel("pkg", {"../evil": b""})], "other wheels", MINOR, cache)
    assert not [path for path in cache.root.rglob("*") if path.is_file()]
    assert not list((cache.root / "oci-1" / "unfinished").iterdir())
