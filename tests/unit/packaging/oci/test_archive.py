from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from nbship.errors import PackagingError, UsageError
from nbship.packaging.oci import (
    Cache,
    Image,
    assemble,
    bundle_layer,
    load_base,
    serving_config,
    write_archive,
    write_layout,
)


@pytest.fixture
def image(cache: Cache, make_archive: Any, tmp_path: Path) -> Image:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "bundle.json").write_text("{}")
    base = load_base(str(make_archive()), "linux/amd64", cache)
    layer = bundle_layer(tmp_path / "bundle", cache)
    return assemble(base, [layer, layer], serving_config("ab" * 32, [], {}), cache)


def test_the_archive_is_a_layout_and_a_docker_archive_in_one(image: Image, tmp_path: Path) -> None:
    path = write_archive(image, tmp_path / "out" / "iris.tar", "iris:1")
    with tarfile.open(path) as archive:
        names = archive.getnames()
        index, manifest = (json.load(archive.extractfile(name)) for name in ("index.json", "manifest.json"))  # type: ignore[arg-type]
    assert len(names) == len(set(names))
    assert path.stat().st_mode & 0o777 == 0o644
    entry = index["manifests"][0]
    assert (entry["digest"], entry["platform"]) == (image.digest, {"os": "linux", "architecture": "amd64"})
    assert entry["annotations"] == {
        "org.opencontainers.image.ref.name": "1",
        "io.containerd.image.name": "docker.io/library/iris:1",
    }
    assert manifest[0]["RepoTags"] == ["iris:1"]
    assert {manifest[0]["Config"], *manifest[0]["Layers"]} <= set(names)
    assert len(manifest[0]["Layers"]) == 3


def test_the_same_image_gives_the_same_archive(image: Image, tmp_path: Path) -> None:
    first, second = (
        write_archive(image, tmp_path / name, "iris:1").read_bytes() for name in ("a.tar", "b.tar")
    )
    assert first == second


def test_what_is_written_can_be_built_upon(image: Image, tmp_path: Path, cache: Cache) -> None:
    archive = write_archive(image, tmp_path / "image.tar", "iris:1")
    layout = write_layout(image, tmp_path / "oci", "iris:1")
    for what in (str(archive), f"{layout}:1"):
        assert load_base(what, "linux/amd64", cache).digest == image.digest


def test_a_reference_without_a_tag_is_latest_and_one_that_is_none_is_refused(
    image: Image, tmp_path: Path
) -> None:
    layout = write_layout(image, tmp_path / "oci", "iris")
    assert '"io.containerd.image.name":"docker.io/library/iris:latest"' in (layout / "index.json").read_text()
    with pytest.raises(UsageError):
        write_archive(image, tmp_path / "image.tar", "Not A Reference")
    assert not (tmp_path / "image.tar").exists()


def test_a_damaged_cache_is_told_and_nothing_is_left(image: Image, tmp_path: Path, cache: Cache) -> None:
    digest = image.layers[-1].digest
    cache.blob_path(digest).write_bytes(bytes(image.layers[-1].size_bytes))
    (tmp_path / "out").mkdir()
    with pytest.raises(PackagingError, match="removed from the cache: package again"):
        write_archive(image, tmp_path / "out" / "image.tar", "iris:1")
    assert not list((tmp_path / "out").iterdir())
    assert not cache.has_blob(digest)


def test_an_archive_that_was_there_stays_when_another_fails(
    image: Image, tmp_path: Path, cache: Cache
) -> None:
    path = write_archive(image, tmp_path / "image.tar", "iris:1")
    before = path.read_bytes()
    cache.forget_blob(image.layers[-1].digest)
    with pytest.raises(PackagingError, match="build the image again"):
        write_archive(image, path, "iris:2")
    assert path.read_bytes() == before


def test_a_folder_with_other_files_is_not_written_to(image: Image, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").touch()
    with pytest.raises(PackagingError, match="holds other files"):
        write_layout(image, tmp_path / "notes")
    assert [path.name for path in (tmp_path / "notes").iterdir()] == ["mine.txt"]


def test_a_layout_can_be_written_again(image: Image, tmp_path: Path) -> None:
    for reference in ("iris:1", "iris:2"):
        layout = write_layout(image, tmp_path / "oci", reference)
    assert '"org.opencontainers.image.ref.name":"2"' in (layout / "index.json").read_text()
    assert not list(layout.rglob(".*"))


def test_a_place_that_cannot_be_written_is_one_clear_error(image: Image, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PackagingError, match="cannot write"):
        write_archive(image, tmp_path / "file" / "image.tar", "iris:1")
