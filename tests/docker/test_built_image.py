"""Images that nbship builds by itself, read and run by the tools of others."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from nbship.model.image import ImageLayer, LockedWheel
from nbship.packaging.oci import (
    BaseImage,
    Cache,
    Image,
    assemble,
    bundle_layer,
    load_base,
    runtime_layer,
    serving_config,
    wheel_layer,
    write_archive,
    write_layout,
)
from nbship.packaging.references import parse_reference
from nbship.packaging.registry import PushBlob, RegistryClient

MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"
PLATFORM = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}[os.uname().machine]

SHOW = """
import json, os, pkg, nbship.serving
files = os.listdir("/opt/nbship/model")
print(json.dumps([os.getuid(), os.getgid(), pkg.A, pkg.__cached__, nbship.serving.__file__, files]))
"""
WRITE = 'open("/var/lib/nbship/mine", "w").close()'
SHOWN = [
    65532,
    65532,
    1,
    f"/opt/nbship/site/pkg/__pycache__/__init__.cpython-{MINOR.replace('.', '')}.pyc",
    "/opt/nbship/runtime/nbship/serving/__init__.py",
    ["bundle.json"],
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("built")


@pytest.fixture(scope="module")
def cache(folder: Path) -> Cache:
    return Cache(folder / "cache")


@pytest.fixture(scope="module")
def base(folder: Path, base_archive: Path, cache: Cache) -> BaseImage:
    """Return the base, given as ``docker save`` would write it."""
    with base_archive.open("rb") as file:
        diff_id = hashlib.file_digest(file, "sha256").hexdigest()
    config = {
        "architecture": PLATFORM.partition("/")[2],
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{diff_id}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": ["base:1"], "Layers": ["0/layer.tar"]}]
    with tarfile.open(folder / "base.tar", "w") as archive:
        archive.add(base_archive, "0/layer.tar")
        for name, content in {"config.json": config, "manifest.json": manifest}.items():
            data = json.dumps(content).encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return load_base(str(folder / "base.tar"), PLATFORM, cache)


@pytest.fixture(scope="module")
def image(base: BaseImage, folder: Path, cache: Cache) -> Image:
    path = folder / "pkg-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pkg/__init__.py", "A = 1\n")
    wheel = LockedWheel("pkg", "1.0", path.name, hashlib.sha256(path.read_bytes()).hexdigest(), 1, path)
    layers = [
        wheel_layer([wheel], "other wheels", MINOR, cache),
        runtime_layer(MINOR, cache),
        model_layer(folder / "bundle", cache, "{}"),
    ]
    return assemble(base, layers, serving_config("ab" * 32, [], {"dev.nbship.run": "r1"}), cache)


def model_layer(folder: Path, cache: Cache, content: str) -> ImageLayer:
    folder.mkdir()
    (folder / "bundle.json").write_text(content)
    return bundle_layer(folder, cache)


@pytest.fixture(scope="module")
def archive(image: Image, folder: Path) -> Path:
    return write_archive(image, folder / "image.tar", "nbship-built:1")


def output(*command: object) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_base_is_understood(base: BaseImage) -> None:
    assert base.python == MINOR
    assert base.glibc is not None
    assert base.glibc >= (2, 17)


def test_an_engine_loads_and_runs_it(engine: Any, image: Image, archive: Path) -> None:
    assert engine.load(archive) == image.config_digest
    import docker

    client = docker.DockerClient(base_url=os.environ["DOCKER_HOST"])
    try:
        shown = client.containers.run(
            "nbship-built:1",
            ["-c", SHOW],
            entrypoint="python3",
            network_mode="none",
            read_only=True,
            remove=True,
        )
        assert json.loads(shown) == SHOWN
    finally:
        client.close()
        engine.remove_image("nbship-built:1")


def test_skopeo_reads_both_sides_of_the_archive(
    require: Any, image: Image, archive: Path, tmp_path: Path
) -> None:
    skopeo = require("oci")["skopeo"]
    found = {}
    for kind in ("oci-archive", "docker-archive"):
        output(skopeo, "--insecure-policy", "copy", f"{kind}:{archive}", f"oci:{tmp_path / kind}:1")
        found[kind] = json.loads(output(skopeo, "inspect", f"oci:{tmp_path / kind}:1"))
    assert found["oci-archive"]["Digest"] == image.digest
    assert found["docker-archive"]["Labels"]["dev.nbship.run"] == "r1"


def test_umoci_unpacks_the_layout_and_runc_runs_it(
    require: Any, give_up: Any, image: Image, tmp_path: Path
) -> None:
    tools = require("oci")
    if os.getuid() != 0:
        give_up("oci", "runc starts containers for root only")
    layout = write_layout(image, tmp_path / "layout", "nbship-built:1")
    output(tools["umoci"], "unpack", "--image", f"{layout}:1", tmp_path / "unpacked")
    path = tmp_path / "unpacked" / "config.json"
    config = json.loads(path.read_text())
    assert config["process"]["args"] == ["python3", "-m", "nbship.serving"]
    config["process"] |= {"terminal": False, "args": ["python3", "-c", SHOW]}
    config["root"]["readonly"] = True
    path.write_text(json.dumps(config))
    name = f"nbship-{os.getpid()}"
    shown = output(
        tools["runc"], "--root", tmp_path / "state", "run", "--bundle", tmp_path / "unpacked", name
    )
    assert json.loads(shown) == SHOWN


def push(image: Image, reference: str) -> Any:
    parsed = parse_reference(reference)
    blobs = [
        PushBlob(digest, size, partial(image.open_blob, digest), layer=digest != image.config_digest)
        for digest, size in image.blobs()
    ]
    with RegistryClient(parsed.registry) as client:
        return client.push(parsed, image.manifest, image.media_type, blobs)


def test_a_new_model_is_all_that_is_pushed_and_what_was_pushed_can_be_built_upon(
    registry: str, base: BaseImage, image: Image, tmp_path: Path
) -> None:
    reference = f"{registry}/nbship-built:1"
    assert push(image, reference).digest == image.digest
    assert push(image, reference).uploaded_layers == 0
    ours = image.layers[len(base.layers) : -1]
    model = model_layer(tmp_path / "bundle", image.cache, '{"model": 2}')
    retrained = assemble(base, [*ours, model], serving_config("cd" * 32, [], {}), image.cache)
    pushed = push(retrained, reference)
    assert (pushed.uploaded_layers, set(pushed.uploaded)) == (1, {model.digest, retrained.config_digest})
    pulled = load_base(reference, PLATFORM, Cache(tmp_path / "elsewhere"))
    assert (pulled.digest, pulled.name, pulled.python) == (retrained.digest, reference, MINOR)
