"""``package``: from a run to an image."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbship.config import prepare_home
from nbship.errors import UsageError
from nbship.model.image import PackagedImage
from nbship.service.shipping.apart import absolute, ship_apart
from nbship.service.shipping.grammar import PACKAGE_OPTIONS, request_words
from nbship.service.shipping.image_records import record_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbship.config import Settings
    from nbship.model.image import PackageStage, SmokeTest, Snippets
    from nbship.packaging.oci import BaseImage, Image
    from nbship.service.shipping.grammar import PackageRequest
    from nbship.service.shipping.shipment import Shipment
    from nbship.service.shipping.trusted_source import TrustedSource
    from nbship.service.shipping.workshop import Workshop

__all__ = ["READ_STAGE", "assembled", "image_reference", "package", "resave", "snippets"]

READ_STAGE = "reading the run"
_VERIFY_STAGE = "verifying"
_PORT = 8080
_ANOTHER = (
    "a rebuild gave another digest, so the image was not put anywhere; please report what is in its model"
)


def package(
    settings: Settings,
    request: PackageRequest,
    progress: Callable[[PackageStage], None] | None = None,
    *,
    apart: bool = False,
) -> PackagedImage:
    """Build an image that serves a model, and put it where the request says.

    Without any place in the request the image goes into the local engine, and where there is none into a tarball below
    ``.nbship/images``.

    Parameters
    ----------
    progress
        Told what is being done.
    apart
        True does the work in another process, as a kernel wants.

    Raises
    ------
    UsageError, RunNotFoundError, UntrustedModelError
        When the request is wrong, or the model may not be read.
    PackagingError
        When the image cannot be built, tested or put there; nothing is tagged then.
    """
    request = absolute(request)
    if apart:
        words = [*request_words(request, PACKAGE_OPTIONS), "--", request.what]
        return PackagedImage.from_dict(ship_apart(settings, "package", words, progress))
    from nbship.service.shipping.base import BASE_STAGE
    from nbship.service.shipping.first_look import check_package
    from nbship.service.shipping.image_places import WRITE_STAGE
    from nbship.service.shipping.shipment import WEIGHTS
    from nbship.service.shipping.workshop import opened

    check_package(settings, request)
    verifying = {_VERIFY_STAGE: sum(WEIGHTS.values())} if request.verify else {}
    weights = {READ_STAGE: 2.0, BASE_STAGE: 3.0, **WEIGHTS, **verifying, WRITE_STAGE: 2.0}
    with opened(weights, request.platform, progress) as shop:
        image = _package(settings, request, shop)
        shop.cache.trim()
        return _remembered(settings, replace(image, seconds=dict(shop.stages.seconds)))


def _remembered(settings: Settings, image: PackagedImage) -> PackagedImage:
    """Note down which run an image is of; without a place for the note, the image is as good."""
    try:
        record_image(settings, image)
    except OSError as error:
        note = f"the image is not listed with its run: {error}"
        return replace(image, notes=(*image.notes, note))
    return image


def _package(settings: Settings, request: PackageRequest, shop: Workshop) -> PackagedImage:
    from nbship.service.shipping.base import find_base
    from nbship.service.shipping.image_places import put_image
    from nbship.service.shipping.shipment import make_shipment, smoke_test
    from nbship.service.shipping.trusted_source import read_source

    with shop.stages.stage(READ_STAGE):
        trusted = read_source(settings, request, shop.room("source"))
    request = replace(request, base=request.base or settings.base_image)
    if request.context:
        return _context(request, trusted, shop)
    base = find_base(request.base, trusted.python, shop)
    shipment = make_shipment(trusted, request, shop, base)
    tested = smoke_test(shipment, shop)
    image = assembled(shipment, base, shop)
    result = _described(shipment, tested, image_reference(shipment, request.reference), shop, image)
    if request.verify:
        with shop.stages.stage(_VERIFY_STAGE):
            result = replace(result, verified=_built_again(trusted, request, base, shop) == image.digest)
        if not result.verified:
            return replace(result, notes=(*result.notes, _ANOTHER))
    return put_image(settings, request, image, result, shop)


def _context(request: PackageRequest, trusted: TrustedSource, shop: Workshop) -> PackagedImage:
    """Write a build context in the place of an image."""
    from nbship.service.shipping.contexts import write_context_of
    from nbship.service.shipping.image_places import WRITE_STAGE
    from nbship.service.shipping.shipment import make_shipment, smoke_test

    shipment = make_shipment(trusted, request, shop)
    result = _described(
        shipment, smoke_test(shipment, shop), image_reference(shipment, request.reference), shop
    )
    with shop.stages.stage(WRITE_STAGE):
        folder, base, notes = write_context_of(shipment, request, shop)
    return replace(result, base=base, context=str(folder), notes=(*result.notes, *notes))


def image_reference(shipment: Shipment, wanted: str = "") -> str:
    """Return name and tag of an image: those that are wanted, or the model's name and its version or run."""
    from nbship.packaging.references import parse_reference

    tag = shipment.bundle.model_version or shipment.bundle.run_id[:8]
    return parse_reference(wanted or f"{shipment.bundle.name}:{tag}").familiar


def assembled(shipment: Shipment, base: BaseImage, shop: Workshop) -> Image:
    """Return the image of a shipment on its base."""
    from nbship.packaging.bundle import bundle_digest
    from nbship.packaging.labels import image_labels
    from nbship.packaging.oci import assemble, serving_config

    digest = bundle_digest(shipment.folder)
    # Not as it was given: that may be a path, which tells nothing elsewhere.
    labels = image_labels(shipment.bundle, shipment.trusted.source, digest, base.name, base.digest)
    return assemble(base, shipment.layers, serving_config(digest, shipment.policy, labels), shop.cache)


def snippets(shipment: Shipment, endpoint: str = f"http://127.0.0.1:{_PORT}") -> Snippets:
    """Return how to ask a served model, with its own example."""
    from nbship.packaging.snippets import make_snippets

    path = shipment.folder / "example.json"
    example = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return make_snippets(shipment.bundle, endpoint, example)


def _described(
    shipment: Shipment, tested: SmokeTest, reference: str, shop: Workshop, image: Image | None = None
) -> PackagedImage:
    built: dict[str, Any] = {
        "digest": "",
        "config_digest": "",
        "base": "",
        "base_digest": "",
        "layers": shipment.layers,
    }
    if image is not None:
        built = {name: getattr(image, name) for name in built}
    return PackagedImage(
        reference=reference,
        platform=shop.platform,
        bundle=shipment.bundle,
        smoke=tested,
        snippets=snippets(shipment),
        notes=shipment.notes,
        **built,
    )


def _built_again(trusted: TrustedSource, request: PackageRequest, base: BaseImage, shop: Workshop) -> str:
    """Return the digest of an image that was built again, with nothing from the cache but the wheels."""
    from nbship.packaging.oci import Cache
    from nbship.service.shipping.shipment import WEIGHTS, make_shipment
    from nbship.service.shipping.stages import Stages

    folder = shop.room("again")
    cache = Cache(folder / "cache")
    for kept in ("wheels", "locks"):
        if (shop.cache.root / kept).is_dir():
            (cache.root / kept).symlink_to(shop.cache.root / kept)
    other = replace(shop, folder=folder, cache=cache, stages=Stages(WEIGHTS))
    return assembled(make_shipment(trusted, request, other, base), base, other).digest


def resave(settings: Settings, value: object, variable: str) -> str:
    """Save a live estimator anew, as data without code where skops can hold it, and return the file.

    Where it cannot, as a pickle, which is trusted because this process wrote it.

    Raises
    ------
    UsageError
        When the value is no model, or cannot be saved at all.
    """
    from nbship.capture.models import is_model
    from nbship.packaging.saved_again import save_again
    from nbship.service.shipping.trusted_source import own_models_folder

    if not is_model(value):
        kind = type(value).__name__
        raise UsageError(f"--resave {variable}: a {kind} has no predict(); name a fitted estimator")
    folder = prepare_home(settings) / "resaved"
    folder.mkdir(mode=0o700, exist_ok=True)
    return str(save_again(value, folder, own_models_folder(), variable))
