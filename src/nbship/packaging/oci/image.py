"""Images: a base, layers upon it, and a configuration; the same parts give the same digest."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from nbship.packaging.oci.contents import path_of
from nbship.packaging.oci.layers import LOG_FOLDER, MODEL_FOLDER, RUNTIME_FOLDER, SERVING_USER, SITE_FOLDER
from nbship.packaging.oci.media_types import CONFIG, MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbship.model.image import ImageLayer
    from nbship.packaging.oci.base_image import BaseImage
    from nbship.packaging.oci.cache import Cache

__all__ = ["EPOCH", "Image", "ImageConfig", "assemble", "serving_config"]

EPOCH = "1970-01-01T00:00:00Z"
"""Of images that shall be the same whenever they are built."""

_BASE_DIGEST = "org.opencontainers.image.base.digest"
_BASE_NAME = "org.opencontainers.image.base.name"
_SECOND = 1_000_000_000
"""Of Docker's durations, which are in nanoseconds."""


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """How the image runs.

    Attributes
    ----------
    environment
        Put upon the variables of the base.
    entrypoint, healthcheck
        Program and arguments; no shell is involved. No health check when empty.
    labels
        Put upon the labels of the base.
    user
        User and group id.
    ports, volumes
        E.g. ``8080/tcp`` and ``/var/lib/nbship``.
    created
        RFC 3339; part of the digest.
    """

    environment: Mapping[str, str]
    entrypoint: tuple[str, ...]
    labels: Mapping[str, str]
    user: str = f"{SERVING_USER}:{SERVING_USER}"
    working_dir: str = "/"
    ports: tuple[str, ...] = ("8080/tcp",)
    volumes: tuple[str, ...] = (f"/{LOG_FOLDER}",)
    healthcheck: tuple[str, ...] = ()
    stop_signal: str = "SIGTERM"
    created: str = EPOCH


@dataclass(frozen=True, slots=True)
class Image:
    """A finished image; its layers are in the cache.

    Attributes
    ----------
    manifest, config
        Byte for byte; `digest` and `config_digest` are their SHA-256. Docker calls the latter the image id.
    layers
        Those of the base first.
    base, base_digest
        What it is built upon.
    """

    manifest: bytes
    digest: str
    config: bytes
    config_digest: str
    layers: tuple[ImageLayer, ...]
    platform: str
    base: str
    base_digest: str
    cache: Cache = field(repr=False)
    media_type: str = MANIFEST

    def open_blob(self, digest: str) -> BinaryIO:
        """Open the manifest, the configuration or a layer for reading.

        Raises
        ------
        PackagingError
            When it is not in the cache any more.
        """
        own = {self.digest: self.manifest, self.config_digest: self.config}
        return io.BytesIO(own[digest]) if digest in own else self.cache.open_blob(digest)

    def blobs(self) -> tuple[tuple[str, int], ...]:
        """Return digest and size in bytes of the configuration and of each layer, no blob twice."""
        sizes = {self.config_digest: len(self.config)}
        sizes |= {layer.digest: layer.size_bytes for layer in self.layers}
        return tuple(sizes.items())


def serving_config(
    bundle_sha256: str, trusted: Sequence[str], labels: Mapping[str, str], *, created: str = EPOCH
) -> ImageConfig:
    """Return the configuration of an image that serves a bundle.

    Parameters
    ----------
    bundle_sha256
        SHA-256 of ``bundle.json``: the server starts with no other.
    trusted
        What the packager lets the server read: SHA-256 of pickles, and type names for skops.
    """
    python = ("python3", "-m")
    environment = {
        "NBSHIP_SERVE_BUNDLE": f"/{MODEL_FOLDER}",
        "NBSHIP_SERVE_BUNDLE_SHA256": bundle_sha256,
        "NBSHIP_SERVE_TRUSTED": ",".join(sorted(trusted)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONPATH": f"/{RUNTIME_FOLDER}:/{SITE_FOLDER}",
        "PYTHONUNBUFFERED": "1",
    }
    return ImageConfig(
        environment=environment,
        entrypoint=(*python, "nbship.serving"),
        labels={**labels, "dev.nbship.bundle.sha256": bundle_sha256},
        healthcheck=(*python, "nbship.serving.health"),
        created=created,
    )


def assemble(base: BaseImage, layers: Sequence[ImageLayer], config: ImageConfig, cache: Cache) -> Image:
    """Put an image together.

    Nothing of where or when it is built goes into it: equal layers, base and configuration give an equal digest.
    """
    everything = (*base.layers, *layers)
    content = _canonical(_configuration(base, layers, config))
    config_digest = _digest(content)
    manifest = _canonical(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": config_digest, "size": len(content)},
            "layers": [
                {"mediaType": layer.media_type, "digest": layer.digest, "size": layer.size_bytes}
                for layer in everything
            ],
            "annotations": {_BASE_DIGEST: base.digest, **({_BASE_NAME: base.name} if base.name else {})},
        }
    )
    return Image(
        manifest=manifest,
        digest=_digest(manifest),
        config=content,
        config_digest=config_digest,
        layers=tuple(replace(layer, name="base") for layer in base.layers) + tuple(layers),
        platform=base.platform,
        base=base.reference,
        base_digest=base.digest,
        cache=cache,
    )


def _configuration(base: BaseImage, layers: Sequence[ImageLayer], config: ImageConfig) -> dict[str, Any]:
    kept = {
        key: base.config[key]
        for key in ("architecture", "os", "variant", "os.version")
        if base.config.get(key)
    }
    everything = (*base.layers, *layers)
    return {
        "architecture": base.platform.split("/")[1],
        "os": base.platform.split("/")[0],
        **kept,
        "created": config.created,
        "config": _running(base.config, config),
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in everything]},
        "history": [*_base_history(base), *_history(layers, config)],
    }


def _running(base: dict[str, Any], config: ImageConfig) -> dict[str, Any]:
    """Return how it runs: variables, labels and volumes of the base stay, as with a Dockerfile's FROM."""
    before = base.get("config") or {}
    variables = dict(entry.partition("=")[::2] for entry in before.get("Env") or ())
    variables = {**variables, "PATH": path_of(base), **config.environment}
    running = {
        "User": config.user,
        "Env": [f"{name}={value}" for name, value in sorted(variables.items())],
        "Entrypoint": list(config.entrypoint),
        "WorkingDir": config.working_dir,
        "ExposedPorts": {port: {} for port in config.ports},
        "Volumes": {**(before.get("Volumes") or {}), **{volume: {} for volume in config.volumes}},
        "Labels": {**(before.get("Labels") or {}), **config.labels},
        "StopSignal": config.stop_signal,
    }
    return {**running, **({"Healthcheck": _healthcheck(config)} if config.healthcheck else {})}


def _healthcheck(config: ImageConfig) -> dict[str, Any]:
    """Return Docker's extension of the format; the OCI reserves the field and engines that do not know it ignore it."""
    test = ["CMD", *config.healthcheck]
    return {
        "Test": test,
        "Interval": 30 * _SECOND,
        "Timeout": 10 * _SECOND,
        "StartPeriod": 30 * _SECOND,
        "Retries": 3,
    }


def _base_history(base: BaseImage) -> list[dict[str, Any]]:
    """Return the history of the base, made up where it does not fit its layers: some readers count."""
    history: list[dict[str, Any]] = base.config.get("history") or []
    if sum(not entry.get("empty_layer") for entry in history) == len(base.layers):
        return history
    return [{"created": EPOCH, "created_by": "base image"} for _ in base.layers]


def _history(layers: Sequence[ImageLayer], config: ImageConfig) -> Iterator[dict[str, Any]]:
    for layer in layers:
        yield {"created": config.created, "created_by": f"nbship package: {layer.name}"}


def _canonical(data: dict[str, Any]) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
