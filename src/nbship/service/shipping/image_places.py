"""Where an image goes: a tarball, a registry, the local engine."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.config import prepare_home
from nbship.errors import EngineError
from nbship.packaging.engine import Engine
from nbship.packaging.oci import write_archive
from nbship.packaging.references import parse_reference
from nbship.packaging.registry import PushBlob, RegistryClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbship.config import Settings
    from nbship.model.image import PackagedImage
    from nbship.packaging.oci import Image
    from nbship.service.shipping.grammar import PackageRequest
    from nbship.service.shipping.workshop import Workshop

__all__ = ["WRITE_STAGE", "put_image"]

WRITE_STAGE = "writing the image"


def put_image(
    settings: Settings, request: PackageRequest, image: Image, result: PackagedImage, shop: Workshop
) -> PackagedImage:
    """Write, push and load an image; its tests are over, so now it may have a name.

    Raises
    ------
    PackagingError
        When one of the places refuses it.
    """
    with shop.stages.stage(WRITE_STAGE):
        if (
            request.push
        ):  # the place that refuses most often comes first: what is refused leaves nothing elsewhere
            result = _pushed(request.push, image, result, shop)
        with _engine(shop.platform) if request.load else nullcontext() as engine:
            archive = Path(request.archive) if request.archive else None
            if archive is None and engine is None and not request.push:
                archive = _own_archive(settings, result.reference)
            if archive is not None:
                shop.stages.tell("archive", 0.4)
                result = replace(result, archive=str(write_archive(image, archive, result.reference)))
            if engine is not None:
                shop.stages.tell("loading it into the engine", 0.6)
                engine.load(archive or write_archive(image, shop.folder / "image.tar", result.reference))
                result = replace(result, loaded=True)
    return result


def _own_archive(settings: Settings, reference: str) -> Path:
    folder = prepare_home(settings) / "images"
    folder.mkdir(exist_ok=True)
    return folder / f"{reference.replace('/', '_').replace(':', '-')}.tar"


@contextmanager
def _engine(platform: str) -> Iterator[Engine | None]:
    """Give the local engine, if there is one and it runs images of that platform.

    Any other keeps what it has: an image that it cannot run would take the name from one that it can.
    """
    with ExitStack() as stack:
        found = None
        with suppress(EngineError):
            found = stack.enter_context(Engine.connect())
        yield found if found is not None and found.platform == platform else None


def _pushed(wanted: str, image: Image, result: PackagedImage, shop: Workshop) -> PackagedImage:
    target = parse_reference(wanted)
    if not target.tag and not target.digest:
        target = target.with_tag(result.reference.rpartition(":")[2])
    blobs = [
        PushBlob(digest, size, partial(image.open_blob, digest), layer=digest != image.config_digest)
        for digest, size in image.blobs()
    ]

    def tell(share: float, what: str) -> None:
        shop.stages.tell(what, share)

    with RegistryClient(target.registry) as registry:
        pushed = registry.push(target, image.manifest, image.media_type, blobs, progress=tell)
    return replace(result, pushed=pushed.reference, uploaded_layers=pushed.uploaded_layers)
