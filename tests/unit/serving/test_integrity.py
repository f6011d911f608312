import dataclasses
import hashlib
import json
import os

import pytest

from nbship.errors import PackagingError
from nbship.serving.integrity import check_bundle
from served_models import bundle_of


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def packed(tmp_path):
    """Return a folder as a packager leaves it, and the digest of its description."""
    import pandas as pd

    folder = tmp_path / "bundle"
    (folder / "model").mkdir(parents=True)
    contents = {"model/model.pkl": b"not read here", "lineage.json": b"{}"}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    files = {name: sha256(content) for name, content in contents.items()}
    bundle = bundle_of(pd.DataFrame({"a": [1.0]}), files=files, model_digest=files["model/model.pkl"])
    return folder, write(folder, bundle)


def write(folder, bundle):
    content = json.dumps(bundle.to_dict()).encode()
    (folder / "bundle.json").write_bytes(content)
    return sha256(content)


def test_a_bundle_as_packaged_is_read(packed):
    folder, digest = packed

    bundle = check_bundle(folder, digest)

    assert bundle.name == "m"
    assert check_bundle(folder, f"sha256:{digest.upper()}") == bundle


@pytest.mark.parametrize("name", ["model/model.pkl", "lineage.json", "bundle.json"])
def test_one_flipped_bit_is_refused(packed, name):
    folder, digest = packed
    content = bytearray((folder / name).read_bytes())
    content[0] ^= 1
    (folder / name).write_bytes(content)

    with pytest.raises(PackagingError, match=rf"{name} is not what was packaged"):
        check_bundle(folder, digest)


@pytest.mark.parametrize("name", ["model/extra.py", "sitecustomize.py", "deep/er/x"])
def test_a_stranger_is_refused(packed, name):
    folder, digest = packed
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"")

    with pytest.raises(PackagingError, match=f"not packaged: {name}"):
        check_bundle(folder, digest)


@pytest.mark.parametrize("name", ["model/model.pkl", "lineage.json", "bundle.json"])
def test_a_symbolic_link_is_refused_even_to_the_same_content(packed, tmp_path, name):
    folder, digest = packed
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(PackagingError, match=f"{name} of the bundle is a symbolic link"):
        check_bundle(folder, digest)


def test_a_linked_folder_and_a_pipe_are_refused(packed, tmp_path):
    folder, digest = packed
    (folder / "more").symlink_to(tmp_path)
    with pytest.raises(PackagingError, match="symbolic link"):
        check_bundle(folder, digest)
    (folder / "more").unlink()
    os.mkfifo(folder / "pipe")
    with pytest.raises(PackagingError, match="no plain file"):
        check_bundle(folder, digest)


def test_a_missing_file_is_named(packed):
    folder, digest = packed
    (folder / "lineage.json").unlink()

    with pytest.raises(PackagingError, match=r"lineage\.json is missing"):
        check_bundle(folder, digest)


def test_another_bundle_with_right_digests_inside_is_refused(packed):
    folder, digest = packed
    other = dataclasses.replace(check_bundle(folder, digest), name="other")
    write(folder, other)

    with pytest.raises(PackagingError, match=r"bundle\.json is not what was packaged"):
        check_bundle(folder, digest)


def test_without_a_digest_nothing_is_read(packed):
    with pytest.raises(PackagingError, match="NBSHIP_SERVE_BUNDLE_SHA256"):
        check_bundle(packed[0], "")


def test_a_model_digest_that_contradicts_the_manifest_is_refused(packed):
    folder, digest = packed
    digest = write(folder, dataclasses.replace(check_bundle(folder, digest), model_digest="0" * 64))

    with pytest.raises(PackagingError, match="two digests"):
        check_bundle(folder, digest)


def test_names_that_lead_out_of_the_folder_are_refused(packed, tmp_path):
    folder, digest = packed
    (tmp_path / "outside").write_bytes(b"x")
    bundle = check_bundle(folder, digest)
    digest = write(folder, dataclasses.replace(bundle, files={**bundle.files, "../outside": sha256(b"x")}))

    with pytest.raises(PackagingError, match="not complete"):
        check_bundle(folder, digest)


def test_no_folder_and_no_description_are_told(tmp_path):
    with pytest.raises(PackagingError, match="no bundle at"):
        check_bundle(tmp_path / "none", "0" * 64)
    with pytest.raises(PackagingError, match=r"no bundle\.json"):
        check_bundle(tmp_path, "0" * 64)
