"""What this machine has for packaging and serving."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ShippingMeans"]


@dataclass(frozen=True, slots=True)
class ShippingMeans:
    """What models can be packaged and served with.

    Attributes
    ----------
    engine
        The container engine in words; empty where none answers, and `engine_problem` says why and what to do.
    has_sdk
        Whether the Docker SDK is installed, without which no engine is found.
    base_image
        What images are based on by default; empty for the ``python:VERSION-slim`` of the model's Python.
    base_origin
        Where that setting came from; empty where it is not set.
    base_problem
        Why that base cannot be used, as far as can be seen without asking for it; empty when nothing is wrong.
    platform
        That images are for by default, e.g. ``linux/amd64``.
    """

    engine: str = ""
    engine_problem: str = ""
    has_sdk: bool = False
    base_image: str = ""
    base_origin: str = ""
    base_problem: str = ""
    platform: str = ""
