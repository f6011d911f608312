"""A shipment as a build context, for those who build images themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbship.errors import PackagingError
from nbship.packaging.bundle import bundle_digest
from nbship.packaging.context import pip_wheel, write_context
from nbship.packaging.labels import image_labels
from nbship.packaging.lock import LockRequest
from nbship.packaging.oci import runtime_files
from nbship.packaging.references import parse_reference

if TYPE_CHECKING:
    from nbship.model.image import LockedWheel
    from nbship.service.shipping.grammar import PackageRequest
    from nbship.service.shipping.shipment import Shipment
    from nbship.service.shipping.workshop import Workshop

__all__ = ["write_context_of"]


def write_context_of(
    shipment: Shipment, request: PackageRequest, shop: Workshop
) -> tuple[Path, str, tuple[str, ...]]:
    """Write a context that builds without a network, and return its folder, the base that it names, and notes.

    Raises
    ------
    UsageError, PackagingError
        When it cannot be written there.
    """
    base = parse_reference(request.base or f"python:{shipment.bundle.python}-slim")
    # The digest of the base is not known before somebody builds.
    labels = image_labels(
        shipment.bundle, shipment.trusted.source, bundle_digest(shipment.folder), str(base), ""
    )
    installer, notes = _installer(shipment, shop)
    runtime = {name.removeprefix("nbship/"): path for name, path in runtime_files().items()}
    folder = write_context(
        Path(request.context),
        shipment.folder,
        shipment.lock,
        runtime,
        shipment.policy,
        base=base.familiar,
        labels=labels,
        installer=installer,
    )
    return folder, base.familiar, notes


def _installer(shipment: Shipment, shop: Workshop) -> tuple[LockedWheel | None, tuple[str, ...]]:
    """Return a wheel of pip; without one, the base's own pip and the index have to do."""
    target = LockRequest((), python=shipment.bundle.python, platform=shop.platform)
    try:
        return pip_wheel(target, shop.cache.root), ()
    except PackagingError:
        return None, ("its build takes the wheels from the package index: no wheel of pip was to be had",)
