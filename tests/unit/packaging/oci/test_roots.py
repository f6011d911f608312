from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nbship.errors import PackagingError
from nbship.model.image import ImageLayer
from nbship.packaging.oci import Cache, load_base, unpack_root, wheel_layer


@pytest.fixture
def layer(cache: Cache, make_wheel: Any) -> ImageLayer:
    wheel = make_wheel("pkg", {"pkg/__init__.py": b"A = 1", "pkg/run": b""}, modes={"pkg/run": 0o755})
    return wheel_layer([wheel], "other wheels", "3.99", cache)


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in folder.rglob("*")
    }


def test_files_are_links_to_the_cache(layer: ImageLayer, cache: Cache, tmp_path: Path) -> None:
    one = unpack_root([layer], tmp_path / "one", cache)
    two = unpack_root([layer], tmp_path / "two", cache)
    file = "opt/nbship/site/pkg/__init__.py"
    assert (one / file).read_bytes() == b"A = 1"
    assert (one / file).stat().st_ino == (two / file).stat().st_ino


def test_what_is_unpacked_from_the_blob_is_what_was_packed(
    layer: ImageLayer, cache: Cache, tmp_path: Path
) -> None:
    built = tree(unpack_root([layer], tmp_path / "one", cache))
    root = cache.root_path(layer.diff_id)
    assert root is not None
    shutil.rmtree(root)
    assert tree(unpack_root([layer], tmp_path / "two", cache)) == built
    assert built["opt/nbship/site/pkg/run"][0] & 0o777 == 0o555


def test_a_later_layer_wins(cache: Cache, make_wheel: Any, tmp_path: Path) -> None:
    layers = [
        wheel_layer([make_wheel(name, {"shared.py": name.encode()})], "other wheels", "3.99", cache)
        for name in ("a", "b")
    ]
    root = unpack_root(layers, tmp_path / "root", cache)
    assert (root / "opt/nbship/site/shared.py").read_bytes() == b"b"
    assert (
        unpack_root(layers[:1], tmp_path / "first", cache) / "opt/nbship/site/shared.py"
    ).read_bytes() == b"a"


def test_layers_of_the_base_are_left_out(cache: Cache, make_archive: Any, tmp_path: Path) -> None:
    base = load_base(str(make_archive()), "linux/amd64", cache)
    assert not list(unpack_root(base.layers, tmp_path / "root", cache).iterdir())


def test_a_damaged_layer_is_told_and_leaves_the_cache(
    layer: ImageLayer, cache: Cache, tmp_path: Path
) -> None:
    shutil.rmtree(cache.root_path(layer.diff_id) or "")
    cache.blob_path(layer.digest).write_bytes(b"\x1f\x8b damaged")
    with pytest.raises(PackagingError, match="package again"):
        unpack_root([layer], tmp_path / "root", cache)
    assert not cache.has_blob(layer.digest)


def test_a_layer_with_a_link_in_it_is_not_unpacked(cache: Cache, make_archive: Any, tmp_path: Path) -> None:
    files = {"a": "->/etc/passwd", "usr/bin/python3": "->python3.11", "usr/bin/python3.11": b""}
    base = load_base(str(make_archive(files)), "linux/amd64", cache)
    with pytest.raises(PackagingError, match="neither a file nor a folder"):
        unpack_root([replace(base.layers[0], name="model")], tmp_path / "root", cache)
    assert not list((tmp_path / "root").iterdir())
