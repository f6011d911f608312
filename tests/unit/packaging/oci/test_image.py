from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from nbship.packaging.oci import Cache, Image, assemble, load_base, serving_config
from nbship.packaging.oci.layer import build_layer, layer_key


def image_of(cache: Cache, base: str, *names: str, labels: dict[str, str] | None = None) -> Image:
    layers = [
        build_layer(
            name, layer_key("test", name), lambda root, name=name: root.joinpath(name).write_text(name), cache
        )
        for name in names
    ]
    config = serving_config("ab" * 32, ["b", "a"], labels or {"dev.nbship.run": "r1"})
    return assemble(load_base(base, "linux/amd64", cache), layers, config, cache)


@pytest.fixture
def image(cache: Cache, make_archive: Any) -> Image:
    path = make_archive(
        Env=["LANG=C.UTF-8", "PYTHONPATH=/base"],
        Labels={"made.by": "base"},
        User="root",
        Cmd=["sh"],
        OnBuild=["RUN x"],
    )
    return image_of(cache, str(path), "runtime", "model")


def test_the_manifest_names_what_is_there(image: Image) -> None:
    manifest = json.loads(image.manifest)
    assert manifest["mediaType"] == image.media_type == "application/vnd.oci.image.manifest.v1+json"
    assert [entry["digest"] for entry in manifest["layers"]] == [layer.digest for layer in image.layers]
    assert [layer.name for layer in image.layers] == ["base", "runtime", "model"]
    for digest, size_bytes in (*image.blobs(), (image.digest, len(image.manifest))):
        with image.open_blob(digest) as blob:
            content = blob.read()
        assert (f"sha256:{hashlib.sha256(content).hexdigest()}", len(content)) == (digest, size_bytes)


def test_the_configuration_is_that_of_a_server_upon_its_base(image: Image) -> None:
    config = json.loads(image.config)
    running = config["config"]
    assert running["User"] == "65532:65532"
    assert running["Entrypoint"] == ["python3", "-m", "nbship.serving"]
    assert running["Healthcheck"]["Test"] == ["CMD", "python3", "-m", "nbship.serving.health"]
    assert running["Env"] == [
        "LANG=C.UTF-8",
        "NBSHIP_SERVE_BUNDLE=/opt/nbship/model",
        f"NBSHIP_SERVE_BUNDLE_SHA256={'ab' * 32}",
        "NBSHIP_SERVE_TRUSTED=a,b",
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "PYTHONDONTWRITEBYTECODE=1",
        "PYTHONNOUSERSITE=1",
        "PYTHONPATH=/opt/nbship/runtime:/opt/nbship/site",
        "PYTHONUNBUFFERED=1",
    ]
    assert running["Labels"] == {
        "made.by": "base",
        "dev.nbship.run": "r1",
        "dev.nbship.bundle.sha256": "ab" * 32,
    }
    assert (running["StopSignal"], running["WorkingDir"]) == ("SIGTERM", "/")
    assert (list(running["ExposedPorts"]), list(running["Volumes"])) == (["8080/tcp"], ["/var/lib/nbship"])
    assert not {"Cmd", "OnBuild"} & running.keys()
    assert (config["architecture"], config["os"], config["created"]) == (
        "amd64",
        "linux",
        "1970-01-01T00:00:00Z",
    )


def test_history_and_layers_agree(image: Image) -> None:
    config = json.loads(image.config)
    assert config["rootfs"]["diff_ids"] == [layer.diff_id for layer in image.layers]
    assert [entry["created_by"] for entry in config["history"]] == [
        "base image",
        "nbship package: runtime",
        "nbship package: model",
    ]


def test_where_it_is_built_and_where_the_base_lies_do_not_show(
    image: Image, make_archive: Any, tmp_path: Any
) -> None:
    elsewhere = make_archive(
        name="other-name.tar",
        Env=["LANG=C.UTF-8", "PYTHONPATH=/base"],
        Labels={"made.by": "base"},
        User="root",
        Cmd=["sh"],
        OnBuild=["RUN x"],
    )
    again = image_of(Cache(tmp_path / "second"), str(elsewhere), "runtime", "model")
    assert (again.digest, again.config_digest) == (image.digest, image.config_digest)
    assert str(tmp_path).encode() not in again.manifest + again.config


def test_layers_labels_and_base_each_change_the_digest(cache: Cache, make_archive: Any) -> None:
    base = str(make_archive())
    images = [
        image_of(cache, base, "runtime"),
        image_of(cache, base, "model"),
        image_of(cache, base, "runtime", labels={"dev.nbship.run": "r2"}),
        image_of(cache, str(make_archive(name="b.tar", Env=["A=1"])), "runtime"),
    ]
    assert len({image.digest for image in images}) == 4


def test_a_history_of_the_base_that_fits_is_kept(cache: Cache, make_archive: Any) -> None:
    base = load_base(str(make_archive()), "linux/amd64", cache)
    told = [{"created_by": "ADD root"}, {"created_by": "ENV A=1", "empty_layer": True}]
    config = serving_config("ab" * 32, [], {})
    image = assemble(replace(base, config={**base.config, "history": told}), [], config, cache)
    assert json.loads(image.config)["history"] == told
