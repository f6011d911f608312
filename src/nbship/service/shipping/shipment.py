"""A model made ready to be shipped: proven, bundled, and laid into layers.

What an image and a local process have in common; neither a base image nor an engine is needed for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from nbship import __version__
from nbship.model.image import SmokeTest
from nbship.packaging.bundle import BuildFacts, check_prepared, read_prepared, write_bundle, write_draft
from nbship.packaging.local_python import why_not_here
from nbship.packaging.lock import LockRequest, resolve_lock
from nbship.packaging.lock_parts import keep_needed, pins, split_heavy
from nbship.packaging.oci import bundle_layer, has_bytecode, runtime_layer, unpack_root, wheel_layer
from nbship.packaging.preparing import prepare
from nbship.packaging.process import start_process
from nbship.packaging.requirements import constraints, draft_requirements, image_requirements
from nbship.packaging.smoke import run_smoke_test
from nbship.packaging.trust import served_trust
from nbship.service.shipping.workshop import host_platform

if TYPE_CHECKING:
    from pathlib import Path

    from nbship.model.bundle import Bundle
    from nbship.model.image import ImageLayer, LockedWheel
    from nbship.packaging.bundle import Prepared
    from nbship.packaging.oci import BaseImage
    from nbship.service.shipping.grammar import PackageRequest, ServeRequest
    from nbship.service.shipping.trusted_source import TrustedSource
    from nbship.service.shipping.workshop import Workshop

__all__ = ["WEIGHTS", "Shipment", "make_shipment", "server_environment", "smoke_test"]

_RESOLVING = "resolving what it needs"
_PROVING = "proving the fast path"
_LAYING = "building layers"
_TESTING = "smoke test"

WEIGHTS = {_RESOLVING: 6.0, _PROVING: 4.0, _LAYING: 8.0, _TESTING: 2.0}
"""The stages of a shipment, and what they take on a usual machine, in seconds."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """A model that is ready.

    Attributes
    ----------
    folder
        The final bundle.
    lock
        The wheels of the image, for its platform.
    layers
        Wheels, runtime and model, lowest first; without those of a base.
    policy
        What the server has to trust.
    """

    trusted: TrustedSource
    bundle: Bundle
    folder: Path
    lock: tuple[LockedWheel, ...]
    layers: tuple[ImageLayer, ...]
    policy: tuple[str, ...]
    notes: tuple[str, ...] = ()


def make_shipment(
    trusted: TrustedSource,
    request: PackageRequest | ServeRequest,
    shop: Workshop,
    base: BaseImage | None = None,
) -> Shipment:
    """Prove and bundle a model, and lay it into layers.

    Parameters
    ----------
    base
        What the image will be based on; None for no image.

    Raises
    ------
    UsageError, PackagingError, SmokeTestError
        What is wrong, and what to do.
    """
    if base is not None:
        base.check_python(trusted.python)
    draft = shop.room("draft")
    own = trusted.decision.trusted
    write_draft(draft, trusted.source, own, name=request.name or None, method=request.method)
    with shop.stages.stage(_RESOLVING):
        wanted = _lock_request(trusted, draft_requirements(trusted.source), host_platform())
        draft_lock = resolve_lock(wanted, shop.cache.root, progress=shop.stages.tell)
    with shop.stages.stage(_PROVING):
        prepare(draft, draft_lock, trusted.python, shop.cache)
        prepared = read_prepared(draft)
        check_prepared(prepared)
    return _bundled(trusted, prepared, draft_lock, shop, base)


def _lock_request(
    trusted: TrustedSource, requirements: tuple[str, ...], platform: str, base: BaseImage | None = None
) -> LockRequest:
    request = LockRequest(requirements, constraints(trusted.source), python=trusted.python, platform=platform)
    return replace(request, glibc_minor=base.glibc[1]) if base is not None and base.glibc else request


def _bundled(
    trusted: TrustedSource,
    prepared: Prepared,
    draft_lock: tuple[LockedWheel, ...],
    shop: Workshop,
    base: BaseImage | None,
) -> Shipment:
    with shop.stages.stage(_RESOLVING):
        lock = _image_lock(trusted, prepared, draft_lock, shop, base)
    with shop.stages.stage(_LAYING):
        facts = BuildFacts(shop.platform, base.name if base else "", base.digest if base else "", __version__)
        folder = shop.folder / "bundle"
        bundle = write_bundle(folder, shop.folder / "draft", trusted.source, prepared, lock, facts)
        layers = _layers(lock, folder, trusted.python, shop)
    policy = served_trust(trusted.decision, folder, bundle)
    return Shipment(trusted, bundle, folder, lock, layers, policy, _notes(trusted, prepared))


def _image_lock(
    trusted: TrustedSource,
    prepared: Prepared,
    draft_lock: tuple[LockedWheel, ...],
    shop: Workshop,
    base: BaseImage | None,
) -> tuple[LockedWheel, ...]:
    """Return the wheels that the image needs: of the versions that the model was proven with, for its platform."""
    roots = image_requirements(trusted.source, prepared)
    here = _lock_request(trusted, roots, host_platform())
    there = _lock_request(trusted, roots, shop.platform, base)
    kept = keep_needed(draft_lock, roots, here)
    if there.platform == here.platform and there.glibc_minor >= here.glibc_minor:
        return kept
    return resolve_lock(replace(there, requirements=pins(kept)), shop.cache.root, progress=shop.stages.tell)


def _layers(
    lock: tuple[LockedWheel, ...], folder: Path, python: str, shop: Workshop
) -> tuple[ImageLayer, ...]:
    heavy, other = split_heavy(lock)
    made = []
    for share, (wheels, name) in enumerate(((heavy, "heavy wheels"), (other, "other wheels"))):
        shop.stages.tell(name, share * 0.6)
        made += [wheel_layer(wheels, name, python, shop.cache)] if wheels else []
    shop.stages.tell("runtime and model", 0.9)
    return (*made, runtime_layer(python, shop.cache), bundle_layer(folder, shop.cache))


def _notes(trusted: TrustedSource, prepared: Prepared) -> tuple[str, ...]:
    # That it is one's own is the rule, and no news.
    trust = trusted.decision.sentence if trusted.decision.kind in ("named", "asked") else ""
    notes = [trust, *prepared.notes]
    if not has_bytecode(trusted.python):
        notes.append(f"no Python {trusted.python} here to compile bytecode with: it starts more slowly")
    return tuple(note for note in notes if note)


def server_environment(shipment: Shipment) -> dict[str, str]:
    """Return the settings of the server that belong to a model, as its variables."""
    return {"NBSHIP_SERVE_TRUSTED": ",".join(shipment.policy)}


def smoke_test(shipment: Shipment, shop: Workshop) -> SmokeTest:
    """Replay the recorded example against the files of the image, in a plain process.

    Raises
    ------
    SmokeTestError
        When the answers differ; the message tells how.
    """
    if why := why_not_here(shop.platform, shipment.bundle.python):
        return SmokeTest("", note=f"{why}; the same versions were proven here")
    with shop.stages.stage(_TESTING):
        root = unpack_root(shipment.layers, shop.folder / "root", shop.cache)
        environment = {**server_environment(shipment), "NBSHIP_SERVE_LOG": "off"}
        return run_smoke_test(partial(start_process, root, shipment.folder, environment), shipment.folder)
