"""Names of images: ``registry/repository:tag@digest``.

Public: ``parse_reference(text) -> ImageReference``.

The grammar is that of https://github.com/distribution/reference (``reference.go``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from nbship.errors import UsageError

__all__ = ["DEFAULT_REGISTRY", "ImageReference", "parse_reference"]

DEFAULT_REGISTRY = "docker.io"

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_REGISTRY = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_LONGEST_REPOSITORY = 255


@dataclass(frozen=True, slots=True)
class ImageReference:
    """Where an image is: every part but `tag` and `digest` is always there."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        return self.name + self._suffix

    @property
    def name(self) -> str:
        """Registry and repository."""
        return f"{self.registry}/{self.repository}"

    @property
    def familiar(self) -> str:
        """The short form that an engine shows: ``iris:1`` for ``docker.io/library/iris:1``."""
        if self.registry != DEFAULT_REGISTRY:
            return str(self)
        return self.repository.removeprefix("library/") + self._suffix

    @property
    def target(self) -> str:
        """What a manifest is asked for by: the digest, else the tag."""
        return self.digest or self.tag

    def with_tag(self, tag: str) -> ImageReference:
        """Return the same repository under another tag."""
        return replace(self, tag=tag, digest="")

    @property
    def _suffix(self) -> str:
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def parse_reference(text: str) -> ImageReference:
    """Return the parts of an image's name, as Docker reads them.

    Parameters
    ----------
    text
        E.g. ``python:3.11-slim``, ``localhost:5000/team/iris:1``, ``ghcr.io/team/iris@sha256:…``. Without tag and
        digest the tag is ``latest``.

    Raises
    ------
    UsageError
        When it is no name of an image; the message says which part is wrong.
    """
    rest, at, digest = text.strip().partition("@")
    if at and not _DIGEST.fullmatch(digest):
        raise _wrong(text, f"the digest {digest!r} is not sha256: and 64 hexadecimal digits")
    registry, rest = _split_registry(rest)
    repository, colon, tag = rest.partition(":")
    if colon and not _TAG.fullmatch(tag):
        raise _wrong(
            text, f"the tag {tag!r} has other characters than letters, digits, '_', '.' and '-', or over 128"
        )
    _check_names(text, registry, repository)
    if registry == DEFAULT_REGISTRY and "/" not in repository:
        repository = f"library/{repository}"
    return ImageReference(registry, repository, tag or ("" if digest else "latest"), digest)


def _split_registry(text: str) -> tuple[str, str]:
    """Split what looks like a host off: it has a dot, a colon or capitals, or is ``localhost``."""
    first, slash, rest = text.partition("/")
    if slash and (set(first) & {".", ":"} or first == "localhost" or first != first.lower()):
        known = {"index.docker.io": DEFAULT_REGISTRY, "registry-1.docker.io": DEFAULT_REGISTRY}
        return known.get(first, first), rest
    return DEFAULT_REGISTRY, text


def _check_names(text: str, registry: str, repository: str) -> None:
    if "://" in text:
        raise _wrong(text, "it is an address; leave the scheme out")
    if not _REGISTRY.fullmatch(registry):
        raise _wrong(text, f"{registry!r} is no host name of a registry")
    if not repository:
        raise _wrong(text, "the name of the image is missing")
    if repository != repository.lower() and _REPOSITORY.fullmatch(repository.lower()):
        raise _wrong(text, f"{repository!r} has capital letters; write {repository.lower()!r}")
    if not _REPOSITORY.fullmatch(repository) or len(repository) > _LONGEST_REPOSITORY:
        raise _wrong(
            text, f"{repository!r} has other characters than a-z, 0-9 and single '.', '_', '-' between them"
        )


def _wrong(text: str, reason: str) -> UsageError:
    return UsageError(f"{text!r} is no name of an image: {reason}. Write NAME:TAG or REGISTRY/NAME:TAG.")
