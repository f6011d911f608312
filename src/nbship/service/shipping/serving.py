"""``serve``, ``services`` and ``stop``: a model of a run that answers requests."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbship.config import prepare_home
from nbship.errors import EngineError, PackagingError, UsageError
from nbship.model.image import ServedModel, ServedModels
from nbship.service.shipping.apart import absolute, ship_apart
from nbship.service.shipping.building import READ_STAGE, assembled, image_reference, snippets
from nbship.service.shipping.grammar import SERVE_OPTIONS, request_words

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from nbship.config import Settings
    from nbship.model.image import PackageStage
    from nbship.packaging.engine import Engine
    from nbship.packaging.oci import BaseImage
    from nbship.packaging.service_records import ServiceClaim
    from nbship.service.shipping.grammar import ServeRequest
    from nbship.service.shipping.shipment import Shipment
    from nbship.service.shipping.trusted_source import TrustedSource
    from nbship.service.shipping.workshop import Workshop

__all__ = ["STOP_SECONDS", "serve", "served_log", "served_model", "services", "stop", "wait_for_end"]

_START_STAGE = "starting"
_WATCH_SECONDS = 1.0
STOP_SECONDS = 30.0
"""How long a server may take to answer what is in flight."""


def serve(
    settings: Settings,
    request: ServeRequest,
    progress: Callable[[PackageStage], None] | None = None,
    *,
    apart: bool = False,
) -> ServedModel:
    """Serve a model: in a container where there is an engine, else as a process of this machine.

    Returns
    -------
    ServedModel
        Ready; `reason` tells why it is no container. It goes on when this process ends, until `stop`.

    Raises
    ------
    UsageError, RunNotFoundError, UntrustedModelError
        When the request is wrong, its name is taken, or the model may not be read.
    PackagingError
        When it cannot be started; nothing of it is left then.
    """
    request = absolute(request)
    if apart:
        words = ["--detach", *request_words(request, SERVE_OPTIONS), "--", request.what]
        return ServedModel.from_dict(ship_apart(settings, "serve", words, progress))
    from nbship.service.shipping.base import BASE_STAGE
    from nbship.service.shipping.shipment import WEIGHTS
    from nbship.service.shipping.workshop import opened

    prepare_home(settings)
    weights = {READ_STAGE: 2.0, BASE_STAGE: 3.0, **WEIGHTS, _START_STAGE: 3.0}
    with opened(weights, progress=progress) as shop:
        served = _serve(settings, request, shop)
        shop.cache.trim()
        return served


def _serve(settings: Settings, request: ServeRequest, shop: Workshop) -> ServedModel:
    from nbship.packaging.bundle import model_name
    from nbship.service.shipping.berth import reserved
    from nbship.service.shipping.trusted_source import read_source

    with shop.stages.stage(READ_STAGE):
        trusted = read_source(settings, request, shop.room("source"))
    name = model_name(request.name or trusted.source.name)
    with reserved(settings.home, name, request.port, replaced=request.replace) as take:
        engine, reason = _engine_or_reason(request)
        if engine is None:
            return _in_process(request, trusted, take, reason, shop)
        with closing(engine):
            place = replace(shop, platform=engine.platform)
            base, reason = _base_or_reason(settings, request, trusted.python, place)
            if base is None:
                return _in_process(request, trusted, take, reason, shop)
            return _in_container(request, trusted, _Berth(take, engine, base), place)


def _engine_or_reason(request: ServeRequest) -> tuple[Engine | None, str]:
    """Return the local engine; where there is none and nobody insists on a container, why not."""
    from nbship.packaging.engine import Engine

    if request.kind == "process":
        return None, ""
    try:
        return Engine.connect(), ""
    except EngineError as error:
        if request.kind == "container":
            raise
        return None, f"no container: {error}"


def _base_or_reason(
    settings: Settings, request: ServeRequest, python: str, shop: Workshop
) -> tuple[BaseImage | None, str]:
    from nbship.service.shipping.base import find_base

    try:
        return find_base(request.base or settings.base_image, python, shop), ""
    except PackagingError as error:
        if request.kind == "container" or request.base:
            raise
        return None, f"no container: {error}"


def _in_process(
    request: ServeRequest,
    trusted: TrustedSource,
    take: Callable[[], ServiceClaim],
    reason: str,
    shop: Workshop,
) -> ServedModel:
    from nbship.packaging.oci import unpack_root
    from nbship.packaging.services import serve_process
    from nbship.service.shipping.shipment import make_shipment, server_environment, smoke_test

    shipment = make_shipment(trusted, request, shop)
    smoke_test(shipment, shop)  # not against the service itself, whose log and metrics are of what others ask
    with shop.stages.stage(_START_STAGE):
        claim = take()
        root = unpack_root(shipment.layers, claim.folder / "root", shop.cache)
        model = replace(_known(shipment), reason=reason)
        served = serve_process(claim, model, root, server_environment(shipment), request.port)
    return replace(served, snippets=snippets(shipment, served.endpoint))


@dataclass(frozen=True, slots=True)
class _Berth:
    """Where a container will be."""

    take: Callable[[], ServiceClaim]
    engine: Engine
    base: BaseImage


def _in_container(
    request: ServeRequest, trusted: TrustedSource, berth: _Berth, shop: Workshop
) -> ServedModel:
    from nbship.packaging.oci import write_archive
    from nbship.packaging.services import serve_container
    from nbship.service.shipping.shipment import make_shipment, server_environment, smoke_test

    shipment = make_shipment(trusted, request, shop, berth.base)
    smoke_test(shipment, shop)
    image = assembled(shipment, berth.base, shop)
    with shop.stages.stage(_START_STAGE):
        reference = image_reference(shipment)
        shop.stages.tell("loading the image")
        berth.engine.load(write_archive(image, shop.folder / "image.tar", reference))
        shop.stages.tell(reference, 0.5)
        model = replace(_known(shipment), image=reference)
        environment = server_environment(shipment)
        served = serve_container(berth.engine, berth.take(), model, environment, request.port)
    return replace(served, snippets=snippets(shipment, served.endpoint))


def _known(shipment: Shipment) -> ServedModel:
    bundle = shipment.bundle
    return ServedModel(
        name=bundle.name,
        kind="",
        endpoint="",
        state="starting",
        run_id=bundle.run_id,
        run_name=bundle.run_name,
        model=bundle.name,
        model_version=bundle.model_version,
        model_digest=bundle.model_digest,
        method=bundle.method,
    )


def services(settings: Settings) -> ServedModels:
    """Return what is served from this project, and by the local engine."""
    from nbship.packaging.services import list_services

    return ServedModels(list_services(settings.home))


def served_model(settings: Settings, name: str) -> ServedModel:
    """Return what is served under a name.

    Raises
    ------
    ServiceNotFoundError
        When nothing is.
    """
    from nbship.packaging.services import find_service

    return find_service(settings.home, name)


def served_log(settings: Settings, name: str, lines: int = 200) -> str:
    """Return the last lines that a server wrote to its outputs.

    Raises
    ------
    ServiceNotFoundError
        When nothing is served under the name.
    EngineError
        When it is a container, and the engine does not answer.
    """
    from nbship.packaging.services import service_log

    return service_log(settings.home, name, lines)


def stop(
    settings: Settings, names: Sequence[str], *, every: bool = False, timeout_seconds: float = STOP_SECONDS
) -> tuple[ServedModel, ...]:
    """Stop served models, after they have answered what is in flight.

    Raises
    ------
    UsageError
        When there is none of a name, or none was named; those before it are stopped.
    """
    from nbship.packaging.services import stop_service

    if not names and not every:
        raise UsageError("name what to stop, or say --all; `nbship services` lists what is served")
    chosen = names or [model.name for model in services(settings).services if _is_own(settings, model)]
    return tuple(stop_service(settings.home, name, timeout_seconds) for name in chosen)


def _is_own(settings: Settings, model: ServedModel) -> bool:
    """Whether this project serves a model: the engine lists the containers of every project of the machine."""
    return model.kind == "process" or Path(model.log_folder).is_relative_to(settings.home)


def wait_for_end(settings: Settings, served: ServedModel, stopping: threading.Event) -> ServedModel:
    """Wait until a served model ends by itself, or stop it when `stopping` is set; return how it ended."""
    from nbship.packaging.services import find_service, stop_service

    try:
        while not stopping.wait(_WATCH_SECONDS):
            found = find_service(settings.home, served.name)
            if found.state in ("stopped", "failed"):
                with suppress(UsageError):
                    stop_service(settings.home, served.name)  # nobody will ask for what is left of it
                return found
        return stop_service(settings.home, served.name)
    except UsageError:
        return replace(served, state="stopped")  # somebody else has stopped it
