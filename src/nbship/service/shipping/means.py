"""What this machine has for packaging and serving, looked at without long waits."""

from __future__ import annotations

from contextlib import closing
from importlib.util import find_spec
from typing import TYPE_CHECKING

from nbship.errors import EngineError, NbshipError
from nbship.model.shipping_means import ShippingMeans
from nbship.packaging.engine import Engine
from nbship.packaging.oci import is_on_disk
from nbship.packaging.references import parse_reference
from nbship.service.shipping.workshop import host_platform

if TYPE_CHECKING:
    from nbship.config import Settings

__all__ = ["shipping_means"]

_ENGINE_SECONDS = 2.0


def shipping_means(settings: Settings) -> ShippingMeans:
    """Return what models can be packaged and served with here."""
    engine, problem = _engine()
    base = settings.base_image
    return ShippingMeans(
        engine=engine,
        engine_problem=problem,
        has_sdk=find_spec("docker") is not None,
        base_image=base,
        base_origin=settings.origins.get("base_image", "") if base else "",
        base_problem=_base_problem(base),
        platform=host_platform(),
    )


def _engine() -> tuple[str, str]:
    try:
        with closing(Engine.connect(_ENGINE_SECONDS)) as engine:
            return f"engine {engine.version} for {engine.platform}", ""
    except EngineError as error:
        return "", str(error)


def _base_problem(base: str) -> str:
    try:
        if base and not is_on_disk(base):
            parse_reference(base)
    except NbshipError as error:
        return str(error)
    return ""
