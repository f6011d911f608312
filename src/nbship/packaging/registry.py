"""A client of registries: images up and down, without any engine.

Public: ``RegistryClient(registry)`` with ``pull_manifest``, ``pull_blob``, ``read_blob``, ``has_blob`` and ``push``.

The protocol is that of https://github.com/opencontainers/distribution-spec/blob/main/spec.md.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from nbship.errors import RegistryError
from nbship.packaging.registry_content import altered, digest_of, read_answer, write_answer
from nbship.packaging.registry_push import Push, PushBlob, PushResult, has_blob
from nbship.packaging.registry_wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import requests

    from nbship.packaging.credentials import Credentials
    from nbship.packaging.references import ImageReference

__all__ = ["MANIFEST_TYPES", "PulledManifest", "PushBlob", "PushResult", "RegistryClient"]

MANIFEST_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
"""Media types of manifests and indexes that are asked for."""

_CHUNK_BYTES = 1 << 20
_LARGEST_MANIFEST_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class PulledManifest:
    """A manifest or an index, byte for byte; `digest` is the SHA-256 of `data`."""

    media_type: str
    digest: str
    data: bytes


class RegistryClient:
    """A client of one registry.

    Parameters
    ----------
    registry
        Host and port, ``docker.io`` for the hub.
    insecure
        Plain HTTP; None for registries of this machine only.
    timeout_seconds
        For connecting, and between two bytes of an answer.
    credentials
        None looks for those of ``docker login``, when the registry asks.
    """

    def __init__(
        self,
        registry: str,
        *,
        insecure: bool | None = None,
        timeout_seconds: float = 30.0,
        credentials: Credentials | None = None,
    ) -> None:
        self.registry = registry
        self._wire = Wire(
            registry, insecure=insecure, timeout_seconds=timeout_seconds, credentials=credentials
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def pull_manifest(self, reference: ImageReference) -> PulledManifest:
        """Return the manifest or index behind a reference.

        Raises
        ------
        RegistryError
            When it is not there, or its bytes are not those of its digest.
        """
        doing = f"reading the manifest of {reference}"
        answer = self._wire.send(
            "GET",
            f"/v2/{reference.repository}/manifests/{reference.target}",
            scopes=_pull_scopes(reference),
            headers={"Accept": ", ".join(MANIFEST_TYPES)},
            doing=doing,
            stream=True,
        )
        data = read_answer(answer, _LARGEST_MANIFEST_BYTES, doing)
        digest = digest_of(data)
        if reference.digest and digest != reference.digest:
            raise altered(doing, reference.digest, digest)
        return PulledManifest(answer.headers.get("Content-Type", "").partition(";")[0].strip(), digest, data)

    def has_blob(self, reference: ImageReference, digest: str) -> bool:
        """Say whether a repository has a blob."""
        return has_blob(self._wire, reference, digest, _pull_scopes(reference))

    def read_blob(self, reference: ImageReference, digest: str, limit_bytes: int = 8 << 20) -> bytes:
        """Return a small blob, such as a configuration.

        Raises
        ------
        RegistryError
            When it is not there, is larger than `limit_bytes`, or its bytes are not those of its digest.
        """
        doing = f"reading {digest} of {reference.name}"
        data = read_answer(self._blob(reference, digest, doing), limit_bytes, doing)
        found = digest_of(data)
        if found != digest:
            raise altered(doing, digest, found)
        return data

    def pull_blob(
        self,
        reference: ImageReference,
        digest: str,
        destination: Path,
        progress: Callable[[int], None] | None = None,
    ) -> Path:
        """Write a blob to `destination`, which is either whole or not there, and return the path.

        Parameters
        ----------
        progress
            Told the bytes so far.

        Raises
        ------
        RegistryError
            When it is not there, the connection breaks, the disk is full, or its bytes are not those of its digest.
        """
        doing = f"the download of {digest} of {reference.name}"
        temporary = destination.with_name(f".{destination.name}.{uuid.uuid4().hex}")
        try:
            found = write_answer(self._blob(reference, digest, doing), temporary, progress, doing)
            if found != digest:
                raise altered(doing, digest, found)
            temporary.replace(destination)
        except OSError as error:
            if isinstance(error, RegistryError):
                raise
            raise RegistryError(f"{doing} failed: {error}. Free some space, or write elsewhere.") from error
        finally:
            temporary.unlink(missing_ok=True)
        return destination

    def push(
        self,
        reference: ImageReference,
        manifest: bytes,
        media_type: str,
        blobs: Sequence[PushBlob],
        progress: Callable[[float, str], None] | None = None,
    ) -> PushResult:
        """Give the registry an image: the blobs that it lacks, then the manifest, so that nothing is half-tagged.

        Parameters
        ----------
        reference
            The tag to set; without one, the manifest can be had by its digest only.
        blobs
            Layers and configuration.
        progress
            Told what is done (0 to 1, by bytes) and which blob it is about.

        Raises
        ------
        RegistryError
            When the registry refuses or does not answer; the tag is as it was.
        """
        return Push(self._wire, reference).run(manifest, media_type, blobs, progress)

    def _blob(self, reference: ImageReference, digest: str, doing: str) -> requests.Response:
        return self._wire.send(
            "GET",
            f"/v2/{reference.repository}/blobs/{digest}",
            scopes=_pull_scopes(reference),
            headers={"Accept-Encoding": "identity"},
            doing=doing,
            stream=True,
        )


def _pull_scopes(reference: ImageReference) -> tuple[str, ...]:
    return (f"repository:{reference.repository}:pull",)
