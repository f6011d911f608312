"""What is known of a base image."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbship.errors import PackagingError

if TYPE_CHECKING:
    from nbship.model.image import ImageLayer

__all__ = ["BaseContents", "BaseImage", "BaseParts"]


@dataclass(frozen=True, slots=True)
class BaseParts:
    """A base image as it was read: `digest` of its manifest (of its configuration, where an archive has no manifest)."""

    digest: str
    config_digest: str
    config: dict[str, Any]
    layers: tuple[ImageLayer, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class BaseContents:
    """What its files tell: path and minor version of ``python3``, ``glibc`` or ``musl`` and its version."""

    python: str = ""
    python_path: str = ""
    libc: str = ""
    libc_version: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class BaseImage:
    """A base image, its layers in the cache.

    Attributes
    ----------
    reference
        As it was given.
    name
        The full reference of a base from a registry; empty for one on disk, whose path means nothing elsewhere.
    digest
        ``sha256:…`` of the manifest; of the configuration for an archive of ``docker save``, which has no manifest.
    platform
        E.g. ``linux/amd64``.
    config
        The image configuration, as in https://github.com/opencontainers/image-spec/blob/main/config.md.
    python, python_path
        Minor version of its ``python3``, e.g. ``3.11``, and where that lies.
    glibc
        Version of its C library, where it could be told: wheels for a newer one do not run.
    """

    reference: str
    digest: str
    platform: str
    config: dict[str, Any]
    layers: tuple[ImageLayer, ...]
    python: str
    python_path: str
    glibc: tuple[int, int] | None = None
    name: str = field(default="")

    @classmethod
    def described(cls, what: str, parts: BaseParts, platform: str, contents: BaseContents) -> BaseImage:
        """Put together what was read and what its files tell."""
        return cls(
            reference=what,
            digest=parts.digest,
            platform=platform,
            config=parts.config,
            layers=parts.layers,
            python=contents.python,
            python_path=contents.python_path,
            glibc=contents.libc_version if contents.libc == "glibc" else None,
            name=parts.name,
        )

    def check_python(self, wanted: str) -> None:
        """Check that the base has the Python that a bundle was made for.

        Raises
        ------
        PackagingError
            When it has another minor version.
        """
        if self.python != wanted:
            raise PackagingError(
                f"the base image {self.reference} has Python {self.python} ({self.python_path}), the model was made with "
                f"{wanted}: choose a base with that, e.g. python:{wanted}-slim"
            )
