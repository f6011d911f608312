from __future__ import annotations

import gzip
import tarfile
from pathlib import Path
from typing import Any

import pytest

from nbship.errors import PackagingError
from nbship.packaging.oci import Cache, load_base

PYTHON: dict[str, bytes | str] = {"usr/bin/python3.11": b"", "usr/bin/python3": "->python3.11"}


def test_an_archive_of_docker_save_is_read(cache: Cache, make_archive: Any) -> None:
    path = make_archive(Env=["PATH=/usr/bin", "A=1"])
    base = load_base(str(path), "linux/amd64", cache)
    assert (base.python, base.python_path, base.glibc) == ("3.11", "/usr/bin/python3.11", (2, 36))
    assert (base.platform, base.name, base.layers[0].name) == ("linux/amd64", "", "base")
    with cache.open_blob(base.layers[0].digest) as blob, tarfile.open(fileobj=blob, mode="r:gz") as archive:
        assert "usr/bin/python3.11" in archive.getnames()
    assert load_base(str(path), "linux/amd64", cache) == base


def test_the_same_layers_in_compressed_archives_give_the_same_base(cache: Cache, make_archive: Any) -> None:
    path = make_archive()
    packed = path.with_name("packed.tar.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    first, second = (load_base(str(each), "linux/amd64", cache) for each in (path, packed))
    assert (first.digest, first.layers) == (second.digest, second.layers)


def test_a_platform_is_chosen_from_an_index(cache: Cache, make_layout: Any) -> None:
    folder = make_layout("amd64", "arm64")
    found = {
        platform: load_base(str(folder), platform, cache).config["architecture"]
        for platform in ("linux/amd64", "linux/arm64")
    }
    assert found == {"linux/amd64": "amd64", "linux/arm64": "arm64"}
    with pytest.raises(
        PackagingError, match=r"nothing for linux/s390x; it is there for: linux/amd64, linux/arm64"
    ):
        load_base(str(folder), "linux/s390x", cache)


def test_a_layout_is_read_by_tag_from_a_folder_or_an_archive(
    cache: Cache, make_layout: Any, tmp_path: Path
) -> None:
    folder = make_layout()
    archive = tmp_path / "layout.tar"
    with tarfile.open(archive, "w") as target:
        target.add(folder, ".")
    given = [str(folder), f"{folder}:1", f"oci:{folder}:1", str(archive), f"oci-archive:{archive}"]
    assert len({load_base(what, "linux/amd64", cache).digest for what in given}) == 1
    with pytest.raises(PackagingError, match=r"no image with the tag '2'; tags there: 1"):
        load_base(f"{folder}:2", "linux/amd64", cache)


def test_one_of_several_images_of_an_archive_must_be_named(cache: Cache, make_archive: Any) -> None:
    path = make_archive()
    named = {
        load_base(what, "linux/amd64", cache).digest for what in (f"{path}:base:1", f"{path}:1", str(path))
    }
    assert len(named) == 1
    with pytest.raises(PackagingError, match=r"no image with the tag 'other': .*; tags there: base:1"):
        load_base(f"{path}:other", "linux/amd64", cache)


@pytest.mark.parametrize(
    ("layers", "version", "place"),
    [
        ([PYTHON], "3.11", "/usr/bin/python3.11"),
        (
            [{"usr/local/bin/python3": "->python3.13", "usr/local/bin/python3.13": b""}, PYTHON],
            "3.13",
            "/usr/local/bin/python3.13",
        ),
        (
            [PYTHON, {"usr/bin/python3": "->python3.12", "usr/bin/python3.12": b""}],
            "3.12",
            "/usr/bin/python3.12",
        ),
        ([{"usr/bin/python3": b"", "usr/lib/python3.12/os.py": b""}], "3.12", "/usr/bin/python3"),
        (
            [
                {
                    "bin": "->usr/bin",
                    "usr/bin/python3": "->/etc/python",
                    "etc/python": "->/usr/bin/python3.11",
                    "usr/bin/python3.11": b"",
                }
            ],
            "3.11",
            "/usr/bin/python3.11",
        ),
    ],
)
def test_python_is_what_the_path_leads_to(
    cache: Cache, make_archive: Any, layers: list[dict[str, bytes | str]], version: str, place: str
) -> None:
    base = load_base(str(make_archive(*layers)), "linux/amd64", cache)
    assert (base.python, base.python_path) == (version, place)


def test_the_path_of_the_base_decides(cache: Cache, make_archive: Any) -> None:
    files = {"opt/conda/bin/python3": "->python3.12", "opt/conda/bin/python3.12": b"", **PYTHON}
    base = load_base(str(make_archive(files, Env=["PATH=/opt/conda/bin:/usr/bin"])), "linux/amd64", cache)
    assert base.python_path == "/opt/conda/bin/python3.12"


def test_another_python_than_the_models_is_refused(cache: Cache, make_archive: Any) -> None:
    base = load_base(str(make_archive()), "linux/amd64", cache)
    base.check_python("3.11")
    with pytest.raises(PackagingError, match=r"has Python 3.11 \(/usr/bin/python3.11\).*python:3.12-slim"):
        base.check_python("3.12")


def test_a_base_without_python_is_refused(cache: Cache, make_archive: Any) -> None:
    with pytest.raises(PackagingError, match="no python3 on its PATH"):
        load_base(str(make_archive({"bin/sh": b""})), "linux/amd64", cache)
    removed = make_archive(PYTHON, {"usr/bin/.wh.python3": b""})
    with pytest.raises(PackagingError, match="no python3 on its PATH"):
        load_base(str(removed), "linux/amd64", cache)


def test_a_base_with_musl_is_refused(cache: Cache, make_archive: Any) -> None:
    with pytest.raises(PackagingError, match="musl"):
        load_base(str(make_archive({**PYTHON, "lib/ld-musl-x86_64.so.1": b""})), "linux/amd64", cache)


def test_a_base_for_another_platform_is_refused(cache: Cache, make_archive: Any) -> None:
    with pytest.raises(PackagingError, match="made for linux/arm64, the image shall be for linux/amd64"):
        load_base(str(make_archive(architecture="arm64")), "linux/amd64", cache)


@pytest.mark.parametrize("content", [b"no archive at all", gzip.compress(b"neither")])
def test_a_file_that_is_no_image_is_one_clear_error(cache: Cache, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.tar"
    path.write_bytes(content)
    with pytest.raises(PackagingError, match="no image that can be read"):
        load_base(str(path), "linux/amd64", cache)


def test_a_folder_with_the_name_of_a_reference_is_not_taken_for_it(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Asked(Exception):  # noqa: N818 - it is no error
        pass

    class Registry:
        def pull_manifest(self, reference: object) -> Any:
            raise Asked(str(reference))

    (tmp_path / "python").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Asked, match=r"docker.io/library/python:3.11-slim"):
        load_base("python:3.11-slim", "linux/amd64", cache, Registry())  # type: ignore[arg-type]


def test_paths_that_lead_nowhere_and_folders_of_other_things_are_told(cache: Cache, tmp_path: Path) -> None:
    with pytest.raises(PackagingError, match="there is no base image at"):
        load_base(str(tmp_path / "nothing.tar"), "linux/amd64", cache)
    with pytest.raises(PackagingError, match="neither an OCI image layout nor"):
        load_base(str(tmp_path), "linux/amd64", cache)


def test_a_damaged_layer_is_found_and_not_kept(cache: Cache, make_layout: Any) -> None:
    folder = make_layout()
    layer = max((folder / "blobs/sha256").iterdir(), key=lambda path: path.stat().st_size)
    layer.write_bytes(layer.read_bytes()[:-9] + b"otherwise")
    with pytest.raises(PackagingError, match=rf"sha256:{layer.name} is damaged"):
        load_base(str(folder), "linux/amd64", cache)
    assert not cache.has_blob(f"sha256:{layer.name}")


def test_a_layer_cut_off_in_an_archive_is_found(cache: Cache, make_archive: Any) -> None:
    path = make_archive()
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(PackagingError, match=r"no image that can be read|is not whole|damaged"):
        load_base(str(path), "linux/amd64", cache)


def test_layers_of_windows_are_refused(cache: Cache, make_layout: Any) -> None:
    with pytest.raises(PackagingError, match="choose a Linux image"):
        load_base(str(make_layout(media_type="xz")), "linux/amd64", cache)
