"""What an image says of itself: the annotations of the OCI image specification, and where its model comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbship.model.bundle import Bundle
    from nbship.model.image import ModelSource

__all__ = ["image_labels"]

_OCI = "org.opencontainers.image."
_OWN = "dev.nbship."


def image_labels(
    bundle: Bundle, source: ModelSource, bundle_sha256: str, base: str, base_digest: str
) -> dict[str, str]:
    """Return the labels of an image, sorted; the same run has the same ones wherever it is built.

    Source: https://github.com/opencontainers/image-spec/blob/main/annotations.md
    """
    git = source.lineage.get("git") or {}
    labels = {
        f"{_OCI}title": bundle.name,
        f"{_OCI}version": bundle.model_version or bundle.run_id[:8],
        f"{_OCI}revision": str(git.get("commit") or ""),
        f"{_OCI}base.name": base,
        f"{_OCI}base.digest": base_digest,
        f"{_OWN}run": bundle.run_id,
        f"{_OWN}run.name": bundle.run_name,
        f"{_OWN}experiment": bundle.experiment,
        f"{_OWN}model": bundle.name,
        f"{_OWN}model.class": bundle.model_class,
        f"{_OWN}model.sha256": bundle.model_digest,
        f"{_OWN}bundle.sha256": bundle_sha256,
    }
    return {name: value for name, value in sorted(labels.items()) if value}
