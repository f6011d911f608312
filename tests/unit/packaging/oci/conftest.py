"""Small wheels and base images, made on the spot."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from nbship.model.image import LockedWheel
from nbship.packaging.oci import Cache

GLIBC = b"\x7fELF GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n"

BASE_FILES: dict[str, bytes | str] = {
    "usr/bin/python3.11": b"\x7fELF",
    "usr/bin/python3": "->python3.11",
    "bin": "->usr/bin",
    "lib": "->usr/lib",
    "lib64": "->usr/lib64",
    "usr/lib64/ld-linux-x86-64.so.2": "->/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
    "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2": b"\x7fELF",
    "usr/lib/x86_64-linux-gnu/libc.so.6": GLIBC,
}
"""What nbship looks at in a base image; text that begins with an arrow is a link."""

MakeWheel = Callable[..., LockedWheel]
MakeBase = Callable[..., Path]


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def make_wheel(tmp_path: Path) -> MakeWheel:
    """Return a function that writes a wheel: ``make_wheel("numpy", {"numpy/__init__.py": b"..."})``."""

    def make(name: str, files: Mapping[str, bytes], *, modes: Mapping[str, int] | None = None) -> LockedWheel:
        path = tmp_path / f"{name}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in files.items():
                info = zipfile.ZipInfo(member)
                info.external_attr = (modes or {}).get(member, 0o644) << 16
                archive.writestr(info, content)
        content = path.read_bytes()
        return LockedWheel(name, "1.0", path.name, hashlib.sha256(content).hexdigest(), len(content), path)

    return make


def tar_of(files: Mapping[str, bytes | str]) -> bytes:
    """Return a tar archive of files and links."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content.removeprefix("->")
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def config_of(layers: tuple[bytes, ...], architecture: str = "amd64", **running: object) -> bytes:
    """Return an image configuration."""
    return json.dumps(
        {
            "architecture": architecture,
            "os": "linux",
            "config": running,
            "rootfs": {"type": "layers", "diff_ids": [digest_of(layer) for layer in layers]},
        }
    ).encode()


@pytest.fixture
def make_archive(tmp_path: Path) -> MakeBase:
    """Return a function that writes what ``docker save`` does, of layers as mappings of files."""

    def make(*layers: Mapping[str, bytes | str], name: str = "base.tar", **options: object) -> Path:
        tars = tuple(tar_of(files) for files in layers or (BASE_FILES,))
        config = config_of(tars, **options)  # type: ignore[arg-type]
        members = {f"{number}/layer.tar": tar for number, tar in enumerate(tars)}
        manifest = [{"Config": "config.json", "RepoTags": ["base:1"], "Layers": list(members)}]
        path = tmp_path / name
        path.write_bytes(
            tar_of({**members, "config.json": config, "manifest.json": json.dumps(manifest).encode()})
        )
        return path

    return make


@pytest.fixture
def make_layout(tmp_path: Path) -> MakeBase:
    """Return a function that writes an OCI layout with an index over the given architectures."""

    def make(
        *architectures: str, files: Mapping[str, bytes | str] = BASE_FILES, media_type: str = "gzip"
    ) -> Path:
        folder = tmp_path / "layout"
        blobs = folder / "blobs/sha256"
        blobs.mkdir(parents=True, exist_ok=True)

        def put(content: bytes, kind: str) -> dict[str, object]:
            (blobs / digest_of(content).removeprefix("sha256:")).write_bytes(content)
            return {"mediaType": kind, "digest": digest_of(content), "size": len(content)}

        oci = "application/vnd.oci.image"
        entries = []
        for architecture in architectures or ("amd64",):
            tar = tar_of({**files, "etc/architecture": architecture.encode()})
            layer = put(gzip.compress(tar, mtime=0), f"{oci}.layer.v1.tar+{media_type}")
            config = put(config_of((tar,), architecture), f"{oci}.config.v1+json")
            manifest = {"schemaVersion": 2, "config": config, "layers": [layer]}
            entry = put(json.dumps(manifest).encode(), f"{oci}.manifest.v1+json")
            entries.append({**entry, "platform": {"os": "linux", "architecture": architecture}})
        index = put(json.dumps({"manifests": entries}).encode(), f"{oci}.index.v1+json")
        index["annotations"] = {"org.opencontainers.image.ref.name": "1"}
        (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
        (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [index]}))
        return folder

    return make
