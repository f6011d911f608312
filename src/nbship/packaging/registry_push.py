"""Giving a registry an image: only what it lacks, the tag last."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlencode, urljoin

from nbship.errors import RegistryError
from nbship.packaging.registry_content import altered, digest_of
from nbship.packaging.sent_file import SentFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbship.packaging.references import ImageReference
    from nbship.packaging.registry_wire import Wire

__all__ = ["Push", "PushBlob", "PushResult", "has_blob"]

_UPLOADS = 3
"""How often a blob is sent from its beginning: a registry forgets an upload that broke off."""

_OK = 200
_CREATED = 201


@dataclass(frozen=True, slots=True)
class PushBlob:
    """A blob that an image needs at its registry.

    Attributes
    ----------
    digest, size_bytes
        Of what `open` reads.
    open
        Opens the blob; called only when the registry has to be given it, once per attempt.
    mount_from
        A repository of the same registry that may have it, where nothing has to be sent.
    layer
        False for the configuration.
    """

    digest: str
    size_bytes: int
    open: Callable[[], BinaryIO]
    mount_from: ImageReference | None = None
    layer: bool = True


@dataclass(frozen=True, slots=True)
class PushResult:
    """What a push did; the tuples hold digests of blobs, layers and configuration alike."""

    reference: str
    digest: str
    uploaded: tuple[str, ...] = ()
    mounted: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    uploaded_bytes: int = 0
    uploaded_layers: int = 0


@dataclass(slots=True)
class Push:
    """One image on its way to one repository."""

    wire: Wire
    reference: ImageReference
    scopes: tuple[str, ...] = ()
    uploaded: list[PushBlob] = field(default_factory=list)
    mounted: list[str] = field(default_factory=list)
    present: list[str] = field(default_factory=list)

    def run(
        self,
        manifest: bytes,
        media_type: str,
        blobs: Sequence[PushBlob],
        progress: Callable[[float, str], None] | None,
    ) -> PushResult:
        """Send what the registry lacks, then set the tag."""
        distinct = list({blob.digest: blob for blob in blobs}.values())
        self.scopes = _push_scopes(self.reference, distinct)
        total, before = sum(blob.size_bytes for blob in distinct) or 1, 0
        for blob in distinct:
            told = _portion(progress, before, total, blob.digest)
            self._give(blob, told)
            told(blob.size_bytes)
            before += blob.size_bytes
        digest = self._tag(manifest, media_type)
        return self._result(digest)

    def _give(self, blob: PushBlob, told: Callable[[int], None]) -> None:
        """See to it that the repository has a blob, in the cheapest way."""
        if has_blob(self.wire, self.reference, blob.digest, self.scopes):
            self.present.append(blob.digest)
            return
        for left in reversed(range(_UPLOADS)):
            place = self._begin(blob)
            if place is None:
                self.mounted.append(blob.digest)
                return
            try:
                self._upload(blob, place, told)
            except RegistryError:
                if not left:
                    raise
            else:
                self.uploaded.append(blob)
                return

    def _begin(self, blob: PushBlob) -> str | None:
        """Return the address that takes the blob, or None when it could be mounted from another repository."""
        query, source = "", blob.mount_from
        if (
            source
            and source.registry == self.wire.registry
            and source.repository != self.reference.repository
        ):
            query = "?" + urlencode({"mount": blob.digest, "from": source.repository})
        answer = self.wire.send(
            "POST",
            f"/v2/{self.reference.repository}/blobs/uploads/{query}",
            scopes=self.scopes,
            expected=(_CREATED, 202),
            doing=self._doing(blob),
        )
        if answer.status_code == _CREATED:
            return None
        if "Location" not in answer.headers:
            raise RegistryError(
                f"{self._doing(blob)} failed, the registry {self.wire.registry} told no place to send it to"
            )
        return urljoin(f"{self.wire.address}/", answer.headers["Location"])

    def _upload(self, blob: PushBlob, place: str, told: Callable[[int], None]) -> None:
        joint = "&" if "?" in place else "?"
        self.wire.send(
            "PUT",
            f"{place}{joint}{urlencode({'digest': blob.digest})}",
            scopes=self.scopes,
            body=lambda: SentFile(blob.open(), blob.size_bytes, told),
            headers={"Content-Type": "application/octet-stream"},
            expected=(_CREATED,),
            attempts=1,
            doing=self._doing(blob),
        )

    def _doing(self, blob: PushBlob) -> str:
        return f"the upload of {blob.digest[:19]} to {self.reference.name}"

    def _tag(self, manifest: bytes, media_type: str) -> str:
        digest = digest_of(manifest)
        doing = f"tagging {self.reference}"
        answer = self.wire.send(
            "PUT",
            f"/v2/{self.reference.repository}/manifests/{self.reference.tag or digest}",
            scopes=self.scopes,
            data=manifest,
            headers={"Content-Type": media_type},
            expected=(_OK, _CREATED),
            doing=doing,
        )
        found = answer.headers.get("Docker-Content-Digest", digest)
        if found != digest:
            raise altered(doing, digest, found)
        return digest

    def _result(self, digest: str) -> PushResult:
        return PushResult(
            reference=str(replace(self.reference, digest=digest)),
            digest=digest,
            uploaded=tuple(blob.digest for blob in self.uploaded),
            mounted=tuple(self.mounted),
            present=tuple(self.present),
            uploaded_bytes=sum(blob.size_bytes for blob in self.uploaded),
            uploaded_layers=sum(blob.layer for blob in self.uploaded),
        )


def has_blob(wire: Wire, reference: ImageReference, digest: str, scopes: Sequence[str]) -> bool:
    """Say whether a repository has a blob."""
    answer = wire.send(
        "HEAD",
        f"/v2/{reference.repository}/blobs/{digest}",
        scopes=scopes,
        expected=(_OK, 404),
        allow_redirects=True,
        doing=f"looking for {digest[:19]} in {reference.name}",
    )
    return answer.status_code == _OK


def _push_scopes(reference: ImageReference, blobs: Sequence[PushBlob]) -> tuple[str, ...]:
    """Return what a token must allow: to write here, and to read where blobs are mounted from."""
    sources = {blob.mount_from for blob in blobs if blob.mount_from}
    others = {source.repository for source in sources if source.registry == reference.registry}
    return (
        f"repository:{reference.repository}:pull,push",
        *(f"repository:{other}:pull" for other in sorted(others - {reference.repository})),
    )


def _portion(
    progress: Callable[[float, str], None] | None, before: int, total: int, digest: str
) -> Callable[[int], None]:
    """Return what tells `progress` of the bytes of one blob."""

    def told(sent: int) -> None:
        if progress:
            progress(min((before + sent) / total, 1.0), digest)

    return told
