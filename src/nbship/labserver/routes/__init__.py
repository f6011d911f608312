"""What the panel can ask, a module a feature. A new feature is a module here and its name in `FEATURES`."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from nbship.labserver.endpoint import Endpoint

__all__ = ["FEATURES", "endpoints"]

FEATURES = (
    "capture",
    "comparisons",
    "drift",
    "jobs",
    "live",
    "run_files",
    "runs",
    "services",
    "shipping",
    "steps",
)


@cache
def endpoints() -> tuple[Endpoint, ...]:
    """Return every endpoint, in the order of features and of their sources."""
    modules = [import_module(f"{__name__}.{feature}") for feature in FEATURES]
    return tuple(
        found for module in modules for found in vars(module).values() if isinstance(found, Endpoint)
    )
