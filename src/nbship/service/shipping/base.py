"""What an image is based on: a file, an image of the local engine, or what a registry has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import EngineError
from nbship.packaging.engine import Engine
from nbship.packaging.oci import load_base

if TYPE_CHECKING:
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
    wanted = wanted or _DEFAULT.format(python)
    with shop.stages.stage(BASE_STAGE):
        shop.stages.tell(wanted)
        saved = None if Path(wanted).exists() else _saved_by_engine(wanted, shop)
        if saved is None:
            return load_base(wanted, shop.platform, shop.cache)
        return replace(load_base(str(saved), shop.platform, shop.cache), reference=wanted)


def _saved_by_engine(wanted: str, shop: Workshop) -> Path | None:
    """Return an archive of an image of the local engine; None where there is no engine, or no such image in it."""
    try:
        with Engine.connect() as engine:
            if engine.platform == shop.platform and engine.has(wanted):
                return engine.save(wanted, shop.folder / "base.tar")
    except EngineError:
        return None
    return None
