"""What an image is based on: a file, an image of the local engine, or what a registry has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbship.errors import EngineError, RegistryError
from nbship.packaging.engine import Engine
from nbship.packaging.oci import is_on_disk, load_base

if TYPE_CHECKING:
    from pathlib import Path

    from nbship.packaging.oci import BaseImage
    from nbship.service.shipping.workshop import Workshop

__all__ = ["BASE_STAGE", "find_base"]

BASE_STAGE = "base image"

_DEFAULT = "docker.io/library/python:{}-slim"


def find_base(wanted: str, python: str, shop: Workshop) -> BaseImage:
    """Return the base that is wanted, or the slim image of that Python where none is.

    Raises
    ------
    PackagingError
        When it is not to be had, is not for the platform, or has another Python.
    """
    with shop.stages.stage(BASE_STAGE):
        if wanted:
            return _found(wanted, shop)
        wanted = _DEFAULT.format(python)
        try:
            return _found(wanted, shop)
        except RegistryError as error:
            raise RegistryError(
                f"{error} Or base the image on another: --base-image takes a reference of your registry, an image of "
                "the engine, an OCI layout or an archive."
            ) from error


def _found(wanted: str, shop: Workshop) -> BaseImage:
    shop.stages.tell(wanted)
    saved = None if is_on_disk(wanted) else _saved_by_engine(wanted, shop)
    if saved is None:
        return load_base(wanted, shop.platform, shop.cache)
    base = load_base(str(saved), shop.platform, shop.cache)
    saved.unlink()  # its layers are in the cache, and it is large
    return replace(base, reference=wanted)


def _saved_by_engine(wanted: str, shop: Workshop) -> Path | None:
    """Return an archive of an image of the local engine; None where there is no engine, or no such image in it."""
    try:
        with Engine.connect() as engine:
            if engine.platform == shop.platform and engine.has(wanted):
                return engine.save(wanted, shop.folder / "base.tar")
    except EngineError:
        return None
    return None
